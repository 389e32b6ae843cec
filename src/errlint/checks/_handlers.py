"""The `except` clauses of a module, and the exception classes that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.code import Binding
from errlint.flow.held import annotation_path

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.schema import ExceptionClass


def handlers(facts: ModuleFacts) -> Iterator[cst.ExceptHandler]:
    """Every clause that names what it catches; none in a module that imports no library with exceptions."""
    if not any(_is_of_library(facts, binding) for found in facts.module.bindings.values() for binding in found):
        return
    stack: list[cst.CSTNode] = [facts.module.tree]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.ExceptHandler) and node.type is not None:
            yield node
        stack.extend(_blocks(node))


def _blocks(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The statements that a block, or a statement with blocks, consists of; expressions hold none."""
    if isinstance(node, (cst.Module, cst.IndentedBlock)):
        yield from (part for part in reversed(node.body) if isinstance(part, cst.BaseCompoundStatement))
        return
    for name in _PARTS:
        part = getattr(node, name, None)
        if isinstance(part, cst.CSTNode):
            yield part
        elif isinstance(part, Sequence):
            yield from part


_PARTS = ("finalbody", "orelse", "handlers", "cases", "body")


def _is_of_library(facts: ModuleFacts, binding: Binding) -> bool:
    imported = binding.imported
    return imported is not None and not imported.level and facts.knowledge.pack(imported.module) is not None


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
