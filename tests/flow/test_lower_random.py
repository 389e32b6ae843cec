"""Random programs, by their lowering and by Python itself."""

from __future__ import annotations

import warnings

import pytest

from .agree import Result, assert_agrees, by_python, observe
from .programs import Program


def _programs(first: int, count: int) -> list[str]:
    sources = [Program(seed).source for seed in range(first, first + count)]
    return [source for source in sources if _compiles(source)]


def _compiles(source: str) -> bool:
    """False where a program declares `nonlocal` what a comprehension in it rebinds, and the like."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "program", "exec")
        except SyntaxError:
            return False
    return True


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_random_programs(first: int) -> None:
    for source in _programs(first, 100):
        assert_agrees(source)


def test_random_programs_do_something() -> None:
    """Most of them run to a regular end, many of them by a long way."""
    results: list[Result] = [observe(by_python, source) for source in _programs(0, 200)]
    assert len(results) > 150
    assert sum(result.error is None for result in results) > len(results) // 3
    assert sum(len(result.trace) > 15 for result in results) > len(results) // 10
