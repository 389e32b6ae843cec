"""The engine as `examine` needs it: for one module, with the modules around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from errlint.syntax.parse import ParseError, parse
from errlint.syntax.positions import Positions

if TYPE_CHECKING:
    from errlint.flow.analyse import Scope
    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts
    from errlint.flow.relevance import Exports
    from errlint.packs.contracts import Contracts
    from errlint.packs.knowledge import Knowledge
    from errlint.source import Source


@dataclass(frozen=True, slots=True)
class Packs:
    """What errlint knows: of libraries, and of APIs."""

    knowledge: Knowledge
    contracts: Contracts


def builtin_packs() -> Packs:
    """The packs that errlint comes with; raises PackError where one of them is wrong."""
    from errlint.packs.contract_files import builtin_contracts
    from errlint.packs.locate import load_builtin

    return Packs(load_builtin(), builtin_contracts())


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the project, ready to be followed into."""

    code: ModuleCode
    positions: Positions

    @property
    def source(self) -> Source:
        """Its text."""
        return self.positions.source


class Neighbours(Protocol):
    """The other modules of a project, as seen from one import root."""

    def module(self, name: str) -> Module | None:
        """The module with this dotted name; None where there is none that parses."""

    def concerned(self, name: str) -> bool:
        """Whether there is one that is likely to hold or pass on clients."""

    exports: dict[str, Exports | None]
    """What is known of modules by name; kept for the run."""


def load_module(source: Source, name: str, is_package: bool) -> Module | None:
    """The module with this text; None where it does not parse, so that nothing is claimed about what it defines."""
    from errlint.flow.lower import lower_module

    try:
        code = lower_module(parse(source), name, is_package)
    except ParseError:
        return None
    return Module(code, Positions(source=source, tree=code.tree))


class ModuleAnalyser:
    """Analyses texts of the module `name`, whose project has these other modules."""

    def __init__(self, packs: Packs, name: str, is_package: bool, neighbours: Neighbours) -> None:
        self._packs = packs
        self._name = name
        self._is_package = is_package
        self._neighbours = neighbours
        self._used: dict[str, Module | None] = {}
        """They live as long as the facts that point into them."""

    def __call__(self, source: Source, scope: Scope) -> ModuleFacts:
        """Raises ParseError."""
        from errlint.flow.analyse import analyse

        module = self._lowered(source)

        def resolve(name: str) -> ModuleCode | None:
            # Modules may import each other: this one is the same wherever it is come by.
            return module if name == self._name else self._resolve(name)

        return analyse(module, self._packs.knowledge, self._packs.contracts, resolve, self._exports, scope)

    def positions(self, module: ModuleCode) -> Positions:
        """Where the nodes of another module stand that facts of this analyser lead to."""
        found = self._used[module.name]
        assert found is not None
        return found.positions

    def _lowered(self, source: Source) -> ModuleCode:
        """The module with this text; others may have followed into it before, or will."""
        from errlint.flow.lower import lower_module

        known = self._neighbours.module(self._name)
        if known is not None and known.source.text == source.text and known.code.name == self._name:
            return known.code
        return lower_module(parse(source), self._name, self._is_package)

    def _resolve(self, name: str) -> ModuleCode | None:
        if name not in self._used:
            self._used[name] = self._neighbours.module(name)
        found = self._used[name]
        return None if found is None else found.code

    def _exports(self, name: str, always: bool) -> Exports | None:
        from errlint.flow.relevance import Survey

        known = self._neighbours.exports
        if name not in known and (always or self._neighbours.concerned(name)):
            # Modules may import each other: while one is looked at, it gives nothing.
            known[name] = None
            module = self._neighbours.module(name)
            if module is not None:
                known[name] = Survey(module.code, self._packs.knowledge, self._exports).exports()
        return known.get(name)
