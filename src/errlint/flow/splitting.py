"""Splitting states by what an outcome decides: values that become known, tests that go one way or the other."""

from __future__ import annotations

import libcst as cst

from errlint.flow import headers
from errlint.flow.composition import decisive_attempts
from errlint.flow.concrete import Raised
from errlint.flow.decisions import reads_content
from errlint.flow.describe import about
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import truth
from errlint.flow.ir import Const
from errlint.flow.record import Tested
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.values import FALSE, TRUE, Abstract, Among, Answer, Apply, Fault, Ref

MAX_SPLIT = 24
STATUS = frozenset({"status"})


# --- values ----------------------------------------------------------------------------------------------------------


def settled(engine: Engine, state: State, value: Abstract) -> list[Step] | None:
    """Split the state so that a value which an outcome decides becomes known; None where none decides it."""
    if not isinstance(value, (Apply, Among)):
        return None
    attempts = decisive_attempts(value)
    if len(attempts) != 1:
        return None
    attempt = attempts.pop()
    groups = engine.partitions.few(value, attempt, state.masks[attempt], MAX_SPLIT)
    if groups is None:
        return None
    steps: list[Step] = []
    for result, mask in groups.items():
        branch = state.copy()
        branch.narrow(attempt, mask)
        if isinstance(result, Raised):
            steps.append((branch, Fault(result.path), True))
        else:
            steps.append((branch, result, False))
    return steps


# --- tests -----------------------------------------------------------------------------------------------------------


def truth_value(engine: Engine, state: State, value: Abstract) -> Abstract:
    """`bool(value)` as a value: known, decided by an outcome, or unknown."""
    value = content_of(state, value)
    known = truth(value)
    if known is not None:
        return TRUE if known else FALSE
    if isinstance(value, Answer):
        attempt = state.heap[value.attempt]
        assert isinstance(attempt, Attempt)
        pack = engine.knowledge.type(attempt.kind)
        if pack is None or pack.truth is None:
            return TRUE
        return Among(value.attempt, pack.truth)
    if isinstance(value, Ref):
        return TRUE
    operands = value.operands if isinstance(value, Apply) and value.operator in ("format", "call:str") else ()
    if any(type(o) is Const and o.value for o in operands):
        return TRUE
    return value


def truths(engine: Engine, state: State, value: Abstract, node: cst.CSTNode) -> list[tuple[State, bool]]:
    """The ways a test can go, each with its state."""
    tested = truth_value(engine, state, value)
    known = truth(tested)
    if known is not None:
        return [(state, known)]
    attempts = decisive_attempts(tested)
    facts = about(state, tested)
    if len(attempts) == 1:
        attempt = attempts.pop()
        sides = {True: 0, False: 0}
        unsure = 0
        for result, mask in engine.partitions.by_value(tested, attempt, state.masks[attempt]).items():
            answer = None if result is None or isinstance(result, Raised) else truth(result)
            if result is None and facts == STATUS:
                engine.inexact("a test of a status is not understood")
            if answer is None:
                unsure |= mask
            else:
                sides[answer] |= mask
        return _part(engine, state, attempt, sides, unsure, tested, node)
    if attempts and facts == STATUS:
        engine.inexact("a test of two statuses is not understood")
    return _both(engine, state, tested, node)


def _part(
    engine: Engine,
    state: State,
    attempt: int,
    sides: dict[bool, int],
    unsure: int,
    tested: Abstract,
    node: cst.CSTNode,
) -> list[tuple[State, bool]]:
    facts = about(state, tested)
    info = state.heap[attempt]
    assert isinstance(info, Attempt)
    ways: list[tuple[State, bool]] = []
    for side in (True, False):
        if sides[side]:
            after = state.copy()
            after.masks[attempt] = sides[side]
            if sides[not side]:
                engine.decide(after, node, side, STATUS)
            ways.append((after, side))
            engine.record.note(Tested(node, side, info.site, facts, True), sides[side])
        if unsure:
            after = state.copy()
            after.masks[attempt] = unsure
            engine.decide(after, node, side, facts, headers.ruled_out(tested, side))
            ways.append((after, side))
            engine.record.note(Tested(node, side, info.site, facts, False), unsure)
    return ways


def _both(engine: Engine, state: State, tested: Abstract, node: cst.CSTNode) -> list[tuple[State, bool]]:
    facts = about(state, tested)
    other = state.copy()
    for after, side in ((state, True), (other, False)):
        engine.decide(after, node, side, facts, headers.ruled_out(tested, side))
        if reads_content(facts):
            for site, attempt in after.last.items():
                engine.record.note(Tested(node, side, site, facts, False), after.masks[attempt])
    return [(state, True), (other, False)]
