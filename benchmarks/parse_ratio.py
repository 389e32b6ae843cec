"""How much does errlint cost beyond parsing?

    python benchmarks/parse_ratio.py FOLDER...

For each folder: the CPU time of checking it with every rule, divided by the CPU time of `libcst.parse_module` on the
files that are looked at. Both are measured in this process, in turns, and the least of the times counts.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path

import libcst

from errlint import checks
from errlint.analysis import builtin_packs
from errlint.discovery import discover
from errlint.packs.locate import builtin_words
from errlint.project import Project
from errlint.roots import Reach
from errlint.settings import ALL, Selection, resolve

_ROW = "{:<40} {:>7} {:>7} {:>9} {:>9} {:>7}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured")
    options = parser.parse_args()
    print(_ROW.format("folder", "files", "parsed", "parse s", "check s", "ratio"))
    for folder in options.folders:
        measure(folder, options.rounds)


def measure(folder: Path, rounds: int) -> None:
    """Print the row of one folder."""
    files = discover((folder,), lambda _: None).files
    reach = Reach(builtin_words())
    parsed = [data for file in files if reach.matters(str(file), data := file.read_bytes()) and _parses(data)]
    parse_time = check_time = float("inf")
    for _ in range(rounds):
        parse_time = min(parse_time, _cpu_time(lambda: _parse(parsed)))
        check_time = min(check_time, _cpu_time(lambda: _check(files)))
    numbers = (f"{parse_time:.2f}", f"{check_time:.2f}", f"{check_time / parse_time:.2f}")
    print(_ROW.format(str(folder)[-40:], len(files), len(parsed), *numbers))


def _cpu_time(work: Callable[[], None]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def _parses(data: bytes) -> bool:
    try:
        libcst.parse_module(data)
    except Exception:  # Whatever it is: errlint does not get further with this file either.
        return False
    return True


def _parse(files: list[bytes]) -> None:
    for data in files:
        libcst.parse_module(data)


def _check(files: tuple[Path, ...]) -> None:
    reach = Reach(builtin_words())
    project = Project(builtin_packs(), reach)
    settings = resolve(checks.load(), Selection(select=(ALL,)))
    for file in files:
        data = file.read_bytes()
        if reach.matters(str(file), data):
            project.fix(str(file), data, settings, frozenset())


if __name__ == "__main__":
    main()
