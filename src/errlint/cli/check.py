"""`errlint check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from errlint.checks.base import SYNTAX_ERROR
from errlint.cli import options
from errlint.cli.inputs import Input, Inputs
from errlint.cli.output import Output
from errlint.discovery import reason
from errlint.project import replace_file
from errlint.report import Format, Style, machine, render
from errlint.report.findings import count, summary
from errlint.report.paint import plain

if TYPE_CHECKING:
    from errlint.checks.base import Tier
    from errlint.fixing import Fixed
    from errlint.model import Applicability, Finding


@click.command()
@options.paths
@options.selection
@options.isolated
@options.stdin_filename
@click.option("--force-exclude", is_flag=True, help="Leave out what is excluded even where PATHS name it.")
@click.option("--fix", "fixing", is_flag=True, help="Repair what can be repaired safely.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Count fixes that need a decision as fixes, too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True)
@click.option("--output-file", metavar="PATH", help="Write the findings to a file.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@click.option("--no-cache", is_flag=True, expose_value=False, help="Take nothing from earlier runs.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@options.quiet
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    tier: Tier | None,
    isolated: bool,
    stdin_filename: str | None,
    force_exclude: bool,
    fixing: bool,
    unsafe: bool,
    diff: bool,
    output_format: Format,
    output_file: str | None,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
) -> None:
    """Report wrong handling of HTTP errors in the files and folders PATHS, by default here; - is standard input."""
    output = Output(quiet=quiet)
    selection = options.read_selection(output, select, ignore, extend_select, tier)
    inputs = Inputs(
        output,
        paths,
        isolated=isolated,
        stdin_filename=stdin_filename,
        selection=selection,
        force_exclude=force_exclude,
    )
    kinds: frozenset[Applicability] = frozenset(("safe", "unsafe") if unsafe else ("safe",))
    run = _Run(output, inputs, kinds if fixing or diff else frozenset(), diff=diff)
    for item in inputs.matching():
        run.look_at(item)
    if not diff:
        style = Style(output_format, unsafe=unsafe, statistics=statistics)
        paint = output.paint if output_file is None else plain
        text = render(run.found, lambda path: inputs.project.sources(path), style, paint)
        _deliver(text, output_file, output, to_stderr=fixing and inputs.from_stdin)
    _sum_up(run, output, unsafe=unsafe, diff=diff)
    raise SystemExit(run.status(diff=diff, exit_zero=exit_zero))


class _Run:
    """Looks at one file after the other, and keeps what it finds.

    `kinds` of fixes are applied: to the files, or where `diff` is set to what is shown.
    """

    def __init__(self, output: Output, inputs: Inputs, kinds: frozenset[Applicability], *, diff: bool) -> None:
        self.found: list[tuple[str, Finding]] = []
        self.repaired = 0
        self._output = output
        self._inputs = inputs
        self._kinds = kinds
        self._diff = diff

    def look_at(self, item: Input) -> None:
        fixed = self._inputs.project.fix(item.path, item.data, item.settings, self._kinds)
        for problem in fixed.result.problems:
            self._output.fail(problem)
        if self._kinds and not self._keep(item, fixed):
            fixed = self._inputs.project.fix(item.path, item.data, item.settings, frozenset())
        self.repaired += len(fixed.repaired)
        self.found += [(item.path, finding) for finding in fixed.result.findings]

    def _keep(self, item: Input, fixed: Fixed) -> bool:
        """Show, print or write the fixed text; whether that could be done."""
        if self._diff:
            for finding in fixed.result.findings:
                if finding.code == SYNTAX_ERROR:
                    row, column = fixed.source.position(finding.span.start)
                    self._output.fail(f"{item.path}:{row}:{column}: {finding.message}")
            self._output.write(machine.diff(item.path, fixed.original.text, fixed.source.text, self._output.paint))
        elif item.from_stdin:
            self._output.write_bytes(fixed.source.encode() if fixed.repaired else item.data)
        elif fixed.repaired:
            try:
                replace_file(item.path, fixed.source.encode())
            except OSError as error:
                self._output.fail(f"{item.path}: the fixed text cannot be written: {reason(error)}")
                return False
        return True

    def status(self, *, diff: bool, exit_zero: bool) -> int:
        """2 where something could not be checked, 1 where something was found (or would change), otherwise 0."""
        if self._output.failed or any(finding.code == SYNTAX_ERROR for _, finding in self.found):
            return 2
        matters = self.repaired > 0 if diff else any(finding.severity != "info" for _, finding in self.found)
        return 1 if matters and not exit_zero else 0


def _deliver(text: str, file: str | None, output: Output, *, to_stderr: bool) -> None:
    lines = text + "\n" if text else ""
    if file is None:
        output.write(lines, to_stderr=to_stderr)
        return
    try:
        Path(file).write_text(lines, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        output.fail(f"{file}: {reason(error)}")


def _sum_up(run: _Run, output: Output, *, unsafe: bool, diff: bool) -> None:
    if run.repaired:
        output.note(f"{'Would fix' if diff else 'Fixed'} {count(run.repaired, 'problem')}.")
    if run.found and not diff:
        output.note(summary([finding for _, finding in run.found], unsafe=unsafe))
