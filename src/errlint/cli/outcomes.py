"""`errlint outcomes`."""

from __future__ import annotations

from typing import Literal

import click

from errlint.cli import options
from errlint.cli.inputs import Inputs
from errlint.cli.output import Output
from errlint.settings import Selection, did_you_mean


@click.command()
@options.paths
@click.option("--function", "qualname", metavar="QUALNAME", help="Only this function, as `Class.method`.")
@click.option("--output-format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@options.isolated
@options.stdin_filename
def outcomes(
    paths: tuple[str, ...],
    qualname: str | None,
    output_format: Literal["table", "json"],
    isolated: bool,
    stdin_filename: str | None,
) -> None:
    """Show what the functions in PATHS do with each outcome of their requests: send again, return, raise."""
    from errlint.report import tables as report

    output = Output()
    inputs = Inputs(output, paths, isolated=isolated, stdin_filename=stdin_filename, selection=Selection())
    found: list[report.LocatedTable] = []
    for analysed in inputs.analysed():
        found += report.locate(analysed.facts, analysed.positions, analysed.positions_of)
        for function in analysed.facts.functions:
            if function.limit is not None:
                output.note(f"{analysed.source.path}: {function.code.qualname} is not followed: {function.limit}")
    wanted = [located for located in found if qualname in (None, located.table.qualname)]
    if qualname is not None and not wanted:
        near = did_you_mean(qualname, [located.table.qualname for located in found])
        output.fail(f"no function {qualname!r} sends a request{near}")
    if output_format == "json":
        output.write(report.as_json(wanted) + "\n")
    else:
        output.write("\n".join(report.as_text(located, output.paint) for located in wanted))
    raise SystemExit(2 if output.failed else 0)
