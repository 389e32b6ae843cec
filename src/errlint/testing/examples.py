"""Holding marked examples against what errlint says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import libcst as cst

from errlint import checks, outcomes
from errlint.analysis import Module, ModuleAnalyser, builtin_packs, load_module
from errlint.checks.base import SYNTAX_ERROR, UNUSED_SUPPRESSION, Rule
from errlint.examine import examine
from errlint.fixing import Fixed, fix
from errlint.flow.analyse import Scope
from errlint.flow.record import Called
from errlint.flow.relevance import Exports
from errlint.lint import Result, lint
from errlint.model import Applicability, Finding
from errlint.settings import read_table, resolve
from errlint.source import Source
from errlint.testing.markdown import Case, parse_cases, read_cases
from errlint.testing.markers import Marker, read_markers, without_markers
from errlint.testing.variants import VARIANTS, Variant

_REVEAL = "reveal_outcomes"
_ALL_FIXES: frozenset[Applicability] = frozenset(("safe", "unsafe"))


def as_it_is(text: str) -> str:
    """The variant that changes nothing."""
    return text


def check_markdown(path: Path) -> None:
    """Run every case of a Markdown file, in every variant, suppressed and fixed."""
    failures: dict[str, None] = {}
    for case in read_cases(path):
        for check in (check_case, check_suppressed, check_fixes):
            for variant in VARIANTS.values():
                try:
                    check(case, variant)
                except AssertionError as error:
                    failures[str(error)] = None
    _fail(failures)


def check_case(case: Case, variant: Variant = as_it_is) -> None:
    """A case gives exactly the findings and the outcomes that its markers name."""
    run = _Run(case, variant)
    failures = []
    for module in case.modules:
        claimed = read_markers(module.text)
        result = run.lint(module.name)
        failures += [f"{case.document}: {case.title}: {problem}" for problem in result.problems]
        found = [(run.row(module.name, finding), finding) for finding in result.findings]
        differences = [
            *_compare(claimed.findings, found),
            *_compare_outcomes(claimed.outcomes, run.revealed(module.name)),
        ]
        failures += [f"{case.document}:{module.rows[row - 1]}: {what}" for row, what in sorted(differences)]
    _fail(failures)


def check_suppressed(case: Case, variant: Variant = as_it_is) -> None:
    """With a suppression on the line of every finding nothing is reported, and no suppression is unused."""
    run = _Run(case, variant)
    failures = []
    for module in case.modules:
        findings = run.lint(module.name).findings
        if any(finding.code in (SYNTAX_ERROR, UNUSED_SUPPRESSION) for finding in findings):
            continue  # The one cannot be suppressed, and to suppress the other is to use a suppression.
        text = without_markers(module.text)
        lines = text.split("\n")
        for row in {run.row(module.name, finding) for finding in findings}:
            names = sorted({finding.name for finding in findings if run.row(module.name, finding) == row})
            lines[row - 1] += f"  # errlint: ignore[{', '.join(names)}]"
        run.write(module.name, "\n".join(lines))
        for finding in run.lint(module.name).findings:
            where = f"{case.document}:{module.rows[run.row(module.name, finding) - 1]}"
            failures.append(f"{where}: reported although everything is suppressed: {_shown(finding)}")
    _fail(failures)


def check_fixes(case: Case, variant: Variant = as_it_is) -> None:
    """Applying every fix leaves text that parses, and applying them again changes nothing."""
    run = _Run(case, variant)
    failures = []
    for module in case.modules:
        where = f"{case.document}: {case.title}: {module.name}"
        fixed = run.fix(module.name)
        if fixed.repaired and any(finding.code == SYNTAX_ERROR for finding in fixed.result.findings):
            failures.append(f"{where}: does not parse after fixing:\n{fixed.source.text}")
        run.sources[module.name] = fixed.source
        if run.fix(module.name).repaired:
            failures.append(f"{where}: fixing again changes it again:\n{fixed.source.text}")
    _fail(failures)


def check_rule_page(rule: Rule) -> None:
    """The first example of a rule's page gives exactly the findings that it names, and the second none. Where the page
    has a section Fix, the fix of the first is the second, byte for byte; where it has none, there is no fix."""
    document = Path(f"page of {rule.name}")
    cases = [replace(case, settings={"extend-select": [rule.code]}) for case in parse_cases(rule.page, document)]
    if len(cases) != 2:
        raise AssertionError(f"{document}: {len(cases)} examples, not one that is wrong and one to use instead")
    for case in cases:
        check_case(case)
    wrong, right = (case.modules[0] for case in cases)
    run = _Run(replace(cases[0], modules=(replace(wrong, text=without_markers(wrong.text)),)), as_it_is)
    fixed = run.fix(wrong.name)
    promised = any(line.strip("# ") == "Fix" for line in rule.page.splitlines() if line.startswith("#"))
    if bool(fixed.repaired) != promised:
        raise AssertionError(f"{document}: {'there is no fix' if promised else 'a fix and no section about it'}")
    if promised and fixed.source.text != right.text:
        raise AssertionError(f"{document}: the fix gives\n{fixed.source.text}\ninstead of\n{right.text}")


class _Run:
    """The modules of a case, written in one way."""

    def __init__(self, case: Case, variant: Variant) -> None:
        self.sources: dict[str, Source] = {}
        self.exports: dict[str, Exports | None] = {}
        self._variant = variant
        self._settings = resolve(checks.load(), read_table(case.settings).selection)
        for module in case.modules:
            self.write(module.name, module.text)

    def write(self, file: str, text: str) -> None:
        """Give a module another text."""
        self.sources[file] = Source.decode(file, self._variant(text).encode())
        self.exports.clear()

    def lint(self, file: str) -> Result:
        return lint(self.sources[file], self._settings, self._analyser(file))

    def fix(self, file: str) -> Fixed:
        return fix(self.sources[file], self._settings, self._analyser(file), _ALL_FIXES)

    def revealed(self, file: str) -> dict[int, int]:
        """The answers to `reveal_outcomes`, by row."""
        answers: dict[int, int] = {}
        if _REVEAL not in self.sources[file].text:
            return answers
        seen = examine(self.sources[file], self._settings, self._analyser(file), Scope())
        if seen.facts is not None and seen.positions is not None:
            for fact, mask in seen.facts.noticed(Called):
                if _is_reveal(fact.node):
                    row = self.sources[file].position(seen.positions.span(fact.node).start)[0]
                    answers[row] = answers.get(row, outcomes.NOTHING) | mask
        return answers

    def row(self, file: str, finding: Finding) -> int:
        return self.sources[file].position(finding.span.start)[0]

    def _analyser(self, file: str) -> ModuleAnalyser:
        return ModuleAnalyser(builtin_packs(), *_named(file), self)

    def concerned(self, name: str) -> bool:
        return any(_named(file)[0] == name for file in self.sources)

    def module(self, name: str) -> Module | None:
        for file, source in self.sources.items():
            if _named(file)[0] == name:
                return load_module(source, *_named(file))
        return None


def _is_reveal(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == _REVEAL


def _named(file: str) -> tuple[str, bool]:
    """The dotted name of the module in a file, and whether it is the `__init__` of a package."""
    parts = file.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package


def _compare(markers: Iterable[Marker], found: Iterable[tuple[int, Finding]]) -> Iterator[tuple[int, str]]:
    """What is wrong, by row."""
    left = list(found)
    for marker in markers:
        match = next((item for item in left if _meant(marker, *item)), None)
        if match is not None:
            left.remove(match)
        if marker.kind == "missed" and match is not None:
            yield marker.row, f"{marker}: is found now; say `expect`"
        elif marker.kind == "false" and match is None:
            yield marker.row, f"{marker}: is not reported any more; take the marker away"
        elif marker.kind == "expect" and match is None:
            others = [_shown(finding) for row, finding in left if row == marker.row]
            yield marker.row, f"{marker}: is not reported" + (f", but {'; '.join(others)}" if others else "")
    yield from ((row, f"no marker for {_shown(finding)}") for row, finding in left)


def _meant(marker: Marker, row: int, finding: Finding) -> bool:
    return (row, finding.code) == (marker.row, marker.code) and marker.text in finding.message


def _compare_outcomes(claimed: dict[int, int], revealed: dict[int, int]) -> Iterator[tuple[int, str]]:
    for row in claimed.keys() | revealed.keys():
        if row not in revealed:
            yield row, "an `outcomes` marker, and nothing is revealed here"
        elif claimed.get(row) != revealed[row]:
            yield row, f"reveals {outcomes.render(revealed[row])}"


def _shown(finding: Finding) -> str:
    return f"{finding.code} {finding.message!r}"


def _fail(failures: Iterable[str]) -> None:
    if text := "\n".join(failures):
        raise AssertionError(text)
