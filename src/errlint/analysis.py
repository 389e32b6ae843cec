"""The engine as `examine` needs it: for one module, with the modules around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errlint.syntax.parse import ParseError, parse

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.facts import ModuleFacts
    from errlint.flow.ir import ModuleCode
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

    source: Source
    code: ModuleCode


Finder = Callable[[str], Module | None]
"""Finds another module of the project by its dotted name."""


def load_module(source: Source, name: str, is_package: bool) -> Module | None:
    """The module with this text; None where it does not parse, so that nothing is claimed about what it defines."""
    from errlint.flow.lower import lower_module

    try:
        return Module(source, lower_module(parse(source), name, is_package))
    except ParseError:
        return None


class ModuleAnalyser:
    """Analyses texts of the module `name`; those that it imports are found by `find`."""

    def __init__(self, packs: Packs, name: str, is_package: bool, find: Finder) -> None:
        self._packs = packs
        self._name = name
        self._is_package = is_package
        self._find = find
        self._used: dict[str, Module | None] = {}
        """They live as long as the facts that point into them."""

    def __call__(self, tree: cst.Module) -> ModuleFacts:
        from errlint.flow.analyse import analyse
        from errlint.flow.lower import lower_module

        module = lower_module(tree, self._name, self._is_package)
        return analyse(module, self._packs.knowledge, self._packs.contracts, self._resolve)

    def source(self, module: ModuleCode) -> Source:
        """The text of a module that facts of this analyser lead to."""
        found = self._used[module.name]
        assert found is not None
        return found.source

    def _resolve(self, name: str) -> ModuleCode | None:
        if name not in self._used:
            self._used[name] = self._find(name)
        found = self._used[name]
        return None if found is None else found.code
