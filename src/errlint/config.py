"""Finding and reading configuration: the nearest `errlint.toml`, or `[tool.errlint]` of a `pyproject.toml`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import tomli

from errlint.discovery import Ignoring, ignoring, reason
from errlint.settings import Selection, SettingsError, read_table


class ConfigurationError(Exception):
    """A configuration file that cannot be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the nearest configuration file says, `file` None where there is none."""

    file: Path | None = None
    selection: Selection = field(default_factory=Selection)
    exclude: Ignoring | None = None


_NONE = Configuration()


class Configurations:
    """The configuration that holds in a folder; each file is read once, and one that is wrong is wrong each time.

    `isolated`: configuration files are not looked for.
    """

    def __init__(self, *, isolated: bool) -> None:
        self._isolated = isolated
        self._known: dict[str, Configuration | ConfigurationError] = {}

    def nearest(self, folder: Path) -> Configuration:
        """The configuration for files in `folder`; raises ConfigurationError."""
        if self._isolated:
            return _NONE
        found = self._lookup(os.path.abspath(folder))
        if isinstance(found, ConfigurationError):
            raise found
        return found

    def _lookup(self, folder: str) -> Configuration | ConfigurationError:
        if folder not in self._known:
            try:
                here = _read(Path(folder))
            except ConfigurationError as error:
                self._known[folder] = error
                return error
            parent = os.path.dirname(folder)
            if here is None:
                self._known[folder] = _NONE if parent == folder else self._lookup(parent)
            else:
                self._known[folder] = here
        return self._known[folder]


def _read(folder: Path) -> Configuration | None:
    own = folder / "errlint.toml"
    table = _load(own)
    if table is not None:
        return _interpret(own, table)
    project = folder / "pyproject.toml"
    tool = (_load(project) or {}).get("tool")
    section = tool.get("errlint") if isinstance(tool, dict) else None
    if section is None:
        return None
    if not isinstance(section, dict):
        raise ConfigurationError(f"{project}: [tool.errlint] must be a table")
    return _interpret(project, section)


def _load(file: Path) -> dict[str, object] | None:
    try:
        with file.open("rb") as stream:
            return tomli.load(stream)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{file}: {reason(error)}") from error
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: {reason(error)}") from error


def _interpret(file: Path, table: dict[str, object]) -> Configuration:
    try:
        read = read_table(table)
    except SettingsError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    try:
        exclude = ignoring(os.path.abspath(file.parent), read.exclude) if read.exclude else None
    except ValueError as error:
        raise ConfigurationError(f"{file}: 'exclude': {reason(error)}") from error
    return Configuration(file, read.selection, exclude)
