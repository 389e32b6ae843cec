"""From one source text to its findings: pure, without input or output."""

from __future__ import annotations

from dataclasses import dataclass, replace

from errlint.examine import Analyser, examine
from errlint.model import Finding
from errlint.settings import Settings
from errlint.source import Source
from errlint.verification import verify


@dataclass(frozen=True, slots=True)
class Result:
    """What is reported about a file; `problems` are lines about what errlint could not do."""

    findings: tuple[Finding, ...]
    problems: tuple[str, ...] = ()


def lint(source: Source, settings: Settings, analyse: Analyser) -> Result:
    """The findings of a source text, in order, each with the fixes that have been found harmless."""
    seen = examine(source, settings, analyse)
    findings = []
    for finding in seen.findings:
        fix = finding.fix and verify(source, seen, finding, finding.fix, settings, analyse)
        verified = [verify(source, seen, finding, fix, settings, analyse) for fix in finding.suggestions]
        suggestions = tuple(suggestion for suggestion in verified if suggestion)
        findings.append(replace(finding, fix=fix, suggestions=suggestions))
    return Result(tuple(findings), seen.problems)
