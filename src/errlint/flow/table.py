"""Outcome tables: for each request and outcome, whether it is sent again and how the function ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from errlint import outcomes
from errlint.flow import delays
from errlint.flow.code import Code
from errlint.flow.delays import Backoff
from errlint.flow.record import Record, Resent, Retry
from errlint.flow.transport import UNKNOWN
from errlint.flow.values import Abstract

Attempts = int | Literal["unbounded", "unknown"]
REACHABLE = outcomes.ANSWERS | outcomes.TRANSPORT
_MAX_CHAIN = 200


@dataclass(frozen=True, slots=True)
class Returns:
    """The function returns: `response`, `data`, `none`, `true`, `false`, `constant`, `empty` or `unknown`."""

    value: str


@dataclass(frozen=True, slots=True)
class Raises:
    """The function raises an instance of this class (`module.qualname`, builtins bare)."""

    exception: str


End = Returns | Raises


@dataclass(frozen=True, slots=True)
class Retries:
    """How an outcome is sent again; `attempts` counts all sends, the first included."""

    attempts: Attempts
    backoff: Backoff


@dataclass(frozen=True, slots=True)
class Row:
    """What happens to these outcomes of one request."""

    request: int
    outcomes: int
    retry: Retries | None
    ends: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A place that sends a request: `node` is the call."""

    node: cst.CSTNode
    client: str
    method: str | None
    url: str | None
    site: int


@dataclass(frozen=True, slots=True)
class FunctionTable:
    """The outcome table of one function; where it is not `exact` something was not understood.

    `node` is the function's definition (the module's tree for `<module>`).
    """

    qualname: str
    node: cst.CSTNode
    requests: tuple[Request, ...]
    rows: tuple[Row, ...]
    exact: bool


def build(code: Code, requests: tuple[Request, ...], record: Record, ends: dict[int, dict[End, int]]) -> FunctionTable:
    """The table of a function from what was recorded and the ends at each site."""
    rows: list[Row] = []
    for index, request in enumerate(requests):
        rows += _rows(index, request.site, record, ends.get(request.site, {}))
    return FunctionTable(code.qualname, code.node, requests, tuple(rows), not record.reasons)


def _rows(index: int, site: int, record: Record, ends: dict[End, int]) -> list[Row]:
    retries = [(f, m) for f, m in record.facts.items() if isinstance(f, Retry) and f.site == site and not f.phantom]
    resent = [(f, m) for f, m in record.facts.items() if isinstance(f, Resent) and f.site == site]
    groups = [REACHABLE]
    for mask in [*ends.values(), *[m for _, m in retries], *[m for _, m in resent]]:
        groups = [part for group in groups for part in (group & mask, group & ~mask) if part]
    merged: dict[tuple[Retries | None, tuple[End, ...]], int] = {}
    for group in groups:
        found = tuple(sorted((e for e, m in ends.items() if m & group), key=repr))
        key = (_retry(group, retries, resent), found)
        merged[key] = merged.get(key, 0) | group
    rows = [Row(index, mask, retry, found) for (retry, found), mask in merged.items()]
    return sorted(rows, key=lambda row: row.outcomes & -row.outcomes)


def _retry(group: int, retries: list[tuple[Retry, int]], resent: list[tuple[Resent, int]]) -> Retries | None:
    edges = [fact for fact, mask in retries if mask & group]
    below = [fact for fact, mask in resent if mask & group]
    if not edges and not below:
        return None
    inner: Attempts = 1
    turns: list[tuple[Abstract, ...]] = []
    if below:
        counts = {f.attempts for f in below}
        inner = "unbounded" if None in counts else max(c for c in counts if c is not None)
        if UNKNOWN in counts:
            inner = "unknown"
        turns = [(wait,) for wait in max((f.waits for f in below), key=len)]
    header = next((f.header for f in below if f.header is not None), None)
    if not edges:
        backoff = delays.classify(turns) if turns else delays.NO_WAIT
        return Retries(inner, backoff if header is None else Backoff("server", backoff.jitter, header))
    attempts, chain = longest_chain(edges)
    if below:
        attempts = attempts * inner if isinstance(attempts, int) and isinstance(inner, int) else "unknown"
    # Between the turns of a policy that never waits, the program's own waits are all there is.
    inside = [] if delays.classify(turns) == delays.NO_WAIT else turns
    backoff = delays.classify([*inside, *[fact.waits for fact in chain]])
    ways = {(fact.source, fact.target) for fact in chain}
    header = header or next((h for f in edges if (f.source, f.target) in ways and (h := delays.header(f.waits))), None)
    return Retries(attempts, backoff if header is None else Backoff("server", backoff.jitter, header))


_ESCAPES = frozenset({"unknown", "clock", "random", "counted", "element", "elements", "call"})


def longest_chain(edges: list[Retry]) -> tuple[Attempts, list[Retry]]:
    """How many sends follow each other at most while an outcome lasts, and the retries on that way."""
    following: dict[int, list[Retry]] = {}
    for edge in edges:
        following.setdefault(edge.source, []).append(edge)
    targets = {edge.target for edge in edges}
    starts = [s for s in following if s not in targets] or list(following)
    best: list[Retry] = []
    cyclic = False
    depth: dict[int, int] = {}
    for start in starts:
        stack: list[tuple[int, list[Retry], frozenset[int]]] = [(start, [], frozenset({start}))]
        while stack:
            number, chain, seen = stack.pop()
            if len(chain) > len(best):
                best = chain
            for edge in following.get(number, ()):
                if edge.target in seen:
                    cyclic = True
                    if len(chain) + 1 > len(best):
                        best = [*chain, edge]
                    continue
                if depth.get(edge.target, -1) >= len(chain) + 1 or len(chain) > _MAX_CHAIN:
                    continue
                depth[edge.target] = len(chain) + 1
                stack.append((edge.target, [*chain, edge], seen | {edge.target}))
    if not cyclic:
        return len(best) + 1, best
    escapes = any(d.about & _ESCAPES for edge in edges for d in edge.decisions)
    return ("unknown" if escapes else "unbounded"), best
