"""What a command is to look at: the files that matter, each with the settings that hold for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from errlint.cli.output import Output
from errlint.config import ConfigurationError, Configurations
from errlint.discovery import Ignoring, discover, reason
from errlint.packs.errors import PackError
from errlint.packs.locate import builtin_words, load_builtin
from errlint.project import Analysed, Project, Unreadable
from errlint.roots import Reach
from errlint.settings import Selection, Settings, SettingsError, resolve

STDIN = "-"
_NO_PATHS = {
    STDIN: "-: standard input is only read where no other paths are given",
    "": "'': an empty path names no file",
}


@dataclass(frozen=True, slots=True)
class Input:
    """A file that may concern errlint."""

    path: str
    data: bytes
    settings: Settings
    from_stdin: bool


class Inputs:
    """The files among `paths` and below them, in order; what cannot be read or configured is said and left out."""

    def __init__(
        self,
        output: Output,
        paths: Sequence[str],
        *,
        isolated: bool,
        stdin_filename: str | None,
        selection: Selection,
        force_exclude: bool = False,
    ) -> None:
        self._output = output
        try:
            os.getcwd()
        except OSError as error:
            output.fail(f"the working folder cannot be found: {reason(error)}; change to one that exists")
            raise SystemExit(2) from error
        self._paths = paths or (".",)
        self._configurations = Configurations(isolated=isolated)
        self._stdin_filename = stdin_filename
        self._selection = selection
        self._force_exclude = force_exclude
        self._settings: dict[Selection, Settings] = {}
        self._said: set[str] = set()

    @property
    def from_stdin(self) -> bool:
        return tuple(self._paths) == (STDIN,)

    def matching(self) -> Iterator[Input]:
        """Those that may concern a pack."""
        for path, folder, data in self._read():
            if not self._reach.matters(path, data):
                continue
            try:
                settings = self._settings_in(folder)
            except (ConfigurationError, SettingsError) as error:
                self._say_once(str(error))
                continue
            yield Input(path, data, settings, self.from_stdin)

    @cached_property
    def project(self) -> Project:
        """What the files share, made for the first that matters: to read all packs takes longer than to look at a
        hundred files that do not. Exits where a pack is wrong: nothing that it bears on could be judged."""
        from errlint.analysis import builtin_packs

        with self._broken_packs_exit():
            return Project(builtin_packs(), self._reach)

    @cached_property
    def _reach(self) -> Reach:
        with self._broken_packs_exit():
            try:
                return Reach(builtin_words())
            except (KeyError, ValueError):
                # Too broken to be skimmed: reading it whole says what is wrong with which pack.
                return Reach(load_builtin().words)

    @contextmanager
    def _broken_packs_exit(self) -> Iterator[None]:
        try:
            yield
        except PackError as error:
            self._output.fail(str(error))
            raise SystemExit(2) from error

    def analysed(self) -> Iterator[Analysed]:
        """What the engine knows of those that matter; why it knows nothing of the others that do not parse."""
        for item in self.matching():
            try:
                yield self.project.analyse(item.path, item.data)
            except Unreadable as error:
                self._output.fail(str(error))

    def _read(self) -> Iterator[tuple[str, Path, bytes]]:
        if self.from_stdin:
            path = self._stdin_filename or STDIN
            if sys.stdin is None:
                self._output.fail(f"{STDIN}: standard input is closed")
                return
            yield path, Path(path).parent, sys.stdin.buffer.read()
            return
        for path, problem in _NO_PATHS.items():
            if path in self._paths:
                self._output.fail(problem)
        paths = [Path(path) for path in self._paths if path not in _NO_PATHS]
        found = discover(paths, self._excluded, force_exclude=self._force_exclude)
        for problem in found.problems:
            self._output.fail(problem)
        if not found.files and not self._output.failed and not self._force_exclude:
            self._output.note(f"warning: no Python files found under {', '.join(self._paths)}")
        for file in found.files:
            try:
                data = file.read_bytes()
            except OSError as error:
                self._output.fail(f"{file}: {reason(error)}")
                continue
            yield str(file), file.parent, data

    def _settings_in(self, folder: Path) -> Settings:
        configuration = self._configurations.nearest(folder)
        if configuration.selection not in self._settings:
            from errlint import checks

            try:
                settings = resolve(checks.load(), configuration.selection, self._selection)
            except SettingsError as error:
                raise SettingsError(f"{configuration.file}: {error}") from error
            self._settings[configuration.selection] = settings
        return self._settings[configuration.selection]

    def _excluded(self, folder: Path) -> Ignoring | None:
        try:
            return self._configurations.nearest(folder).exclude
        except ConfigurationError as error:
            self._say_once(str(error))
            return None

    def _say_once(self, problem: str) -> None:
        if problem not in self._said:
            self._said.add(problem)
            self._output.fail(problem)
