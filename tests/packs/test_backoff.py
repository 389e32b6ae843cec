"""backoff repeats, waits and ends as its pack says."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import backoff
import pytest

from errlint.packs.knowledge import Knowledge
from errlint.packs.repeating import Retrier
from packs.naming import named
from packs.repetition import RUNS, Bound, Flaky, bounds, defaults, repeated, result

KEPT: Bound = {"logger": None, "interval": 0}
"""No words, and no time."""


def once(settings: Bound, flaky: Flaky) -> Any:
    """What becomes of a function under the real decorator."""
    decorate = backoff.on_exception if "exception" in settings else backoff.on_predicate
    return result(decorate(backoff.constant, **settings, **KEPT)(flaky))


def asynchronously(settings: Bound, flaky: Flaky) -> Any:
    decorate = backoff.on_exception if "exception" in settings else backoff.on_predicate

    @decorate(backoff.constant, **settings, **KEPT)
    async def run() -> Any:
        return await flaky.coroutine()

    return result(lambda: asyncio.run(run()))


def described(settings: Bound, flaky: Flaky, knowledge: Knowledge) -> Any:
    """The same by the pack."""
    retrier = retrier_of("on_exception" if "exception" in settings else "on_predicate", knowledge)
    return repeated(retrier, {**defaults(retrier.signature), **settings}, flaky)


def retrier_of(name: str, knowledge: Knowledge) -> Retrier:
    retrier = knowledge.retrier(f"backoff.{name}", name)
    assert retrier
    return retrier


ON_EXCEPTION: list[Bound] = [
    {"exception": caught, "max_tries": tries, **more}
    for caught in (ValueError, (ValueError, TypeError), Exception)
    for tries in (1, 3)
    for more in (
        {},
        {"raise_on_giveup": False},
        {"giveup": lambda error: "a" in str(error)},
        {"giveup": lambda error: "b" in str(error), "raise_on_giveup": False},
    )
]
ON_PREDICATE: list[Bound] = [
    {"max_tries": tries, **more}
    for tries in (1, 3)
    for more in ({}, {"predicate": lambda found: found == 5}, {"predicate": lambda found: True})
]
ENDS = [run for run in RUNS if not isinstance(run, KeyboardInterrupt)]


@pytest.mark.parametrize("settings", [*ON_EXCEPTION, *ON_PREDICATE], ids=named)
@pytest.mark.parametrize("form", [once, asynchronously])
def test_ends(form: Callable[[Bound, Flaky], Any], settings: Bound, knowledge: Knowledge) -> None:
    for runs in (*itertools.product(ENDS, repeat=2), *((run,) for run in ENDS)):
        actual, expected = Flaky(*runs), Flaky(*runs)
        assert form(settings, actual) is described(settings, expected, knowledge)
        assert actual.count == expected.count


@pytest.mark.parametrize("name", ["on_exception", "on_predicate"])
def test_without_an_end_by_default(name: str, knowledge: Knowledge) -> None:
    retrier = retrier_of(name, knowledge)
    assert {defaults(retrier.signature)[limit] for limit in ("max_tries", "max_time")} == {None}


def test_time(waits: list[float]) -> None:
    """It stops when the time has passed, and never waits beyond."""
    for decorator, run in (
        (backoff.on_exception(backoff.constant, ValueError, max_time=0, logger=None), ValueError()),
        (backoff.on_predicate(backoff.constant, max_time=0, logger=None), None),
    ):
        flaky = Flaky(run)
        assert result(decorator(flaky)) is run
        assert flaky.count == 1
    assert waits == []


WAITS: list[tuple[Any, Bound]] = [
    (backoff.constant, {}),
    (backoff.constant, {"interval": 7}),
    (backoff.expo, {}),
    (backoff.expo, {"base": 3, "factor": 0.5, "max_value": 10}),
    (backoff.fibo, {}),
    (backoff.fibo, {"max_value": 4}),
    (backoff.runtime, {"value": lambda error: 6}),
]


@pytest.mark.parametrize("jitter", [{}, {"jitter": None}, {"jitter": backoff.random_jitter}], ids=named)
@pytest.mark.parametrize(("generator", "given"), WAITS, ids=named)
def test_waits(
    generator: Any, given: Bound, jitter: Bound, knowledge: Knowledge, waits: list[float], monkeypatch: Any
) -> None:
    retrier = retrier_of("on_exception", knowledge)
    arguments = {**defaults(retrier.signature), "wait_gen": generator, **given, **jitter}
    for draw, end in ((min, 0), (max, 1)):
        waits.clear()
        monkeypatch.setattr(random, "uniform", lambda a, b, draw=draw: draw(a, b))
        monkeypatch.setattr(random, "random", partial(draw, 0, 1))
        decorate = backoff.on_exception(generator, ValueError, max_tries=8, logger=None, **given, **jitter)
        result(decorate(Flaky(ValueError())))
        assert waits == pytest.approx([bounds(retrier.wait, arguments, k)[end] for k in range(1, 8)])
