"""The files of a run: reading and writing them, and the modules that they import from each other."""

from __future__ import annotations

import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from os.path import isfile  # Unlike the method of paths, it says no where it may not look, or a name is too long.
from pathlib import Path
from typing import TYPE_CHECKING

from errlint.model import Span
from errlint.source import DecodeError, Source
from errlint.syntax.prefilter import Prefilter

if TYPE_CHECKING:
    import libcst as cst

    from errlint.analysis import Module, ModuleAnalyser, Packs
    from errlint.fixing import Fixed
    from errlint.flow.facts import ModuleFacts
    from errlint.flow.ir import ModuleCode
    from errlint.flow.relevance import Exports
    from errlint.model import Applicability
    from errlint.settings import Settings
    from errlint.syntax.positions import Positions

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)\b[^\n]*", re.MULTILINE)
_KEPT_MODULES = 512
"""A lowered module takes a hundred times the space of its text: only those used last are kept."""


class Unreadable(Exception):
    """A file that cannot be analysed; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the engine knows of a file; `source_of` gives the text of another module that the facts lead to."""

    source: Source
    facts: ModuleFacts
    positions: Positions
    source_of: Callable[[ModuleCode], Source]

    def row(self, node: cst.CSTNode) -> int | None:
        """The row in which a node of this file starts; None for nodes of other files."""
        return self.source.position(self.positions.span(node).start)[0] if node in self.positions else None


class Project:
    """What the files of a run share: the packs, and the modules that others import."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs
        self._prefilter = Prefilter(packs.knowledge.words)
        self._roots: dict[Path, _Root] = {}
        self._modules: OrderedDict[str, Module | None] = OrderedDict()
        self._sources: dict[str, Source] = {}

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

    def analyse(self, path: str, data: bytes) -> Analysed:
        """What the engine knows of the content of a file; raises Unreadable."""
        from errlint.examine import origin
        from errlint.syntax.parse import ParseError, parse
        from errlint.syntax.positions import Positions

        try:
            source = Source.decode(path, data)
        except DecodeError as error:
            row, column = error.readable.position(error.offset)
            raise Unreadable(f"{path}:{row}:{column}: {error}") from error
        try:
            tree = parse(source)
        except ParseError as error:
            row, column = source.position(error.span.start)
            raise Unreadable(f"{path}:{row}:{column}: {error}") from error
        analyser = self._analyser(path)
        try:
            facts = analyser(tree)
        except Exception as error:  # A mistake of the engine costs this file its tables, not the run.
            raise Unreadable(f"{path}: the analysis crashed: {origin(error)}") from error
        return Analysed(source, facts, Positions(source=source, tree=tree), analyser.source)

    def sources(self, path: str) -> Source:
        """The text of a file that a finding of this run names, as it was looked at: it may be gone by now."""
        return self._sources[path]

    def _analyser(self, path: str) -> ModuleAnalyser:
        from errlint.analysis import ModuleAnalyser

        root, name, is_package = _placed(Path(path))
        if root not in self._roots:
            self._roots[root] = _Root(self, root)
        return ModuleAnalyser(self._packs, name, is_package, self._roots[root])

    def imports_a_library(self, data: bytes) -> bool:
        """Whether a file with this content has an import that names something of a pack; packages give what their
        modules do."""
        return any(self._prefilter.matters(line) for line in _IMPORT.findall(data))

    def module(self, path: str, name: str) -> Module | None:
        if path not in self._modules:
            module = self._modules[path] = _load(path, name)
            if module is not None:
                self._sources.setdefault(path, module.source)
        self._modules.move_to_end(path)
        while len(self._modules) > _KEPT_MODULES:
            self._modules.popitem(last=False)
        return self._modules[path]


class _Root:
    """The modules below one import root."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder
        self.exports: dict[str, Exports | None] = {}

    def module(self, name: str) -> Module | None:
        file = self._file(name)
        return None if file is None else self._project.module(_shown(file), name)

    def concerned(self, name: str) -> bool:
        file = self._file(name)
        if file is None:
            return False
        try:
            return file.name == "__init__.py" or self._project.imports_a_library(file.read_bytes())
        except OSError:
            return False

    def _file(self, name: str) -> Path | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        base = self._folder.joinpath(*parts)
        return next((file for file in (base / "__init__.py", base.with_suffix(".py")) if isfile(file)), None)


def _placed(path: Path) -> tuple[Path, str, bool]:
    """A file's import root (the nearest folder above it that is no package), its dotted name there, and whether it is
    the `__init__` of a package."""
    folder = Path(os.path.abspath(path)).parent
    is_package = path.stem == "__init__"
    parts = [] if is_package else [path.stem]
    while isfile(folder / "__init__.py") and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts), is_package


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
