"""The names that are followed through a module, and how expressions are made of them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import NamedTuple

import libcst as cst

from errlint.flow.code import Code
from errlint.syntax.names import last_name

# Named tuples, not dataclasses: a survey looks up each of these many times over, and tuples are hashed fastest.


class Variable(NamedTuple):
    """A variable: local to `function`, or of the module where that is None."""

    function: Code | None
    name: str


class Member(NamedTuple):
    """An attribute, of whatever object: only its name is followed."""

    name: str


Key = Variable | Member
COMPUTED = Member("*")
"""An attribute whose name is computed."""


def callable_names(code: Code) -> Iterable[str]:
    """What calls of a function are named like: its name, or its class's for a constructor."""
    if code.name in ("__init__", "__new__", "__call__", "__enter__", "__aenter__") and code.owner is not None:
        return (code.owner.name,)
    return (code.name,)


def decorators(code: Code) -> set[str]:
    """The last names of what decorates a function."""
    if not isinstance(code.node, cst.FunctionDef):
        return set()
    nodes = [decorator.decorator for decorator in code.node.decorators]
    names = [last_name(node.func if isinstance(node, cst.Call) else node) for node in nodes]
    return {name for name in names if name is not None}


def without_await(node: cst.BaseExpression) -> cst.BaseExpression:
    """What is awaited, or the expression itself."""
    return node.expression if isinstance(node, cst.Await) else node


def is_getattr(call: cst.Call) -> bool:
    """Whether a call reads an attribute whose name is computed."""
    return isinstance(call.func, cst.Name) and call.func.value == "getattr" and len(call.args) > 1


_OF_DATA = frozenset(name for kind in (dict, list, set, str, bytes, io.BytesIO, io.StringIO) for name in dir(kind))


def is_data_method(name: str) -> bool:
    """Whether dictionaries, text or files have a method of this name."""
    return name in _OF_DATA


def is_of_data(name: str, function: cst.BaseExpression) -> bool:
    """Whether what is called is most likely a method of a dictionary, text or file: `data.get`, but not `self.get`."""
    if name not in _OF_DATA or not isinstance(function, cst.Attribute):
        return False
    receiver = function.value
    if isinstance(receiver, cst.Call):
        return last_name(receiver.func) != "super"
    return not (isinstance(receiver, cst.Name) and receiver.value in ("self", "cls"))
