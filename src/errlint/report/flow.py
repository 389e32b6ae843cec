"""What the engine makes of a function, for those who work on it: its graph, and the facts that were noticed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from textwrap import indent

from errlint import outcomes
from errlint.flow.dump import dump
from errlint.flow.facts import FunctionFacts
from errlint.flow.ir import Code, TooDeep
from errlint.flow.record import Fact


def as_text(code: Code, facts: FunctionFacts | None) -> str:
    """The blocks of a function and, where it concerns requests, what was noticed when it ran."""
    try:
        graph = dump(code.graph)
    except TooDeep:
        graph = "nests too deeply\n"
    noticed = "".join(f"  {line}\n" for line in _noticed(facts)) if facts else ""
    return f"{code.qualname}\n{indent(graph, '  ')}{noticed}\n"


def _noticed(facts: FunctionFacts) -> Iterator[str]:
    if facts.limit is not None:
        yield f"given up: {facts.limit}"
    yield from (f"not exact: {reason}" for reason in sorted(facts.record.reasons))
    yield from (f"{outcomes.render(mask)}: {_shown(fact)}" for fact, mask in facts.record.facts.items())


def _shown(fact: Fact) -> str:
    """A fact without its node: thousands of lines for what the other fields say."""
    fields = [(field.name, getattr(fact, field.name)) for field in dataclasses.fields(fact) if field.name != "node"]
    return " ".join([type(fact).__name__, *(f"{name}={value}" for name, value in fields)])
