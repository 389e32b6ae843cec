"""Findings and outcome tables as text. Nothing here prints: every function returns text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from errlint.model import Finding
from errlint.report import findings, machine
from errlint.report.paint import Paint
from errlint.report.places import Sources

Format = Literal["full", "concise", "json"]


@dataclass(frozen=True, slots=True)
class Style:
    """How findings are written: `unsafe` where fixes that need a decision count as fixes, `statistics` for numbers."""

    format: Format
    unsafe: bool
    statistics: bool


def render(located: Sequence[tuple[str, Finding]], sources: Sources, style: Style, paint: Paint) -> str:
    """The report of a whole run: findings with the paths of their files, in the order in which they are given."""
    if style.format == "json":
        if style.statistics:
            return machine.statistics(finding for _, finding in located)
        return machine.findings(located, sources)
    return "\n".join(_text(located, sources, style, paint))


def _text(located: Sequence[tuple[str, Finding]], sources: Sources, style: Style, paint: Paint) -> Iterator[str]:
    if style.statistics:
        yield from findings.statistics(finding for _, finding in located)
        return
    write = findings.full if style.format == "full" else findings.concise
    for path, finding in located:
        yield write(path, finding, sources, paint, unsafe=style.unsafe)
