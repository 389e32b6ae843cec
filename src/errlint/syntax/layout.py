"""How a file is laid out, and where in it things stand: what every kind of edit needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import libcst as cst

from errlint.model import Span
from errlint.source import Source
from errlint.syntax.positions import Positions

_LINE_ENDS = re.compile(r"\r\n?|\n")
_INDENTED = re.compile(r"^([ \t]*)(.*)$", re.DOTALL)


class NotEditable(Exception):
    """The text is laid out in a way in which the edit cannot be made; there is no fix then."""


class Layout:
    """One file's text, with the places of its nodes."""

    def __init__(self, source: Source, positions: Positions) -> None:
        self.source = source
        self.positions = positions
        self.tree = positions.tree

    @property
    def newline(self) -> str:
        """How most of the lines end."""
        ends = Counter(_LINE_ENDS.findall(self.source.text))
        return ends.most_common(1)[0][0] if ends else "\n"

    @property
    def unit(self) -> str:
        """One step of indentation."""
        # What libcst takes for it may hold a form feed, which indents nothing.
        return self.tree.default_indent.replace("\f", "")

    def exact(self, node: cst.CSTNode) -> Span:
        """The place of a node; raises NotEditable where it is not known exactly."""
        return _known(self.positions.exact(node))

    def whole(self, node: cst.CSTNode) -> Span:
        """The place of a node with all that belongs to it; raises NotEditable where it is not known exactly."""
        return _known(self.positions.whole(node))

    def code(self, node: cst.CSTNode) -> str:
        """The text of an expression with its parentheses, of anything else without what precedes and follows it."""
        return self.text(self.whole(node) if isinstance(node, cst.BaseExpression) else self.exact(node))

    def text(self, span: Span) -> str:
        return self.source.text[span.start : span.end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.positions.parent(node)

    def row(self, offset: int) -> int:
        return self.source.position(offset)[0]

    def next_line(self, row: int) -> int:
        """Where the line after a row starts, or the text ends."""
        return self.source.offset(row + 1) if row < self.source.rows else len(self.source.text)

    def before(self, offset: int) -> str:
        """What stands on the line before a place."""
        return self.source.text[self.source.line(self.row(offset)).start : offset]

    def after(self, offset: int) -> str:
        """What stands on the line after a place."""
        return self.source.text[offset : self.source.line(self.row(offset)).end]

    def indentation(self, node: cst.CSTNode) -> str:
        """What the line on which a node starts is indented by."""
        line = self.source.line(self.row(self.exact(node).start))
        text = self.text(line)
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def lines(self, lines: Iterable[str], indentation: str) -> list[str]:
        """Lines whose steps of indentation are four spaces, as this file has them."""
        result = []
        for line in lines:
            match = _INDENTED.match(line)
            assert match is not None
            steps, rest = divmod(len(match[1]), 4)
            result.append(f"{indentation}{self.unit * steps}{' ' * rest}{match[2]}" if match[2] else "")
        return result


def _known(span: Span | None) -> Span:
    if span is None:
        raise NotEditable("libcst does not write this place as it is")
    return span
