"""Parsing, and saying why not."""

from collections.abc import Callable

import pytest

from errlint.source import Source
from errlint.syntax import nesting
from errlint.syntax.parse import ParseError, parse

CHAINS: dict[str, Callable[[int], str]] = {
    "sum": lambda n: "x = " + " + ".join(["1"] * n),
    "attributes": lambda n: "x = a" + ".b" * n,
    "calls": lambda n: "a" + "()" * n,
    "signs": lambda n: "-" * n + "1",
    "not": lambda n: "not " * n + "1",
    "or": lambda n: " or ".join(["a"] * n),
    "powers": lambda n: "**".join(["2"] * n),
    "lambdas": lambda n: "lambda: " * n + "1",
    "conditions": lambda n: "a if b else " * n + "1",
    "over lines": lambda n: "x = (" + " +\n".join(["'a'"] * n) + ")",
}
NESTS: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + ")" * n,
    "subscripts": lambda n: "a[" * n + "1" + "]" * n,
    "dicts": lambda n: "{1:" * n + "1" + "}" * n,
    "calls": lambda n: "f(\n" * n + ")" * n,
}


@pytest.mark.parametrize(
    ("text", "row", "column", "message"),
    [
        ("import requests\n\nif requests.get(:\n", 3, 17, "invalid syntax"),
        ("x = 1\r\rif x:\ry\n", 4, 1, "expected an indented block after 'if' statement on line 3"),
        ("é = 'é'; y = )\n", 1, 14, "unmatched ')'"),
        ("x = (\n", 1, 5, "'(' was never closed"),
    ],
)
def test_an_error_has_a_place_and_one_line(text: str, row: int, column: int, message: str) -> None:
    source = Source("x.py", text)
    with pytest.raises(ParseError) as caught:
        parse(source)
    assert source.position(caught.value.span.start) == (row, column)
    assert str(caught.value) == message


def test_syntax_that_only_python_knows() -> None:
    with pytest.raises(ParseError, match=r"^Python parses this, libcst does not: error at 3:5: "):
        parse(Source("x.py", "def f():\n    \\\n    a\n"))


def test_warnings_of_python_are_not_passed_on() -> None:
    with pytest.raises(ParseError):
        parse(Source("x.py", r"x = '\d' 1 is 1 ("))


@pytest.mark.parametrize("kind", CHAINS)
def test_long_chains(kind: str) -> None:
    assert parse(Source("x.py", CHAINS[kind](300) + "\n")).body
    with pytest.raises(ParseError, match="more than 1000 operators"):
        parse(Source("x.py", CHAINS[kind](20_000) + "\n"))


@pytest.mark.parametrize("kind", NESTS)
def test_deep_nests(kind: str) -> None:
    assert parse(Source("x.py", NESTS[kind](60) + "\n")).body
    with pytest.raises(ParseError, match="more than 200 brackets"):
        parse(Source("x.py", NESTS[kind](20_000) + "\n"))


def test_many_branches() -> None:
    assert len(parse(Source("x.py", "if a:\n  b\n" + "elif c:\n  d\n" * 3000)).body) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "-1, " * 5000 + "]",
        "x = {" + "'a': (1, [2.5]), " * 5000 + "}",
        "f(x=1)\n" * 5000,
        "x = '" + "(" * 5000 + "'",
        "x = a < " + "b < " * 2000 + "c",
        "# " + "((" * 5000,
    ],
)
def test_what_is_long_is_not_deep(text: str) -> None:
    found = nesting.deepest(text)
    assert (found.depth < 10, found.brackets < 4) == (True, True)
    assert nesting.estimate(text).depth < nesting.DEPTH


def test_the_place_of_what_is_too_deep() -> None:
    text = "def f():\n    pass\n\n\ndef g():\n    x = 1\n    return " + "-" * 5000 + "x\n"
    with pytest.raises(ParseError) as caught:
        parse(Source("x.py", text))
    assert Source("x.py", text).position(caught.value.span.start) == (7, 12 + nesting.DEPTH)
