"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from errlint.settings import TIERS

Command = TypeVar("Command", bound=Callable[..., Any])

paths = click.argument("paths", nargs=-1, metavar="[PATHS|-]")
isolated = click.option("--isolated", is_flag=True, help="Read no configuration file.")
stdin_filename = click.option("--stdin-filename", metavar="PATH", help="The name of the file that `-` reads.")
quiet = click.option("--quiet", "-q", is_flag=True, help="Print findings and errors only.")


def selection(command: Command) -> Command:
    """`--select`, `--ignore`, `--extend-select` and `--tier`."""
    options = (
        click.option("--select", multiple=True, metavar="RULES", help="Rules to use instead of the usual ones."),
        click.option("--ignore", multiple=True, metavar="RULES", help="Rules to leave out."),
        click.option("--extend-select", multiple=True, metavar="RULES", help="Rules to use as well."),
        click.option("--tier", type=click.Choice(TIERS), help="The highest tier of rules to use."),
    )
    for option in reversed(options):
        command = option(command)
    return command
