"""The shape of graphs that the engine and the rules count on."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import libcst as cst
import pytest

from errlint.flow.code import Code
from errlint.flow.control import Branch, Graph, Raise
from errlint.flow.dump import dump
from errlint.flow.ir import Call, Const, Op, Opaque
from errlint.flow.lower import lower_module


def _code(source: str) -> Code:
    return lower_module(cst.parse_module(dedent(source)), "program", False).functions[0]


def _operations(graph: Graph) -> Iterator[Op]:
    for block in graph.blocks:
        yield from block.ops
        yield block.end


def _text(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


@pytest.mark.parametrize(
    ("test", "branches"),
    [
        ("a and b == 3", ["a", "b == 3"]),
        ("not (a or not b)", ["a", "b"]),
        ("400 <= s < 500 and not s in OK", ["400 <= s < 500", "400 <= s < 500", "s in OK"]),
        ("(a if b else c)", ["b", "a", "c"]),
        ("(n := f()) and n.ok", ["(n := f())", "n.ok"]),
        ("True and a", ["a"]),
    ],
)
def test_branches_are_on_the_smallest_tested_expression(test: str, branches: list[str]) -> None:
    graph = _code(f"def f(a, b, c, s):\n    if {test}:\n        g()\n").graph
    assert [_text(op.node) for op in _operations(graph) if isinstance(op, Branch)] == branches


def test_constant_tests_do_not_branch() -> None:
    graph = _code("def f(a):\n    while True:\n        if 0: g()\n        if a: break\n").graph
    assert [_text(op.node) for op in _operations(graph) if isinstance(op, Branch)] == ["a"]
    assert not any(isinstance(op, Call) for op in _operations(graph))


def test_finally_is_there_once() -> None:
    graph = _code("""
        def f(xs):
            for x in xs:
                try:
                    if x == 1: return 1
                    if x == 2: break
                    if x == 3: continue
                    g(x)
                finally:
                    cleanup()
    """).graph
    calls = [_text(op.node) for op in _operations(graph) if isinstance(op, Call)]
    assert calls == ["g(x)", "cleanup()"]


def test_bare_raise_names_what_it_raises() -> None:
    graph = _code("""
        def f():
            try:
                g()
            except E as e:
                try: h()
                except F: raise
                raise
            raise
    """).graph
    caught = {block.handler.register for block in graph.blocks if block.handler is not None}
    raised = [op.exception for op in _operations(graph) if isinstance(op, Raise) and isinstance(op.node, cst.Raise)]
    assert len(raised) == 3
    assert set(raised) == caught | {Const(None)}


def test_handlers_have_registers_of_their_own() -> None:
    graph = _code("""
        def f():
            try:
                with g(): h()
            finally:
                try: i()
                except E: pass
    """).graph
    by_block: dict[int, set[str]] = {}
    for block in graph.blocks:
        if block.handler is not None:
            by_block.setdefault(block.handler.block, set()).add(block.handler.register)
    registers = [register for found in by_block.values() for register in found]
    assert len(registers) == len(set(registers)) == 3


def test_what_a_handler_reads_lives_in_all_of_its_region() -> None:
    graph = _code("""
        def f(url, log):
            before = 1
            seen = None
            try:
                seen = g(url)
                other = h()
            except E:
                log(before, seen)
    """).graph
    protected = [number for number, block in enumerate(graph.blocks) if block.handler is not None]
    assert protected
    for number in protected:
        # Both are written in the block itself before anything in it can raise.
        assert graph.live[number] == {"url", "log"}


def test_a_loop_variable_is_dead_before_its_loop() -> None:
    graph = _code("def f(xs):\n    for x in xs:\n        g(x)\n    for x in xs:\n        g(x)\n    return x\n").graph
    assert graph.live[0] == {"xs", "x"}
    graph = _code("def f(xs):\n    for x in xs:\n        g(x)\n    return xs\n").graph
    assert graph.live[0] == {"xs"}


def test_what_is_not_known_is_opaque_but_its_parts_are_evaluated() -> None:
    graph = _code("def f(x):\n    return t'a{g(x)}b{x!r}'\n").graph
    kinds = [type(op).__name__ for op in _operations(graph)]
    assert "Call" in kinds
    assert isinstance(graph.blocks[0].ops[-1], Opaque)


def test_dump() -> None:
    graph = _code("""
        def fetch(url, *, tries=3):
            for n in range(tries):
                try:
                    r = get(f"{url}/{n!r:>3}", timeout=1, **extra)
                    if r.status != 200 and r["x"][1:]: return [r, *rest]
                except (A, B) as e:
                    last = e
            raise last
    """).graph
    assert dump(graph) == dedent("""\
        0: live last tries url
            %1 = global range
            %2 = %1(tries)
            %3 = iter %2
            goto 1
        1: live %3 last url
            n = next %3 goto 2 else 8
        2: live %3 last n url except %caught4 -> 5
            %5 = global get
            %6 = f{url}'/'{n!r:'>3'}
            %7 = global extra
            r = %5(%6, timeout=1, **%7)
            %8 = r.status
            %9 = %8 != 200
            if %9 goto 3 else 1
        3: live %3 last r url except %caught4 -> 5
            %10 = r['x']
            %11 = slice(1, None, None)
            %12 = %10[%11]
            if %12 goto 4 else 1
        4: live %3 r url except %caught4 -> 5
            %13 = global rest
            %14 = list(r, *%13)
            return %14
        5: live %3 %caught4 url
            %15 = global A
            %16 = global B
            %17 = tuple(%15, %16)
            catch %caught4 as %17 goto 6 else 7
        6: live %3 %caught4 url
            e = %caught4
            last = e
            del e
            goto 1
        7: live %caught4
            raise %caught4 again
        8: live last
            raise last
    """)
