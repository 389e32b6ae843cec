"""What follows a run of what a retry library repeats: another one, after a wait, or the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from errlint import outcomes
from errlint.flow import calls, conditions, construction, delays
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Class, External, Function, Partial
from errlint.flow.engine import Step
from errlint.flow.ir import Const
from errlint.flow.record import Rerun
from errlint.flow.state import State
from errlint.flow.stops import most_runs, stops
from errlint.flow.values import NONE, Abstract, Fault, Ref, Symbol

RETRIER = frozenset({"retrier"})
_UNKNOWN = frozenset({"unknown"})
EXACT_RUNS = 12
_MANY = EXACT_RUNS + 1
EXHAUSTED = -1
"""Stands for the number of the next run where the retrier has none left."""


def turn(run: conditions.Run, state: State, origin: cst.CSTNode | None = None) -> list[tuple[State, bool, int]]:
    """What follows a run: (state, whether to run again, number of the next run or EXHAUSTED).

    `origin` is where the function was given to the policy.
    """
    ways: list[tuple[State, bool, int]] = []
    for after, again in _decided(run, run.wants_another(state)):
        if not again:
            ways.append((after, False, 0))
            continue
        for willing, resigned in _resigned(run, after):
            if resigned:
                ways.append((willing, False, EXHAUSTED))
                continue
            ways += _next_runs(run, willing, origin or run.engine.origin(run.policy) or run.node)
    return ways


def _decided(
    run: conditions.Run, verdicts: list[conditions.Verdict], goes_on: bool = True
) -> Iterator[tuple[State, bool]]:
    """Each verdict, and both where it is not known; `goes_on` is the one with which the retrier goes on."""
    for state, verdict in verdicts:
        if verdict is not None:
            yield state, verdict
            continue
        run.engine.inexact("what a retry library is told to run again is not known")
        for side in (True, False):
            after = state.copy()
            run.engine.decide(after, run.node, side is goes_on, _UNKNOWN)
            yield after, side


def _resigned(run: conditions.Run, state: State) -> list[tuple[State, bool]]:
    """Whether the retrier gives up on an end that it would run again."""
    if run.retrier.gives_up == "never":
        return [(state, False)]
    return list(_decided(run, run.gives_up(state), goes_on=False))


def _next_runs(run: conditions.Run, state: State, place: cst.CSTNode) -> list[tuple[State, bool, int]]:
    """The way to another run that is wanted, and the way on where the stop forbids it."""
    engine, stop = run.engine, run.retrier.stop
    ways: list[tuple[State, bool, int]] = []
    bound = most_runs(engine, stop, run.policy)
    stopped = stops(engine, stop, run.policy, run.number)
    if stopped is None:
        over = state.copy()
        engine.decide(over, run.node, False, frozenset({"clock"}))
        engine.decide(state, run.node, True, frozenset({"clock"}))
        ways.append((over, False, EXHAUSTED))
    if stopped:
        return [(state, False, EXHAUSTED)]
    engine.decide(state, place, True, RETRIER)
    if state.pending:
        engine.record.note(Rerun(place, run.policy), outcomes.EVERYTHING)
    for after, wait in _waits(run, state):
        engine.wait(after, wait)
        following = _following(run.number, bound)
        ways += [(after if i == 0 else after.copy(), True, n) for i, n in enumerate(following)]
    return ways


def _waits(run: conditions.Run, state: State) -> list[tuple[State, Abstract]]:
    """How long it is waited before the next run; a callable of the project is asked."""
    asked = delays.callable_of(run.engine, run.retrier.wait, run.policy)
    answers: list[tuple[State, Abstract | None]] = [(state, None)]
    if isinstance(asked, (Function, Partial, Ref)):
        steps = calls.call(run.engine, state, asked, Arguments((run.value,)), run.node)
        answers = [(after, answer) for after, answer, raised in steps if not raised]
    return [
        (after, delays.wait_of(run.engine, run.retrier.wait, run.policy, run.number, answer))
        for after, answer in answers
    ]


def _following(number: int, bound: int | None) -> list[int]:
    if bound is None:
        return [min(number + 1, _MANY)]
    if bound <= EXACT_RUNS or number < EXACT_RUNS:
        return [number + 1]
    return [EXACT_RUNS, bound]


def finish(run: conditions.Run, state: State, following: int) -> list[Step]:
    """The end of the last run: as it was, or (where `following` is EXHAUSTED) what the retrier makes of that."""
    if following != EXHAUSTED:
        return [(state, run.value, run.raised)]
    engine, exhausted = run.engine, run.retrier.exhausted
    if exhausted.callback is not None:
        callback = delays.parameter(engine, run.policy, exhausted.callback)
        if callback is not None and callback != NONE:
            given = Arguments((replace(run, number=0).told(),))
            return calls.call(engine, state, callback, given, run.node)
    reraise = (
        delays.parameter(engine, run.policy, exhausted.reraise)
        if isinstance(exhausted.reraise, str)
        else Const(exhausted.reraise)
    )
    if run.raised and type(reraise) is Const and reraise.value:
        return [(state, run.value, True)]
    if exhausted.result == "none":
        return [(state, NONE, False)]
    if not run.raised and exhausted.result == "last":
        return [(state, run.value, False)]
    return _exhausted(run, state)


def _exhausted(run: conditions.Run, state: State) -> list[Step]:
    """The retrier's own exception, for the last failure."""
    engine, error = run.engine, run.retrier.exhausted.error
    cls = delays.parameter(engine, run.policy, error) if isinstance(error, str) else None
    if isinstance(cls, Class):
        return [(s, v, True) for s, v, _ in construction.instantiate(engine, state, cls, Arguments(), run.node)]
    path = cls.path if isinstance(cls, External) else str(cls.origin[1]) if isinstance(cls, Symbol) else "Exception"
    carried = run.value if isinstance(run.value, Fault) and run.value.attempt is not None else None
    return [(state, Fault(engine.knowledge.canonical(path) or path, None, carried), True)]
