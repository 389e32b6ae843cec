"""Finding the Python files to check."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

NEVER_ENTERED = frozenset(
    [
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".git-rewrite",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pyenv",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "_build",
        "buck-out",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    ]
)
"""Folders that hold other people's code, or generated code; one that is named as a path is entered all the same."""


@dataclass(frozen=True, slots=True)
class Ignoring:
    """Patterns of a `.gitignore` or of the `exclude` setting, relative to the folder that they stand in."""

    folder: str
    patterns: GitIgnoreSpec

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """True: ignored; False: expressly not; None: nothing is said about the path, or it lies elsewhere."""
        inside = self.folder.rstrip(os.sep) + os.sep
        if not path.startswith(inside):
            return None
        relative = path[len(inside) :]
        return self.patterns.check_file(relative + "/" if is_folder else relative).include


def ignoring(folder: str, lines: Iterable[str]) -> Ignoring:
    """Patterns, one a line, in the syntax of `.gitignore`; raises ValueError where one of them is none."""
    return Ignoring(folder, GitIgnoreSpec.from_lines(lines))


@dataclass(frozen=True, slots=True)
class Discovered:
    """What was found, and what could not be looked at: one line for each."""

    files: tuple[Path, ...]
    problems: tuple[str, ...]


def discover(
    paths: Iterable[Path], excluded: Callable[[Path], Ignoring | None], *, force_exclude: bool = False
) -> Discovered:
    """The files among `paths`, whatever they are called, and the `*.py` below the folders among them, each once.

    `excluded` gives the `exclude` setting that holds in a folder; with `force_exclude` it holds for files among
    `paths` as well.
    """
    files: dict[Path, None] = {}
    problems: list[str] = []
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, ValueError) as error:
            problems.append(f"{path}: {reason(error)}")
            continue
        if is_folder:
            files.update(dict.fromkeys(_walk(path, excluded, problems)))
        elif not (force_exclude and _is_excluded(path, excluded)):
            files[path] = None
    return Discovered(tuple(sorted(files)), tuple(problems))


def reason(error: OSError | ValueError) -> str:
    """What the system says, without the path and the number."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def _walk(root: Path, excluded: Callable[[Path], Ignoring | None], problems: list[str]) -> Iterator[Path]:
    pending = [(root, tuple(_ignored_above(root)))]
    while pending:
        folder, ignored = pending.pop()
        ignored += tuple(_ignored_in(folder))
        setting = excluded(folder)
        layers = (*ignored, setting) if setting else ignored
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(f"{folder}: {reason(error)}")
            continue
        for entry in entries:
            path = folder / entry.name
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                matters = entry.name not in NEVER_ENTERED if is_folder else _is_python_file(entry)
            except OSError as error:
                problems.append(f"{path}: {reason(error)}")
                continue
            if not matters or _is_ignored(os.path.abspath(entry.path), is_folder, layers):
                continue
            if is_folder:
                pending.append((path, ignored))
            else:
                yield path


def _is_python_file(entry: os.DirEntry[str]) -> bool:
    """No link that leads nowhere is one: editors lock files with such."""
    return entry.name.endswith(".py") and entry.is_file()


def _is_excluded(file: Path, excluded: Callable[[Path], Ignoring | None]) -> bool:
    setting = excluded(file.parent)
    return setting is not None and bool(setting.verdict(os.path.abspath(file), is_folder=False))


def _is_ignored(path: str, is_folder: bool, layers: Iterable[Ignoring]) -> bool:
    verdict = False
    for layer in layers:
        said = layer.verdict(path, is_folder)
        verdict = verdict if said is None else said
    return verdict


def _ignored_above(root: Path) -> Iterator[Ignoring]:
    """The `.gitignore` files from the top of the repository down to the folder above `root`."""
    absolute = Path(os.path.abspath(root))
    inside = [absolute, *absolute.parents]
    tops = [index for index, folder in enumerate(inside) if os.path.exists(folder / ".git")]
    for folder in reversed(inside[1 : tops[0] + 1] if tops else []):
        yield from _ignored_in(folder)


def _ignored_in(folder: Path) -> Iterator[Ignoring]:
    try:
        lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return  # None there, or none that git could read either.
    yield ignoring(os.path.abspath(folder), filter(_is_pattern, lines))


def _is_pattern(line: str) -> bool:
    """Git takes no notice of lines that are none."""
    try:
        ignoring("", [line])
    except ValueError:
        return False
    return True
