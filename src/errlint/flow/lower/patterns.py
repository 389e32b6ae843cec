"""The patterns of `match`: tests that go on to the next step or give up, and the names they capture."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from errlint.flow import ir
from errlint.flow.ir import Const, Element, Operand
from errlint.flow.lower.literals import constant
from errlint.flow.lower.writer import Writer


class Matching:
    """One `case`: the block to go to where its pattern fails, and what it captured so far.

    Python binds the captured names only once the whole pattern matched.
    """

    def __init__(self, out: Writer, failed: int) -> None:
        self.out = out
        self.failed = failed
        self.captured: dict[str, str] = {}

    def capture(self, node: cst.CSTNode, name: cst.Name, subject: Operand) -> None:
        # The alternatives of an or-pattern capture the same names: they meet in one register for each.
        register = self.captured.setdefault(name.value, self.out.temp())
        self.out.emit(ir.Move(node, register, subject))

    def require(self, node: cst.CSTNode, test: Operand) -> None:
        """Go on where `test` is true, otherwise the pattern fails."""
        passed = self.out.block()
        self.out.branch(node, test, passed, self.failed)
        self.out.start(passed)

    def match(self, pattern: cst.MatchPattern, subject: Operand) -> None:
        """Go on where the pattern matches, else to `failed`."""
        self.out.deepen()
        lower = _PATTERNS.get(type(pattern))
        if lower is None:
            self.require(pattern, self.out.opaque(pattern, operands=(subject,)))
        else:
            lower(self, pattern, subject)
        self.out.rise()

    def bind(self, node: cst.CSTNode) -> None:
        """Assign the captured names."""
        for name, register in self.captured.items():
            self.out.store(node, name, register)


_PATTERNS: dict[type[cst.CSTNode], Callable[..., None]] = {}


def _on(*kinds: type[cst.MatchPattern]) -> Callable[[Callable[..., None]], None]:
    """The function below lowers these patterns."""
    return lambda lower: _PATTERNS.update(dict.fromkeys(kinds, lower))


@_on(cst.MatchValue)
def _value(matching: Matching, pattern: cst.MatchValue, subject: Operand) -> None:
    out = matching.out
    value = out.value(pattern.value)
    test = out.temp()
    out.emit(ir.Compare(pattern, test, "==", subject, value))
    matching.require(pattern, test)


@_on(cst.MatchSingleton)
def _singleton(matching: Matching, pattern: cst.MatchSingleton, subject: Operand) -> None:
    out = matching.out
    test = out.temp()
    out.emit(ir.Compare(pattern, test, "is", subject, constant(pattern.value) or Const(None)))
    matching.require(pattern, test)


@_on(cst.MatchAs)
def _as(matching: Matching, pattern: cst.MatchAs, subject: Operand) -> None:
    if pattern.pattern is not None:
        matching.match(pattern.pattern, subject)
    if pattern.name is not None:
        matching.capture(pattern, pattern.name, subject)


@_on(cst.MatchOr)
def _or(matching: Matching, pattern: cst.MatchOr, subject: Operand) -> None:
    out = matching.out
    matched = out.block()
    given_up = matching.failed
    for element in pattern.patterns[:-1]:
        matching.failed = out.block()
        matching.match(element.pattern, subject)
        out.jump(element, matched)
        out.start(matching.failed)
    matching.failed = given_up
    matching.match(pattern.patterns[-1].pattern, subject)
    out.jump(pattern, matched)
    out.start(matched)


@_on(cst.MatchList, cst.MatchTuple)
def _sequence(matching: Matching, pattern: cst.MatchList | cst.MatchTuple, subject: Operand) -> None:
    out = matching.out
    elements = pattern.patterns
    starred = next((at for at, element in enumerate(elements) if isinstance(element, cst.MatchStar)), None)
    test = out.temp()
    length = len(elements) - (starred is not None)
    out.emit(ir.MatchSequence(pattern, test, subject, length, starred is not None))
    matching.require(pattern, test)
    if all(_is_wildcard(element) for element in elements):
        return
    parts = tuple(out.temp() for _ in elements)
    out.emit(ir.Unpack(pattern, parts, subject, starred))
    for element, part in zip(elements, parts, strict=True):
        if isinstance(element, cst.MatchSequenceElement):
            matching.match(element.value, part)
        elif element.name is not None:
            matching.capture(element, element.name, part)


def _is_wildcard(element: cst.CSTNode) -> bool:
    if isinstance(element, cst.MatchSequenceElement):
        element = element.value
    if isinstance(element, cst.MatchAs):
        return element.pattern is None and element.name is None
    return isinstance(element, cst.MatchStar) and element.name is None


@_on(cst.MatchMapping)
def _mapping(matching: Matching, pattern: cst.MatchMapping, subject: Operand) -> None:
    out = matching.out
    keys = tuple(out.value(element.key) for element in pattern.elements)
    test = out.temp()
    out.emit(ir.MatchKeys(pattern, test, subject, keys))
    matching.require(pattern, test)
    for element, key in zip(pattern.elements, keys, strict=True):
        part = out.temp()
        out.emit(ir.GetItem(element, part, subject, key))
        matching.match(element.pattern, part)
    if pattern.rest is not None:
        rest = out.temp()
        out.emit(ir.Build(pattern, rest, "dict", (Element(subject, starred=True),)))
        for key in keys:
            out.emit(ir.DeleteItem(pattern, rest, key))
        matching.capture(pattern, pattern.rest, rest)


@_on(cst.MatchClass)
def _class(matching: Matching, pattern: cst.MatchClass, subject: Operand) -> None:
    out = matching.out
    kind = out.value(pattern.cls)
    test = out.temp()
    attributes = tuple(element.key.value for element in pattern.kwds)
    out.emit(ir.MatchClass(pattern, test, subject, kind, attributes, len(pattern.patterns)))
    matching.require(pattern, test)
    for at, positional in enumerate(pattern.patterns):
        if not _is_wildcard(positional):
            part = out.temp()
            out.emit(ir.MatchPositional(positional, part, subject, kind, at))
            matching.match(positional.value, part)
    for element in pattern.kwds:
        part = out.temp()
        out.emit(ir.GetAttr(element, part, subject, element.key.value))
        matching.match(element.pattern, part)
