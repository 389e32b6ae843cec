"""Every way of leaving every part of a `try`, nested, against Python itself."""

from __future__ import annotations

import sys
from itertools import product

import pytest

from .agree import assert_agrees

_WAYS = ("pass", "return log('value')", "boom('here')", "break", "continue")
_HANDLERS = (*_WAYS, "raise")


def _program(functions: list[str]) -> str:
    """Several functions as one module, which runs each and logs how it ended."""
    calls = "\n".join(f"    attempt(case{number})" for number in range(len(functions)))
    defined = "\n".join(functions)
    return f"""
def attempt(case):
    try:
        log((case.__name__, case()))
    except Exception as error:
        log((case.__name__, type(error).__name__, error.args))

{defined}
def main():
{calls}
"""


def _indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)


def _try(body: str, handler: str | None, otherwise: str | None, final: str | None, name: str = "") -> str:
    parts = [f"try:\n    log('try')\n    {_indented(body, 4)}"]
    if handler is not None:
        parts.append(f"except Boom{name}:\n    log('except')\n    {_indented(handler, 4)}")
        if otherwise is not None:
            parts.append(f"else:\n    log('else')\n    {_indented(otherwise, 4)}")
    if final is not None:
        parts.append(f"finally:\n    log('finally')\n    {_indented(final, 4)}")
    return "\n".join(parts)


def _case(number: int, statement: str) -> str:
    return f"""
def case{number}():
    for turn in range(2):
        log(turn)
        {_indented(statement, 8)}
        log('after')
    else:
        log('exhausted')
    return log('end')
"""


def _assert_all(statements: list[str]) -> None:
    assert_agrees(_program([_case(number, statement) for number, statement in enumerate(statements)]))


@pytest.mark.parametrize("body", _WAYS)
@pytest.mark.parametrize("final", [None, *_WAYS])
def test_try_in_a_loop(body: str, final: str | None) -> None:
    _assert_all(
        [
            _try(body, handler, otherwise, final, name)
            for handler, otherwise, name in product((None, *_HANDLERS), (None, *_WAYS), ("", " as error"))
            if not (handler is None and final is None)
        ]
    )


@pytest.mark.parametrize("inner_body", _WAYS)
@pytest.mark.parametrize("inner_final", _WAYS)
def test_finally_in_finally(inner_body: str, inner_final: str) -> None:
    """The inner statement stands in each part of the outer one."""
    inner = _try(inner_body, None, None, inner_final)
    handled = _try(inner_body, "raise", "pass", inner_final, " as error")
    statements = []
    for statement, way in product((inner, handled), _WAYS):
        statements.append(_try(statement, "pass", None, way))
        statements.append(_try("boom(1)", statement, None, way))
        statements.append(_try("pass", "pass", statement, way))
        statements.append(_try(way, None, None, statement))
    _assert_all(statements)


@pytest.mark.parametrize("swallow", [False, True])
@pytest.mark.parametrize("way", _WAYS)
def test_with(way: str, swallow: bool) -> None:
    managed = f"with manager('a', {swallow}) as a, manager('b') as b:\n    log(a + b)\n    {way}"
    _assert_all(
        [
            managed,
            _try(managed, "pass", None, None),
            _try(managed, None, None, "pass"),
            _try("boom(1)", managed, None, "pass", " as error"),
            _try("pass", "pass", managed, "pass", " as error"),
            _try("boom(1)", None, None, managed),
            f"with manager('c', {swallow}):\n    {_indented(_try(managed, None, None, 'log(1)'), 4)}",
            f"for other in 'xy':\n    {_indented(managed, 4)}\nelse:\n    log('inner exhausted')",
        ]
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("try:\n    boom(1)\nexcept Bang:\n    log('no')", id="no clause matches"),
        pytest.param(
            "try:\n    raise Bang(1)\nexcept (KeyError, Bang) as e:\n    log(e.args)\nexcept Boom:\n    log('no')",
            id="the first clause that matches",
        ),
        pytest.param("try:\n    boom(1)\nexcept:\n    log('bare')", id="bare except"),
        pytest.param(
            "try:\n    boom(1)\nexcept log(KeyError):\n    pass\nexcept log(Boom):\n    pass\nexcept log(Bang): pass",
            id="types are evaluated one by one",
        ),
        pytest.param(
            "try:\n    boom(1)\nexcept Boom as error:\n    pass\nlog(error)", id="the name is deleted at the end"
        ),
        pytest.param(
            "error = 3\ntry:\n    log(error)\nexcept Boom as error:\n    pass\nlog(error)",
            id="the name stays where nothing is caught",
        ),
        pytest.param(
            "for turn in range(2):\n    try:\n        boom(1)\n    except Boom as error:\n        continue\nlog(error)",
            id="the name is deleted on continue",
        ),
        pytest.param(
            "try:\n    try:\n        boom(1)\n    except Boom as error:\n        boom(2)\nexcept Boom:\n    log(error)",
            id="the name is deleted on an exception",
        ),
        pytest.param(
            "try:\n    try:\n        boom(1)\n    except Boom as error:\n        return error.args\n"
            "finally:\n    log('finally')\n    log(error)",
            id="the name is deleted on return, before finally",
        ),
        pytest.param(
            "try:\n    boom(1)\nexcept Boom as error:\n    try:\n        return error\n    finally:\n        log('x')",
            id="the returned value outlasts its variable",
        ),
        pytest.param(
            "value = 1\ntry:\n    return value\nfinally:\n    value = 2\n    log(value)",
            id="the returned value is taken before finally",
        ),
        pytest.param(
            "try:\n    boom(1)\nexcept Boom:\n    try:\n        boom(2)\n    except Boom:\n        pass\n    raise",
            id="bare raise after an inner clause means the outer exception",
        ),
        pytest.param(
            "try:\n    boom(1)\nexcept Boom:\n    try:\n        log(1)\n    finally:\n        raise",
            id="bare raise in finally that was entered normally",
        ),
        pytest.param(
            "try:\n    boom(1)\nexcept Boom:\n    try:\n        boom(2)\n    finally:\n        raise",
            id="bare raise in finally that was entered by an exception",
        ),
        pytest.param("try:\n    boom(1)\nfinally:\n    raise", id="bare raise in finally"),
        pytest.param("raise", id="bare raise of nothing"),
        pytest.param("try:\n    boom(1)\nexcept Boom as e:\n    raise KeyError(e) from e", id="raise from"),
        pytest.param("raise Boom from None", id="raise from None"),
        pytest.param(
            "while True:\n    try:\n        while True:\n            try:\n                break\n"
            "            finally:\n                log(1)\n        break\n    finally:\n        log(2)",
            id="break of an inner and of an outer loop",
        ),
        pytest.param(
            "for a in range(2):\n    for b in range(2):\n        try:\n            if b: continue\n            break\n"
            "        finally:\n            if a: break\n            continue\n    else:\n        log(a)",
            id="finally overrides",
        ),
        pytest.param("with manager('a') as log.a, manager('b', True) as (x, y):\n    log(x)", id="target fails"),
        pytest.param("with manager('a', True):\n    boom(1)\n    log('no')\nlog('yes')", id="swallowed"),
        pytest.param("m = manager('a')\nwith m:\n    m = 3\nlog(m)", id="the manager outlasts its variable"),
    ],
)
def test_single(source: str) -> None:
    assert_agrees(f"def main():\n    {_indented(source, 4)}\n    return log('end')\n")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")
def test_except_star() -> None:
    """Treated like `except`: what the group holds is not looked at."""
    assert_agrees("def main():\n    try: log(1)\n    except* Boom: log(2)\n    else: log(3)\n")
