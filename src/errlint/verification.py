"""Is a fix harmless?

A fix is offered only where the fixed text parses, the finding is gone, no other has come, and every function does the
same as before for all outcomes but those that the fix names. Only functions that it may touch are looked at again.
Where one of these is not exactly understood, or none was followed, that cannot be known, and the fix is unsafe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks.base import UNUSED_SUPPRESSION
from errlint.editing import OverlapError, apply, image
from errlint.examine import Analyser, Examination, examine
from errlint.flow.analyse import Scope
from errlint.flow.table import End, FunctionTable, Retries
from errlint.model import Finding, Fix, Span
from errlint.settings import Settings
from errlint.source import Source
from errlint.touching import touched

if TYPE_CHECKING:
    from errlint.flow.code import Code
    from errlint.flow.facts import ModuleFacts


def verify(
    source: Source, before: Examination, finding: Finding, fix: Fix, settings: Settings, analyse: Analyser
) -> Fix | None:
    """The fix as it may be offered for a finding of `before`, perhaps as unsafe; None where it may not."""
    try:
        fixed = source.with_text(apply(source.text, fix.edits))
    except OverlapError:
        return None
    assert before.facts is not None
    assert before.positions is not None
    touches = touched(before.facts.module, before.positions, fix.edits)
    after = examine(fixed, settings, analyse, Scope(touches=touches))
    if after.facts is None or after.problems or _comes_up_again(finding, fix, after):
        return None
    if any(_is_new(other, before, fix) for other in _in_touched(after, touches)):
        return None
    changed = _changed(before, after, fix, touches)
    if changed is None:
        return None
    exact = all(table.exact for table in (*changed, *_touched(before, fix)))
    is_followed = any(touches(function.code) and function.limit is None for function in before.facts.functions)
    is_known = is_followed or fix.outcomes == outcomes.NOTHING
    return fix if exact and is_known else replace(fix, applicability="unsafe")


def _comes_up_again(finding: Finding, fix: Fix, after: Examination) -> bool:
    there = image(finding.span, fix.edits)
    return any(other.code == finding.code and _touch(other.span, there) for other in after.findings)


def _in_touched(after: Examination, touches: Callable[[Code], bool]) -> list[Finding]:
    """What was found outside of the functions that were not looked at again."""
    assert after.facts is not None
    assert after.positions is not None
    spared = [code.node for code in after.facts.module.functions if code.parent is None and not touches(code)]
    places = [place for node in spared if (place := after.positions.exact(node)) is not None]
    return [f for f in after.findings if not any(place.start <= f.span.start < place.end for place in places)]


def _is_new(finding: Finding, before: Examination, fix: Fix) -> bool:
    """Whether nothing like the finding was there before. A suppression that has become unused is none of the fix's
    doing: it hid what the fix repaired."""
    return finding.code != UNUSED_SUPPRESSION and not any(
        other.code == finding.code and _touch(image(other.span, fix.edits), finding.span)
        for other in (*before.findings, *before.suppressed)
    )


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _touched(before: Examination, fix: Fix) -> list[FunctionTable]:
    """The tables of the functions that the fix edits."""
    assert before.facts is not None
    assert before.positions is not None
    touched = []
    for table in before.facts.tables:
        place = before.positions.exact(table.node)
        if place is None or any(place.start <= edit.span.start < place.end for edit in fix.edits):
            touched.append(table)
    return touched


def _changed(
    before: Examination, after: Examination, fix: Fix, touches: Callable[[Code], bool]
) -> list[FunctionTable] | None:
    """The tables of what the fix touches, old and new, that differ for outcomes that it names; None where they differ
    for others."""
    assert before.facts is not None
    assert after.facts is not None
    old, new = _by_name(before.facts, touches), _by_name(after.facts, touches)
    if not old.keys() <= new.keys():
        return None
    changed = []
    for name, table in old.items():
        if not _alike(table, new[name], fix.outcomes):
            return None
        if not _alike(table, new[name], outcomes.NOTHING):
            changed += [table, new[name]]
    return changed


def _by_name(facts: ModuleFacts, touches: Callable[[Code], bool]) -> dict[tuple[str, int], FunctionTable]:
    """The tables of what is touched by qualified name, and by number where a name is defined again."""
    numbered: dict[tuple[str, int], FunctionTable] = {}
    times: Counter[str] = Counter()
    for table in facts.tables_of(touches):
        numbered[table.qualname, times[table.qualname]] = table
        times[table.qualname] += 1
    return numbered


def _alike(one: FunctionTable, other: FunctionTable, aside: int) -> bool:
    """Whether two tables say the same of all outcomes but those set `aside`."""
    return len(one.requests) == len(other.requests) and _by_behaviour(one, aside) == _by_behaviour(other, aside)


def _by_behaviour(table: FunctionTable, aside: int) -> dict[tuple[int, Retries | None, tuple[End, ...]], int]:
    """The outcomes of each request that are treated in the same way."""
    together: dict[tuple[int, Retries | None, tuple[End, ...]], int] = {}
    for row in table.rows:
        if remaining := row.outcomes & ~aside:
            key = (row.request, row.retry, row.ends)
            together[key] = together.get(key, outcomes.NOTHING) | remaining
    return together
