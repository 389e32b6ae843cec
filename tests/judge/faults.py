"""Seeds faults into a copy of the analyser, to see that the judge catches each."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tomli

from .work import Task, Workers, tasks_for, workers

LIST = Path(__file__).with_name("faults.toml")
ROOT = Path(__file__).parents[2]
# Small, as the first disagreement ends the search.
BATCH = 25


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
    """Judge the analyser with each fault seeded in turn; 1 if one goes uncaught.

    Raises:
        FaultError: the analyser is disagreed with as it is, so nothing would be shown.
    """
    faults = read_faults(LIST.read_text(encoding="utf-8"))
    tasks = tasks_for(seed, count, errlint, batch=BATCH)
    missed = 0
    with workers(jobs) as crew:
        sound = _caught(None, tasks, crew)
        if sound is not None:
            raise FaultError(f"without any fault: {sound}")
        for fault in faults:
            caught = _caught(fault, tasks, crew)
            missed += caught is None
            print(f"{'MISSED' if caught is None else 'caught'}: {fault.why} ({caught})", flush=True)
    print(f"{len(faults)} faults, {len(faults) - missed} caught")
    return int(bool(missed))


def _caught(fault: Fault | None, tasks: Sequence[Task], crew: Workers) -> str | None:
    """The first disagreement that the judge has with a copy of the analyser that has this fault."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("src", "rules"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            fault.seed(copy / "src" / "errlint")
        environment = (("PYTHONPATH", str(copy / "src")),)
        for result in crew.judge(replace(task, environment=environment) for task in tasks):
            for failure in result.failures:
                return f"program {failure.index}: {failure.disagreements[0].kind}"
    return None
