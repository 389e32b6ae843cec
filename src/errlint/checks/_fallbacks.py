"""What is done only where no status is known.

Text is the last resort of code that asks for the status first: there is nothing better to decide by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from errlint.checks._places import Places
from errlint.flow.lower.tree import below
from errlint.syntax.names import last_name

_STATUS = re.compile(r"(\w+_)?(status|status_?code|http_?code)", re.IGNORECASE)


def is_without_status(node: cst.CSTNode, places: Places) -> bool:
    """Whether a test runs where a status is None, or after another one for when it is not."""
    inner = node
    for around in places.around(node):
        present = _presence(around.test) if isinstance(around, (cst.If, cst.IfExp)) else None
        if isinstance(around, (cst.If, cst.IfExp)) and present is not None:
            without = around.orelse if present else around.body
            if inner is without:
                return True
        if isinstance(around, cst.IndentedBlock):
            before = around.body[: next(i for i, each in enumerate(around.body) if each is inner)]
            if any(isinstance(each, cst.If) and _decides_by_status(each) for each in before):
                return True
        if isinstance(around, cst.FunctionDef):
            return False
        inner = around
    return False


def _decides_by_status(statement: cst.If) -> bool:
    """Whether a statement does something by the status where there is one."""
    return _presence(statement.test) is True and any(
        _STATUS.fullmatch(last_name(part) or "")
        for comparison in below(statement.body)
        if isinstance(comparison, cst.Comparison)
        for part in _sides(comparison)
    )


def _sides(comparison: cst.Comparison) -> Iterator[cst.BaseExpression]:
    yield comparison.left
    for target in comparison.comparisons:
        yield target.comparator


def _presence(test: cst.BaseExpression) -> bool | None:
    """True for `status is not None`, False for `status is None`, None for any other test."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    target = test.comparisons[0]
    name = last_name(test.left)
    if name is None or not _STATUS.fullmatch(name) or last_name(target.comparator) != "None":
        return None
    if isinstance(target.operator, cst.IsNot):
        return True
    return False if isinstance(target.operator, cst.Is) else None
