"""The files of a run: reading and writing them, and the modules that they import from each other."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from errlint import collecting
from errlint.model import Span
from errlint.roots import Reach, Root, placed
from errlint.source import DecodeError, Source

if TYPE_CHECKING:
    import libcst as cst

    from errlint.analysis import Module, ModuleAnalyser, Packs
    from errlint.fixing import Fixed
    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts
    from errlint.flow.relevance import Exports
    from errlint.model import Applicability
    from errlint.settings import Settings
    from errlint.syntax.positions import Positions

_KEPT_MODULES = 512
"""A lowered module takes a hundred times the space of its text: only those used last are kept."""


class Unreadable(Exception):
    """A file that cannot be analysed; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the engine knows of a file; `positions_of` gives the places in another module that the facts lead to."""

    source: Source
    facts: ModuleFacts
    positions: Positions
    positions_of: Callable[[ModuleCode], Positions]

    def row(self, node: cst.CSTNode) -> int | None:
        """The row in which a node of this file starts; None for nodes of other files."""
        return self.source.position(self.positions.span(node).start)[0] if node in self.positions else None


class Project:
    """What the files of a run share: the packs, and the modules that others import."""

    def __init__(self, packs: Packs, reach: Reach) -> None:
        self._packs = packs
        self._reach = reach
        self._surroundings: dict[Path, _Surroundings] = {}
        self._modules: OrderedDict[str, Module | None] = OrderedDict()
        self._sources: dict[str, Source] = {}

    @collecting.seldom()
    def fix(self, path: str, data: bytes, settings: Settings, kinds: frozenset[Applicability]) -> Fixed:
        """Lint the content of a file after applying the fixes of these kinds to it; the file itself is left alone."""
        from errlint import fixing
        from errlint.examine import syntax_error
        from errlint.lint import Result

        try:
            source = Source.decode(path, data)
        except DecodeError as error:
            readable = self._sources[path] = error.readable
            finding = syntax_error(settings, str(error), Span(error.offset, error.offset))
            return fixing.Fixed(readable, readable, Result((finding,)), ())
        fixed = fixing.fix(source, settings, self._analyser(path), kinds)
        if fixed.result.findings:
            self._sources[path] = fixed.source
        return fixed

    @collecting.seldom()
    def analyse(self, path: str, data: bytes) -> Analysed:
        """What the engine knows of the content of a file; raises Unreadable."""
        from errlint.examine import origin
        from errlint.flow.analyse import Scope
        from errlint.flow.budget import SCALE_OF_TABLES
        from errlint.syntax.parse import ParseError
        from errlint.syntax.positions import Positions

        try:
            source = Source.decode(path, data)
        except DecodeError as error:
            row, column = error.readable.position(error.offset)
            raise Unreadable(f"{path}:{row}:{column}: {error}") from error
        analyser = self._analyser(path)
        try:
            facts = analyser(source, Scope(scale=SCALE_OF_TABLES))
        except ParseError as error:
            row, column = source.position(error.span.start)
            raise Unreadable(f"{path}:{row}:{column}: {error}") from error
        except Exception as error:  # A mistake of the engine costs this file its tables, not the run.
            raise Unreadable(f"{path}: the analysis crashed: {origin(error)}") from error
        return Analysed(source, facts, Positions(source=source, tree=facts.module.tree), analyser.positions)

    def sources(self, path: str) -> Source:
        """The text of a file that a finding of this run names, as it was looked at: it may be gone by now."""
        return self._sources[path]

    def _analyser(self, path: str) -> ModuleAnalyser:
        from errlint.analysis import ModuleAnalyser

        place = placed(Path(path))
        if place.root not in self._surroundings:
            self._surroundings[place.root] = _Surroundings(self, self._reach, self._reach.root(place.root))
        return ModuleAnalyser(self._packs, place.name, place.is_package, self._surroundings[place.root])

    def module(self, path: str, name: str) -> Module | None:
        if path not in self._modules:
            module = self._modules[path] = _load(path, name)
            if module is not None:
                self._sources.setdefault(path, module.source)
        self._modules.move_to_end(path)
        while len(self._modules) > _KEPT_MODULES:
            self._modules.popitem(last=False)
        return self._modules[path]


class _Surroundings:
    """The modules of the project as those below one import root see them."""

    def __init__(self, project: Project, reach: Reach, root: Root) -> None:
        self._project = project
        self._reach = reach
        self._root = root
        self.exports: dict[str, Exports | None] = {}

    def module(self, name: str) -> Module | None:
        file = self._root.file(name)
        return None if file is None else self._project.module(_shown(file), name)

    def concerned(self, name: str) -> bool:
        file = self._root.file(name)
        return file is not None and self._reach.leads(file)


def _shown(file: Path) -> str:
    """As a user would write it: relative where the file is below the working folder."""
    relative = os.path.relpath(file)
    return str(file) if relative.startswith(os.pardir) else relative


def _load(path: str, name: str) -> Module | None:
    from errlint.analysis import load_module

    try:
        source = Source.decode(path, Path(path).read_bytes())
    except (OSError, DecodeError):
        # Where the file is checked itself, it gets a finding of its own.
        return None
    return load_module(source, name, is_package=Path(path).stem == "__init__")


def replace_file(path: str, data: bytes) -> None:
    """Replace a file's content at once or not at all, keeping its mode; a symbolic link goes on pointing to it."""
    target = os.path.realpath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".errlint-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
