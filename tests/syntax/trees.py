"""Texts, and nodes in them."""

from collections.abc import Iterator
from typing import TypeVar

import libcst as cst

from errlint.source import Source
from errlint.syntax.edits import Editor
from errlint.syntax.nodes import children
from errlint.syntax.parse import parse

N = TypeVar("N", bound=cst.CSTNode)


def editor_of(text: str) -> Editor:
    source = Source("x.py", text)
    return Editor(parse(source), source)


def walk(tree: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it, in source order as far as libcst declares its fields in it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def first(tree: cst.CSTNode, kind: type[N]) -> N:
    return next(node for node in walk(tree) if isinstance(node, kind))


def named(tree: cst.CSTNode, name: str) -> cst.Name:
    return next(node for node in walk(tree) if isinstance(node, cst.Name) and node.value == name)
