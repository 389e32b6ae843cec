"""What rules build their fixes with: edits of the original text, never a printed tree.

Every method raises NotEditable where the text is laid out in a way in which the edit cannot be made. A rule lets that
pass: there is no fix then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import libcst as cst

from errlint.model import Edit, Span
from errlint.source import Source
from errlint.syntax import elements, imports, statements
from errlint.syntax.imports import Import
from errlint.syntax.layout import Layout, NotEditable
from errlint.syntax.names import bindings, free, used, words
from errlint.syntax.positions import Positions

__all__ = ["Editor", "Import", "NotEditable"]

_QUOTES = re.compile(r"""(?<!["'\w])[rbuRBU]{0,2}(["'])(?!\1)""")


class Editor:
    """Edits of one source text. Lines given to it are indented by steps of four spaces, which become the file's own."""

    def __init__(self, tree: cst.Module, source: Source, positions: Positions | None = None) -> None:
        self.source = source
        self.tree = tree
        self.positions = positions or Positions(source, tree)
        self._layout = Layout(source, self.positions)

    # --- what is there ------------------------------------------------------------------------------------------------

    @property
    def newline(self) -> str:
        """How most of the lines end."""
        return self._layout.newline

    @property
    def indent(self) -> str:
        """One step of indentation."""
        return self._layout.unit

    @property
    def quote(self) -> str:
        """The quotation mark that most of the file's strings have."""
        marks = _QUOTES.findall(self.source.text)
        return "'" if marks.count("'") > marks.count('"') else '"'

    def string(self, value: str) -> str:
        """A literal for a text without special characters, in the file's quotation marks."""
        text = repr(value)
        if self.quote == '"' and text.startswith("'") and '"' not in value:
            return f'"{text[1:-1]}"'
        return text

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node as it was read: an expression's with its parentheses, a statement's without comments."""
        return self._layout.code(node)

    def span(self, node: cst.CSTNode) -> Span:
        """The place of a node, without parentheses around it."""
        return self._layout.exact(node)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._layout.parent(node)

    def statement(self, node: cst.CSTNode) -> cst.BaseSmallStatement | cst.BaseCompoundStatement:
        """The innermost statement that a node is part of."""
        return statements.statement_of(self._layout, node)

    def indentation(self, node: cst.CSTNode) -> str:
        """What the line on which a node starts is indented by."""
        return self._layout.indentation(node)

    def free_name(self, base: str, node: cst.CSTNode | None = None) -> str:
        """`base`, or a name like it where something in the file has that one; for a variable of the function around
        `node`, something in that function or at the top of the module."""
        function: cst.CSTNode | None = None
        while node is not None:
            function = node if isinstance(node, cst.FunctionDef) else function
            node = self.parent(node)
        if function is None:
            return free(base, words(self.source.text))
        return free(base, frozenset([*used(function), *[name for name, _ in bindings(self.tree, inside=False)]]))

    # --- expressions --------------------------------------------------------------------------------------------------

    def replace(self, node: cst.CSTNode, content: str) -> Edit:
        """Other text for a node and the parentheses around it. A statement keeps its indentation and its comments."""
        if isinstance(node, cst.BaseExpression):
            return Edit(self._layout.whole(node), content)
        return Edit(self._layout.exact(node), content)

    def remove(self, node: cst.CSTNode) -> Edit:
        """Takes a node away, with all that belongs to it."""
        return Edit(self._layout.whole(node), "")

    def wrap(self, node: cst.CSTNode, before: str, after: str) -> tuple[Edit, ...]:
        """Text on both sides of a node; what is inside can be edited at the same time."""
        span = self._layout.whole(node) if isinstance(node, cst.BaseExpression) else self._layout.exact(node)
        return (Edit(Span(span.start, span.start), before), Edit(Span(span.end, span.end), after))

    def insert(self, offset: int, content: str) -> Edit:
        """Text at a place."""
        return Edit(Span(offset, offset), content)

    def remove_elements(self, literal: elements.Literal, removed: Collection[elements.Element]) -> tuple[Edit, ...]:
        """Takes elements out of a literal set, list, tuple or dict. What is left is of the same type."""
        return elements.remove(self._layout, literal, removed)

    def remove_element(self, literal: elements.Literal, element: elements.Element) -> tuple[Edit, ...]:
        """Takes one element out."""
        return elements.remove(self._layout, literal, (element,))

    # --- statements ---------------------------------------------------------------------------------------------------

    def remove_statement(self, node: cst.CSTNode) -> tuple[Edit, ...]:
        """Takes a statement away, and leaves `pass` where it is the only one of its block."""
        return statements.remove(self._layout, node)

    def insert_before(self, node: cst.CSTNode, lines: Sequence[str]) -> tuple[Edit, ...]:
        """Lines above the statement that a node is part of."""
        return statements.insert_before(self._layout, node, lines)

    def insert_after(self, node: cst.CSTNode, lines: Sequence[str]) -> tuple[Edit, ...]:
        """Lines below the statement that a node is part of, and below its block."""
        return statements.insert_after(self._layout, node, lines)

    # --- imports ------------------------------------------------------------------------------------------------------

    def need_import(self, module: str, name: str | None = None) -> Import:
        """What to write for a module, or for something in it, and the edits that import it."""
        return imports.need(self._layout, module, name)

    def together(self, *needed: Import) -> tuple[Edit, ...]:
        """The edits of several imports. Two that go to one place would be in each other's way without this."""
        return imports.together(self._layout, *needed)
