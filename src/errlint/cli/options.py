"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from errlint.checks.base import Tier
from errlint.cli.output import Output
from errlint.settings import TIERS, Selection, SettingsError, resolve

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


def read_selection(
    output: Output,
    select: Iterable[str],
    ignore: Iterable[str],
    extend_select: Iterable[str],
    tier: Tier | None,
) -> Selection:
    """What the options say; exits where one of them names no rule."""
    given = {"--select": tuple(select), "--ignore": tuple(ignore), "--extend-select": tuple(extend_select)}
    for option, values in given.items():
        if values and not _split(values):
            output.fail(f"{option}: names no rule; `errlint rule` lists the rules")
            raise SystemExit(2)
    chosen, left_out, added = map(_split, given.values())
    layers = {
        "--select": Selection(select=chosen),
        "--ignore": Selection(ignore=left_out),
        "--extend-select": Selection(extend_select=added),
    }
    if chosen or left_out or added:
        from errlint import checks

        rules = checks.load()
        for option, layer in layers.items():
            try:
                resolve(rules, layer)
            except SettingsError as error:
                output.fail(f"{option}: {error}")
                raise SystemExit(2) from error
    return Selection(chosen or None, left_out, added, tier)


def _split(values: Iterable[str]) -> tuple[str, ...]:
    """Selectors, of which commas separate several in one value."""
    return tuple(item.strip() for value in values for item in value.split(",") if item.strip())
