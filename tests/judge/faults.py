"""Seeds faults into a copy of the analyser, to see that the judge catches each."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tomli

from .work import Result, judge_all, tasks_for

LIST = Path(__file__).with_name("faults.toml")
ROOT = Path(__file__).parents[2]


class FaultError(Exception):
    """A fault that cannot be seeded as it is described."""


@dataclass(frozen=True)
class Fault:
    """A change to one file below `src/errlint` that makes the analyser wrong."""

    file: str
    old: str
    new: str
    why: str

    def seed(self, package: Path) -> None:
        """Make the change in this copy of the package.

        Raises:
            FaultError: the text to change does not stand there exactly once.
        """
        path = package / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(self.old) != 1:
            raise FaultError(f"{self.file}: occurs {text.count(self.old)} times: {self.old!r}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_faults(text: str) -> list[Fault]:
    """The faults of a TOML document."""
    return [Fault(**fault) for fault in tomli.loads(text).get("fault", [])]


def check_faults(errlint: Sequence[str], seed: int, count: int, jobs: int) -> int:
    """Judge the analyser with each fault seeded in turn; 1 if one goes uncaught."""
    faults = read_faults(LIST.read_text(encoding="utf-8"))
    missed = []
    for fault in faults:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for part in ("src", "rules"):
                shutil.copytree(ROOT / part, copy / part)
            fault.seed(copy / "src" / "errlint")
            caught = _caught(errlint, copy / "src", seed, count, jobs)
        if caught is None:
            missed.append(fault)
        print(f"{'MISSED' if caught is None else f'caught by {caught}'}: {fault.why}", file=sys.stderr)
    print(f"{len(faults)} faults, {len(faults) - len(missed)} caught")
    return int(bool(missed))


def _caught(errlint: Sequence[str], source: Path, seed: int, count: int, jobs: int) -> str | None:
    """The first disagreement that the judge has with the analyser in `source`."""
    environment = (("PYTHONPATH", str(source)),)
    total = Result()
    tasks = [replace(task, environment=environment) for task in tasks_for(seed, count, errlint)]
    for result in judge_all(tasks, jobs):
        total.add(result)
        if total.failures:
            break
    for failure in total.failures:
        return f"program {failure.index}, {failure.disagreements[0].kind}"
    return None
