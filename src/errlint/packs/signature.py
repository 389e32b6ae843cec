"""Signatures as packs write them: Python's own notation, `url, params=None, *, timeout=..., **kwargs`.

They are parsed, never run. A default is a literal, a dotted path (`stop=tenacity.stop.stop_never`), a call of one
without arguments (`wait=tenacity.wait.wait_none()`), or `...` where the default is a private sentinel.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from errlint.packs.notation import Path, parse_path

Plain = None | bool | int | float | str | tuple["Plain", ...] | frozenset["Plain"]
"""A literal. Displays of lists and tuples are tuples, displays of sets are frozen sets."""

ParameterKind = Literal["positional-only", "positional", "var-positional", "keyword-only", "var-keyword"]


@dataclass(frozen=True, slots=True)
class Given:
    """A default that is a literal."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Reference:
    """A default that is the object at `path`, or what it returns when it is `called` without arguments."""

    path: Path
    called: bool = False


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A default that the pack leaves open (`...` in its text): the parameter may be left out."""


Default = Given | Reference | Unsaid


@dataclass(frozen=True, slots=True)
class Parameter:
    """`default` is None where the parameter must be given."""

    name: str
    kind: ParameterKind
    default: Default | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function, without `self`."""

    parameters: tuple[Parameter, ...] = ()

    def find(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def positional(self) -> tuple[str, ...]:
        """The names that positional arguments go to, in order."""
        return tuple(p.name for p in self.parameters if p.kind in ("positional-only", "positional"))


def parse_signature(text: object, read_path: Callable[[object], Path] = parse_path) -> Signature:
    """Read a signature; raises ValueError with what is wrong. `read_path` reads the paths among the defaults."""
    if not isinstance(text, str):
        raise ValueError(f'a signature is a string such as "url, *, timeout=None", not {text!r}')
    arguments = _arguments(text)
    unnamed: list[tuple[ast.arg, ParameterKind]] = [(a, "positional-only") for a in arguments.posonlyargs]
    unnamed += [(a, "positional") for a in arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(unnamed) - len(arguments.defaults))
    defaults += arguments.defaults
    parameters = [
        Parameter(a.arg, kind, _default(d, read_path)) for (a, kind), d in zip(unnamed, defaults, strict=True)
    ]
    if arguments.vararg:
        parameters.append(Parameter(arguments.vararg.arg, "var-positional"))
    parameters += [
        Parameter(a.arg, "keyword-only", _default(d, read_path))
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        parameters.append(Parameter(arguments.kwarg.arg, "var-keyword"))
    return Signature(tuple(parameters))


@cache
def _arguments(text: str) -> ast.arguments:
    """Parsed once: many functions have the same, those of a clone all of them."""
    try:
        # A lambda has no annotations, so that `url: str` is an error and not silently dropped.
        node = ast.parse(f"lambda {text}: 0", mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no list of parameters: {error.msg}") from error
    if not isinstance(node, ast.Lambda):
        raise ValueError(f"{text!r} is no list of parameters")
    return node.args


def _default(node: ast.expr | None, read_path: Callable[[object], Path]) -> Default | None:
    if node is None:
        return None
    if isinstance(node, ast.Constant) and node.value is ...:
        return Unsaid()
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        return Reference(read_path(ast.unparse(node.func)), called=True)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return Reference(read_path(ast.unparse(node)))
    return Given(_plain(node))


def _plain(node: ast.expr) -> Plain:
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple(_plain(item) for item in node.elts)
    if isinstance(node, ast.Set):
        return frozenset(_plain(item) for item in node.elts)
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = ...
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"the default {ast.unparse(node)} is neither a literal nor a path")
