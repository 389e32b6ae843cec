"""The meaning of the vocabulary of repetition, spelled out, for tests to hold libraries against."""

from __future__ import annotations

from typing import Any

import tenacity

from errlint.packs.knowledge import Knowledge
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
    Linear,
    Not,
    Operand,
    Raised,
    ResultCheck,
    Stop,
    Sum,
    Uniform,
    Wait,
)
from errlint.packs.schema import Function
from errlint.packs.signature import Given, Reference
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
    arguments: Bound = {}
    for parameter in function.signature.parameters:
        if isinstance(parameter.default, Given):
            arguments[parameter.name] = parameter.default.value
        elif isinstance(parameter.default, Reference):
            arguments[parameter.name] = find(parameter.default.path)
    arguments.update(given)
    positional = [part for value in given.values() if isinstance(value, list) for part in value]
    named = {name: value for name, value in given.items() if not isinstance(value, list)}
    actual = find(function.path)(*(part[1] for part in positional), **named)
    return function.returns, actual, arguments


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
        case ExceptionCheck(name):
            return failed and bool(arguments[name](run))
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
            return bool(state.attempt_number >= value(number, arguments))
        case AfterDelay(seconds):
            return bool(state.seconds_since_start >= value(seconds, arguments))
        case AllStops(parts):
            return all(stops(returns.stop, own, state) for returns, _, own in elements(parts, arguments))
        case AnyStop(parts):
            return any(stops(returns.stop, own, state) for returns, _, own in elements(parts, arguments))
    raise AssertionError(stop)


def value(operand: Operand | None, arguments: Bound) -> float:
    return float(arguments[operand] if isinstance(operand, str) else operand or 0)


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
            return (max(0, min(delay, value(maximum, arguments))),) * 2
        case Exponential():
            factor, base = (
                value(wait.exponential, arguments) * value(wait.times, arguments),
                value(wait.base, arguments),
            )
            low, high = value(wait.minimum, arguments), value(wait.maximum, arguments)
            least = factor * base ** (k + wait.offset)
            most = least + value(wait.jitter, arguments)
            least, most = (max(low, min(delay, high)) for delay in (least, most))
            return (low if wait.full_jitter else least), most
        case Chain(parts):
            every = list(elements(parts, arguments))
            returns, _, own = every[min(k, len(every)) - 1]
            return bounds(returns.wait, own, k)
        case Sum(parts):
            each = [bounds(returns.wait, own, k) for returns, _, own in elements(parts, arguments)]
            return sum(low for low, _ in each), sum(high for _, high in each)
        case ComputedWait(name):
            return (arguments[name](RUNS[3]),) * 2
    raise AssertionError(wait)
