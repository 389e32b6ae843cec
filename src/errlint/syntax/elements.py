"""Edits of the elements of a literal set, list, tuple or dict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import libcst as cst

from errlint.model import Edit, Span
from errlint.syntax.layout import Layout

Literal = cst.Set | cst.List | cst.Tuple | cst.Dict
Element = cst.BaseElement | cst.BaseDictElement


def remove(layout: Layout, literal: Literal, removed: Collection[Element]) -> tuple[Edit, ...]:
    """Takes elements out. What is left is of the same type: an empty set is `set()`, and one in a tuple has a comma."""
    elements: Sequence[Element] = literal.elements
    gone = {id(element) for element in removed}
    kept = [index for index, element in enumerate(elements) if id(element) not in gone]
    if len(kept) == len(elements):
        return ()
    if not kept:
        return (Edit(layout.whole(literal), _empty(literal)),)
    needs_comma = isinstance(literal, cst.Tuple) and len(kept) == 1
    edits = list(_removals(layout, elements, gone, kept[-1], needs_comma=needs_comma))
    last = elements[kept[-1]]
    if needs_comma and not isinstance(last.comma, cst.Comma):
        end = _end_of_value(layout, last)
        edits.append(Edit(Span(end, end), ","))
    return _joined(edits)


def _removals(
    layout: Layout, elements: Sequence[Element], gone: Collection[int], last: int, *, needs_comma: bool
) -> Iterator[Edit]:
    for index, element in enumerate(elements[:last]):
        if id(element) in gone:
            lines = _own_lines(layout, element)
            following = layout.whole(elements[index + 1]).start
            yield Edit(lines or Span(layout.whole(element).start, following), "")
    trailing = elements[last + 1 :]
    if not trailing:
        return
    lines_of = [_own_lines(layout, element) for element in trailing]
    if all(lines_of):
        yield from (Edit(lines, "") for lines in lines_of if lines)
        return
    # Of two commas, the one after the last element that is kept stays: the other may be on a line that goes.
    start = _end_of_comma(layout, elements[last])
    end = _end_of_comma(layout, trailing[-1])
    keeps_comma = isinstance(trailing[-1].comma, cst.Comma) or needs_comma
    yield Edit(Span(start if keeps_comma else _end_of_value(layout, elements[last]), end), "")


def _own_lines(layout: Layout, element: Element) -> Span | None:
    """The lines of an element that has them to itself, with the comment at their end."""
    start = layout.whole(element).start
    end = _end_of_comma(layout, element)
    after = layout.after(end).lstrip()
    if layout.before(start).strip() or (after and not after.startswith("#")):
        return None
    row = layout.row(end)
    if row == layout.source.rows:
        return None
    return Span(layout.source.line(layout.row(start)).start, layout.next_line(row))


def _end_of_value(layout: Layout, element: Element) -> int:
    value = element.value if isinstance(element, (cst.Element, cst.DictElement)) else element
    if value is not element:
        return layout.whole(value).end
    return layout.exact(element).end


def _end_of_comma(layout: Layout, element: Element) -> int:
    """Where an element ends, with its comma and without the space after that."""
    end = _end_of_value(layout, element)
    if isinstance(element.comma, cst.Comma):
        comma = layout.whole(element.comma)
        end = comma.start + layout.text(comma).index(",") + 1
    return end


def _empty(literal: Literal) -> str:
    if isinstance(literal, cst.Set):
        return "set()"
    if isinstance(literal, cst.List):
        return "[]"
    return "()" if isinstance(literal, cst.Tuple) else "{}"


def _joined(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits in order, those that meet as one."""
    joined: list[Edit] = []
    for edit in sorted(edits):
        if joined and edit.span.start <= joined[-1].span.end:
            before = joined.pop()
            span = Span(before.span.start, max(before.span.end, edit.span.end))
            edit = Edit(span, before.content + edit.content)
        joined.append(edit)
    return tuple(joined)
