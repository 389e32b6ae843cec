"""What rules ask: which outcomes are sent again, what tests look at, what is read, caught, called and changed.

Rules see places in the code (libcst nodes) with outcome sets, never blocks or states. What several functions notice at
the same place is one fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from errlint.flow.code import Code, ModuleCode
from errlint.flow.decisions import TRAIL, Decision
from errlint.flow.delays import sample
from errlint.flow.record import COARSE, Called, Fact, Mark, Record, Resent, Retry, Site, Tested
from errlint.flow.table import FunctionTable, Retries

if TYPE_CHECKING:
    from errlint.flow.values import Abstract
    from errlint.packs.contracts import Contract
    from errlint.packs.knowledge import Knowledge

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """What is known of one function that sends requests, or that handles answers or their failures."""

    code: Code
    record: Record
    table: FunctionTable
    limit: str | None = None
    """Why nothing is claimed about the function, where it outgrew the engine."""
    switches: frozenset[str] = frozenset()
    """The parameters that are off by default and may have been on; none in the call with default arguments, and what
    the function is said to do in tables is what it does then."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """One way back to a request: these `outcomes` reach it, and the same request is sent again.

    `place` is where that is decided: the handler, the test, the decorator, the transport policy's construction, or the
    request itself where nothing decides. `trail` are all decisions on the way, in source order. `gates` say on what
    else than the outcome every such way depends (`header:retry-after`, `member:/error/code`, `text`, `clock`,
    `unknown` ...). `phantom`: only a malformed body leads here. `transport`: sent again below the client. `doubtful`:
    something that was not understood may judge the outcomes on the way, and let only some of them through. `waited`:
    the outcomes after which the program waits on the way, for whatever time.
    """

    site: Site
    outcomes: int
    place: cst.CSTNode
    trail: tuple[Decision, ...]
    gates: frozenset[str]
    phantom: bool
    transport: Resent | None
    function: FunctionFacts
    doubtful: bool = False
    waited: int = 0

    def retries(self, outcome: int) -> Retries | None:
        """How often and after which waits one of these outcomes is sent again, from the function's table."""
        for row in self.function.table.rows:
            if row.outcomes & outcome and self.function.table.requests[row.request].site == self.site.index:
                return row.retry
        return None


@dataclass(frozen=True, slots=True)
class Test:
    """A test: which outcomes go which way (`either` where they do not decide it alone), and what it looks at."""

    node: cst.CSTNode
    site: Site
    about: frozenset[str]
    then: int
    otherwise: int
    either: int


@dataclass(frozen=True, slots=True, eq=False)
class ModuleFacts:
    """Everything rules see of one module."""

    module: ModuleCode
    functions: tuple[FunctionFacts, ...]
    sites: tuple[Site, ...]
    knowledge: Knowledge
    contracts: dict[int, Contract] = field(default_factory=dict)
    """The contract that each site is bound to; `baseline` for the others."""
    baseline: Contract | None = None

    @property
    def tables(self) -> tuple[FunctionTable, ...]:
        """The outcome tables of the functions that send requests."""
        return self.tables_of(lambda code: True)

    def tables_of(self, chosen: Callable[[Code], bool]) -> tuple[FunctionTable, ...]:
        """Those of the chosen functions."""
        return tuple(f.table for f in self.functions if f.table.requests and not f.switches and chosen(f.code))

    def contract(self, site: Site) -> Contract:
        """What the API behind a site documents; HTTP itself where none is known."""
        found = self.contracts.get(site.index, self.baseline)
        assert found is not None
        return found

    def api(self, site: Site) -> str | None:
        """The name of the API that a site is bound to."""
        found = self.contracts.get(site.index)
        return None if found is None else found.name

    def noticed(self, kind: type[F]) -> Iterator[tuple[F, int]]:
        """All facts of one kind (see `record`) with the outcomes they hold for, united over functions."""
        united: dict[F, int] = {}
        for function in self.functions:
            for fact, mask in function.record.facts.items():
                if isinstance(fact, kind):
                    united[fact] = united.get(fact, 0) | mask
        yield from united.items()

    def marks(self, node: cst.CSTNode) -> int:
        """What was seen at a node in any function, as `record.Mark`s."""
        found = 0
        for function in self.functions:
            found |= function.record.marks.get(id(node), 0)
        return found

    def tests(self) -> list[Test]:
        """The tests of answers and failures, one for each place and request."""
        found: dict[tuple[int, int], list[tuple[Tested, int]]] = {}
        for fact, mask in self.noticed(Tested):
            found.setdefault((id(fact.node), fact.site), []).append((fact, mask))
        result: list[Test] = []
        for facts in found.values():
            masks = {True: 0, False: 0}
            either = 0
            about: frozenset[str] = frozenset()
            for fact, mask in facts:
                about |= fact.about
                if fact.known:
                    masks[fact.side] |= mask
                else:
                    either |= mask
            first = facts[0][0]
            result.append(Test(first.node, self.sites[first.site], about, masks[True], masks[False], either))
        return result

    def repeated(self) -> list[Repeated]:
        """Every way back to a request, one for each place that decides it."""
        result: dict[tuple[object, ...], Repeated] = {}
        for function in self.functions:
            for way in self._ways_back(function):
                key = (way.site.index, id(way.place), way.gates, way.phantom, way.doubtful)
                before = result.get(key)
                if before is not None:
                    waited = before.waited | way.waited
                    way = replace(before, outcomes=before.outcomes | way.outcomes, waited=waited)
                result[key] = way
        return list(result.values())

    def _ways_back(self, function: FunctionFacts) -> Iterator[Repeated]:
        retries: dict[int, list[tuple[Retry, int]]] = {}
        told: dict[int, int] = {}
        for fact, mask in function.record.facts.items():
            if isinstance(fact, Called):
                if function.record.marks.get(id(fact.node), 0) & Mark.TOLD:
                    told[fact.site] = told.get(fact.site, 0) | mask
            elif isinstance(fact, Retry):
                retries.setdefault(fact.site, []).append((fact, mask))
            elif isinstance(fact, Resent):
                site = self.sites[fact.site]
                waited = mask if _waits(fact.waits) else 0
                yield Repeated(
                    site, mask, fact.node or site.node, (), frozenset(), False, fact, function, False, waited
                )
        order = positions(function.code.node) if retries else {}
        for index, ways in retries.items():
            # Many sendings, few ways to decide.
            decided: _Ways = {}
            for fact, mask in ways:
                decided[fact.phantom, fact.decisions] = decided.get((fact.phantom, fact.decisions), 0) | mask
            for fact, mask in ways:
                decisions = _decisive(fact, mask, decided)
                yield self._way_back(function, fact, mask, decisions, order, told.get(index, 0))

    def _way_back(
        self,
        function: FunctionFacts,
        fact: Retry,
        mask: int,
        decisions: list[Decision],
        order: dict[int, int],
        told: int,
    ) -> Repeated:
        """`told` are the outcomes that something which could not be followed is told of: it may judge them."""
        site = self.sites[fact.site]
        trail = sorted((d for d in decisions if d.is_of_outcome), key=lambda d: (order.get(id(d.node), -1), d.number))
        gates = frozenset(word for d in decisions for word in d.about - TRAIL)
        deciding = (
            [d for d in trail if d.about & {"retrier"}]
            or [d for d in trail if d.about & {"caught"}]
            or [d for d in trail if d.side]
            or trail
        )
        place = deciding[-1].node if deciding else site.node
        by_retrier = any("retrier" in d.about for d in trail)
        doubtful = (
            COARSE in function.record.reasons
            or any(_is_doubtful(d, function.record, by_retrier) for d in decisions)
            or bool(told & mask)
        )
        waited = mask if _waits(fact.waits) else 0
        return Repeated(site, mask, place, tuple(trail), gates, fact.phantom, None, function, doubtful, waited)


def _waits(waits: tuple[Abstract, ...]) -> bool:
    """Whether some of these waits takes time, as far as can be told."""
    return any(seconds is None or seconds > 0 for seconds in map(sample, waits))


_Ways = dict[tuple[bool, frozenset[Decision]], int]
"""The outcomes that are sent again after the same decisions, on paths that only a malformed body takes or on others."""


def _decisive(fact: Retry, mask: int, ways: _Ways) -> list[Decision]:
    """The decisions on a way back that matter: where the outcomes are sent again either way, it is none of those."""
    result = []
    for decision in fact.decisions:
        otherwise = 0
        if not decision.is_of_outcome:
            for (is_phantom, others), outcomes in ways.items():
                if is_phantom == fact.phantom and any(
                    d.node is decision.node and d.side != decision.side for d in others
                ):
                    otherwise |= outcomes
        if mask & ~otherwise:
            result.append(decision)
    return result


def _is_doubtful(decision: Decision, record: Record, is_retrier: bool) -> bool:
    """Whether a decision that was not understood may look at the outcome.

    A retrier that is not understood in full decides by the outcome too.
    """
    if decision.is_of_outcome:
        return bool(record.marks.get(id(decision.node), 0) & Mark.GUESSED)
    if "unknown" not in decision.about:
        return False
    if is_retrier:
        return True
    return decision.is_of_answer


def positions(node: cst.CSTNode) -> dict[int, int]:
    """The order in which the nodes below one stand in the source, by node identity."""
    order: dict[int, int] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        order[id(current)] = len(order)
        stack.extend(reversed(current.children))
    return order
