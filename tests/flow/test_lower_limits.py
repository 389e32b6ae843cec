"""What is too deep is refused, long code is not deep, and nothing crashes."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import libcst as cst
import pytest

from errlint.flow.code import Binding, Code, ModuleCode, TooDeep
from errlint.flow.control import successors
from errlint.flow.dump import dump
from errlint.flow.lower import lower_module

from .agree import assert_agrees


def _lowered(source: str) -> ModuleCode:
    return lower_module(cst.parse_module(source), "program", False)


def _codes(module: ModuleCode) -> Iterator[Code]:
    """All that can be lowered in a module."""
    yield module.body
    for code in module.functions:
        yield code
        yield from (default for _, default in code.defaults)
    yield from _bound(module.bindings)
    for definition in module.classes:
        yield from definition.bases
        yield from _bound(definition.bindings)


def _bound(bindings: dict[str, tuple[Binding, ...]]) -> Iterator[Code]:
    for binding in (binding for found in bindings.values() for binding in found):
        yield from binding.decorators
        if binding.code is not None:
            yield binding.code


# What opens a level, what is innermost, what closes a level.
_NESTED = {
    "list": ("[", "1", "]"),
    "call": ("f(", "1", ")"),
    "subscript": ("a[", "1", "]"),
    "lambda": ("lambda: ", "1", ""),
    "not": ("not ", "a", ""),
    "invert": ("~", "a", ""),
    "power": ("2 ** ", "1", ""),
    "and in or": ("(a and (b or ", "c", "))"),
    "conditional": ("(a if b else ", "c", ")"),
    "conditional in a test": ("(a if ", "c", " else b)"),
    "comprehension": ("[x for x in ", "[]", "]"),
    "await": ("(await ", "a", ")"),
    "f-string": ("f'{a:{", "b", "}}'"),
}


def _deep(name: str, depth: int) -> str:
    opening, innermost, closing = _NESTED[name]
    return opening * depth + innermost + closing * depth


@pytest.mark.parametrize("name", _NESTED)
def test_nested_expressions(name: str) -> None:
    text = _deep(name, 90)
    for code in _codes(_lowered(f"async def f():\n    return {text}\nx = {text}\n")):
        assert code.graph.blocks


# A lambda is a code of its own; what stands last in a conditional expression is no deeper than it.
@pytest.mark.parametrize("name", sorted(_NESTED.keys() - {"lambda", "conditional"}))
def test_too_deep_expressions(name: str) -> None:
    with pytest.raises(TooDeep):
        _ = _lowered(f"async def f():\n    return {_deep(name, 201)}\n").functions[0].graph


_HEADS = {
    "if": "if a:",
    "for": "for a in b:",
    "while": "while a:",
    "with": "with a as b:",
    "finally": "try:\n    pass\nfinally:",
    "except": "try:\n    a()\nexcept E as e:",
    "def": "def f():",
    "class": "class f:",
}


def _nested(head: str, depth: int) -> str:
    heads = "\n".join(indent(head, "    " * level) for level in range(depth))
    return f"def main():\n{indent(heads, '    ')}\n{'    ' * depth}     pass\n"


@pytest.mark.parametrize("name", _HEADS)
def test_nested_statements(name: str) -> None:
    for code in _codes(_lowered(_nested(_HEADS[name], 59))):
        assert code.graph.blocks


@pytest.mark.parametrize("name", [name for name in _HEADS if name not in ("def", "class")])
def test_too_deep_statements(name: str) -> None:
    with pytest.raises(TooDeep):
        _ = _lowered(_nested(_HEADS[name], 61)).functions[0].graph


def test_a_caller_that_used_up_the_stack() -> None:
    code = _lowered(f"def f():\n    return {_deep('call', 190)}\n").functions[0]

    def call(depth: int) -> object:
        return call(depth - 1) if depth else code.graph

    with pytest.raises(TooDeep):
        call(sys.getrecursionlimit() - 200)
    assert code.graph.blocks


def _sum() -> cst.BaseExpression:
    node: cst.BaseExpression = cst.Name("a")
    for _ in range(3000):
        node = cst.BinaryOperation(node, cst.Add(), cst.Name("a"))
    return node


def _calls() -> cst.BaseExpression:
    node: cst.BaseExpression = cst.Name("a")
    for _ in range(1500):
        node = cst.Call(cst.Attribute(node, cst.Name("f")))
    return node


def _either() -> cst.BaseExpression:
    node: cst.BaseExpression = cst.Name("a")
    for _ in range(3000):
        node = cst.BooleanOperation(node, cst.Or(), cst.Name("a"))
    return node


def _text() -> cst.BaseExpression:
    node: cst.SimpleString | cst.ConcatenatedString = cst.SimpleString("'a'")
    for _ in range(3000):
        node = cst.ConcatenatedString(cst.SimpleString("'a'"), node)
    return node


def _conditional() -> cst.BaseExpression:
    node: cst.BaseExpression = cst.Name("a")
    for _ in range(3000):
        node = cst.IfExp(cst.Name("b"), cst.Name("c"), node)
    return node


# Trees that are made, not parsed: the time in which libcst parses such chains grows with the square of their length.
@pytest.mark.parametrize("make", [_sum, _calls, _either, _text, _conditional])
def test_long_expressions(make: Callable[[], cst.BaseExpression]) -> None:
    body = [
        cst.If(make(), cst.SimpleStatementSuite([cst.Pass()])),
        cst.SimpleStatementLine([cst.Return(make())]),
    ]
    function = cst.FunctionDef(cst.Name("f"), cst.Parameters(), cst.IndentedBlock(body))
    assigned = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name("x"))], make())])
    for code in _codes(lower_module(cst.Module([function, assigned]), "program", False)):
        assert code.graph.blocks


def test_long_elif() -> None:
    assert_agrees("def main():\n    x = log(0)\n    if x: pass\n" + "    elif log(0): pass\n" * 1500)


_LIBRARY = sorted(
    path
    for path in Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")
    if not {"site-packages", "lib2to3"} & set(path.parts) and path.stat().st_size < 60_000
)


@pytest.mark.parametrize("path", _LIBRARY[::12], ids=lambda path: "/".join(path.parts[-2:]))
def test_standard_library(path: Path) -> None:
    """Every construct in real code is lowered to a well-formed graph."""
    try:
        tree = cst.parse_module(path.read_bytes())
    except (cst.ParserSyntaxError, UnicodeDecodeError, SyntaxError):
        return  # a file that tests how Python refuses it
    for code in _codes(lower_module(tree, path.stem, False)):
        graph = code.graph
        assert list(graph.order) == list(range(len(graph.blocks)))
        assert all(0 <= successor < len(graph.blocks) for block in graph.blocks for successor in successors(block.end))
        # Temporaries are written before they are read, on every way.
        assert not any(name.startswith("%") for name in graph.live[0])
        assert len(dump(graph).splitlines()) == sum(len(block.ops) + 2 for block in graph.blocks)
