"""Findings for other programs: JSON as the interface promises it, and unified diffs."""

from __future__ import annotations

import difflib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator

from errlint.model import Finding, Fix, Span
from errlint.report.paint import Paint, Role
from errlint.report.places import Sources, place_of


def findings(located: Iterable[tuple[str, Finding]], sources: Sources) -> str:
    """A JSON list of the findings, each with the path of its file."""
    return json.dumps([_finding(path, finding, sources) for path, finding in located], indent=2)


def statistics(found: Iterable[Finding]) -> str:
    """How often each rule reported, as a JSON list by code."""
    every = list(found)
    counts = Counter((finding.code, finding.name) for finding in every)
    fixable = {finding.code for finding in every if finding.fix}
    rows = [
        {"code": code, "name": name, "count": count, "fixable": code in fixable}
        for (code, name), count in sorted(counts.items())
    ]
    return json.dumps(rows, indent=2)


def diff(path: str, before: str, after: str, paint: Paint) -> str:
    """A unified diff; nothing where the texts are equal. A last line without an end is marked as such."""
    return "".join(_painted_diff(path, before, after, paint))


def _finding(path: str, finding: Finding, sources: Sources) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "filename": _filename(path),
        "cell": None,
        **_locations(path, finding.span, sources),
        "severity": finding.severity,
        "api": finding.api,
        "fix": _fix(path, finding.fix, sources) if finding.fix else None,
        "suggestions": [_fix(path, suggestion, sources) for suggestion in finding.suggestions],
        "related": [
            {
                "message": related.message,
                "filename": _filename(related.path),
                **_locations(related.path, related.span, sources),
            }
            for related in finding.related
        ],
        "url": None,
    }


def _fix(path: str, fix: Fix, sources: Sources) -> dict[str, object]:
    return {
        "applicability": fix.applicability,
        "message": fix.message,
        "edits": [{"content": edit.content, **_locations(path, edit.span, sources)} for edit in fix.edits],
    }


def _locations(path: str, span: Span, sources: Sources) -> dict[str, object]:
    place = place_of(sources(path), span)
    return {
        "location": {"row": place.row, "column": place.column},
        "end_location": {"row": place.end_row, "column": place.end_column},
    }


def _filename(path: str) -> str:
    return path if path == "-" else os.path.abspath(path)


def _painted_diff(path: str, before: str, after: str, paint: Paint) -> Iterator[str]:
    for line in difflib.unified_diff(_lines(before), _lines(after), path, path):
        role = _ROLES.get(line[0])
        text = line.removesuffix("\n")
        yield (paint(text, role) if role else text) + "\n"
        if not line.endswith("\n"):
            yield "\\ No newline at end of file\n"


_ROLES: dict[str, Role] = {"-": "removed", "+": "added", "@": "line"}


def _lines(text: str) -> list[str]:
    """Lines as `diff` and `patch` see them: they end with LF, whatever precedes it."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]
