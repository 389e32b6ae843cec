"""Comparisons of a status with what it never equals, whatever the server sends: it is an int."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places
from errlint.checks.base import Report
from errlint.flow.record import Foregone, Mark
from errlint.model import Edit, Fix

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor

_SHARED = 256
"""CPython keeps one object for each integer up to here: `is` works for them by accident."""
_STATUS = frozenset({"status"})


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    for test in facts.tests():
        if test.about != _STATUS or test.site.certainty == "assumed" or test.node not in places:
            continue
        if isinstance(test.node, cst.Comparison):
            yield from _identity(test.node)
        elif isinstance(test.node, cst.Call) and test.either:
            yield from _prefix(test.node)
    for fact, _ in facts.noticed(Foregone):
        settled = outcomes.ANSWERS if fact.side else outcomes.NOTHING
        if fact.what != "status" or fact.holds != settled or facts.sites[fact.site].certainty == "assumed":
            continue
        opposite = Mark.FALSE if fact.side else Mark.TRUE
        if isinstance(fact.node, cst.Comparison) and fact.node in places and not facts.marks(fact.node) & opposite:
            yield from _mismatch(fact.node, fact.side)


# --- `status is 404` -------------------------------------------------------------------------------------------------


def _identity(node: cst.Comparison) -> Iterator[Report]:
    operator = node.comparisons[0].operator
    if len(node.comparisons) != 1 or not isinstance(operator, (cst.Is, cst.IsNot)):
        return
    for side in (node.left, node.comparisons[0].comparator):
        if isinstance(side, cst.Integer) and _SHARED < side.evaluated_value <= outcomes.LAST_STATUS:
            always, instead = ("true", "!=") if isinstance(operator, cst.IsNot) else ("false", "==")
            message = (
                f"this is always {always}: `is` asks for the same object, and each status above {_SHARED} is a new "
                f"one; compare with `{instead}`"
            )
            mask = outcomes.status(side.evaluated_value)
            yield Report(message, node, fix=partial(_with_operator, node=node, operator=instead, mask=mask))


def _with_operator(editor: Editor, node: cst.Comparison, operator: str, mask: int) -> Fix:
    left, right = editor.code(node.left), editor.code(node.comparisons[0].comparator)
    edit = editor.replace(node, f"{left} {operator} {right}")
    return Fix(f"compare with `{operator}`", "safe", (edit,), mask)


# --- `str(status).startswith(5)` -------------------------------------------------------------------------------------


def _prefix(node: cst.Call) -> Iterator[Report]:
    if not (isinstance(node.func, cst.Attribute) and node.func.attr.value in ("startswith", "endswith")):
        return
    values = [argument.value for argument in node.args]
    if len(values) == 1 and isinstance(values[0], cst.Integer):
        number = values[0]
        message = f"this raises TypeError: {node.func.attr.value}() takes text, and {number.value} is a number"
        yield Report(message, node, fix=partial(_quoted, number=number))


def _quoted(editor: Editor, number: cst.Integer) -> Fix:
    edit = editor.replace(number, editor.string(number.value))
    return Fix("make it text", "unsafe", (edit,), outcomes.EVERYTHING)


# --- `status == "404"` -----------------------------------------------------------------------------------------------


def _mismatch(node: cst.Comparison, side: bool) -> Iterator[Report]:
    always = "true" if side else "false"
    elements = _compared(node)
    if elements and all(isinstance(element, cst.SimpleString) for element in elements):
        message = f"this is always {always}: the status is an int, and equals no text; compare with numbers"
        yield Report(message, node, fix=partial(_as_numbers, elements=elements))
    elif elements and all(isinstance(element, cst.Integer) for element in elements):
        for text in filter(_is_text, (node.left, node.comparisons[0].comparator)):
            message = f"this is always {always}: str() makes the status text, and that equals no number"
            yield Report(message, node, fix=partial(_as_it_is, text=text, elements=elements))


def _compared(node: cst.Comparison) -> list[cst.BaseExpression]:
    """What the status is compared with, one by one."""
    operator, other = node.comparisons[0].operator, node.comparisons[0].comparator
    if len(node.comparisons) != 1:
        return []
    if isinstance(operator, (cst.In, cst.NotIn)):
        return [e.value for e in other.elements] if isinstance(other, (cst.Tuple, cst.List, cst.Set)) else []
    if not isinstance(operator, (cst.Equal, cst.NotEqual)):
        return []
    return [node.left if isinstance(node.left, (cst.SimpleString, cst.Integer)) else other]


def _is_text(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "str"
        and len(node.args) == 1
    )


def _as_numbers(editor: Editor, elements: list[cst.BaseExpression]) -> Fix | None:
    edits: list[Edit] = []
    mask = outcomes.NOTHING
    for element in elements:
        text = element.evaluated_value if isinstance(element, cst.SimpleString) else ""
        if not (isinstance(text, str) and text.isdecimal() and len(text) == 3 and "100" <= text <= "599"):
            return None
        edits.append(editor.replace(element, text))
        mask |= outcomes.status(int(text))
    return Fix("compare with numbers", "safe", tuple(edits), mask)


def _as_it_is(editor: Editor, text: cst.BaseExpression, elements: list[cst.BaseExpression]) -> Fix | None:
    mask = outcomes.NOTHING
    for element in elements:
        number = element.evaluated_value if isinstance(element, cst.Integer) else 0
        if not outcomes.FIRST_STATUS <= number <= outcomes.LAST_STATUS:
            return None
        mask |= outcomes.status(number)
    assert isinstance(text, cst.Call)
    edit = editor.replace(text, editor.code(text.args[0].value))
    return Fix("compare the status as it is", "safe", (edit,), mask)
