"""Applying fixes until none is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from errlint.checks.base import SYNTAX_ERROR
from errlint.editing import apply, overlap
from errlint.examine import Analyser
from errlint.lint import Result, lint
from errlint.model import Applicability, Edit, Finding
from errlint.settings import Settings
from errlint.source import Source

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Fixed:
    """A source text before and after fixing, what is still reported about it, and the findings that were repaired."""

    original: Source
    source: Source
    result: Result
    repaired: tuple[Finding, ...]


def fix(source: Source, settings: Settings, analyse: Analyser, applicabilities: frozenset[Applicability]) -> Fixed:
    """Apply fixes of these kinds, look again, and go on until nothing changes or `MAX_ROUNDS` are over."""
    repaired: list[Finding] = []
    original = source
    result = lint(source, settings, analyse)
    for _ in range(MAX_ROUNDS):
        chosen = choose(result.findings, applicabilities)
        if not chosen:
            break
        source, result, done = _apply(source, chosen, settings, analyse)
        repaired += done
    return Fixed(original, source, result, tuple(repaired))


def choose(findings: Iterable[Finding], applicabilities: frozenset[Applicability]) -> tuple[Finding, ...]:
    """The findings whose fixes are applied in one round: of those that overlap the first, the others have to wait."""
    chosen: list[Finding] = []
    edits: list[Edit] = []
    for finding in findings:
        repair = finding.fix
        if repair and repair.applicability in applicabilities and not overlap(repair.edits, edits):
            chosen.append(finding)
            edits += repair.edits
    return tuple(chosen)


def _apply(
    source: Source, chosen: tuple[Finding, ...], settings: Settings, analyse: Analyser
) -> tuple[Source, Result, tuple[Finding, ...]]:
    edits = [edit for finding in chosen if finding.fix for edit in finding.fix.edits]
    fixed = source.with_text(apply(source.text, edits))
    result = lint(fixed, settings, analyse)
    if len(chosen) > 1 and any(finding.code == SYNTAX_ERROR for finding in result.findings):
        # Each fix was verified alone. Should they not go together, the first of them still does.
        return _apply(source, chosen[:1], settings, analyse)
    return fixed, result, chosen
