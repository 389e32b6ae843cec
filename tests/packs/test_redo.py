"""redo repeats, waits and ends as its pack says."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
import redo  # type: ignore[import-untyped]

from errlint.packs.effects import Repeats, Runs
from errlint.packs.knowledge import Knowledge
from errlint.packs.repeating import Retrier
from packs.naming import named
from packs.repetition import RUNS, Bound, Flaky, bounds, defaults, repeated, result

AT_ONCE: Bound = {"sleeptime": 0, "jitter": 0}
ENDS = [run for run in RUNS if not isinstance(run, KeyboardInterrupt)]


def called(settings: Bound, flaky: Flaky) -> Any:
    return result(lambda: redo.retry(flaky, **settings, **AT_ONCE))


def decorated(settings: Bound, flaky: Flaky) -> Any:
    return result(redo.retriable(**settings, **AT_ONCE)(lambda: flaky()))


def asynchronously(settings: Bound, flaky: Flaky) -> Any:
    no_wait = {"delay_factor": 0}
    return result(lambda: asyncio.run(redo.retry_async(flaky.coroutine, **settings, sleeptime_kwargs=no_wait)))


def retrier_of(name: str, knowledge: Knowledge) -> Retrier:
    retrier = knowledge.retrier("redo", name)
    assert retrier
    return retrier


SETTINGS: list[Bound] = [
    {"attempts": attempts, **more}
    for attempts in (1, 3)
    for more in ({}, {"retry_exceptions": ValueError}, {"retry_exceptions": (ValueError, TypeError)})
]


@pytest.mark.parametrize("settings", SETTINGS, ids=named)
@pytest.mark.parametrize(("form", "name"), [(called, "retry"), (decorated, "retry"), (asynchronously, "retry_async")])
def test_ends(form: Callable[[Bound, Flaky], Any], name: str, settings: Bound, knowledge: Knowledge) -> None:
    retrier = retrier_of(name, knowledge)
    for runs in (*itertools.product(ENDS, repeat=2), *((run,) for run in ENDS)):
        actual, expected = Flaky(*runs), Flaky(*runs)
        arguments = {**defaults(retrier.signature), **settings}
        assert form(settings, actual) is repeated(retrier, arguments, expected)
        assert actual.count == expected.count


def test_functions_have_the_parameters_of_their_retriers(knowledge: Knowledge) -> None:
    """And those that say what is called, and with what."""
    for name in ("retry", "retry_async", "retriable_async"):
        function = knowledge.function(f"redo.{name}")
        assert function
        effect = function.effect
        assert isinstance(effect, (Runs, Repeats))
        own = {effect.runs, effect.arguments, effect.keywords} if isinstance(effect, Runs) else set()
        said = [parameter.name for parameter in retrier_of(name, knowledge).signature.parameters]
        assert said == [p.name for p in function.signature.parameters if p.name not in own]


WAITS: list[Bound] = [
    {},
    {"jitter": 0},
    {"sleeptime": 4, "sleepscale": 2, "max_sleeptime": 10},
    {"sleeptime": 4, "sleepscale": 1, "jitter": 2},
    {"sleeptime": 0, "jitter": 0},
]


@pytest.mark.parametrize("given", WAITS, ids=named)
def test_waits(given: Bound, knowledge: Knowledge, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    retrier = retrier_of("retry", knowledge)
    arguments = {**defaults(retrier.signature), **given}
    for draw, end in ((min, 0), (max, 1)):
        waits.clear()
        monkeypatch.setattr(random, "uniform", lambda a, b, draw=draw: draw(a, b))
        result(lambda: redo.retry(Flaky(ValueError()), 8, **given))
        assert waits == pytest.approx([bounds(retrier.wait, arguments, k)[end] for k in range(1, 8)])


def test_waits_of_coroutines(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = retrier_of("retriable_async", knowledge).wait
    slept: list[float] = []

    async def sleep(delay: float) -> None:
        slept.append(delay)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for share, end in ((0, 0), (1, 1)):
        slept.clear()
        monkeypatch.setattr(random, "random", lambda share=share: share)
        flaky = Flaky(ValueError())
        result(lambda: asyncio.run(redo.retriable_async()(flaky.coroutine)()))  # noqa: B023
        assert flaky.count == 5
        assert slept == pytest.approx([bounds(wait, {}, k)[end] for k in range(1, 5)])
