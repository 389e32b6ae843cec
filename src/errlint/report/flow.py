"""What the engine makes of a function, for those who work on it: its graph, and the facts that were noticed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from textwrap import indent

import libcst as cst

from errlint import outcomes
from errlint.flow.code import Code, TooDeep
from errlint.flow.dump import dump
from errlint.flow.facts import FunctionFacts


def as_text(code: Code, facts: FunctionFacts | None, row_of: Callable[[cst.CSTNode], int | None]) -> str:
    """The blocks of a function and, where it concerns requests, what was noticed when it ran.

    `row_of` gives the row of a node of the file, None for nodes of other files.
    """
    try:
        graph = dump(code.graph)
    except TooDeep:
        graph = "nests too deeply\n"
    noticed = "".join(f"  {line}\n" for line in _noticed(facts, row_of)) if facts else ""
    return f"{code.qualname}\n{indent(graph, '  ')}{noticed}\n"


def _noticed(facts: FunctionFacts, row_of: Callable[[cst.CSTNode], int | None]) -> Iterator[str]:
    if facts.limit is not None:
        yield f"given up: {facts.limit}"
    yield from (f"not exact: {reason}" for reason in sorted(facts.record.reasons))
    for fact, mask in facts.record.facts.items():
        yield f"{outcomes.render(mask)}: {_shown(fact, row_of)}"


def _shown(value: object, row_of: Callable[[cst.CSTNode], int | None]) -> str:
    """A value in one line, nodes as the rows that they are in."""
    if isinstance(value, cst.CSTNode):
        return f"line {row_of(value)}"
    if isinstance(value, (tuple, frozenset)):
        items = [_shown(item, row_of) for item in value]
        return f"({', '.join(items if isinstance(value, tuple) else sorted(items))})"
    if dataclasses.is_dataclass(value):
        fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr]
        return " ".join([type(value).__name__, *(f"{name}={_shown(item, row_of)}" for name, item in fields)])
    return repr(value)
