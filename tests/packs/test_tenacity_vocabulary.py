"""The library's conditions, stops and waits mean what the pack says."""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Callable
from typing import Any

import pytest
import tenacity

from errlint.packs.knowledge import Knowledge
from errlint.packs.repeating import (
    AllOf,
    AnyOf,
)
from errlint.packs.schema import ConstantValue
from errlint.packs.values import MakesCondition, MakesStop, MakesWait
from packs.installed import find
from packs.naming import named
from packs.repetition import RUNS, Bound, Cause, bounds, ended, holds, made, stops

pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning")

CONDITIONS: list[tuple[str, Bound]] = [
    ("retry_if_exception_type", {}),
    ("retry_if_exception_type", {"exception_types": ValueError}),
    ("retry_if_exception_type", {"exception_types": (ValueError, TypeError)}),
    ("retry_if_not_exception_type", {}),
    ("retry_if_not_exception_type", {"exception_types": ValueError}),
    ("retry_unless_exception_type", {"exception_types": ValueError}),
    ("retry_if_exception_cause_type", {"exception_types": Cause}),
    ("retry_if_exception", {"predicate": lambda error: "a" in str(error)}),
    ("retry_if_result", {"predicate": lambda result: result is None}),
    ("retry_if_not_result", {"predicate": lambda result: result == 5}),
]


@pytest.mark.parametrize(("name", "given"), CONDITIONS, ids=named)
@pytest.mark.parametrize("run", RUNS, ids=repr)
def test_conditions(name: str, given: Bound, run: Any, knowledge: Knowledge) -> None:
    returns, actual, arguments = made(f"tenacity.{name}", knowledge, **given)
    assert isinstance(returns, MakesCondition)
    assert holds(returns.condition, arguments, run) == actual(ended(run))


@pytest.mark.parametrize("run", RUNS, ids=repr)
def test_combined_conditions(run: Any, knowledge: Knowledge) -> None:
    for one, other in itertools.product(CONDITIONS, repeat=2):
        parts = [made(f"tenacity.{name}", knowledge, **given) for name, given in (one, other)]
        for name, combine in (("retry_any", operator.or_), ("retry_all", operator.and_)):
            returns, actual, arguments = made(f"tenacity.{name}", knowledge, retries=parts)
            assert isinstance(returns, MakesCondition)
            assert holds(returns.condition, arguments, run) == actual(ended(run))
            assert combine(parts[0][1], parts[1][1])(ended(run)) == actual(ended(run))


@pytest.mark.parametrize("name", ["retry_always", "retry_never"])
def test_constant_conditions(name: str, knowledge: Knowledge) -> None:
    found = knowledge.get(f"tenacity.{name}")
    assert isinstance(found, ConstantValue)
    assert isinstance(found.value, MakesCondition)
    for run in RUNS:
        assert find(found.path)(ended(run)) == holds(found.value.condition, {}, run)


@pytest.mark.parametrize(
    ("name", "returning"), [("retry_if_exception_message", False), ("retry_if_not_exception_message", True)]
)
def test_conditions_on_messages(name: str, returning: bool, knowledge: Knowledge) -> None:
    """What the text decides is opaque; whether a run that returns is repeated is not."""
    returns, actual, _ = made(f"tenacity.{name}", knowledge, message="a")
    assert isinstance(returns, MakesCondition)
    assert isinstance(returns.condition, AnyOf if returning else AllOf)
    assert "opaque" in returns.condition.any if isinstance(returns.condition, AnyOf) else returns.condition.all
    assert actual(ended(5)) == returning
    assert {actual(ended(ValueError(text))) for text in "ab"} == {True, False}


def test_stops(knowledge: Knowledge) -> None:
    attempts = made("tenacity.stop_after_attempt", knowledge, max_attempt_number=3)
    delay = made("tenacity.stop_after_delay", knowledge, max_delay=10)
    before = made("tenacity.stop_before_delay", knowledge, max_delay=10)
    both = made("tenacity.stop_all", knowledge, stops=[attempts, delay])
    either = made("tenacity.stop_any", knowledge, stops=[attempts, delay])
    for attempt, passed in itertools.product(range(1, 6), [0, 9, 10, 11]):
        state = ended(None, attempt)
        state.outcome_timestamp = state.start_time + passed
        for returns, actual, arguments in (attempts, delay, before, both, either):
            assert isinstance(returns, MakesStop)
            assert stops(returns.stop, arguments, state) == actual(state)
        assert (attempts[1] & delay[1])(state) == both[1](state)
        assert (attempts[1] | delay[1])(state) == either[1](state)
    never = knowledge.get("tenacity.stop_never")
    assert isinstance(never, ConstantValue)
    assert never.value == MakesStop("never")
    assert tenacity.stop_never(state) is False


WAITS: list[tuple[str, Bound]] = [
    ("wait_none", {}),
    ("wait_fixed", {"wait": 3}),
    ("wait_random", {}),
    ("wait_random", {"min": 2, "max": 5}),
    ("wait_incrementing", {}),
    ("wait_incrementing", {"start": 1, "increment": 2, "max": 6}),
    ("wait_exponential", {}),
    ("wait_exponential", {"multiplier": 0.5, "min": 2, "max": 9, "exp_base": 3}),
    ("wait_random_exponential", {}),
    ("wait_random_exponential", {"multiplier": 2, "max": 9, "min": 1}),
    ("wait_full_jitter", {"max": 9}),
    ("wait_exponential_jitter", {}),
    ("wait_exponential_jitter", {"initial": 3, "max": 20}),
    ("wait_exponential_jitter", {"multiplier": 2, "max": 20, "jitter": 5, "min": 3}),
    ("wait_exception", {"predicate": lambda error: 4}),
]


@pytest.mark.parametrize(("name", "given"), WAITS, ids=named)
def test_waits(name: str, given: Bound, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    returns, actual, arguments = made(f"tenacity.{name}", knowledge, **given)
    assert_wait(returns, actual, arguments, monkeypatch)


def assert_wait(returns: Any, actual: Callable[[Any], float], arguments: Bound, patch: pytest.MonkeyPatch) -> None:
    """The wait is at its least where randomness is, at its greatest likewise."""
    assert isinstance(returns, MakesWait)
    for k in range(1, 8):
        for draw, expected in zip((min, max), bounds(returns.wait, arguments, k), strict=True):
            patch.setattr(random, "uniform", lambda a, b, draw=draw: draw(a, b))
            patch.setattr(random, "random", lambda draw=draw: draw(0, 1))
            assert actual(ended(RUNS[3], k)) == pytest.approx(expected)


def test_combined_waits(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [made(f"tenacity.{name}", knowledge, **given) for name, given in WAITS if name != "wait_none"]
    for one, other in itertools.product(parts, repeat=2):
        chain = made("tenacity.wait_chain", knowledge, strategies=[one, other])
        assert_wait(*chain, monkeypatch)
        total = made("tenacity.wait_combine", knowledge, strategies=[one, other])
        assert_wait(*total, monkeypatch)
        assert_wait(total[0], one[1] + other[1], total[2], monkeypatch)
