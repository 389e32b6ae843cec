"""Runs functions over abstract states: blocks, exceptional edges, calls by summary.

`Engine.run` gives every way in which a function can end from one entry state. Summaries are kept by entry state; a
recursive call uses what is known of the running one so far, and the head of the recursion runs again until its exits
are complete.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.budget import MAX_CALL_DEPTH, MAX_RECURSION_ROUNDS, Budget
from errlint.flow.callers import Callers
from errlint.flow.code import Code
from errlint.flow.control import Graph, Yield, successors
from errlint.flow.decisions import Decision
from errlint.flow.dominance import dominators
from errlint.flow.evaluate import Partitions
from errlint.flow.ir import Const, Operand
from errlint.flow.record import Limit, Record, Sites
from errlint.flow.solve import Solver
from errlint.flow.state import RESULT, Arrivals, Flow, Masks, State
from errlint.flow.values import Abstract, Symbol, rename
from errlint.flow.widen import unite_alike, widen

if TYPE_CHECKING:
    from errlint.flow import transport
    from errlint.flow.relevance import Survey
    from errlint.flow.resolve import Names
    from errlint.packs.knowledge import Knowledge

Step = tuple[State, Abstract, bool]
"""One way on: the state, the value, and whether that is a raised exception."""

Transfer = Callable[["Engine", "Frame", int, list[State]], None]


class Attach(Exception):
    """A detached call sends a request: it has to run again with the pending ones.

    Most helpers only compute, decide and wait; without the callers' requests their summaries serve every caller.
    """


RESUMED, THROWN = "%resumed", "%thrown"
"""Variables with which a generator is entered: the block it stands at the end of (below 0: before the first), and what
is raised there."""


@dataclass(frozen=True, slots=True)
class Exit:
    """One way in which a function ends."""

    raised: bool
    value: Abstract
    state: State


@dataclass(slots=True)
class _Summary:
    exits: list[Exit] = field(default_factory=list)
    record: Record = field(default_factory=Record)
    depth: int = 0
    complete: bool = False
    consulted: bool = False


@dataclass(slots=True)
class Frame:
    """One function being run: where its states are and what was noticed in it."""

    code: Code
    graph: Graph
    record: Record
    solver: Solver
    exits: dict[bool, Arrivals]
    context: int
    block: int = 0
    is_resumed: bool = False
    """Whether a generator runs from where it stands to the next `yield`, which leaves it."""

    def begin(self, entry: State) -> None:
        """The state with which the function is entered."""
        position, thrown = entry.env.pop(RESUMED, None), entry.env.pop(THROWN, None)
        self.is_resumed = position is not None
        number = position.value if type(position) is Const else -1
        if isinstance(number, int) and number >= 0:
            end = self.graph.blocks[number].end
            assert isinstance(end, Yield)
            entry.env[end.target] = Const(None)
            if thrown is None:
                self.arrive(end.resume, entry)
            else:
                self.throw(number, entry, thrown)
        elif thrown is None:
            self.arrive(0, entry)
        else:
            self.leave(entry, thrown, True)

    def leave(self, state: State, value: Abstract, raised: bool) -> None:
        if state.pending:
            state.settle()
        state.env = {RESULT: value}
        self.exits[raised].add(state)

    def throw(self, block: int, state: State, exception: Abstract) -> None:
        """An operation of a block raises: on to the block's handler, or out of the function."""
        handler = self.graph.blocks[block].handler
        if handler is None:
            self.leave(state, exception, True)
        else:
            state.env[handler.register] = exception
            self.arrive(handler.block, state)

    def arrive(self, block: int, state: State) -> None:
        state.keep(self.graph.live[block])
        if state.pending:
            state.settle()
        self.solver.arrive(block, state)


_SummaryKey = tuple[int, bool, bool, tuple[object, ...], Masks, Flow]


class Engine:
    """Everything that one analysis shares."""

    def __init__(self, knowledge: Knowledge, survey: Survey, names: Names, transfer: Transfer, scale: int) -> None:
        self.knowledge = knowledge
        self.survey = survey
        """What the names of the module tell."""
        self.names = names
        self.partitions = Partitions()
        self.sites = Sites()
        self.budget = Budget(scale)
        self.switched_on = False
        """Whether what is off by default (parameters that are 0 or False, or None) may be on."""
        self.frames: list[Frame] = []
        self.attached: set[int] = set()
        self.sending_blocks: dict[int, set[int]] = {}
        """The blocks of each graph in which requests are sent, directly or by a callee."""
        self._dominators: dict[int, list[set[int]]] = {}
        self._origins: dict[tuple[Abstract, int | None], cst.CSTNode] = {}
        """Where policies, conditions and adapters were built, or functions (by the identity of their code) given to
        them."""
        self.transports: dict[tuple[Abstract, str | None], transport.Derived] = {}
        """What transport policies make of requests with one method."""
        self.most_runs: dict[Abstract, int | None] = {}
        """How many runs a policy allows at most, None where it does not count them."""
        self.entered: set[int] = set()
        """Functions, by the identity of their code, that were run."""
        self._transfer = transfer
        self._summaries: dict[_SummaryKey, _Summary] = {}
        self._unfinished = sys.maxsize
        """The lowest call depth whose unfinished summary was used; summaries above it are provisional."""
        self._tokens: dict[tuple[object, ...], int] = {}
        self._joins: dict[int, frozenset[int]] = {}

    @property
    def record(self) -> Record:
        """Where facts go; outside any function nobody asks for them."""
        return self.frames[-1].record if self.frames else Record()

    def token(self, *circumstances: object) -> int:
        """A number for these circumstances, the same for equal ones; never 0."""
        return self._tokens.setdefault(circumstances, len(self._tokens) + 1)

    def note_origin(self, built: Abstract, node: cst.CSTNode, code: Code | None = None) -> None:
        """Remember where something was first built; or where it was given the function with this code."""
        self._origins.setdefault((_numbered_anew(built), None if code is None else id(code)), node)

    def origin(self, built: Abstract, code: Code | None = None) -> cst.CSTNode | None:
        """See `note_origin`; what it refers to may have other numbers by now."""
        return self._origins.get((_numbered_anew(built), None if code is None else id(code)))

    def spend(self) -> None:
        """Count one step of the running function; see `Budget.spend`."""
        self.budget.spend(self.frames[-1].code if self.frames else None)

    def decide(
        self,
        state: State,
        node: cst.CSTNode,
        side: bool,
        about: frozenset[str],
        rules_out: frozenset[str] = frozenset(),
    ) -> None:
        """Note that a path was chosen."""
        if state.pending:
            state.decide(Decision(node, side, about, rules_out, self.token("decision", id(node))))

    def wait(self, state: State, delay: Abstract) -> None:
        """Note that the program waits for `delay` seconds."""
        state.wait(delay)

    def note_sending(self) -> None:
        """The running function sends in its current block."""
        self.budget.sent = True
        frame = self.frames[-1]
        # What is analysed was called from no block.
        if frame is not self.frames[0]:
            self.sending_blocks.setdefault(id(frame.graph), set()).add(frame.block)

    def dominators_of(self, graph: Graph) -> list[set[int]]:
        """See `dominance.dominators`; computed once for each graph."""
        known = self._dominators.get(id(graph))
        if known is None:
            known = self._dominators[id(graph)] = dominators(graph)
        return known

    def inexact(self, reason: str) -> None:
        """Something was not understood: what is said about the function may be wrong."""
        self.record.reasons.add(reason)

    @contextmanager
    def construction(self) -> Iterator[None]:
        """Run a constructor for the fields that it leaves, at the cost of no function."""
        with self.budget.construction(), self.apart():
            yield

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Run something that is no part of the function being analysed: a module-level value, a constructor."""
        frames, unfinished = self.frames, self._unfinished
        self.frames, self._unfinished = [], sys.maxsize
        try:
            yield
        finally:
            self.frames, self._unfinished = frames, unfinished

    # --- running a function ------------------------------------------------------------------------------------------

    def run(self, code: Code, entry: State, callers: Callers | None = None) -> list[Exit]:
        """Every way in which `code` ends when entered with `entry`, whose variables are its parameters.

        With `callers`, what is pending in `entry` stands in for their requests. Raises Limit, and TooDeep from the
        lowering.
        """
        environment, masks, flow = entry.canonical()
        key = (id(code), self.budget.constructing, self.switched_on, environment, masks, flow)
        summary = self._summaries.get(key)
        if summary is None:
            summary = self._summarise(key, code, entry)
        elif not summary.complete:
            summary.consulted = True
            self._unfinished = min(self._unfinished, summary.depth)
        if self.frames:
            self.record.merge(summary.record if callers is None else callers.told(summary.record))
            if summary.record.sends:
                self.note_sending()
        return [Exit(e.raised, e.value, e.state.copy()) for e in summary.exits]

    def _summarise(self, key: _SummaryKey, code: Code, entry: State) -> _Summary:
        self.entered.add(id(code))
        depth = len(self.frames)
        if depth >= MAX_CALL_DEPTH:
            raise Limit("calls nest too deep")
        graph = code.graph
        summary = self._summaries[key] = _Summary(depth=depth)
        exits = {False: Arrivals(), True: Arrivals()}
        try:
            for _ in range(MAX_RECURSION_ROUNDS):
                summary.consulted = False
                grew = self._round(code, graph, entry.copy(), summary, exits)
                if not (summary.consulted and grew):
                    break
        except Attach:
            del self._summaries[key]
            self.attached.add(id(code))
            raise
        except BaseException:
            del self._summaries[key]
            raise
        if self._unfinished < depth:
            del self._summaries[key]
        else:
            self._unfinished = sys.maxsize
            summary.complete = True
        return summary

    def _round(self, code: Code, graph: Graph, entry: State, summary: _Summary, exits: dict[bool, Arrivals]) -> bool:
        joins = self._joins.get(id(graph))
        if joins is None:
            joins = self._joins[id(graph)] = _joins(graph)
        solver = Solver(graph.order, joins, lambda point, states, arrivals: widen(self, point, states, arrivals))
        frame = Frame(code, graph, summary.record, solver, exits, entry.context)
        self.frames.append(frame)
        try:
            frame.begin(entry)
            solver.run(lambda block, states: self._transfer(self, frame, block, states))
        finally:
            self.frames.pop()
        found = [
            Exit(raised, state.env[RESULT], state)
            for raised, arrivals in exits.items()
            for state in unite_alike(self, (code.qualname, raised), arrivals.take(), arrivals)
        ]
        summary.exits += found
        return bool(found)


def _numbered_anew(value: Abstract) -> Abstract:
    return rename(value, {number: place for place, number in enumerate(dict.fromkeys(value.ids))})


def _joins(graph: Graph) -> frozenset[int]:
    """The blocks that more than one edge leads to; handlers always count, since every operation leads to them."""
    seen: set[int] = set()
    joins: set[int] = {0}
    for block in graph.blocks:
        for target in successors(block.end):
            (joins if target in seen else seen).add(target)
        if block.handler is not None:
            joins.add(block.handler.block)
    return frozenset(joins)


class Unbound(Exception):
    """A variable is read that has no value here."""


def operand(state: State, value: Operand) -> Abstract:
    """What an operand holds; raises Unbound for a variable without a value."""
    if not isinstance(value, str):
        return value
    try:
        return state.env[value]
    except KeyError:
        raise Unbound(value) from None


def unknown(node: object, *detail: object) -> Symbol:
    """A value that is not known, the same each time the same operation is reached with the same `detail`."""
    return Symbol(("unknown", id(node), *detail))
