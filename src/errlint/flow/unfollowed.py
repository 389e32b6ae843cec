"""Calls that are not followed: what they may do, and what stands for their results."""

from __future__ import annotations

import re
import sys

import libcst as cst

from errlint.flow import witness
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, External, Function, Method, Partial, Retried
from errlint.flow.composition import leaves
from errlint.flow.concrete import Raised
from errlint.flow.dominance import only_after_failure
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import apply
from errlint.flow.ir import Const
from errlint.flow.standard import LOGGING, is_standard
from errlint.flow.state import State, content_of
from errlint.flow.storing import forget
from errlint.flow.values import Abstract, Answer, Apply, Dictionary, Fault, Instance, Ref, Sequence, Symbol
from errlint.flow.widen import fresh


def call(engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """A call of something errlint cannot see into: the result is unknown, and what it is given may be changed."""
    name = called_name(function)
    if not name.endswith(_EXCEPTIONAL):
        witness.unseen(engine, state, function, name, arguments.all(), node)
    if _WAITING.search(name.rpartition(".")[2]):
        wait = Symbol(("clock", "unseen", name))
        # A loop may wait so again and again.
        if any(wait not in pending.waits for pending in state.pending.values()):
            engine.wait(state, wait)
    given = arguments.all()
    for value in given:
        _hand_over(engine, state, function, name, value)
    if isinstance(function, External) and _looks_like_class(function.path):
        fields = {"args": Sequence("tuple", arguments.positional)}
        if arguments.keywords:
            fields[_KEYWORDS] = Sequence("tuple", tuple([value for _, value in arguments.keywords]))
        return [(state, Ref(state.allocate(Instance(function, tuple(sorted(fields.items())), True))), False)]
    told = tuple([data(state, v) for v in given])
    return [(state, result(engine, state, function, told, node), False)]


_KEYWORDS = "%keywords"
"""The field with what an outside class was given by name: what its attributes may be made of."""
_WAITING = re.compile(r"(^|_)(acquire|wait|sleep|throttle|pause|backoff)(_|$)", re.IGNORECASE)
"""How methods are called that may wait, for who knows how long: those of semaphores, events, limiters."""
_EXCEPTIONAL = ("Error", "Exception", "Failure")
"""How outside classes are called that only tell of what has been decided."""


def _looks_like_class(path: str) -> bool:
    """Whether an outside name is written as classes are; those of Python itself are left to their own rules."""
    name = path.rpartition(".")[2]
    return name[:1].isupper() and not name.isupper() and path.partition(".")[0] not in sys.stdlib_module_names


def result(
    engine: Engine, state: State, function: Abstract, given: tuple[Abstract, ...], node: cst.CSTNode
) -> Abstract:
    """The same value for the same operands, unless the call is made only after a failure (see `dominance`) or takes
    something."""
    if state.pending and (only_after_failure(engine, node) or _takes(function, given)):
        return fresh(state, "call", id(node))
    made = apply("call", (data(state, function), *given))
    return Symbol(("call", id(node))) if isinstance(made, Raised) else made


def _takes(function: Abstract, given: tuple[Abstract, ...]) -> bool:
    """Whether a call takes the next thing from somewhere, another one each time: `queue.get(timeout=1)`, but not
    `settings.get("url")`."""
    is_named_so = called_name(function).rpartition(".")[2] in _TAKING
    return is_named_so and all(type(value) is Const and not isinstance(value.value, (str, bytes)) for value in given)


_TAKING = frozenset(["get", "get_nowait", "pop", "popleft", "recv", "receive", "readline", "dequeue"])


def data(state: State, value: Abstract) -> Abstract:
    """What a call is told by a value: containers and what a library made by content, of other objects and of functions
    which they are."""
    content = content_of(state, value)
    if isinstance(content, Built):
        return Dictionary(tuple([(Const(name), data(state, given)) for name, given in content.arguments]))
    if isinstance(content, Ref):
        return Symbol(("object", content.id))
    if isinstance(content, (Function, Method, Partial, Retried)):
        return Symbol(("callable",))
    return content


def called_name(function: Abstract) -> str:
    """How what is called is named where it is called; empty where it has no name."""
    if isinstance(function, External):
        return function.path
    if isinstance(function, Method):
        return function.name
    if isinstance(function, Apply) and function.operator == "attribute":
        last = function.operands[1]
        return str(last.value) if type(last) is Const else ""
    return ""


def _hand_over(engine: Engine, state: State, function: Abstract, name: str, value: Abstract) -> None:
    harmless = name.rpartition(".")[2] in LOGGING or is_standard(name, function)
    content = content_of(state, value)
    if isinstance(value, (Function, Retried)) and not (harmless and _is_lambda(value)):
        engine.inexact(f"a function is handed to {name or 'something unknown'}")
    if harmless:
        return
    if any(isinstance(leaf, (Answer, Fault)) and leaf.ids for leaf in leaves(content)):
        engine.inexact(f"a response or its failure is handed to {name or 'something unknown'}")
    if isinstance(value, Ref) and not isinstance(state.heap[value.id], Instance):
        forget(state, value)


def _is_lambda(value: Abstract) -> bool:
    return isinstance(value, Function) and value.code.kind == "lambda"
