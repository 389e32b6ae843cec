"""The `except` clauses of a module, and the exception classes that they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow import ir
from errlint.flow.held import annotation_path

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.schema import ExceptionClass


def handlers(facts: ModuleFacts) -> Iterator[cst.ExceptHandler]:
    """Every clause that names what it catches, once."""
    seen: set[int] = set()
    for code in (*facts.module.functions, facts.module.body):
        try:
            graph = code.graph
        except ir.TooDeep:
            continue
        for block in graph.blocks:
            node = block.end.node
            if not isinstance(block.end, ir.Catch) or not isinstance(node, cst.ExceptHandler) or node.type is None:
                continue
            if id(node) not in seen:
                seen.add(id(node))
                yield node


def classes(types: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The classes that a clause, or `isinstance`, names."""
    if isinstance(types, cst.Tuple):
        return [element.value for element in types.elements]
    return [types]


def exception(facts: ModuleFacts, node: cst.BaseExpression) -> ExceptionClass | None:
    """What is known of the class that an expression names; None for a class of the project."""
    if isinstance(node, cst.Name) and node.value not in facts.module.bindings:
        return facts.knowledge.exception(node.value)
    path = annotation_path(facts.module, node)
    return None if path is None else facts.knowledge.exception(path)


def exceptions(facts: ModuleFacts, types: cst.BaseExpression) -> list[ExceptionClass]:
    """The classes that a clause names; none where one of them is not known."""
    found = [exception(facts, node) for node in classes(types)]
    known = [cls for cls in found if cls is not None]
    return known if len(known) == len(found) else []
