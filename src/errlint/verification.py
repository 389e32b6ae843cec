"""Is a fix harmless?

A fix is offered only where the fixed text parses, the finding is gone, no other has come, and every function does the
same as before for all outcomes but those that the fix names. Where one of the functions that it touches is not exactly
understood, that cannot be known, and the fix is unsafe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from errlint import outcomes
from errlint.checks.base import UNUSED_SUPPRESSION
from errlint.editing import OverlapError, apply, image
from errlint.examine import Analyser, Examination, examine
from errlint.flow.table import FunctionTable, Row
from errlint.model import Finding, Fix, Span
from errlint.settings import Settings
from errlint.source import Source

Behaviour = tuple[object, ...]
"""What a row says, apart from the outcomes that it says it of."""


def verify(
    source: Source, before: Examination, finding: Finding, fix: Fix, settings: Settings, analyse: Analyser
) -> Fix | None:
    """The fix as it may be offered for a finding of `before`, perhaps as unsafe; None where it may not."""
    try:
        fixed = source.with_text(apply(source.text, fix.edits))
    except OverlapError:
        return None
    after = examine(fixed, settings, analyse)
    if before.facts is None or after.facts is None or after.problems or _comes_up_again(finding, fix, after):
        return None
    if any(_is_new(other, before, fix) for other in after.findings):
        return None
    known = _tables(before.facts.tables)
    changed = _tables(after.facts.tables)
    if known.keys() != changed.keys():
        return None
    touched = _touched(source, fix)
    exact = True
    for key, table in known.items():
        differs = not _alike(table, changed[key], outcomes.NOTHING)
        if differs and not _alike(table, changed[key], fix.outcomes):
            return None
        if differs or any(table.line <= row <= table.end_line for row in touched):
            exact = exact and table.exact and changed[key].exact
    return fix if exact else replace(fix, applicability="unsafe")


def _comes_up_again(finding: Finding, fix: Fix, after: Examination) -> bool:
    there = image(finding.span, fix.edits)
    return any(other.code == finding.code and _touch(other.span, there) for other in after.findings)


def _is_new(finding: Finding, before: Examination, fix: Fix) -> bool:
    """Whether nothing like the finding was there before. A suppression that has become unused is none of the fix's
    doing: it hid what the fix repaired."""
    return finding.code != UNUSED_SUPPRESSION and not any(
        other.code == finding.code and _touch(image(other.span, fix.edits), finding.span)
        for other in (*before.findings, *before.suppressed)
    )


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _touched(source: Source, fix: Fix) -> Iterator[int]:
    """The first row of each edit."""
    for edit in fix.edits:
        yield source.position(edit.span.start)[0]


def _tables(tables: tuple[FunctionTable, ...]) -> Mapping[tuple[str, int], FunctionTable]:
    """By qualified name, and by number where a name is defined again."""
    numbered: dict[tuple[str, int], FunctionTable] = {}
    for table in tables:
        number = 0
        while (table.qualname, number) in numbered:
            number += 1
        numbered[table.qualname, number] = table
    return numbered


def _alike(one: FunctionTable, other: FunctionTable, aside: int) -> bool:
    """Whether two tables say the same of all outcomes but those set `aside`."""
    return len(one.requests) == len(other.requests) and _by_behaviour(one, aside) == _by_behaviour(other, aside)


def _by_behaviour(table: FunctionTable, aside: int) -> dict[tuple[int, Behaviour], int]:
    """The outcomes of each request that are treated in the same way."""
    together: dict[tuple[int, Behaviour], int] = {}
    for row in table.rows:
        if remaining := row.outcomes & ~aside:
            key = (row.request, _behaviour(row))
            together[key] = together.get(key, outcomes.NOTHING) | remaining
    return together


def _behaviour(row: Row) -> Behaviour:
    return (row.retry, row.ends)
