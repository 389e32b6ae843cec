"""Findings as text: in full with source frames, or a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from errlint.model import Finding, Fix, Related
from errlint.report.frame import Mark, frame
from errlint.report.paint import Paint
from errlint.report.places import Sources, place_of


def concise(path: str, finding: Finding, sources: Sources, paint: Paint, *, unsafe: bool) -> str:
    """`path:row:column: CODE [*] message`; the star marks what `--fix` repairs (with `unsafe`, what it may repair)."""
    place = place_of(sources(path), finding.span)
    where = paint(f"{path}:{place.row}:{place.column}:", "path")
    return f"{where} {paint(finding.code, 'code')} {_star(finding, unsafe)}{finding.message}"


def full(path: str, finding: Finding, sources: Sources, paint: Paint, *, unsafe: bool) -> str:
    """The message, the path through the code that leads to it, step by step, and what can be done."""
    return "\n".join(_full(path, finding, sources, paint, unsafe)) + "\n"


def summary(findings: Iterable[Finding], *, unsafe: bool) -> str:
    """How many findings there are, and how many of them have fixes."""
    found = list(findings)
    fixes = Counter(finding.fix.applicability for finding in found if finding.fix)
    text = f"Found {count(len(found), 'problem')}"
    if unsafe:
        fixable = sum(fixes.values())
        return f"{text}, {fixable} fixable with `--fix --unsafe-fixes`." if fixable else f"{text}."
    parts = [f"{fixes['safe']} fixable with `--fix`"] if fixes["safe"] else []
    parts += [f"{fixes['unsafe']} with `--fix --unsafe-fixes`"] if fixes["unsafe"] else []
    return ", ".join([text, *parts]) + "."


def statistics(findings: Iterable[Finding]) -> Iterator[str]:
    """How often each rule reported, most frequent first; `[*]` where at least one of its findings has a fix."""
    found = list(findings)
    counts = Counter((finding.code, finding.name) for finding in found)
    fixable = {finding.code for finding in found if finding.fix}
    width = max((len(str(count)) for count in counts.values()), default=0)
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>{width}}  {code}  {'[*]' if code in fixable else '[ ]'}  {name}"


def count(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _star(finding: Finding, unsafe: bool) -> str:
    fix = finding.fix
    return "[*] " if fix and (unsafe or fix.applicability == "safe") else ""


def _full(path: str, finding: Finding, sources: Sources, paint: Paint, unsafe: bool) -> Iterator[str]:
    yield f"{paint(finding.code, 'code')} {_star(finding, unsafe)}{finding.name}: {finding.message}"
    itself = Related("", path, finding.span)
    # The file of the finding comes first, the others in the order in which the path goes through them.
    steps: dict[str, list[tuple[Related, str]]] = {path: [(itself, "")]}
    for number, related in enumerate(finding.related, start=1):
        steps.setdefault(related.path, []).append((related, f"{number}: {related.message}"))
    for file, here in steps.items():
        source = sources(file)
        first = place_of(source, here[0][0].span)
        yield f"{paint('  -->', 'line')} {paint(f'{file}:{first.row}:{first.column}', 'path')}"
        lines = source.text.splitlines()
        marks = []
        for related, label in here:
            place = place_of(source, related.span)
            end = place.end_column - 1 if place.end_row == place.row else len(lines[place.row - 1])
            marks.append(Mark(place.row, place.column - 1, end, label))
        yield from frame(lines, marks, paint)
    for fix in (finding.fix, *finding.suggestions):
        if fix is not None:
            yield f"{paint('help', 'help')}: {fix.message}{_option(fix, finding)}"


def _option(fix: Fix, finding: Finding) -> str:
    if fix is not finding.fix:
        return ""
    return " (--fix)" if fix.applicability == "safe" else " (--fix --unsafe-fixes)"
