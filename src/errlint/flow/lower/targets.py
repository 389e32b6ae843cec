"""Assignment and deletion of targets: names, attributes, items, and nested tuples of them."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from errlint.flow import ir
from errlint.flow.ir import Const, Element, Operand
from errlint.flow.lower.writer import Writer


def assign(out: Writer, node: cst.CSTNode, target: cst.BaseExpression, value: Operand) -> None:
    """Assign `value` to `target`; `node` is what does it."""
    out.deepen()
    if type(target) is cst.Name:
        out.store(node, target.value, value)
    elif type(target) is cst.Attribute:
        out.emit(ir.SetAttr(node, out.value(target.value), target.attr.value, value))
    elif isinstance(target, cst.Subscript):
        owner = out.value(target.value)
        out.emit(ir.SetItem(node, owner, index(out, target), value))
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(out, node, target.elements, value)
    else:
        out.opaque(target, operands=(value,))
    out.rise()


def assign_value(out: Writer, node: cst.CSTNode, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
    """Evaluate `value` and assign it, without a detour for a plain local variable."""
    register = out.local(target)
    if register is None:
        assign(out, node, target, out.value(value))
    else:
        out.value_in(value, register)


def _unpack(out: Writer, node: cst.CSTNode, elements: Sequence[cst.BaseElement], value: Operand) -> None:
    targets = [element.value for element in elements]
    starred = next((at for at, element in enumerate(elements) if isinstance(element, cst.StarredElement)), None)
    locals_ = [out.local(target) for target in targets]
    registers = tuple(local for local in locals_ if local is not None)
    if len(registers) == len(targets):
        out.emit(ir.Unpack(node, registers, value, starred))
        return
    # Assigned one by one from left to right: `i, x[i] = 1, 2` uses the new `i`.
    registers = tuple(out.temp() for _ in targets)
    out.emit(ir.Unpack(node, registers, value, starred))
    for target, register in zip(targets, registers, strict=True):
        assign(out, node, target, register)


def delete(out: Writer, node: cst.CSTNode, target: cst.BaseExpression) -> None:
    out.deepen()
    if isinstance(target, cst.Name):
        out.delete(node, target.value)
    elif isinstance(target, cst.Attribute):
        out.emit(ir.DeleteItem(node, out.value(target.value), Const(target.attr.value), attribute=True))
    elif isinstance(target, cst.Subscript):
        owner = out.value(target.value)
        out.emit(ir.DeleteItem(node, owner, index(out, target)))
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            delete(out, node, element.value)
    out.rise()


def index(out: Writer, node: cst.Subscript) -> Operand:
    """The index of a subscript; several, or one with a comma, are a tuple."""
    first = node.slice[0]
    if len(node.slice) == 1 and not isinstance(first.comma, cst.Comma) and not _is_starred(first):
        return _single(out, first)
    elements = tuple(Element(_single(out, part), starred=_is_starred(part)) for part in node.slice)
    target = out.temp()
    out.emit(ir.Build(node, target, "tuple", elements))
    return target


def _is_starred(part: cst.SubscriptElement) -> bool:
    return isinstance(part.slice, cst.Index) and part.slice.star is not None


def _single(out: Writer, part: cst.SubscriptElement) -> Operand:
    if isinstance(part.slice, cst.Index):
        return out.value(part.slice.value)
    assert isinstance(part.slice, cst.Slice)
    lower, upper, step = (
        Const(None) if bound is None else out.value(bound)
        for bound in (part.slice.lower, part.slice.upper, part.slice.step)
    )
    target = out.temp()
    out.emit(ir.MakeSlice(part.slice, target, lower, upper, step))
    return target
