"""Where nodes stand in the original text.

libcst keeps no positions. They come from writing the tree once more and noting what each node writes: a third of the
price of the parse, a tenth of libcst's own provider, and paid only for files that something is reported about. What is
written is not always what was read (form feeds, for one): lines that differ hold no exact place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import libcst as cst
from libcst._nodes.internal import CodegenState

from errlint.model import Span
from errlint.source import Source
from errlint.syntax.depth import with_room
from errlint.syntax.nodes import children

_LINE_END = re.compile(r"\r\n?|\n")


class Positions:
    """The places of one tree's nodes; nothing is done before the first question."""

    def __init__(self, source: Source, tree: cst.Module) -> None:
        self.source = source
        self.tree = tree
        self._written: _Written | None = None
        self._aligned: _Alignment | None = None
        self._parents: dict[int, cst.CSTNode] | None = None

    def __contains__(self, node: cst.CSTNode) -> bool:
        return id(node) in self._recording().places.whole

    def span(self, node: cst.CSTNode) -> Span:
        """What to show for a node: its place, its header where it is a block, its first line where that is all that is
        known. Raises KeyError for a node of another tree."""
        start, end = self._narrow(node)
        exact = self._alignment().exact(start, end)
        return self._alignment().line(start) if exact is None else exact

    def exact(self, node: cst.CSTNode) -> Span | None:
        """The text of a node, without parentheses around it and without what belongs to a statement but precedes or
        follows it; None where the text there is not what libcst made of it."""
        return self._alignment().exact(*self._recording().places.place(node))

    def whole(self, node: cst.CSTNode) -> Span | None:
        """All that a node has of the text: with its parentheses, its comma, its comments and the line end."""
        return self._alignment().exact(*self._recording().places.whole[id(node)])

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around one; None around the module, and for a node of another tree."""
        if self._parents is None:
            self._parents = _parents(self.tree)
        return self._parents.get(id(node))

    def _narrow(self, node: cst.CSTNode) -> tuple[int, int]:
        recording = self._recording()
        start, end = recording.places.place(node)
        if isinstance(node, cst.Module):
            return 0, 0
        body = getattr(node, "body", None)
        if isinstance(body, cst.BaseSuite):
            # Up to the body, and without the colon before it.
            end = recording.places.whole[id(body)][0]
            end = start + len(recording.text[start:end].rstrip().removesuffix(":").rstrip())
        return start, end

    def _recording(self) -> _Written:
        if self._written is None:
            self._written = with_room(lambda: _write(self.tree))
        return self._written

    def _alignment(self) -> _Alignment:
        if self._aligned is None:
            self._aligned = _Alignment(self.source, self._recording().text)
        return self._aligned


# --- writing ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Written:
    """What libcst writes, and which part of it each node does."""

    text: str
    places: _Recorder


@dataclass(slots=True)
class _Recorder(CodegenState):
    """Counts what has been written when a node begins and ends."""

    written: int = 0
    """Places are filed by the identity of the node. `syntactic` holds those that are less than all that is written."""
    syntactic: dict[int, tuple[int, int]] = field(default_factory=dict)
    whole: dict[int, tuple[int, int]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.written += len(value)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.written -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append(self.written)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.whole[id(node)] = (self.starts.pop(), self.written)

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """What a node has written, without what its syntax does not need."""
        return self.syntactic.get(id(node)) or self.whole[id(node)]

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return _Syntactic(self, node, start_node, end_node)


class _Syntactic(AbstractContextManager[None]):
    """Notes what is written while it is entered. A class, since a generator costs twice the time."""

    __slots__ = ("_end_node", "_node", "_recorder", "_start", "_start_node")

    def __init__(
        self, recorder: _Recorder, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self._recorder = recorder
        self._node = node
        self._start_node = start_node
        self._end_node = end_node
        self._start = 0

    def __enter__(self) -> None:
        self._start = self._recorder.written

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return  # The stack ends here; what is missing must not take the place of that error.
        recorder = self._recorder
        start = self._start if self._start_node is None else recorder.place(self._start_node)[0]
        end = recorder.written if self._end_node is None else recorder.place(self._end_node)[1]
        recorder.syntactic[id(self._node)] = (start, end)


def _write(tree: cst.Module) -> _Written:
    state = _Recorder(default_indent=tree.default_indent, default_newline=tree.default_newline)
    tree._codegen(state)
    return _Written("".join(state.tokens), state)


def _parents(tree: cst.Module) -> dict[int, cst.CSTNode]:
    parents: dict[int, cst.CSTNode] = {}
    stack: list[cst.CSTNode] = [tree]
    while stack:
        node = stack.pop()
        for child in children(node):
            parents[id(child)] = node
            stack.append(child)
    return parents


# --- comparing --------------------------------------------------------------------------------------------------------


class _Alignment:
    """Which places of what was written are places of the original text."""

    def __init__(self, source: Source, written: str) -> None:
        self._source = source
        self._same = written == source.text
        if self._same:
            return
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(written))]
        ends = [*self._starts[1:], len(written)]
        lines = [written[start:end] for start, end in zip(self._starts, ends, strict=True)]
        originals = [source.text[source.offset(row) : self._end(row)] for row in range(1, source.rows + 1)]
        self._rows = _matching(lines, originals)

    def exact(self, start: int, end: int) -> Span | None:
        """The place in the original of something written; None where a line of it was not written as it was."""
        if self._same:
            return Span(start, end)
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, max(start, end - 1))
        rows = [self._rows.get(row) for row in range(first, last + 1)]
        if None in rows or rows[0] is None or rows != list(range(rows[0], rows[0] + len(rows))):
            return None
        moved = self._source.offset(rows[0]) - self._starts[first - 1]
        return Span(start + moved, end + moved)

    def line(self, start: int) -> Span:
        """The line of the original in which something written stands, as far as can be told."""
        row = min(bisect_right(self._starts, start), self._source.rows)
        line = self._source.line(self._rows.get(row, row))
        text = self._source.text[line.start : line.end]
        return Span(line.end - len(text.lstrip()), line.start + len(text.rstrip())) if text.strip() else line

    def _end(self, row: int) -> int:
        return self._source.offset(row + 1) if row < self._source.rows else len(self._source.text)


def _matching(lines: list[str], originals: list[str]) -> dict[int, int]:
    """The row in the original of each row that was written as it was; rows count from 1."""
    if len(lines) == len(originals):
        return {
            row: row for row, (one, other) in enumerate(zip(lines, originals, strict=True), start=1) if one == other
        }
    rows: dict[int, int] = {}
    for row, (one, other) in enumerate(zip(lines, originals, strict=False), start=1):
        if one != other:
            break
        rows[row] = row
    for back, (one, other) in enumerate(zip(reversed(lines), reversed(originals), strict=False)):
        if one != other or len(lines) - back in rows:
            break
        rows[len(lines) - back] = len(originals) - back
    return rows
