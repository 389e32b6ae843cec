"""Judges many programs, on several processes."""

import functools
import gc
import itertools
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random

from .compare import Disagreement, judge
from .generate import generate
from .generate.program import Program
from .memory import Memory
from .notes import Notes
from .observe import BrokenProgram, observer
from .table import Table, TableError, Tables, parse_tables

BATCH = 100
# As many programs as faults are usually tried on.
MEMORIES_KEPT = 300
# An analyser that takes longer has hung; no analysis should take a second a program.
SECONDS_TO_START = 30
SECONDS_FOR_PROGRAM = 2
# Where it hung on so many, the rest of the batch is not asked.
HANGS_AT_MOST = 3
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
    plans: int = 0
    runs: int = 0
    sends: int = 0

    def add(self, other: "Result") -> None:
        """Take in another result."""
        self.programs += other.programs
        self.inexact += other.inexact
        self.broken += other.broken
        self.failures += other.failures
        self.checks.update(other.checks)
        self.plans += other.plans
        self.runs += other.runs
        self.sends += other.sends


class Hung(TableError):
    """An analyser that does not end."""


@contextmanager
def workers(jobs: int) -> Iterator["Workers"]:
    """Processes that judge, as long as this lasts."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_collect_seldom) as pool:
        yield Workers(pool, jobs)


@dataclass(frozen=True)
class Workers:
    """Processes that judge, and remember what programs do from one analyser to the next."""

    pool: Executor
    jobs: int

    def judge(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The result of each task, as it becomes known; whoever stops asking has no further one begun."""
        following = iter(tasks)
        running: set[Future[Result]] = set()
        while True:
            free = self.jobs - len(running)
            running.update(self.pool.submit(run_task, task) for task in itertools.islice(following, free))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _collect_seldom() -> None:
    """What client libraries leave behind is little; looking for it would take a tenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000)


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
                notes = Notes(watching.load(program), _memory(task.seed, index))
                _judge_one(result, index, notes, tables, rng)
            except BrokenProgram as error:
                result.broken.append(f"index {index}: {error}")
    return result


@functools.lru_cache(maxsize=MEMORIES_KEPT)
def _memory(seed: int, index: int) -> Memory:
    """What this program is known to do, whichever analyser is judged by it."""
    return Memory()


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
    result.plans += verdict.plans
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
    with suppress(TableError):
        return ask(errlint, paths, environment)
    tables: dict[tuple[str, str], Table] = {}
    errors: dict[str, str] = {}
    hangs = 0
    for path in paths:
        if hangs == HANGS_AT_MOST:
            errors[path.name] = f"not asked: {' '.join(errlint)} hung on others before"
            continue
        try:
            found = ask(errlint, [path], environment)
        except TableError as error:
            errors[path.name] = str(error)
            hangs += isinstance(error, Hung)
        else:
            tables.update(found.tables)
            errors.update(found.errors)
    return Tables(tables, errors)


def ask(errlint: Sequence[str], paths: Sequence[Path], environment: dict[str, str]) -> Tables:
    """Run the analyser on these files and read what it prints.

    Raises:
        Hung: it did not end.
        TableError: it printed no tables.
    """
    seconds = SECONDS_TO_START + SECONDS_FOR_PROGRAM * len(paths)
    command = [*errlint, *OUTCOMES_COMMAND, *map(str, paths)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**os.environ, **environment},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Hung(f"{' '.join(errlint)} takes more than {seconds} s") from error
    try:
        return parse_tables(done.stdout)
    except TableError as error:
        raise TableError(f"{error}; exit {done.returncode}\n{done.stderr[-2000:]}") from error


def default_errlint() -> tuple[str, ...]:
    """The analyser that is installed beside this interpreter."""
    return sys.executable, "-m", "errlint"
