"""One look at one source text: parse, analyse, ask the rules, set aside what is suppressed.

No input or output happens here. Fixes are as the rules proposed them; `lint` verifies them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from errlint.checks.base import SYNTAX_ERROR, UNUSED_SUPPRESSION, Note, Report, Rule
from errlint.model import Finding, Fix, Related
from errlint.settings import Settings
from errlint.source import Source
from errlint.syntax.edits import Editor
from errlint.syntax.parse import ParseError, parse
from errlint.syntax.positions import Positions
from errlint.syntax.suppressions import Suppressions

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.facts import ModuleFacts
    from errlint.flow.ir import ModuleCode


class Analyser(Protocol):
    """The engine, with all that it needs besides the module at hand: knowledge, and the project's other modules."""

    def __call__(self, tree: cst.Module) -> ModuleFacts:
        """What the rules are told about a module."""

    def source(self, module: ModuleCode) -> Source:
        """The text of another module that the facts lead to."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What one look gave. `facts` is None where there are none: the file does not parse, or the engine crashed.

    `problems` are lines about what errlint itself did wrong.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    facts: ModuleFacts | None = None


def examine(source: Source, settings: Settings, analyse: Analyser) -> Examination:
    """Everything that the selected rules have to say about a source text, in order."""
    try:
        tree = parse(source)
    except ParseError as error:
        rule = next(rule for rule in settings.rules if rule.code == SYNTAX_ERROR)
        return Examination((Finding(rule.code, rule.name, str(error), error.span, rule.severity),))
    try:
        facts = analyse(tree)
    except Exception as error:  # The engine's mistake costs this file's findings, never the run.
        return Examination((), problems=(f"{source.path}: not checked: {_crash('the analysis', error)}",))
    return _Look(source, tree, settings, analyse, facts).result()
