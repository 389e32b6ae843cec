"""`errlint check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from errlint.cli import options
from errlint.cli.inputs import STDIN, Inputs
from errlint.cli.output import Output
from errlint.cli.knowledge import load_knowledge
from errlint.discovery import reason

if TYPE_CHECKING:
    from errlint.model import Applicability, Finding


@click.command()
@options.paths
@options.selection
@options.isolated
@options.stdin_filename
@click.option("--fix", "fixing", is_flag=True, help="Repair what can be repaired safely.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Count fixes that need a decision as fixes, too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True)
@click.option("--output-file", metavar="PATH", help="Write the findings to a file.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@click.option("--no-cache", is_flag=True, help="Take nothing from earlier runs.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@options.quiet
def check(
    paths: tuple[str, ...],
    fixing: bool,
    unsafe: bool,
    diff: bool,
    output_format: str,
    output_file: str | None,
    statistics: bool,
    no_cache: bool,
    exit_zero: bool,
) -> None:
    """Report wrong handling of HTTP errors in the files and folders PATHS, by default here; - is standard input."""
