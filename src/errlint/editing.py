"""Applying edits to text, and following places through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from errlint.model import Edit, Span


class OverlapError(ValueError):
    """Edits that change the same text."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits at once; raises OverlapError where two of them meet."""
    parts: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(edits):
        if previous is not None and overlap((previous,), (edit,)):
            raise OverlapError(f"{previous.span} and {edit.span}")
        parts += [text[position : edit.span.start], edit.content]
        position = edit.span.end
        previous = edit
    return "".join([*parts, text[position:]])


def overlap(some: Sequence[Edit], others: Sequence[Edit]) -> bool:
    """Whether two sets of edits concern the same text; an insertion meets whatever begins or ends where it is."""
    return any(_meet(one.span, other.span) for one in some for other in others)


def _meet(one: Span, other: Span) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def image(span: Span, edits: Iterable[Edit]) -> Span:
    """Where in the edited text a span of the original is; what was edited is as wide as its replacement."""
    start, end = span.start, span.end
    for edit in edits:
        growth = len(edit.content) - (edit.span.end - edit.span.start)
        if edit.span.end <= span.start:
            start += growth
            end += growth
        elif edit.span.start < span.end:
            start += min(0, edit.span.start - span.start)
            end += growth + max(0, edit.span.end - span.end)
    return Span(start, max(start, end))
