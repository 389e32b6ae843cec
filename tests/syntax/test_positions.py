"""Places of nodes, held against Python's own."""

import ast
from pathlib import Path

import libcst as cst
import pytest

import errlint
from errlint.model import Span
from errlint.source import Source
from errlint.syntax.parse import parse
from errlint.syntax.positions import Positions

from .trees import first, named, walk

FILES = sorted(Path(errlint.__file__).parent.rglob("*.py"))


def positions_of(text: str) -> Positions:
    source = Source("x.py", text)
    return Positions(source, parse(source))


def text_of(positions: Positions, span: Span | None) -> str | None:
    return None if span is None else positions.source.text[span.start : span.end]


@pytest.mark.parametrize("file", FILES[::9], ids=lambda file: file.name)
def test_places_are_those_of_python(file: Path) -> None:
    positions = positions_of(file.read_text())
    text = positions.source.text
    expected = {
        (positions.source.offset(node.lineno, node.col_offset + 1), node.id)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name)
    }
    found = set()
    for node in walk(positions.tree):
        if isinstance(node, cst.Name):
            place = positions.exact(node)
            assert text_of(positions, place) == node.value
            assert place is not None
            found.add((place.start, node.value))
    assert expected <= found


def test_without_and_with_parentheses() -> None:
    positions = positions_of("x = ( a + b )  # c\n")
    node = first(positions.tree, cst.BinaryOperation)
    assert text_of(positions, positions.exact(node)) == "a + b"
    assert text_of(positions, positions.whole(node)) == "( a + b )"


def test_a_statement_without_and_with_what_belongs_to_it() -> None:
    positions = positions_of("# above\nx = 1  # after\ny\n")
    line = positions.tree.body[1]
    assert text_of(positions, positions.exact(line)) == "y"
    assert text_of(positions, positions.exact(positions.tree.body[0])) == "x = 1"
    assert text_of(positions, positions.whole(positions.tree.body[0])) == "x = 1  # after\n"


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("if a and b :  # c\n    x\n", cst.If, "if a and b"),
        ("@d\nasync def f(\n    x,\n): return 1\n", cst.FunctionDef, "async def f(\n    x,\n)"),
        ("try:\n    x\nexcept A as e:\n    y\n", cst.ExceptHandler, "except A as e"),
        ("class C:\n    x = 1\n", cst.ClassDef, "class C"),
        ("x = 1\n", cst.Module, ""),
        ("f = lambda: (x)\n", cst.Lambda, "lambda: (x)"),
    ],
)
def test_a_block_is_shown_by_its_header(text: str, kind: type[cst.CSTNode], shown: str) -> None:
    positions = positions_of(text)
    assert text_of(positions, positions.span(first(positions.tree, kind))) == shown


@pytest.mark.parametrize("text", ["a = 1\r\nb = 2\r\n", "a = 1\rb = 2", "a = '\N{GRINNING FACE}'; b = 2\n", "\tb\n"])
def test_any_line_end(text: str) -> None:
    if text.startswith("\t"):
        text = f"if a:\n{text}"
    positions = positions_of(text)
    assert positions.exact(named(positions.tree, "b")) == Span(text.index("b"), text.index("b") + 1)


def test_where_libcst_does_not_write_what_it_read() -> None:
    text = "a = 1\n\x0c\nif a:\n    d\n\x0c    b = 2\nc = 3\n"
    positions = positions_of(text)
    assert positions.tree.code != text
    for name in "ac":
        exact = positions.exact(named(positions.tree, name))
        assert text_of(positions, exact) == name
    node = named(positions.tree, "b")
    assert positions.exact(node) is None
    assert text_of(positions, positions.span(node)) == "b = 2"


def test_nodes_of_another_tree() -> None:
    positions = positions_of("a\n")
    other = named(positions_of("a\n").tree, "a")
    assert other not in positions
    assert named(positions.tree, "a") in positions
    with pytest.raises(KeyError):
        positions.span(other)


def test_deep_code() -> None:
    text = "x = a" + ".b" * 900 + "\n"
    positions = positions_of(text)
    assert positions.span(named(positions.tree, "a")) == Span(4, 5)


def test_parents() -> None:
    positions = positions_of("f(a)\n")
    node: cst.CSTNode | None = named(positions.tree, "a")
    kinds = []
    while node is not None:
        kinds.append(type(node).__name__)
        node = positions.parent(node)
    assert kinds == ["Name", "Arg", "Call", "Expr", "SimpleStatementLine", "Module"]
