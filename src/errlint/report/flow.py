"""What the engine makes of a function, for those who work on it: its graph, and the facts that were noticed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from errlint import outcomes
from errlint.flow.analyse import FunctionFacts
from errlint.flow.ir import Argument, Code, Const, Element, FormatPart, Graph, Op, TooDeep


def as_text(code: Code, facts: FunctionFacts | None) -> str:
    """A function's blocks with their operations, and what was noticed while it ran, if it concerns requests."""
    return "\n".join([code.qualname, *_graph(code), *_facts(facts), ""])


def _graph(code: Code) -> Iterator[str]:
    try:
        graph: Graph = code.graph
    except TooDeep:
        yield "  nests too deeply"
        return
    for number, (block, live) in enumerate(zip(graph.blocks, graph.live, strict=True)):
        handler = f", handler {block.handler.block} ({block.handler.register})" if block.handler else ""
        yield f"  block {number}{handler}  live: {' '.join(sorted(live)) or '-'}"
        yield from (f"    {_record(operation)}" for operation in (*block.ops, block.end))


def _facts(facts: FunctionFacts | None) -> Iterator[str]:
    if facts is None:
        return
    if facts.limit is not None:
        yield f"  limit: {facts.limit}"
    yield from (f"  not exact: {reason}" for reason in sorted(facts.record.reasons))
    yield from (f"  {outcomes.render(mask)}: {_record(fact)}" for fact, mask in facts.record.facts.items())


def _record(record: object) -> str:
    """`Name field=value ...`; nodes are left out, since only their place tells them apart."""
    fields = [
        f"{field.name}={_value(getattr(record, field.name))}"
        for field in dataclasses.fields(record)  # type: ignore[arg-type]
        if field.name != "node"
    ]
    return " ".join([type(record).__name__, *fields])


def _value(value: object) -> str:
    if isinstance(value, Const):
        return repr(value.value)
    if isinstance(value, (Op, Argument, Element, FormatPart)):
        return f"({_record(value)})"
    if isinstance(value, Code):
        return value.qualname
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
