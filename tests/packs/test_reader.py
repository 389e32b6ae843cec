"""The generic reader, from tables to dataclasses, and the notation of signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from errlint import outcomes
from errlint.packs.errors import PackError
from errlint.packs.notation import Outcomes, Status
from errlint.packs.reading import Reader
from errlint.packs.signature import Given, Parameter, Reference, Signature, Unsaid, parse_signature


@dataclass(frozen=True)
class Circle:
    radius: float


@dataclass(frozen=True)
class Square:
    side_length: int
    not_: bool = False


Shape = Literal["point", "line"] | Circle | Square


@dataclass(frozen=True)
class Drawing:
    shape: Shape
    more: tuple[Shape, ...] = ()
    size: tuple[int, float] | None = None
    names: Mapping[str, str | int] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    seen: Outcomes | None = None
    status: Status | None = None
    signature: Signature | None = None


READ: list[tuple[dict[str, object], Drawing]] = [
    ({"shape": "point"}, Drawing("point")),
    ({"shape": {"radius": 2}}, Drawing(Circle(2.0))),
    ({"shape": {"side-length": 2, "not": True}}, Drawing(Square(2, True))),
    ({"shape": "line", "more": ["point", {"radius": 0.5}]}, Drawing("line", ("point", Circle(0.5)))),
    ({"shape": "line", "size": [1, 2]}, Drawing("line", size=(1, 2.0))),
    ({"shape": "line", "names": {"a": "b", "c": 1}}, Drawing("line", names={"a": "b", "c": 1})),
    ({"shape": "line", "tags": ["a", "a"]}, Drawing("line", tags=frozenset("a"))),
    ({"shape": "line", "seen": "404"}, Drawing("line", seen=Outcomes(outcomes.status(404)))),
    ({"shape": "line", "status": 404}, Drawing("line", status=Status(404))),
    ({"shape": "line", "signature": ""}, Drawing("line", signature=Signature())),
]


@pytest.mark.parametrize(("table", "drawing"), READ, ids=str)
def test_read(table: dict[str, object], drawing: Drawing) -> None:
    assert Reader("a.toml").read(Drawing, table) == drawing


NOT_READ: list[tuple[object, str]] = [
    ("point", 'should be a table, not "point"'),
    ({}, '"shape" is missing; add it'),
    ({"shape": "pont"}, 'shape: "pont" is not possible; did you mean "point"?'),
    ({"shape": 1}, "shape: should be a string or a table, not 1"),
    ({"shape": {"diameter": 1}}, "shape: no key says what this is; known here: radius, side-length"),
    ({"shape": {"radius": 1, "side-length": 2}}, 'shape.side-length: unknown key "side-length"; known here: radius'),
    ({"shape": {"radius": "1"}}, 'shape.radius: should be a number, not "1"'),
    ({"shape": {"side-length": True}}, "shape.side-length: should be an integer, not true"),
    ({"shape": {"side-length": 1.5}}, "shape.side-length: should be an integer, not 1.5"),
    ({"shape": "line", "more": "line"}, 'more: should be an array, not "line"'),
    ({"shape": "line", "more": ["line", []]}, "more[1]: should be a string or a table, not an array"),
    ({"shape": "line", "size": [1]}, "size: should have 2 items, not 1"),
    ({"shape": "line", "names": []}, "names: should be a table, not an array"),
    ({"shape": "line", "names": {"a": 1.5}}, "names.a: should be a string or an integer, not 1.5"),
    ({"shape": "line", "status": 600}, "status: 600 is no status: statuses are 100-599"),
    ({"shape": "line", "status": True}, "status: a status is an integer, not True"),
    ({"shape": "line", "side_length": 1}, 'side_length: unknown key "side_length"; known here: '),
]


@pytest.mark.parametrize(("table", "message"), NOT_READ, ids=str)
def test_not_read(table: object, message: str) -> None:
    with pytest.raises(PackError) as caught:
        Reader("a.toml").read(Drawing, table)
    assert str(caught.value).startswith(f"a.toml: {message}")


def test_own_notation() -> None:
    def parse(text: object) -> object:
        if text != "circle":
            raise ValueError("only circles today; write circle")
        return Circle(1)

    reader = Reader("a.toml", {Shape: parse, Status: parse})
    assert reader.read(Drawing, {"shape": "line", "status": "circle"}) == Drawing("line", status=Circle(1))  # type: ignore[arg-type]
    assert reader.noted == [(Status, Circle(1), ("status",))]
    with pytest.raises(PackError, match=r"a\.toml: status: only circles today; write circle"):
        reader.read(Drawing, {"shape": "line", "status": 404})


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", []),
        ("url", [Parameter("url", "positional")]),
        ("a, /, b, *c, d, **e", "positional-only positional var-positional keyword-only var-keyword".split()),
        ("a=None", [Parameter("a", "positional", Given(None))]),
        ("*, a=...", [Parameter("a", "keyword-only", Unsaid())]),
        ("a={'x', 'y'}", [Parameter("a", "positional", Given(frozenset({"x", "y"})))]),
        ("a=[1, (2.5, '')]", [Parameter("a", "positional", Given((1, (2.5, ""))))]),
        ("a=-1", [Parameter("a", "positional", Given(-1))]),
        ("a=x.y", [Parameter("a", "positional", Reference("x.y"))]),  # type: ignore[arg-type]
        ("a=x.y()", [Parameter("a", "positional", Reference("x.y", called=True))]),  # type: ignore[arg-type]
    ],
)
def test_signatures(text: str, parameters: list[object]) -> None:
    found = list(parse_signature(text).parameters)
    assert found == parameters or [parameter.kind for parameter in found] == parameters


@pytest.mark.parametrize("text", ["a b", "a: int", "a=x.y(1)", "a=[b for b in c]", "): 0", "a=b'x'", "lambda"])
def test_no_signatures(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no list|is neither|is no dotted path"):
        parse_signature(text)
