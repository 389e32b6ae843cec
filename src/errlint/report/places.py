"""Spans as people and tools count: rows and columns from 1, columns in code points, ends exclusive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from errlint.model import Span
from errlint.source import Source

Sources = Callable[[str], Source]
"""The text of a file that a finding names, by the path that it names it by."""


@dataclass(frozen=True, slots=True)
class Place:
    row: int
    column: int
    end_row: int
    end_column: int


def place_of(source: Source, span: Span) -> Place:
    """Where a span of the source is."""
    row, column = source.position(span.start)
    end_row, end_column = source.position(span.end)
    return Place(row, column, end_row, end_column)
