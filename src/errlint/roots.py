"""Where the modules of a project lie: import roots, dotted names, and which modules lead to a library, read from bytes.

Nothing is parsed here: whether a file is worth parsing is what is to be found out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from os.path import isfile  # Unlike the method of paths, it says no where it may not look, or a name is too long.
from pathlib import Path

from errlint.syntax.prefilter import Prefilter

_FROM = re.compile(rb"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\n#;]*)", re.MULTILINE)
_SEPARATORS = re.compile(rb"[,\n]")
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
"""What lies in the top folder of a project."""
_HANDLING = (b"except", b"status")
"""What stands in every file that handles an error of what another module sent."""
_TELLING = (b".status_code", b".response.", b".response[")
"""What, in a file with a handler, tells of answers to requests, whoever sends them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A module: its import root (the nearest folder above it that is no package), its dotted name there, and whether
    it is the `__init__` of a package."""

    root: Path
    name: str
    is_package: bool


def placed(path: Path) -> Place:
    """The place of the module in a file."""
    folder = Path(os.path.abspath(path)).parent
    is_package = path.stem == "__init__"
    parts = [] if is_package else [path.stem]
    while isfile(folder / "__init__.py") and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return Place(folder, ".".join(parts), is_package)


class Root:
    """An import root. Names that are not found below it are looked for in the project's top folder and its `src`, as an
    installed project finds them; where nothing marks one, in all folders up to the working folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path | None] = {}
        """The files that were looked for, by the names of their modules."""

    @cached_property
    def _search_path(self) -> tuple[Path, ...]:
        above = (self._folder, *self._folder.parents)
        top = next((folder for folder in above if any(os.path.exists(folder / mark) for mark in _MARKS)), None)
        here = Path.cwd()
        tops = above[: above.index(here) + 1] if top is None and here in above else (top or self._folder,)
        return tuple(dict.fromkeys([self._folder, *[path for folder in tops for path in (folder, folder / "src")]]))

    def file(self, name: str) -> Path | None:
        """The file of the module with this dotted name."""
        if name not in self._files:
            self._files[name] = self._find(name)
        return self._files[name]

    def _find(self, name: str) -> Path | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for folder in self._search_path:
            base = folder.joinpath(*parts)
            for file in (base / "__init__.py", base.with_suffix(".py")):
                if isfile(file):
                    return file
        return None


class Reach:
    """Which modules of a project lead to a library: they import it, or are packages that pass on what their modules
    import."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._prefilter = Prefilter(words)
        self._roots: dict[Path, Root] = {}
        self._leading: dict[Path, bool] = {}

    def root(self, folder: Path) -> Root:
        """The import root at a folder."""
        if folder not in self._roots:
            self._roots[folder] = Root(folder)
        return self._roots[folder]

    def matters(self, path: str, data: bytes) -> bool:
        """Whether a file with this content may concern a pack: it names something of one, or handles errors and looks
        at answers, or imports a module that leads to one."""
        if self._prefilter.matters(data):
            return True
        if b"except" in data and any(word in data for word in _TELLING):
            return True
        return any(word in data for word in _HANDLING) and any(map(self.leads, self._imports(Path(path), data)))

    def leads(self, file: Path) -> bool:
        """Whether the module in a file leads to a library."""
        if file not in self._leading:
            self._leading[file] = False  # Until it is known: modules may import each other.
            try:
                data = file.read_bytes()
            except OSError:
                return False
            self._leading[file] = any(self._prefilter.matters(line) for line in _lines(data)) or (
                file.name == "__init__.py" and any(map(self.leads, self._imports(file, data)))
            )
        return self._leading[file]

    def _imports(self, path: Path, data: bytes) -> Iterator[Path]:
        """The files of the project that a file with this content imports."""
        place = placed(path)
        root = self.root(place.root)
        for name in dict.fromkeys(_imported_names(place, data)):
            file = root.file(name)
            if file is not None:
                yield file


def _lines(data: bytes) -> Iterator[bytes]:
    """The import statements in a file, as far as they name modules."""
    for pattern in (_FROM, _IMPORT):
        for match in pattern.finditer(data):
            yield match.group()


def _imported_names(place: Place, data: bytes) -> Iterator[str]:
    """The dotted names that may be modules, of all import statements."""
    package = place.name.split(".") if place.is_package else place.name.split(".")[:-1]
    for match in _FROM.finditer(data):
        source, names = match.groups()
        module = source.lstrip(b".").decode(errors="replace")
        level = len(source) - len(source.lstrip(b"."))
        if level:
            above = package[: len(package) - level + 1]
            module = ".".join([*above, *([module] if module else [])])
        yield module
        for name in _names(names.strip(b"()")):
            yield f"{module}.{name}" if module else name
    for match in _IMPORT.finditer(data):
        yield from _names(match.group(1))


def _names(listed: bytes) -> Iterator[str]:
    for item in _SEPARATORS.split(listed):
        words = item.split()
        if words:
            yield words[0].decode(errors="replace")
