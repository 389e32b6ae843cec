"""Literal sets of statuses, and taking statuses out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.flow.lower.tree import below
from errlint.model import Edit
from errlint.syntax.names import dotted

if TYPE_CHECKING:
    from errlint.syntax.edits import Editor

Display = cst.Set | cst.List | cst.Tuple
_MAKERS = frozenset({"set", "frozenset", "tuple", "list"})


def without(editor: Editor, node: cst.CSTNode, statuses: int) -> tuple[Edit, ...] | None:
    """The edits that take statuses out of the display that a test or an argument looks into; None where they are not
    all written out there, or nothing else is."""
    display = _display(editor.tree, _searched(node))
    if display is None:
        return None
    gone = [element for element in display.elements if _status(element) & statuses]
    found = outcomes.NOTHING
    for element in gone:
        found |= _status(element)
    if found != statuses or len(gone) == len(display.elements):
        return None
    return editor.remove_elements(display, gone)


def _searched(node: cst.CSTNode) -> cst.CSTNode:
    """What a test looks for something in."""
    if isinstance(node, cst.UnaryOperation):
        node = node.expression
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        target = node.comparisons[0]
        if isinstance(target.operator, (cst.In, cst.NotIn)):
            return target.comparator
    return node


def _display(tree: cst.Module, node: cst.CSTNode) -> Display | None:
    """The display itself, the argument of `frozenset(...)` and its like, or what a name is assigned once."""
    if isinstance(node, cst.Call) and len(node.args) == 1 and dotted(node.func) in _MAKERS:
        node = node.args[0].value
    if isinstance(node, (cst.Set, cst.List, cst.Tuple)):
        return node
    name = dotted(node).rpartition(".")[2] if isinstance(node, (cst.Name, cst.Attribute)) else ""
    values = list(_assigned(tree, name)) if name else []
    if len(values) != 1 or isinstance(values[0], (cst.Name, cst.Attribute)):
        return None
    return _display(tree, values[0])


def _assigned(tree: cst.Module, name: str) -> Iterator[cst.CSTNode]:
    """What a name, or an attribute of that name, is given anywhere in the module."""
    for node in below(tree):
        targets: list[cst.BaseExpression]
        if isinstance(node, cst.Assign):
            targets = [target.target for target in node.targets]
        elif isinstance(node, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor)):
            targets = [node.target]
        else:
            continue
        if any(dotted(target).rpartition(".")[2] == name for target in targets):
            value = None if isinstance(node, (cst.AugAssign, cst.For, cst.CompFor)) else node.value
            yield node if value is None else value


def _status(element: cst.BaseElement) -> int:
    if isinstance(element.value, cst.Integer) and 100 <= element.value.evaluated_value <= 599:
        return outcomes.status(element.value.evaluated_value)
    return outcomes.NOTHING
