"""The files of a run: reading and writing them, and the modules that they import from each other."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from errlint.source import Source

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.facts import ModuleFacts
    from errlint.flow.ir import ModuleCode
    from errlint.packs.knowledge import Knowledge

_KEPT_MODULES = 64
"""A lowered module takes a hundred times the space of its text: only those used last are kept."""


class Project:
    """What the files of a run share: the packs, and the modules that were lowered for others that import them."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._modules: OrderedDict[str, tuple[Source, ModuleCode] | None] = OrderedDict()

    def analyser(self, path: str) -> FileAnalyser:
        """The engine as `lint` needs it for the file at `path`."""
        return FileAnalyser(self, self._knowledge, path)

    def module(self, path: str, name: str, is_package: bool) -> tuple[Source, ModuleCode] | None:
        """Another module of the project; None where it cannot be read or does not parse."""
        if path not in self._modules:
            self._modules[path] = _load(path, name, is_package)
        self._modules.move_to_end(path)
        while len(self._modules) > _KEPT_MODULES:
            self._modules.popitem(last=False)
        return self._modules[path]


class FileAnalyser:
    """The engine for one file: it knows the file's place among the modules that it may import."""

    def __init__(self, project: Project, knowledge: Knowledge, path: str) -> None:
        self._project = project
        self._knowledge = knowledge
        self._root, self._name, self._is_package = _placed(Path(path))
        self._used: dict[str, tuple[Source, ModuleCode]] = {}
        """By dotted name. They live as long as the facts that point into them."""

    def __call__(self, tree: cst.Module) -> ModuleFacts:
        from errlint.flow import analyse
        from errlint.flow.lower import lower_module

        return analyse(lower_module(tree, self._name, self._is_package), self._knowledge, self._find)

    def source(self, module: ModuleCode) -> Source:
        return self._used[module.name][0]

    def _find(self, name: str) -> ModuleCode | None:
        if name not in self._used:
            for path, is_package in _candidates(self._root, name):
                found = self._project.module(path, name, is_package)
                if found is not None:
                    self._used[name] = found
                    break
            else:
                return None
        return self._used[name][1]


def _placed(path: Path) -> tuple[Path, str, bool]:
    """A file's import root (the nearest folder above it that is no package), its dotted name there, and whether it is
    a package's `__init__`."""
    folder = Path(os.path.abspath(path)).parent
    parts = [] if path.stem == "__init__" else [path.stem]
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts), path.stem == "__init__"


def _candidates(root: Path, name: str) -> Iterator[tuple[str, bool]]:
    """Where the module of a dotted name may be, as paths relative to the working folder where they are below it."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return
    base = root.joinpath(*parts)
    for file, is_package in ((base / "__init__.py", True), (base.with_suffix(".py"), False)):
        if file.is_file():
            yield _shown(file), is_package


def _shown(file: Path) -> str:
    relative = os.path.relpath(file)
    return str(file) if relative.startswith(os.pardir) else relative


def _load(path: str, name: str, is_package: bool) -> tuple[Source, ModuleCode] | None:
    from errlint.flow.lower import lower_module
    from errlint.syntax.parse import ParseError, parse

    try:
        source = Source.decode(path, Path(path).read_bytes())
        return source, lower_module(parse(source), name, is_package)
    except (OSError, ParseError):
        # Nothing is claimed about what it defines. Where it is checked itself, it gets its own ERR902.
        return None


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
