"""The command line."""

from __future__ import annotations

from typing import Any

import click

from errlint import __version__
from errlint.cli.check import check
from errlint.cli.debug import debug
from errlint.cli.outcomes import outcomes
from errlint.cli.rule import rule


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> Any:
        """Run a command; where it is interrupted, exit as a shell reports it: 1 would be findings."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            raise SystemExit(130) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="errlint", message="%(prog)s %(version)s")
def main() -> None:
    """Follow HTTP statuses through Python client code and report where errors are handled wrongly."""


for command in (check, outcomes, rule, debug):
    main.add_command(command)
