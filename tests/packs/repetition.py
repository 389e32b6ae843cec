"""The meaning of the vocabulary of repetition, spelled out, for tests to hold libraries against."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import tenacity

from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from errlint.packs.repeating import (
    AfterAttempts,
    AfterDelay,
    AllOf,
    AllStops,
    AnyOf,
    AnyStop,
    Caused,
    Chain,
    ComputedWait,
    Condition,
    Constant,
    ExceptionCheck,
    Exponential,
    Fibonacci,
    GivenWait,
    Jittered,
    Linear,
    Not,
    Operand,
    Raised,
    ResultCheck,
    Retrier,
    Stop,
    Sum,
    Uniform,
    Wait,
)
from errlint.packs.schema import Function
from errlint.packs.signature import Given, Reference, Signature
from errlint.packs.values import MakesWait
from packs.installed import find


class Cause(Exception):
    """Something else went wrong before."""


def caused(error: Exception) -> Exception:
    error.__cause__ = Cause()
    return error


RUNS: list[Any] = [None, 5, 7, ValueError("a"), TypeError("b"), KeyboardInterrupt(), caused(ValueError("c"))]
"""Ends of runs: what is returned, or raised."""

Bound = dict[str, Any]
"""Arguments by parameter; conditions, stops and waits as (function, arguments) for `made`."""


def made(path: str, knowledge: Knowledge, **given: Any) -> tuple[Any, Any, Bound]:
    """What a call gives according to the pack, what it really gives, and the arguments with their defaults."""
    function = knowledge.get(path)
    assert isinstance(function, Function)
    arguments = {**defaults(function.signature), **given}
    positional = [part for value in given.values() if isinstance(value, list) for part in value]
    named = {name: value for name, value in given.items() if not isinstance(value, list)}
    actual = find(function.path)(*(part[1] for part in positional), **named)
    return function.returns, actual, arguments


def defaults(signature: Signature) -> Bound:
    """The arguments of parameters that are left out."""
    arguments: Bound = {}
    for parameter in signature.parameters:
        if isinstance(parameter.default, Given):
            arguments[parameter.name] = parameter.default.value
        elif isinstance(parameter.default, Reference):
            arguments[parameter.name] = find(parameter.default.path)
    return arguments


class Flaky:
    """Ends as it is told, one run after the other, the last one for ever."""

    def __init__(self, *runs: Any) -> None:
        self.runs = list(runs)
        self.count = 0

    def __call__(self) -> Any:
        run = self.runs[min(self.count, len(self.runs) - 1)]
        self.count += 1
        if isinstance(run, BaseException):
            raise run
        return run

    async def coroutine(self) -> Any:
        return self()


def result(call: Callable[[], Any]) -> Any:
    """What a call returns or raises."""
    try:
        return call()
    except Exception as error:
        return error


def repeated(retrier: Retrier, arguments: Bound, function: Callable[[], Any]) -> Any:
    """What becomes of a function, by what the pack says of a retrier, without its waits."""
    for number in itertools.count(1):
        run = result(function)
        failed = isinstance(run, Exception)
        if not holds(retrier.condition, arguments, run):
            return run
        if holds(retrier.gives_up, arguments, run) or stops(retrier.stop, arguments, ended(run, number)):
            reraise = retrier.exhausted.reraise
            if failed and (arguments[reraise] if isinstance(reraise, str) else reraise):
                return run
            assert retrier.exhausted.result == "none" or not failed
            return None if retrier.exhausted.result == "none" else run
    raise AssertionError


def ended(run: Any, attempt: int = 1) -> tenacity.RetryCallState:
    """The retry state after a run that ended so."""
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    if isinstance(run, BaseException):
        state.set_exception((type(run), run, None))
    else:
        state.set_result(run)
    return state


def holds(condition: Condition, arguments: Bound, run: Any) -> bool:
    """What a condition says about a run."""
    failed = isinstance(run, BaseException)
    match condition:
        case "always" | "never":
            return condition == "always"
        case Raised(types):
            return failed and isinstance(run, classes(types, arguments))
        case Caused(types):
            return failed and isinstance(run.__cause__, classes(types, arguments))
        case ExceptionCheck(name, otherwise):
            return failed and bool(otherwise if name not in arguments else arguments[name](run))
        case ResultCheck(name):
            return not failed and bool(arguments[name](run))
        case Not(part):
            return not holds(part, arguments, run)
        case AllOf(parts):
            return all(part_holds(part, arguments, run) for part in elements(parts, arguments))
        case AnyOf(parts):
            return any(part_holds(part, arguments, run) for part in elements(parts, arguments))
    raise AssertionError(condition)


def part_holds(part: Any, arguments: Bound, run: Any) -> bool:
    if isinstance(part, tuple):
        returns, _, own = part
        return holds(returns.condition, own, run)
    return holds(part, arguments, run)


def classes(types: Any, arguments: Bound) -> Any:
    return arguments[types] if isinstance(types, str) else tuple(find(path) for path in types)


def elements(parts: Any, arguments: Bound) -> Any:
    return arguments[parts] if isinstance(parts, str) else parts


def stops(stop: Stop, arguments: Bound, state: Any) -> bool:
    match stop:
        case "never":
            return False
        case AfterAttempts(number):
            return bool(state.attempt_number >= ceiling(number, arguments))
        case AfterDelay(seconds):
            return bool(state.seconds_since_start >= ceiling(seconds, arguments))
        case AllStops(parts):
            return all(part_stops(part, arguments, state) for part in elements(parts, arguments))
        case AnyStop(parts):
            return any(part_stops(part, arguments, state) for part in elements(parts, arguments))
    raise AssertionError(stop)


def part_stops(part: Any, arguments: Bound, state: Any) -> bool:
    if isinstance(part, tuple):
        returns, _, own = part
        return stops(returns.stop, own, state)
    return stops(part, arguments, state)


def value(operand: Operand | None, arguments: Bound) -> float:
    return float(arguments[operand] if isinstance(operand, str) else operand or 0)


def ceiling(operand: Operand | None, arguments: Bound) -> float:
    """A limit; None is none."""
    limit = arguments[operand] if isinstance(operand, str) else operand
    return math.inf if limit is None else float(limit)


def maker(function: Any) -> tuple[Wait, Signature]:
    """The wait that a function makes, as its pack says."""
    described = load_builtin().function(f"{function.__module__}.{function.__qualname__}")
    assert described
    assert isinstance(described.returns, MakesWait)
    return described.returns.wait, described.signature


def bounds(wait: Wait, arguments: Bound, k: int) -> tuple[float, float]:
    """The least and the greatest wait after run number `k`."""
    match wait:
        case "none":
            return 0, 0
        case Constant(delay):
            return (value(delay, arguments),) * 2
        case Uniform((low, high)):
            return value(low, arguments), value(high, arguments)
        case Linear(start, increment, maximum):
            delay = value(start, arguments) + value(increment, arguments) * (k - 1)
            return (max(0, min(delay, ceiling(maximum, arguments))),) * 2
        case Fibonacci(unit, maximum):
            one, other = 0, 1
            for _ in range(k - 1):
                one, other = other, one + other
            return (min(value(unit, arguments) * other, ceiling(maximum, arguments)),) * 2
        case Exponential():
            factor, base = (
                value(wait.exponential, arguments) * value(wait.times, arguments),
                value(wait.base, arguments),
            )
            low, high = value(wait.minimum, arguments), ceiling(wait.maximum, arguments)
            least = factor * base ** (k + wait.offset)
            spread = value(wait.spread, arguments) * base ** (k + wait.offset)
            least, most = least - spread, least + value(wait.jitter, arguments) + spread
            least, most = (max(low, min(delay, high)) for delay in (least, most))
            return (low if wait.full_jitter else least), most
        case Chain(parts):
            every = list(elements(parts, arguments))
            returns, _, own = every[min(k, len(every)) - 1]
            return bounds(returns.wait, own, k)
        case Sum(parts):
            each = [
                bounds(part[0].wait, part[2], k) if isinstance(part, tuple) else bounds(part, arguments, k)
                for part in elements(parts, arguments)
            ]
            return sum(low for low, _ in each), sum(high for _, high in each)
        case ComputedWait(name):
            return (arguments[name](RUNS[3]),) * 2
        case GivenWait(name):
            made, signature = maker(arguments[name])
            own = {n: v for n, v in arguments.items() if signature.find(n)}
            return bounds(made, {**defaults(signature), **own}, k)
        case Jittered(inner, by):
            least, most = bounds(inner, arguments, k)
            if arguments[by] is None:
                return least, most
            made, signature = maker(arguments[by])
            [first] = signature.positional
            return bounds(made, {first: least}, k)[0], bounds(made, {first: most}, k)[1]
    raise AssertionError(wait)
