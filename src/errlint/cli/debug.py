"""`errlint debug`: what goes on inside, for those who work on errlint."""

from __future__ import annotations

import click

from errlint.cli import options
from errlint.cli.inputs import Inputs
from errlint.cli.output import Output
from errlint.settings import Selection


@click.group()
def debug() -> None:
    """Show what goes on inside."""


@debug.command()
@options.paths
@options.isolated
@options.stdin_filename
def flow(paths: tuple[str, ...], isolated: bool, stdin_filename: str | None) -> None:
    """Print what the engine makes of the functions in PATHS: their graphs, and what it notices in them."""
    from errlint.report import flow as report

    output = Output()
    inputs = Inputs(output, paths, isolated=isolated, stdin_filename=stdin_filename, selection=Selection())
    for analysed in inputs.analysed():
        facts = analysed.facts
        of_code = {id(function.code): function for function in facts.functions if not function.switches}
        for code in (*facts.module.functions, facts.module.body):
            output.write(report.as_text(code, of_code.get(id(code)), analysed.row))
    raise SystemExit(2 if output.failed else 0)
