"""Comparisons of an exception's text, as they stand in the code.

The engine tells which exceptions are failures of requests that it knows. Much code talks to an API through a library
that no pack describes; there only the handler's class, and the words that are looked for, can tell.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from errlint import outcomes
from errlint.checks._comparisons import compared, comparing, words
from errlint.checks._places import Places
from errlint.checks._wording import is_code, is_text
from errlint.flow.facts import ModuleFacts
from errlint.flow.held import annotation_path

_STILL_TEXT = frozenset(["lower", "upper", "strip", "lstrip", "rstrip", "casefold", "split", "replace"])
_TEXT_OF = frozenset({"args", "message", "msg"})
_WIDE = frozenset({"Exception", "BaseException", "RuntimeError"})
_EXCEPTION_NAME = re.compile(r"_?(e|ex|exc|err|error|exception)\Z")

_OF_HTTP = re.compile(
    r"HTTP|Http|API|Api[A-Z]|Request|RateLimit|Quota|Unauthori[sz]ed|Forbidden|NotFound|TooMany|ServiceUnavailable"
    r"|Client(Error|Exception)|ResponseError"
)
"""Names of exception classes of libraries that talk to an API."""

_EXCEPTION_CLASS = re.compile(r"(Error|Exception|Failure|Fault|Warning)\w*\Z")
"""How classes of exceptions are called that nothing is known of."""

_REFUSAL = re.compile(
    r"(?<![\d.])(40[0-9]|41[0-8]|42[0-9]|431|451|50[0-9]|51[01]|52[0-9]|530)(?![\d.])"
    r"|rate[ _-]?limit|too[ _]many[ _]requests|resource[ _]?exhausted|quota[ _]?exceeded|exceeded.{0,20}quota"
    r"|insufficient[ _]quota|service unavailable|bad gateway|gateway time-?out|internal server error",
    re.IGNORECASE,
)
"""What only the refusal of an HTTP request says."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A comparison of the text of the exception in `variable` with known words; `classes` are paths, builtins bare."""

    node: cst.BaseExpression
    variable: str
    words: frozenset[str]
    classes: tuple[str, ...]
    handler: cst.ExceptHandler | None


@lru_cache(maxsize=2)
def sniffed(facts: ModuleFacts, places: Places) -> tuple[Sniffed, ...]:
    """Every such comparison of the module, whatever the exception may be; several rules ask for them one after
    another."""
    return tuple(_sniffed(facts, places))


def _sniffed(facts: ModuleFacts, places: Places) -> Iterator[Sniffed]:
    for node in comparing(facts.module.tree):
        for text, _, other in compared(node):
            searched = frozenset(words(other))
            variable = _variable(text, places) if searched else None
            if variable is None:
                continue
            bound = _bound(facts, places, node, variable)
            if bound is not None:
                yield Sniffed(node, variable, searched, *bound)


def is_of_request(facts: ModuleFacts, found: Sniffed) -> bool:
    """Whether the exception is, to all appearances, the failure of a request."""
    speaks = any(_REFUSAL.search(word) for word in found.words)
    for path in found.classes:
        known = facts.knowledge.exception(path)
        if known is not None and "." in path:
            if known.outcomes != outcomes.NOTHING:
                return True
        elif path in _WIDE:
            if speaks:
                return True
        elif _is_foreign(path):
            wording = any(is_text(word) and not is_code(word) for word in found.words)
            if speaks or (wording and _OF_HTTP.search(path.rpartition(".")[2])):
                return True
    return False


def _is_foreign(path: str) -> bool:
    """Neither Python's own, nor one that nothing is known of."""
    return "." in path and path.partition(".")[0] not in sys.stdlib_module_names


# --- comparisons -----------------------------------------------------------------------------------------------------


def _variable(node: cst.BaseExpression, places: Places) -> str | None:
    """The variable whose text an expression is, in whatever way it is printed; None for anything else."""
    printed = False
    for _ in range(12):
        if isinstance(node, cst.Call):
            function, given = node.func, [argument.value for argument in node.args]
            if isinstance(function, cst.Attribute) and function.attr.value in _STILL_TEXT:
                node = function.value
            elif isinstance(function, cst.Name) and function.value in ("str", "repr") and len(given) == 1:
                node, printed = given[0], True
            else:
                return None
        elif isinstance(node, cst.Subscript):
            if _is_by_key(node):
                return None
            node = node.value
        elif isinstance(node, cst.Attribute) and node.attr.value in _TEXT_OF:
            node, printed = node.value, True
        elif isinstance(node, cst.FormattedString):
            parts = [part for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
            if len(parts) != 1:
                return None
            node, printed = parts[0].expression, True
        elif isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
            node = node.left
        elif isinstance(node, cst.Name) and printed:
            return node.value
        elif isinstance(node, cst.Name) and (assigned := _assigned(node, places)) is not None:
            node = assigned
        else:
            return None
    return None


def _is_by_key(node: cst.Subscript) -> bool:
    """Whether an item is looked up by a name: a member of what an exception was given, rather than a part of a text."""
    keys = [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
    return any(isinstance(key, (cst.SimpleString, cst.FormattedString)) for key in keys)


def _assigned(name: cst.Name, places: Places) -> cst.BaseExpression | None:
    """What the last assignment before its use gives to a variable."""
    before = [node.value for node in places.assignments(name) if places.is_before(node, name)]
    return before[-1] if before else None


# --- what the variable holds -----------------------------------------------------------------------------------------


def _bound(
    facts: ModuleFacts, places: Places, node: cst.CSTNode, variable: str
) -> tuple[tuple[str, ...], cst.ExceptHandler | None] | None:
    """The classes of the exception in a variable, and its handler; None where it holds no exception."""
    for around in places.around(node):
        if isinstance(around, cst.ExceptHandler) and around.name is not None:
            if isinstance(around.name.name, cst.Name) and around.name.name.value == variable:
                return tuple(_classes(facts, around.type)), around
        elif isinstance(around, (cst.FunctionDef, cst.Lambda)):
            parameters = (*around.params.posonly_params, *around.params.params, *around.params.kwonly_params)
            for parameter in parameters:
                if parameter.name.value == variable:
                    classes = tuple(_annotated(facts, parameter))
                    return (classes, None) if classes else None
    return None


def _annotated(facts: ModuleFacts, parameter: cst.Param) -> Iterator[str]:
    if parameter.annotation is not None:
        for path in _classes(facts, parameter.annotation.annotation):
            if facts.knowledge.exception(path) is not None or _EXCEPTION_CLASS.search(path):
                yield path
    elif _EXCEPTION_NAME.match(parameter.name.value):
        yield "Exception"


def _classes(facts: ModuleFacts, node: cst.BaseExpression | None) -> Iterator[str]:
    if isinstance(node, cst.Tuple):
        for element in node.elements:
            yield from _classes(facts, element.value)
    elif isinstance(node, cst.BinaryOperation):
        yield from _classes(facts, node.left)
        yield from _classes(facts, node.right)
    elif isinstance(node, cst.Name) and node.value not in facts.module.bindings:
        yield node.value
    elif node is not None:
        path = annotation_path(facts.module, node)
        if path is not None:
            yield path
