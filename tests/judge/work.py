"""Judges many programs, on several processes."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random

from .compare import Disagreement, judge
from .generate import generate
from .generate.program import Program
from .notes import Notes
from .observe import BrokenProgram, observer
from .table import Table, TableError, Tables, parse_tables

BATCH = 100
# An analyser that takes longer for a batch has hung; no analysis should take a second a program.
SECONDS_FOR_BATCH = 300
OUTCOMES_COMMAND = ("outcomes", "--output-format", "json", "--isolated")


@dataclass(frozen=True)
class Task:
    """Some programs of a seed, and the analyser whose tables they are held against."""

    seed: int
    indexes: range
    errlint: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Failure:
    """A program with what is wrong about its table."""

    program: Program
    index: int
    disagreements: tuple[Disagreement, ...]


@dataclass
class Result:
    """What judging some programs came to."""

    programs: int = 0
    inexact: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    sends: int = 0

    def add(self, other: "Result") -> None:
        """Take in another result."""
        self.programs += other.programs
        self.inexact += other.inexact
        self.broken += other.broken
        self.failures += other.failures
        self.checks.update(other.checks)
        self.runs += other.runs
        self.sends += other.sends


def judge_all(tasks: Sequence[Task], jobs: int) -> Iterator[Result]:
    """The result of each task, in order, as it becomes known."""
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield from pool.map(run_task, tasks)


def tasks_for(seed: int, count: int, errlint: Sequence[str], first: int = 0, batch: int = BATCH) -> list[Task]:
    """`count` programs of a seed in batches, from index `first` on."""
    starts = range(first, first + count, batch)
    return [Task(seed, range(start, min(start + batch, first + count)), tuple(errlint)) for start in starts]


def run_task(task: Task) -> Result:
    """Judge the programs of one task, in this process."""
    programs = {index: generate(task.seed, index) for index in task.indexes}
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        paths = [program.write(Path(folder)) for program in programs.values()]
        tables = ask_in_turn(task.errlint, paths, dict(task.environment))
    with observer() as watching:
        for index, program in programs.items():
            rng = Random(f"judge {task.seed} {index}")
            try:
                notes = Notes(watching.load(program))
                _judge_one(result, index, notes, tables, rng)
            except BrokenProgram as error:
                result.broken.append(f"index {index}: {error}")
    return result


def _judge_one(result: Result, index: int, notes: Notes, tables: Tables, rng: Random) -> None:
    program = notes.subject.program
    result.programs += 1
    table = find_table(program, tables)
    if not isinstance(table, Table):
        result.failures.append(Failure(program, index, (table,)))
        return
    if not table.exact:
        result.inexact.append(index)
        return
    verdict = judge(notes, table, rng)
    result.checks.update(verdict.checks)
    result.runs += verdict.runs
    result.sends += verdict.sends
    if verdict.disagreements:
        result.failures.append(Failure(program, index, tuple(verdict.disagreements)))


def find_table(program: Program, tables: Tables) -> Table | Disagreement:
    """The table of the function under test, or why there is none."""
    filename = program.sources[-1].filename
    table = tables.tables.get((filename, program.qualname))
    if table is not None and filename not in tables.errors:
        return table
    return Disagreement(
        "table", "no table", "-", tables.errors.get(filename, f"{program.qualname} is not in the output")
    )


def ask_in_turn(errlint: Sequence[str], paths: Sequence[Path], environment: dict[str, str]) -> Tables:
    """Run the analyser on all files at once or, where that fails, on each: one may be what it fails on."""
    try:
        return ask(errlint, paths, environment)
    except TableError as error:
        if len(paths) == 1:
            return Tables({}, {paths[0].name: str(error)})
    found = [ask_in_turn(errlint, [path], environment) for path in paths]
    tables = {key: table for each in found for key, table in each.tables.items()}
    return Tables(tables, {name: error for each in found for name, error in each.errors.items()})


def ask(errlint: Sequence[str], paths: Iterable[Path], environment: dict[str, str]) -> Tables:
    """Run the analyser on these files and read what it prints.

    Raises:
        TableError: it printed no tables, or did not end.
    """
    command = [*errlint, *OUTCOMES_COMMAND, *map(str, paths)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_BATCH,
            env={**os.environ, **environment},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TableError(f"{' '.join(errlint)} takes more than {SECONDS_FOR_BATCH} s") from error
    try:
        return parse_tables(done.stdout)
    except TableError as error:
        raise TableError(f"{error}; exit {done.returncode}\n{done.stderr[-2000:]}") from error


def default_errlint() -> tuple[str, ...]:
    """The analyser that is installed beside this interpreter."""
    return sys.executable, "-m", "errlint"
