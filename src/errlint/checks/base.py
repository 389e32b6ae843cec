"""What a rule is, and how it says what it found.

A rule asks questions of `ModuleFacts` and yields `Report`s. It points at places with the libcst nodes that the facts
hold; `lint` turns them into spans, so that findings hold none. A rule keeps no state: one instance serves every file.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from errlint.model import Fix, Severity, Span

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor

    Place = cst.CSTNode | Span
    FixMaker = Callable[[Editor], Fix | None]

Tier = Literal["default", "contract", "strict"]

UNUSED_SUPPRESSION = "ERR901"
SYNTAX_ERROR = "ERR902"
ALWAYS_ON = frozenset({SYNTAX_ERROR})
"""A file that was not checked is never passed over in silence, whatever was selected."""


@dataclass(frozen=True, slots=True)
class Note:
    """A place on the path that leads to a finding. `module` is None where that is the module that is checked."""

    message: str
    place: Place
    module: ModuleCode | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a rule found: the narrowest expression that decides, and the path to it in the order in which it runs.

    `fix` and the `suggestions` (alternatives, of which a person picks one) make the edits; they return None, or let
    `NotEditable` pass, where the code at hand cannot be repaired mechanically. `api` names the contract that the report
    rests on, None where it is HTTP itself.
    """

    message: str
    place: Place
    related: tuple[Note, ...] = ()
    fix: FixMaker | None = None
    suggestions: tuple[FixMaker, ...] = ()
    api: str | None = None


class Rule(ABC):
    """Base of all rules. The docstring of the class is the rule's page, its module's name the rule's name."""

    code: ClassVar[str]
    tier: ClassVar[Tier] = "default"
    severity: ClassVar[Severity] = "warning"

    @abstractmethod
    def check(self, facts: ModuleFacts) -> Iterable[Report]:
        """Everything that the rule has to say about one module."""

    @property
    def name(self) -> str:
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    def page(self) -> str:
        """The rule's page, in Markdown."""
        return inspect.cleandoc(type(self).__doc__ or "")
