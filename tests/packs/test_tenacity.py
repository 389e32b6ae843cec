"""The library repeats, and ends, in every form as the pack says."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
import tenacity

from errlint.packs.knowledge import Knowledge
from errlint.packs.notation import ParameterName
from errlint.packs.repeating import (
    GivenCondition,
    GivenStop,
    GivenWait,
)
from packs.installed import find
from packs.naming import named
from packs.repetition import Bound, Flaky, result


def test_retrier(knowledge: Knowledge) -> None:
    retrier = knowledge.retrier("tenacity.retry", "retrying")
    assert retrier
    assert retrier.condition == GivenCondition(ParameterName("retry"))
    assert retrier.stop == GivenStop(ParameterName("stop"))
    assert retrier.wait == GivenWait(ParameterName("wait"))


SETTINGS: list[tuple[Bound, Any, type | None]] = [
    ({}, ValueError("x"), tenacity.RetryError),
    ({"reraise": True}, ValueError("x"), ValueError),
    ({"retry": tenacity.retry_if_result(lambda r: r is None)}, None, tenacity.RetryError),
    # There is nothing to raise again where the last run returned.
    ({"retry": tenacity.retry_if_result(lambda r: r is None), "reraise": True}, None, tenacity.RetryError),
    ({"retry_error_callback": lambda state: 42}, ValueError("x"), None),
    ({"retry_error_callback": lambda state: 42, "reraise": True}, ValueError("x"), None),
]


@pytest.mark.parametrize(("settings", "run", "raised"), SETTINGS, ids=named)
def test_exhaustion(settings: Bound, run: Any, raised: type | None) -> None:
    """The order of `Exhaustion`: callback, the exception again, the error."""
    stop = tenacity.stop_after_attempt(3)
    for form in FORMS:
        flaky = Flaky(run)
        end = result(partial(form, {"stop": stop, **settings}, flaky))
        assert flaky.count == 3
        assert end == 42 if raised is None else type(end) is raised
        if raised is tenacity.RetryError:
            assert end.__cause__ is (run if isinstance(run, Exception) else None)
            assert end.last_attempt.attempt_number == 3
            assert end.last_attempt.failed == isinstance(run, Exception)


def decorated(settings: Bound, flaky: Flaky) -> Any:
    return tenacity.retry(**settings)(flaky)()


def constructed(settings: Bound, flaky: Flaky) -> Any:
    return tenacity.Retrying(**settings)(flaky)


def wrapped(settings: Bound, flaky: Flaky) -> Any:
    return tenacity.Retrying(**settings).wraps(flaky)()


def copied(settings: Bound, flaky: Flaky) -> Any:
    return tenacity.Retrying().copy(**settings)(flaky)


def reconfigured(settings: Bound, flaky: Flaky) -> Any:
    return tenacity.retry(flaky).retry_with(**settings)()


def asynchronous(settings: Bound, flaky: Flaky) -> Any:
    return asyncio.run(tenacity.AsyncRetrying(**settings)(flaky.coroutine))


def asynchronously_decorated(settings: Bound, flaky: Flaky) -> Any:
    async def run() -> Any:
        return await flaky.coroutine()

    return asyncio.run(tenacity.retry(**settings)(run)())


FORMS = [decorated, constructed, wrapped, copied, reconfigured, asynchronous, asynchronously_decorated]


def test_reraising_by_hand() -> None:
    again = tenacity.retry_if_result(lambda found: True) | tenacity.retry_if_exception_type(ValueError)
    for run, raised in ((ValueError(), ValueError), (5, tenacity.RetryError)):
        retrying = tenacity.Retrying(retry=again, stop=tenacity.stop_after_attempt(2))
        error = result(partial(retrying, Flaky(run)))
        assert type(error) is tenacity.RetryError
        assert type(result(error.reraise)) is raised


def test_other_ends_leave_as_they_are() -> None:
    for form in FORMS:
        error = TypeError()
        only = {"retry": tenacity.retry_if_exception_type(ValueError)}
        assert result(partial(form, only, Flaky(ValueError(), error))) is error
        assert form({}, Flaky(ValueError(), ValueError(), 5)) == 5


def test_always_repeated(knowledge: Knowledge) -> None:
    retrier = knowledge.retrier("tenacity.retry", "retrying")
    assert retrier
    for path in retrier.always:
        flaky = Flaky(find(path)(), 5)
        assert tenacity.Retrying(retry=tenacity.retry_never)(flaky) == 5
        assert flaky.count == 2


def test_disabled() -> None:
    flaky = Flaky(ValueError())
    assert type(result(lambda: tenacity.Retrying(enabled=False)(flaky))) is ValueError
    assert flaky.count == 1


def test_bare_decorator_uses_every_default() -> None:
    flaky = Flaky(*[ValueError()] * 50, 5)
    assert tenacity.retry(flaky)() == 5
    assert flaky.count == 51


def test_iteration(waits: list[float]) -> None:
    """Each turn gives a context manager that keeps the exception of its block to itself."""
    flaky = Flaky(ValueError(), ValueError(), 5)
    numbers = []
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_attempt(5), wait=tenacity.wait_fixed(2)):
        with attempt as entered:
            assert entered is None
            numbers.append(attempt.retry_state.attempt_number)
            flaky()
        assert attempt.retry_state.outcome is not None
        assert attempt.retry_state.outcome.failed == (len(numbers) < 3)
    assert numbers == [1, 2, 3]
    assert waits == [2, 2]


def test_iteration_ends_in_the_error() -> None:
    def run() -> None:
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_attempt(2)):
            with attempt:
                raise ValueError

    with pytest.raises(tenacity.RetryError):
        run()


def test_set_result() -> None:
    """What is set counts as returned by the run."""
    turns = []
    again = tenacity.retry_if_result(lambda found: found == "again")

    def run() -> None:
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_attempt(3), retry=again):
            with attempt:
                turns.append(attempt)
            attempt.retry_state.set_result("again")

    with pytest.raises(tenacity.RetryError) as caught:
        run()
    assert len(turns) == 3
    assert caught.value.last_attempt.result() == "again"


def test_state_of_callbacks() -> None:
    seen: list[Any] = []
    flaky = Flaky(ValueError("x"), 5)
    tenacity.Retrying(after=seen.append)(flaky)
    [state] = seen
    assert isinstance(state, tenacity.RetryCallState)


def test_callables_get_the_state() -> None:
    numbers: list[int] = []

    def stop(state: tenacity.RetryCallState) -> bool:
        numbers.append(state.attempt_number)
        return state.attempt_number == 2

    def wait(state: tenacity.RetryCallState) -> float:
        return 0

    def again(state: tenacity.RetryCallState) -> bool:
        assert state.outcome is not None
        return state.outcome.failed

    assert type(result(lambda: tenacity.Retrying(stop=stop, wait=wait, retry=again)(Flaky(ValueError())))) is (
        tenacity.RetryError
    )
    assert numbers == [1, 2]
