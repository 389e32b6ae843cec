"""One look at one source text: parse, analyse, ask the rules, set aside what is suppressed.

No input or output happens here. Fixes are as the rules propose them; `lint` verifies them.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from errlint.checks.base import SYNTAX_ERROR, Note, Report, Rule
from errlint.flow.analyse import Scope
from errlint.model import Finding, Fix, Related, Span
from errlint.settings import Settings
from errlint.source import Source
from errlint.suppressing import Suppressing
from errlint.syntax.edits import Editor, NotEditable
from errlint.syntax.parse import ParseError
from errlint.syntax.positions import Positions

if TYPE_CHECKING:
    from errlint.checks.base import FixMaker, Place
    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts


class Analyser(Protocol):
    """The engine, with all that it needs besides the module at hand."""

    def __call__(self, source: Source, scope: Scope) -> ModuleFacts:
        """What the rules are told about a module; raises ParseError."""

    def positions(self, module: ModuleCode) -> Positions:
        """Where the nodes of another module stand that the facts lead to."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What one look gave: findings in order, those that a comment suppresses apart.

    `problems` are lines about what errlint itself could not do. `facts` and `positions` are None where the file does
    not parse, or the engine crashed on it.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    facts: ModuleFacts | None = None
    positions: Positions | None = None


CHECKED = Scope(passing=False)
"""What is looked at to find something: functions that only pass on what others give them are left out."""


def examine(source: Source, settings: Settings, analyse: Analyser, scope: Scope = CHECKED) -> Examination:
    """Everything that the rules which are on have to say about a source text."""
    try:
        facts = analyse(source, scope)
    except ParseError as error:
        return Examination((syntax_error(settings, str(error), error.span),))
    except Exception as error:  # A mistake of the engine costs this file its findings, not the run.
        return Examination((), problems=(f"{source.path}: is not checked: the analysis crashed: {origin(error)}",))
    look = _Look(source, facts, settings, analyse)
    found = [finding for rule in settings.rules for finding in look.findings(rule)]
    suppressing = Suppressing(source, settings)
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in found:
        (suppressed if suppressing.suppresses(finding) else kept).append(finding)
    kept += suppressing.unused(look.judged)
    return Examination(tuple(sorted(kept, key=_order)), tuple(suppressed), tuple(look.problems), facts, look.positions)


def syntax_error(settings: Settings, message: str, span: Span) -> Finding:
    """The finding about a file that was not checked."""
    rule = next(rule for rule in settings.rules if rule.code == SYNTAX_ERROR)
    return Finding(rule.code, rule.name, message, span, rule.severity)


class _Look:
    """Asks rules, and turns what they report into findings."""

    def __init__(self, source: Source, facts: ModuleFacts, settings: Settings, analyse: Analyser) -> None:
        tree = facts.module.tree
        self.problems: list[str] = []
        self.judged: list[Rule] = []
        self.positions = Positions(source=source, tree=tree)
        self._source = source
        self._facts = facts
        self._settings = settings
        self._analyse = analyse
        self._editor = Editor(tree=tree, source=source, positions=self.positions)

    def findings(self, rule: Rule) -> list[Finding]:
        """What a rule finds, each thing once; a rule that crashes has found nothing."""
        # A rule about contracts is silent where only HTTP itself could be held against the code, unless asked for.
        needs_contract = rule.tier == "contract" and rule.code not in self._settings.by_hand
        found: dict[tuple[Span, str], Finding] = {}
        try:
            for report in rule.check(self._facts):
                if report.api is not None or not needs_contract:
                    finding = self._finding(rule, report)
                    found.setdefault((finding.span, finding.message), finding)
        except Exception as error:
            self.problems.append(f"{self._source.path}: {rule.code} is not checked: the rule crashed: {origin(error)}")
            return []
        self.judged.append(rule)
        return list(found.values())

    def _finding(self, rule: Rule, report: Report) -> Finding:
        suggestions = map(self._fix, report.suggestions)
        return Finding(
            rule.code,
            rule.name,
            report.message,
            self._span(report.place),
            rule.severity,
            report.api,
            fix=self._fix(report.fix) if report.fix else None,
            suggestions=tuple(suggestion for suggestion in suggestions if suggestion),
            related=tuple(map(self._related, report.related)),
        )

    def _fix(self, make: FixMaker) -> Fix | None:
        try:
            return make(self._editor)
        except NotEditable:
            return None

    def _related(self, note: Note) -> Related:
        if note.module is None or note.module is self._facts.module:
            return Related(note.message, self._source.path, self._span(note.place))
        positions = self._analyse.positions(note.module)
        span = note.place if isinstance(note.place, Span) else positions.span(note.place)
        return Related(note.message, positions.source.path, span)

    def _span(self, place: Place) -> Span:
        return place if isinstance(place, Span) else self.positions.span(place)


def _order(finding: Finding) -> tuple[Span, str, str]:
    return finding.span, finding.code, finding.message


def origin(error: Exception) -> str:
    """An exception in one line, with the place that it comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno}); please report this"
