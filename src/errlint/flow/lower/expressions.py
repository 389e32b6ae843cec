"""Expressions that evaluate their parts in order and apply one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.ir import Argument, Const, Element, Operand
from errlint.flow.lower.targets import assign, index
from errlint.flow.lower.tree import parameters
from errlint.flow.lower.writer import ExpressionTable, Writer

EXPRESSIONS = ExpressionTable()

BINARY: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
}
_UNARY: dict[type[cst.CSTNode], Literal["not", "-", "+", "~"]] = {
    cst.Not: "not",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
}


# --- chains: `a.b(c)[d] + e`, of any length -------------------------------------------------------------------------


@EXPRESSIONS.on(cst.BinaryOperation, cst.Attribute, cst.Call, cst.Subscript)
def _chain(out: Writer, node: cst.BaseExpression, into: str | None) -> Operand:
    """All these evaluate what stands leftmost first, so that a chain of them is a list, innermost last."""
    links: list[cst.BaseExpression] = []
    while True:
        links.append(node)
        if type(node) is cst.Attribute or type(node) is cst.Subscript:
            node = node.value
        elif type(node) is cst.Call:
            node = node.func
        elif type(node) is cst.BinaryOperation:
            node = node.left
        else:
            links.pop()
            break
    value = out.value(node)
    while links:
        link = links.pop()
        value = _link(out, link, value, None if links else into)
    return value


def _link(out: Writer, node: cst.BaseExpression, value: Operand, into: str | None) -> Operand:
    op: ir.Op
    if type(node) is cst.Attribute:
        target = into or out.temp()
        op = ir.GetAttr(node, target, value, node.attr.value)
    elif type(node) is cst.Call:
        arguments = _arguments(out, node.args) or _implied(out, node)
        target = into or out.temp()
        op = ir.Call(node, target, value, arguments)
    elif type(node) is cst.Subscript:
        at = index(out, node)
        target = into or out.temp()
        op = ir.GetItem(node, target, value, at)
    else:
        assert isinstance(node, cst.BinaryOperation)
        right = out.value(node.right)
        target = into or out.temp()
        op = ir.Binary(node, target, BINARY[type(node.operator)], value, right)
    out.emit(op)
    return target


def _arguments(out: Writer, nodes: Sequence[cst.Arg]) -> tuple[Argument, ...]:
    # `f(x=g(), *h())` evaluates `h()` first: keyword arguments come after all positional ones.
    values: dict[cst.Arg, Operand] = {}
    for wanted in (False, True):
        for node in nodes:
            if (node.keyword is not None or node.star == "**") is wanted:
                values[node] = out.value(node.value)
    return tuple(
        Argument(
            values[node],
            None if node.keyword is None else node.keyword.value,
            2 if node.star == "**" else 1 if node.star else 0,
        )
        for node in nodes
    )


def _implied(out: Writer, node: cst.Call) -> tuple[Argument, ...]:
    """What `super()` takes from the method around it: its class, which the code tells, and its first argument."""
    function, code = node.func, out.code
    if type(function) is not cst.Name or function.value != "super" or code.owner is None or not code.parameters:
        return ()
    return (Argument(Const(None)), Argument(out.load(function, code.parameters[0].name)))


# --- operators ------------------------------------------------------------------------------------------------------


@EXPRESSIONS.on(cst.UnaryOperation)
def _unary(out: Writer, node: cst.UnaryOperation, into: str | None) -> Operand:
    operand = out.value(node.expression)
    target = into or out.temp()
    out.emit(ir.Unary(node, target, _UNARY[type(node.operator)], operand))
    return target


@EXPRESSIONS.on(cst.NamedExpr)
def _named(out: Writer, node: cst.NamedExpr, into: str | None) -> Operand:
    value = out.value(node.value)
    assign(out, node, node.target, value)
    return value


@EXPRESSIONS.on(cst.Await)
def _await(out: Writer, node: cst.Await, into: str | None) -> Operand:
    value = out.value(node.expression)
    target = into or out.temp()
    out.emit(ir.Await(node, target, value))
    return target


@EXPRESSIONS.on(cst.Yield)
def _yield(out: Writer, node: cst.Yield, into: str | None) -> Operand:
    value: Operand
    if isinstance(node.value, cst.From):
        value = out.value(node.value.item)
    else:
        value = Const(None) if node.value is None else out.value(node.value)
    target = into or out.temp()
    resume = out.block()
    out.end(control.Yield(node, target, value, resume, delegate=isinstance(node.value, cst.From)))
    out.start(resume)
    return target


@EXPRESSIONS.on(cst.Lambda)
def _lambda(out: Writer, node: cst.Lambda, into: str | None) -> Operand:
    defaults = default_values(out, node.params)
    target = into or out.temp()
    out.emit(ir.MakeFunction(node, target, out.unit.lambda_code(node, out.code), defaults))
    return target


def default_values(out: Writer, node: cst.Parameters) -> tuple[tuple[str, Operand], ...]:
    """Evaluate the defaults of a function that is made."""
    return tuple(
        (parameter.name.value, out.value(parameter.default))
        for parameter in parameters(node)
        if parameter.default is not None
    )


# --- displays -------------------------------------------------------------------------------------------------------


@EXPRESSIONS.on(cst.Tuple, cst.List, cst.Set)
def _display(out: Writer, node: cst.Tuple | cst.List | cst.Set, into: str | None) -> Operand:
    elements: list[Element] = []
    for element in node.elements:
        value = out.value(element.value)
        elements.append(Element(value, starred=isinstance(element, cst.StarredElement)))
    target = into or out.temp()
    out.emit(ir.Build(node, target, _KINDS[type(node)], tuple(elements)))
    return target


_KINDS: dict[type[cst.CSTNode], Literal["tuple", "list", "set"]] = {
    cst.Tuple: "tuple",
    cst.List: "list",
    cst.Set: "set",
}


@EXPRESSIONS.on(cst.Dict)
def _dict(out: Writer, node: cst.Dict, into: str | None) -> Operand:
    elements: list[Element] = []
    for element in node.elements:
        key = out.value(element.key) if isinstance(element, cst.DictElement) else None
        value = out.value(element.value)
        elements.append(Element(value, key, starred=key is None))
    target = into or out.temp()
    out.emit(ir.Build(node, target, "dict", tuple(elements)))
    return target
