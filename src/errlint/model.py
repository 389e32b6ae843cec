"""The plain values that leave the analysis: spans, edits, fixes, findings.

They hold no tree nodes, compare by value and pickle, so that they can go to another process, a cache or an editor.
Offsets count code points of the decoded text, from 0; ends are exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
Applicability = Literal["safe", "unsafe"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the original text: code point offsets, the end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the text of `span` by `content`."""

    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: edits of the original text that belong together.

    `outcomes` is the set (see `errlint.outcomes`) for which the repaired code may behave differently; everything else
    of the outcome table must stay as it was.
    """

    message: str
    applicability: Applicability
    edits: tuple[Edit, ...]
    outcomes: int


@dataclass(frozen=True, slots=True)
class Related:
    """A place that belongs to a finding: the request, the branch, the retry."""

    message: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Finding:
    """One report of one rule; `api` names the contract it was judged by, None where only HTTP itself applied."""

    code: str
    name: str
    message: str
    span: Span
    severity: Severity
    api: str | None = None
    fix: Fix | None = None
    suggestions: tuple[Fix, ...] = ()
    related: tuple[Related, ...] = ()
