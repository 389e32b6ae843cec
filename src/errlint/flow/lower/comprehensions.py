"""Comprehensions and generator expressions, lowered in place as loops that append to a collection."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.ir import Operand
from errlint.flow.lower.conditions import condition
from errlint.flow.lower.targets import assign
from errlint.flow.lower.writer import ExpressionTable, Writer

EXPRESSIONS = ExpressionTable()

# A generator expression is run at once: its consumer is unknown, and nearly always runs all of it at once too.
_KINDS: dict[type[cst.CSTNode], Literal["list", "set", "dict"]] = {
    cst.ListComp: "list",
    cst.GeneratorExp: "list",
    cst.SetComp: "set",
    cst.DictComp: "dict",
}


@EXPRESSIONS.on(cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
def _comprehension(
    out: Writer, node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp, into: str | None
) -> Operand:
    iterable = out.value(node.for_in.iter)  # the only part that is evaluated outside
    outside = out.scope
    out.scope = outside.frame.inner[node]
    result = out.temp()
    out.emit(ir.Build(node, result, _KINDS[type(node)], ()))
    loops: list[tuple[int, int]] = []
    loop: cst.CompFor | None = node.for_in
    while loop is not None:
        if loops:
            iterable = out.value(loop.iter)
        loops.append(_open(out, loop, iterable))
        loop = loop.inner_for_in
    if isinstance(node, cst.DictComp):
        key = out.value(node.key)
        out.emit(ir.Append(node, result, out.value(node.value), key))
    else:
        out.emit(ir.Append(node, result, out.value(node.elt)))
    for head, done in reversed(loops):
        out.jump(node, head)
        out.start(done)
    out.scope = outside
    return result


def _open(out: Writer, loop: cst.CompFor, iterable: Operand) -> tuple[int, int]:
    """Start one `for ... if ...`; returns where the next round starts, and where the loop is done."""
    is_async = loop.asynchronous is not None
    iterator = out.temp()
    head, body, done = out.block(), out.block(), out.block()
    out.emit(ir.GetIter(loop, iterator, iterable, is_async))
    out.jump(loop, head)
    out.start(head)
    register = out.local(loop.target)
    element = register or out.temp()
    out.end(control.Next(loop, element, iterator, body, done, is_async))
    out.start(body)
    if register is None:
        assign(out, loop, loop.target, element)
    for test in loop.ifs:
        kept = out.block()
        condition(out, test.test, kept, head)
        out.start(kept)
    return head, done
