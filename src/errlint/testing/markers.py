"""Markers: what an example says about itself, in comments on the line where a finding starts.

# expect: ERR101                  ERR101 is reported here
# expect: ERR101 "refused again"  ... and its message holds this text
# missed: ERR101                  ERR101 should be reported here and is not yet
# false: ERR101                   ERR101 is reported here and should not be
# outcomes: 200-399, timeout      the answer to the `reveal_outcomes(...)` of this line
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from errlint import outcomes

Kind = Literal["expect", "missed", "false"]
_KINDS: dict[str, Kind] = {"expect": "expect", "missed": "missed", "false": "false"}
_ANY = re.compile(r"#\s*(expect|missed|false|outcomes):\s*([^#\r\n]*)")
_FINDING = re.compile(r'(ERR\d{3})(?:\s+"(?P<text>(?:[^"\\]|\\.)*)")?\s*$')


class MarkerError(ValueError):
    """A marker that cannot be read."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A claim that a rule reports, or should or should not report, in this row (rows count from 1)."""

    row: int
    kind: Kind
    code: str
    text: str = ""

    def __str__(self) -> str:
        return f"# {self.kind}: {self.code}" + (f' "{self.text}"' if self.text else "")


@dataclass(frozen=True, slots=True)
class Markers:
    """All markers of a source text; `outcomes` maps a row to the set claimed there."""

    findings: tuple[Marker, ...]
    outcomes: dict[int, int]


def read_markers(text: str) -> Markers:
    """The markers in a source text; raises MarkerError for one that is misspelt."""
    findings: list[Marker] = []
    revealed: dict[int, int] = {}
    for row, line in enumerate(text.splitlines(), start=1):
        for kind, content in _in_line(line):
            if kind == "outcomes":
                try:
                    revealed[row] = outcomes.NOTHING if content == "nothing" else outcomes.parse(content)
                except ValueError as error:
                    raise MarkerError(f"line {row}: # outcomes: {error}") from error
                continue
            match = _FINDING.match(content)
            if match is None:
                raise MarkerError(f'line {row}: # {kind}: {content!r} is not a code with an optional "text"')
            findings.append(Marker(row, _KINDS[kind], match[1], re.sub(r"\\(.)", r"\1", match["text"] or "")))
    return Markers(tuple(findings), revealed)


def without_markers(text: str) -> str:
    """The text with its markers, and the space before them, taken away."""
    return re.sub(r"[ \t]*" + _ANY.pattern + r"(?=\r?\n|#|$)", "", text)


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    for match in _ANY.finditer(line):
        yield match[1], match[2].strip()
