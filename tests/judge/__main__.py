"""The judge's command line: `python -m tests.judge`."""

import argparse
import os
import shlex
import sys
import time
from pathlib import Path
from random import Random

from . import report
from .compare import CHECKS, judge
from .faults import FaultError, check_faults
from .generate import generate
from .generate.covering import pairs_of, possible_pairs
from .generate.listed import PAIRS, listed_pairs
from .generate.program import read_program
from .notes import Notes
from .observe import observer
from .observed import print_observed
from .table import Table, TableError
from .work import Result, ask, default_errlint, find_table, tasks_for, workers


def main() -> int:
    """Run a command; 1 if table and observation disagree somewhere, 2 if that could not be found out."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.judge", description="Holds outcome tables against execution."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="judge generated programs")
    run.add_argument("--count", type=int, default=1000)
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--first", type=int, default=0, help="index of the first program")
    run.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    run.add_argument("--keep", type=Path, help="write the programs that fail into this folder")
    run.add_argument("--checks", default=",".join(CHECKS), help="which disagreements count")
    run.set_defaults(act=_run)
    show = commands.add_parser("show", help="print a generated program")
    show.add_argument("--seed", type=int, default=1)
    show.add_argument("--index", type=int, required=True)
    show.set_defaults(act=_show)
    seen = commands.add_parser("observe", help="print the table of a program as seen by running it")
    seen.add_argument("file", type=Path)
    seen.set_defaults(act=lambda options: print_observed(options.file))
    check = commands.add_parser("check", help="judge the programs in files")
    check.add_argument("files", type=Path, nargs="+")
    check.set_defaults(act=_check)
    pairs = commands.add_parser("pairs", help="check that every pair of features occurs")
    pairs.add_argument("--seed", type=int, default=1)
    pairs.add_argument("--count", type=int, default=1000)
    pairs.set_defaults(act=_pairs)
    faults = commands.add_parser("faults", help="seed faults into the analyser; each must be caught")
    faults.add_argument("--count", type=int, default=300)
    faults.add_argument("--seed", type=int, default=1)
    faults.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    faults.set_defaults(act=lambda options: check_faults(options.errlint, options.seed, options.count, options.jobs))
    for each in (run, check, faults):
        each.add_argument("--errlint", type=shlex.split, default=default_errlint(), help="the analyser's command")
    options = parser.parse_args()
    try:
        code: int = options.act(options)
    except (FaultError, TableError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return code


def _run(options: argparse.Namespace) -> int:
    checks = options.checks.split(",")
    total = Result()
    start = time.perf_counter()
    with workers(options.jobs) as crew:
        for result in crew.judge(tasks_for(options.seed, options.count, options.errlint, options.first)):
            total.add(result)
            print(f"{total.programs} judged, {len(report.relevant(total, checks))} disagree", file=sys.stderr)
    failures = report.relevant(total, checks)
    if options.keep:
        report.keep(failures, options.keep)
    for failure in report.by_kind(failures):
        print(report.explain(failure))
    print(report.summary(total, failures, time.perf_counter() - start))
    return 1 if failures or total.broken else 0


def _check(options: argparse.Namespace) -> int:
    tables = ask(options.errlint, options.files, {})
    failed = False
    with observer() as watching:
        for path in options.files:
            program = read_program(path)
            table = find_table(program, tables)
            if isinstance(table, Table):
                found = judge(Notes(watching.load(program)), table, Random(0)).disagreements
            else:
                found = [table]
            failed = failed or bool(found)
            exact = "" if isinstance(table, Table) and table.exact else " (not exact)"
            print(f"{path}{exact}: {len(found)} disagreements", *found, sep="\n  ")
    return int(failed)


def _show(options: argparse.Namespace) -> int:
    program = generate(options.seed, options.index)
    print(program.text)
    for feature in sorted(program.features):
        print(f"# {feature}", file=sys.stderr)
    return 0


def _pairs(options: argparse.Namespace) -> int:
    programs = [generate(options.seed, index) for index in range(options.count)]
    missing = set(possible_pairs())
    for program in programs:
        missing.difference_update(pairs_of(dict(feature.split(":") for feature in program.features)))
    listed = set(PAIRS).difference(*(listed_pairs(program.features) for program in programs))
    print(f"{len(possible_pairs())} pairs of choices, {len(missing)} missing in {options.count} programs")
    print(f"pairs of promised features missing: {sorted(listed) or 'none'}")
    return int(bool(missing or listed))


if __name__ == "__main__":
    sys.exit(main())
