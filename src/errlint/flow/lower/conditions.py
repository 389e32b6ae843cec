"""Tests become control flow: `and`, `or`, `not`, chained comparisons and conditional expressions branch."""

from __future__ import annotations

import libcst as cst

from errlint.flow import ir
from errlint.flow.ir import Operand
from errlint.flow.lower.writer import ExpressionTable, Writer

EXPRESSIONS = ExpressionTable()

_OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
}


def condition(out: Writer, node: cst.BaseExpression, then: int, otherwise: int) -> None:
    """Go to the block `then` where the expression is true, else to `otherwise`."""
    out.deepen()
    # The last part of a test decides as the whole does: chains are followed by this loop, not by recursion.
    while True:
        if type(node) is cst.UnaryOperation and type(node.operator) is cst.Not:
            node = node.expression
            then, otherwise = otherwise, then
        elif type(node) is cst.BooleanOperation:
            is_and = type(node.operator) is cst.And
            *first, node = _operands(node)
            for operand in first:
                going_on = out.block()
                condition(out, operand, going_on if is_and else then, otherwise if is_and else going_on)
                out.start(going_on)
        elif type(node) is cst.IfExp:
            yes, no = out.block(), out.block()
            condition(out, node.test, yes, no)
            out.start(yes)
            condition(out, node.body, then, otherwise)
            out.start(no)
            node = node.orelse
        else:
            break
    if type(node) is cst.Comparison:
        _chain(out, node, then, otherwise)
    else:
        out.branch(node, out.value(node), then, otherwise)
    out.rise()


def _operands(node: cst.BooleanOperation) -> list[cst.BaseExpression]:
    """The operands of `a and b and c`, which parses as `(a and b) and c`."""
    operator = type(node.operator)
    parts = [node.right]
    left = node.left
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is operator:
        parts.append(left.right)
        left = left.left
    parts.append(left)
    parts.reverse()
    return parts


def _chain(out: Writer, node: cst.Comparison, then: int, otherwise: int) -> None:
    left = out.value(node.left)
    for index, part in enumerate(node.comparisons, 1):
        right = out.value(part.comparator)
        target = out.temp()
        out.emit(ir.Compare(node, target, _OPERATORS[type(part.operator)], left, right))
        going_on = then if index == len(node.comparisons) else out.block()
        out.branch(node, target, going_on, otherwise)
        if going_on != then:
            out.start(going_on)
        left = right


@EXPRESSIONS.on(cst.Comparison)
def _comparison(out: Writer, node: cst.Comparison, into: str | None) -> Operand:
    left = out.value(node.left)
    if len(node.comparisons) == 1:
        part = node.comparisons[0]
        right = out.value(part.comparator)
        target = into or out.temp()
        out.emit(ir.Compare(node, target, _OPERATORS[type(part.operator)], left, right))
        return target
    target = out.temp()
    after = out.block()
    for index, part in enumerate(node.comparisons, 1):
        right = out.value(part.comparator)
        out.emit(ir.Compare(node, target, _OPERATORS[type(part.operator)], left, right))
        if index < len(node.comparisons):
            going_on = out.block()
            out.branch(node, target, going_on, after)
            out.start(going_on)
        left = right
    out.jump(node, after)
    out.start(after)
    return target


@EXPRESSIONS.on(cst.BooleanOperation)
def _boolean(out: Writer, node: cst.BooleanOperation, into: str | None) -> Operand:
    # Not into `into`: the operands that are still to be evaluated may read that variable.
    target = out.temp()
    after = out.block()
    is_and = type(node.operator) is cst.And
    *first, last = _operands(node)
    for operand in first:
        out.value_in(operand, target)
        going_on = out.block()
        out.branch(operand, target, going_on if is_and else after, after if is_and else going_on)
        out.start(going_on)
    out.value_in(last, target)
    out.jump(node, after)
    out.start(after)
    return target


@EXPRESSIONS.on(cst.IfExp)
def _conditional(out: Writer, node: cst.IfExp, into: str | None) -> Operand:
    target = into or out.temp()
    after = out.block()
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.IfExp):
        yes, no = out.block(), out.block()
        condition(out, rest.test, yes, no)
        out.start(yes)
        out.value_in(rest.body, target)
        out.jump(rest, after)
        out.start(no)
        rest = rest.orelse
    out.value_in(rest, target)
    out.jump(node, after)
    out.start(after)
    return target
