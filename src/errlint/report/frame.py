"""Source frames: the lines that a finding is about, its places marked below them.

```
   11 |     for attempt in range(5):
   12 |         try:
   13 |             response = requests.get(url)
      |                        ----------------- 1: the request
      ...
   16 |         except requests.HTTPError:
      |                ^^^^^^^^^^^^^^^^^^
```
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from errlint.report.paint import Paint

_TAB = 4
_WIDEST = 160
_CONTEXT = 1
_BRIDGED = 2
"""Gaps of up to so many lines are shown rather than elided."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in one line: columns are code points from 0, the end exclusive."""

    row: int
    start: int
    end: int
    label: str
    is_finding: bool


def frame(lines: Sequence[str], marks: Sequence[Mark], paint: Paint) -> Iterator[str]:
    """The marked lines of a file with a line of context; rows count from 1."""
    last_row = len(lines) if lines[-1] else len(lines) - 1
    rows = _shown({mark.row for mark in marks}, last_row)
    gutter = len(str(rows[-1]))
    bar = paint(f"{'':{gutter}} |", "line")
    yield bar
    previous = rows[0] - 1
    for row in rows:
        if row > previous + 1:
            yield paint("...", "line")
        previous = row
        text = lines[row - 1]
        here = sorted(mark for mark in marks if mark.row == row)
        left = _left_edge(text, here)
        yield f"{paint(f'{row:{gutter}} |', 'line')} {_visible(text[left : left + _WIDEST])}".rstrip()
        for mark in here:
            start, end = min(mark.start, left + _WIDEST), min(mark.end, left + _WIDEST)
            before, marked = _visible(text[left:start]), _visible(text[start:end])
            underline = ("^" if mark.is_finding else "-") * max(1, _width(marked))
            note = paint(f"{underline} {mark.label}".rstrip(), "mark" if mark.is_finding else "step")
            yield f"{bar} {' ' * _width(before)}{note}"
    yield bar


def _shown(marked: set[int], last_row: int) -> list[int]:
    around = {row + step for row in marked for step in range(-_CONTEXT, _CONTEXT + 1)}
    shown = marked | {row for row in around if 1 <= row <= last_row}
    rows = sorted(shown)
    for row, following in pairwise(rows):
        if following - row - 1 <= _BRIDGED:
            shown.update(range(row + 1, following))
    return sorted(shown)


def _left_edge(text: str, marks: Sequence[Mark]) -> int:
    """The first column to show: 0, except in a line too long for a terminal."""
    if len(text) <= _WIDEST or not marks:
        return 0
    return max(0, marks[0].start - _WIDEST // 2)


def _visible(text: str) -> str:
    """Tabs as spaces, other control characters as their symbols: source text must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        " " * _TAB
        if character == "\t"
        else chr(0x2400 + ord(character))
        if character < " "
        else character
        if character.isprintable()
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _width(text: str) -> int:
    """How many terminal cells the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
