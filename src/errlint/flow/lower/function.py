"""Lowers one code: the entry to everything else here."""

from __future__ import annotations

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.code import Code, TooDeep
from errlint.flow.control import Graph
from errlint.flow.ir import Const
from errlint.flow.lower import comprehensions, conditions, expressions, statements, strings, trying
from errlint.flow.lower.finish import finish
from errlint.flow.lower.unit import Unit
from errlint.flow.lower.writer import Tables, Writer

_TABLES = Tables(
    expressions={
        **expressions.EXPRESSIONS,
        **conditions.EXPRESSIONS,
        **comprehensions.EXPRESSIONS,
        **strings.EXPRESSIONS,
    },
    statements={**statements.STATEMENTS, **trying.STATEMENTS},
)


def lower(unit: Unit, code: Code) -> Graph:
    """The graph of a code; raises `TooDeep`."""
    out = Writer(unit, code, unit.scope(code), _TABLES)
    try:
        _body(out, code)
    except RecursionError:  # the caller had used up most of the stack
        raise TooDeep from None
    return finish(out.drafts)


def _body(out: Writer, code: Code) -> None:
    node = code.node
    for parameter in code.parameters:
        if parameter.name in out.scope.cells:
            out.emit(ir.StoreCell(node, 0, parameter.name, parameter.name))
    if isinstance(node, cst.FunctionDef):
        out.suite(node.body)
        out.end(control.Return(node, Const(None)))
    elif isinstance(node, cst.Module):
        out.statements(node.body)
        out.end(control.Return(node, Const(None)))
    elif isinstance(node, cst.Lambda) and code.kind == "lambda":
        out.end(control.Return(node.body, out.value(node.body)))
    elif isinstance(node, cst.BaseExpression):
        out.end(control.Return(node, out.value(node)))
    else:  # `*bases`
        out.end(control.Return(node, out.opaque(node)))
