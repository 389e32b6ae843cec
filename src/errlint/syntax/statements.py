"""Edits of statements: putting lines before or after one, and taking it away."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from errlint.model import Edit, Span
from errlint.syntax.layout import Layout, NotEditable

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


def statement_of(layout: Layout, node: cst.CSTNode) -> cst.BaseSmallStatement | cst.BaseCompoundStatement:
    """The innermost statement that a node is part of, or is."""
    current: cst.CSTNode | None = node
    while current is not None:
        if isinstance(current, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return current
        if isinstance(current, cst.SimpleStatementLine) and len(current.body) == 1:
            return current.body[0]
        current = layout.parent(current)
    raise NotEditable("not part of a statement")


def insert_before(layout: Layout, node: cst.CSTNode, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Lines above the statement, and above the comments that stand directly above it; in place of a `pass` that is all
    that a block has."""
    statement = statement_of(layout, node)
    holder = layout.parent(statement)
    if isinstance(holder, cst.SimpleStatementSuite):
        return (_opened(layout, statement, holder, lines),)
    line = _line_of(layout, statement, holder, first=True)
    if isinstance(statement, cst.Pass) and len(getattr(layout.parent(line), "body", ())) == 1:
        indentation = layout.indentation(line)
        replacing = layout.newline.join(layout.lines(lines, indentation)).removeprefix(indentation)
        return (Edit(layout.exact(statement), replacing),)
    start = _start_of_line(layout, line)
    for leading in reversed(_leading_lines(line)):
        if leading.comment is None:
            break
        start = layout.whole(leading).start
    content = "".join(text + layout.newline for text in layout.lines(lines, layout.indentation(line)))
    return (Edit(Span(start, start), content),)


def insert_after(layout: Layout, node: cst.CSTNode, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Lines below the statement, and below its block."""
    statement = statement_of(layout, node)
    holder = layout.parent(statement)
    if isinstance(holder, cst.SimpleStatementSuite):
        if statement is not holder.body[-1]:
            raise NotEditable("another statement follows on the line")
        end = layout.exact(statement).end
        indentation = layout.indentation(holder_line(layout, holder)) + layout.unit
        content = "".join(layout.newline + text for text in layout.lines(lines, indentation))
        return (_opened(layout, holder.body[0], holder, ()), Edit(Span(end, end), content))
    line = _line_of(layout, statement, holder, first=False)
    row = layout.row(max(layout.exact(line).start, layout.exact(line).end - 1))
    indented = layout.lines(lines, layout.indentation(line))
    end = layout.source.line(row).end
    if row < layout.source.rows:
        end = layout.next_line(row)
        return (Edit(Span(end, end), "".join(text + layout.newline for text in indented)),)
    return (Edit(Span(end, end), "".join(layout.newline + text for text in indented)),)


def remove(layout: Layout, node: cst.CSTNode) -> tuple[Edit, ...]:
    """Takes a statement away; leaves `pass` where it is the only one of its block."""
    statement = statement_of(layout, node)
    holder = layout.parent(statement)
    if isinstance(holder, (cst.SimpleStatementLine, cst.SimpleStatementSuite)) and len(holder.body) > 1:
        return (_removed_of_several(layout, statement, holder),)
    line: cst.CSTNode | None = statement
    if isinstance(holder, cst.SimpleStatementSuite):
        return (Edit(layout.exact(statement), "pass"),)
    if isinstance(holder, cst.SimpleStatementLine):
        line, holder = holder, layout.parent(holder)
    assert line is not None
    if isinstance(holder, cst.IndentedBlock) and len(holder.body) == 1:
        return (Edit(_without_end(layout, line), "pass"),)
    if isinstance(statement, cst.If) and isinstance(layout.parent(statement), cst.If):
        raise NotEditable("an elif")
    whole = layout.whole(line)
    return (Edit(Span(_start_of_line(layout, line), whole.end), ""),)


def _without_end(layout: Layout, line: cst.CSTNode) -> Span:
    """A statement from its first word (or decorator) to its last, without the comment after it."""
    start = _start_of_line(layout, line)
    text = layout.text(Span(start, layout.exact(line).end))
    return Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _removed_of_several(
    layout: Layout, statement: cst.CSTNode, holder: cst.SimpleStatementLine | cst.SimpleStatementSuite
) -> Edit:
    index = next(index for index, one in enumerate(holder.body) if one is statement)
    if index + 1 < len(holder.body):
        return Edit(Span(layout.exact(statement).start, layout.exact(holder.body[index + 1]).start), "")
    return Edit(Span(layout.exact(holder.body[index - 1]).end, layout.exact(statement).end), "")


def holder_line(layout: Layout, node: cst.CSTNode) -> cst.CSTNode:
    """The statement, or the clause of one, whose header a suite is on the line of."""
    parent = layout.parent(node)
    assert parent is not None
    return parent


def _opened(layout: Layout, statement: cst.CSTNode, holder: cst.SimpleStatementSuite, lines: Sequence[str]) -> Edit:
    """Makes a block of `if x: y`, with lines at its top."""
    if statement is not holder.body[0]:
        raise NotEditable("another statement precedes on the line")
    indentation = layout.indentation(holder_line(layout, holder)) + layout.unit
    span = Span(layout.whole(holder).start, layout.exact(statement).start)
    content = "".join(layout.newline + text for text in layout.lines(lines, indentation))
    return Edit(span, content + layout.newline + indentation)


def _line_of(layout: Layout, statement: cst.CSTNode, holder: cst.CSTNode | None, *, first: bool) -> cst.CSTNode:
    """The line that a statement is alone on, or at the right end of."""
    if isinstance(holder, cst.SimpleStatementLine):
        if statement is not holder.body[0 if first else -1]:
            raise NotEditable("another statement stands on the line")
        return holder
    if isinstance(statement, cst.If) and isinstance(holder, cst.If):
        raise NotEditable("nothing goes between the branches of an if")
    return statement


def _leading_lines(line: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    return getattr(line, "leading_lines", ())


def _start_of_line(layout: Layout, line: cst.CSTNode) -> int:
    """Where the first line of a statement starts, its decorators included and the comments above it not."""
    leading = _leading_lines(line)
    return layout.whole(leading[-1]).end if leading else layout.whole(line).start
