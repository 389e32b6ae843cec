"""Runs a program by its lowering and by Python itself, and compares."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, zip_longest
from typing import Any

from .concrete import run_source


class Boom(Exception):
    """The exception that programs raise on purpose."""


class Bang(Boom):
    """A more special one."""


@dataclass
class Result:
    """What a run shows to the outside."""

    trace: list[Any] = field(default_factory=list)
    value: object = None
    error: str | None = None


class Manager:
    """A context manager that logs, and swallows a `Boom` if told so."""

    def __init__(self, log: Callable[[Any], Any], name: str, swallow: bool) -> None:
        self.log, self.name, self.swallow = log, name, swallow

    def __enter__(self) -> str:
        self.log(("enter", self.name))
        return self.name

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> bool:
        self.log(("exit", self.name, kind and kind.__name__))
        return self.swallow

    async def __aenter__(self) -> str:
        return self.__enter__()

    async def __aexit__(self, kind: type | None, error: BaseException | None, traceback: object) -> bool:
        return self.__exit__(kind, error, traceback)


def _given(result: Result) -> dict[str, Any]:
    def log(value: Any) -> Any:
        result.trace.append(repr(value))
        return value

    def boom(*args: Any) -> None:
        log(("boom", *args))
        raise Boom(*args)

    def manager(name: str, swallow: bool = False) -> Manager:
        log(("manager", name))
        return Manager(log, name, swallow)

    turns = iter(range(12))

    def more() -> bool:
        """For loops that end."""
        return next(turns, None) is not None

    numbers = cycle([0, 2, 1, 0, 3])

    def read() -> int:
        """Something else each time."""
        return next(numbers)

    functions = {"log": log, "boom": boom, "manager": manager, "more": more, "read": read}
    return {**functions, "Boom": Boom, "Bang": Bang}


def by_python(source: str, given: dict[str, Any]) -> dict[str, Any]:
    """The reference: run the module by `exec`."""
    values = {"__name__": "program", **given}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of "\\d" and the like
        code = compile(source, "program", "exec")
    exec(code, values)
    return values


def observe(run: Callable[[str, dict[str, Any]], dict[str, Any]], source: str) -> Result:
    """Run the module, then its `main`, and drive what that returns to its end."""
    result = Result()
    try:
        result.value = repr(_exhausted(run(source, _given(result))["main"]()))
    except Exception as error:
        # Texts of Python's own complaints are not the lowering's business.
        arguments = error.args if isinstance(error, Boom) else ()
        kind = NameError if isinstance(error, NameError) else type(error)
        result.error = f"{kind.__name__}{arguments} from {type(error.__cause__).__name__}"
    return result


def _exhausted(value: Any) -> Any:
    if inspect.isgenerator(value):
        return list(value)
    if inspect.iscoroutine(value):
        return asyncio.run(value)
    return value


def assert_agrees(source: str) -> None:
    """The lowering of a program does what the program does."""
    lowered, expected = observe(run_source, source), observe(by_python, source)
    for at, (ours, theirs) in enumerate(zip_longest(lowered.trace, expected.trace)):
        assert ours == theirs, f"{source}\nstep {at}: {ours or lowered.error}, but Python: {theirs}"
    ours, theirs = (f"{result.value} or {result.error}" for result in (lowered, expected))
    assert ours == theirs, f"{source}\n{ours}, but Python: {theirs}"
