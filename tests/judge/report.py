"""Prints what judging came to."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from .compare import CHECKS
from .work import Failure, Result

SHOWN = 20


def relevant(result: Result, checks: Collection[str]) -> list[Failure]:
    """The failures, with their disagreements of these checks only."""
    found = []
    for failure in result.failures:
        kept = tuple(each for each in failure.disagreements if each.check in checks)
        if kept:
            found.append(Failure(failure.program, failure.index, kept))
    return found


def summary(result: Result, failures: list[Failure], seconds: float) -> str:
    """The figures of a run."""
    counted = Counter(each.check for failure in failures for each in failure.disagreements)
    programs = max(result.programs, 1)
    lines = [
        f"{result.programs} programs, {result.plans} plans ({result.runs} different runs), {result.sends} requests"
        f" in {seconds:.0f} s ({result.programs / max(seconds, 0.001):.1f} programs/s)",
        f"not exact: {len(result.inexact)} ({100 * len(result.inexact) / programs:.2f} %)"
        + (f", first at index {', '.join(map(str, sorted(result.inexact)[:10]))}" if result.inexact else ""),
        f"programs with disagreements: {len(failures)}",
    ]
    lines += [f"  {check:9} {result.checks[check]:>9} checks {counted[check]:>6} disagreements" for check in CHECKS]
    if result.broken:
        lines.append(f"BROKEN PROGRAMS (the generator's fault): {len(result.broken)}\n{result.broken[0]}")
    return "\n".join(lines)


def explain(failure: Failure) -> str:
    """A program with its disagreements."""
    told = "\n".join(f"  {each}" for each in failure.disagreements)
    return f"--- index {failure.index}: {failure.program.name}\n{failure.program.text}\n{told}\n"


def keep(failures: list[Failure], folder: Path) -> None:
    """Write the programs that failed, each beside what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    for failure in failures:
        failure.program.write(folder)
        told = "\n".join(map(str, failure.disagreements))
        (folder / f"{failure.program.name}.txt").write_text(f"{told}\n", encoding="utf-8")


def by_kind(failures: list[Failure]) -> list[Failure]:
    """The failures to show: one of each kind first, then others, a few in all."""
    seen: set[str] = set()
    first: list[Failure] = []
    rest: list[Failure] = []
    for failure in sorted(failures, key=lambda each: each.index):
        kind = failure.disagreements[0].kind
        (rest if kind in seen else first).append(failure)
        seen.add(kind)
    return [*first, *rest][:SHOWN]
