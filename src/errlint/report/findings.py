"""Findings as text: in full with source frames, or a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from errlint.model import Finding, Fix, Span
from errlint.report.frame import Mark, frame
from errlint.report.paint import Paint
from errlint.report.places import Sources, place_of
from errlint.source import Source


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
    steps = [(step, f"{number}: {step.message}") for number, step in enumerate(finding.related, start=1)]
    own = [label for step, label in steps if (step.path, step.span) == (path, finding.span)]
    # The file of the finding comes first, the others in the order in which the path goes through them.
    marks = {path: [_mark(sources(path), finding.span, ", ".join(own), is_finding=True)]}
    for step, label in steps:
        if label not in own:
            marks.setdefault(step.path, []).append(_mark(sources(step.path), step.span, label))
    for file, here in marks.items():
        place = f"{file}:{here[0].row}:{here[0].start + 1}"
        yield f"{paint('  -->', 'line')} {paint(place, 'path')}"
        yield from frame(sources(file).lines, here, paint)
    for fix in (finding.fix, *finding.suggestions):
        if fix is not None:
            yield f"{paint('help', 'help')}: {fix.message}{_option(fix, finding)}"


def _mark(source: Source, span: Span, label: str, *, is_finding: bool = False) -> Mark:
    """A mark under the first line of a span."""
    place = place_of(source, span)
    is_one_line = place.end_row == place.row
    end = place.end_column - 1 if is_one_line else len(source.lines[place.row - 1])
    return Mark(place.row, place.column - 1, end, label, is_finding)


def _option(fix: Fix, finding: Finding) -> str:
    if fix is not finding.fix:
        return ""
    return " (--fix)" if fix.applicability == "safe" else " (--fix --unsafe-fixes)"
