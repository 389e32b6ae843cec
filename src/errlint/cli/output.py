"""Writing to the terminal: colour where it shows, and no complaint when the reader goes away."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from errlint.discovery import reason
from errlint.report.paint import Paint, Role, plain

_STYLES: dict[Role, dict[str, Any]] = {
    "code": {"fg": "red", "bold": True},
    "path": {"bold": True},
    "line": {"fg": "blue"},
    "mark": {"fg": "red", "bold": True},
    "step": {"fg": "cyan"},
    "help": {"fg": "green"},
    "removed": {"fg": "red"},
    "added": {"fg": "green"},
}


class Output:
    """The two streams of a run, and whether errlint failed in some part of its work."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.failed = False
        self._quiet = quiet
        # None is a stream that was closed before the start.
        sys.stdout = sys.stdout or io.TextIOWrapper(io.BytesIO())
        sys.stderr = sys.stderr or io.TextIOWrapper(io.BytesIO())
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A name or a message that the terminal's encoding lacks must not end the run.
                stream.reconfigure(errors="backslashreplace")

    @property
    def paint(self) -> Paint:
        """How standard output shows colour."""
        return _coloured if _shows_colour(sys.stdout) else plain

    def write(self, text: str, *, to_stderr: bool = False) -> None:
        """What the run is for, to standard output unless that is taken."""
        with self._unless_full(sys.stderr if to_stderr else sys.stdout) as stream:
            click.echo(text, file=stream, nl=False, color=True)

    def write_bytes(self, data: bytes) -> None:
        """Exactly these bytes to standard output."""
        with self._unless_full(sys.stdout) as stream:
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()

    def note(self, text: str) -> None:
        """A line about the run as a whole, to standard error."""
        if not self._quiet:
            self.write(text + "\n", to_stderr=True)

    def fail(self, text: str) -> None:
        """Say what errlint could not do, and remember that it could not."""
        self.failed = True
        line = " ".join(text.split())
        shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
        self.write(f"error: {shown}\n", to_stderr=True)

    @contextmanager
    def _unless_full(self, stream: TextIO) -> Iterator[TextIO]:
        """Where the stream takes no more, writing goes nowhere from now on."""
        try:
            yield stream
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
            # A reader that closed the pipe has what it wanted.
            if not isinstance(error, BrokenPipeError):
                self.fail(f"the output cannot be written: {reason(error)}")


def _coloured(text: str, role: Role) -> str:
    return click.style(text, **_STYLES[role])


def _shows_colour(stream: TextIO) -> bool:
    """See no-color.org and force-color.org; where both are set the plain text wins."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
