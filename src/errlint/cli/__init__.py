"""The command line."""

from __future__ import annotations

import click

from errlint import __version__
from errlint.cli.check import check
from errlint.cli.debug import debug
from errlint.cli.outcomes import outcomes
from errlint.cli.rule import rule


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="errlint", message="%(prog)s %(version)s")
def main() -> None:
    """Follow HTTP statuses through Python client code and report where errors are handled wrongly."""


for command in (check, outcomes, rule, debug):
    main.add_command(command)
