"""Comparisons of a text with words, as they stand in the code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from errlint.flow.lower.tree import below

_SEARCHES = frozenset({"startswith", "endswith", "find", "index", "count"})
_PATTERNS = frozenset({"search", "match", "fullmatch", "findall"})


@lru_cache(maxsize=2)
def comparing(tree: cst.Module) -> tuple[cst.Comparison | cst.Call, ...]:
    """The expressions of a module that may compare something; several rules ask for them one after another."""
    found: list[cst.Comparison | cst.Call] = []
    unasked: set[int] = set()
    # To ask each node of a module for what it is an instance of takes longer than all the rest.
    for node in below(tree):
        if type(node) is cst.BooleanOperation and isinstance(node.operator, cst.Or) and _is_true(node.left):
            unasked.update(map(id, below(node.right)))
        elif (type(node) is cst.Comparison or type(node) is cst.Call) and id(node) not in unasked:
            found.append(node)
    return tuple(found)


def _is_true(node: cst.BaseExpression) -> bool:
    """Whether an expression is true by what is written there: `"timed out" or ...` never asks what follows."""
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
        return _is_true(node.left) or _is_true(node.right)
    return isinstance(node, cst.SimpleString) and bool(node.evaluated_value)


def compared(node: cst.Comparison | cst.Call) -> Iterator[tuple[cst.BaseExpression, str, cst.BaseExpression]]:
    """What may be a text, how it is compared, and with what: `in`, `==`, the name of a method, or `among` several."""
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        target = node.comparisons[0]
        if isinstance(target.operator, (cst.In, cst.NotIn)):
            yield target.comparator, "in", node.left
            yield node.left, "among", target.comparator
        elif isinstance(target.operator, (cst.Equal, cst.NotEqual)):
            yield node.left, "==", target.comparator
            yield target.comparator, "==", node.left
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        name, given = node.func.attr.value, [argument.value for argument in node.args]
        if name in _SEARCHES and given:
            yield node.func.value, name, given[0]
        elif name in _PATTERNS and len(given) > 1:
            yield given[1], name, given[0]


def words(node: cst.BaseExpression) -> Iterator[str]:
    """The texts that an expression is, or holds."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        if value:
            yield value if isinstance(value, str) else value.decode("latin-1")
    elif isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        for element in node.elements:
            yield from words(element.value)


def key_of(node: cst.BaseExpression) -> str | None:
    """The key of `data["message"]` and of `data.get("message")`, where it is a text that is written there."""
    key: cst.BaseExpression | None = None
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        key = node.slice[0].slice.value
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "get":
        key = node.args[0].value if node.args else None
    value = key.evaluated_value if isinstance(key, cst.SimpleString) else None
    return value if isinstance(value, str) else None
