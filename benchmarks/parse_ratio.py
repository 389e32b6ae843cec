"""How much does errlint cost beyond parsing?

    python benchmarks/parse_ratio.py FOLDER...

For each folder: the CPU time of checking it with every rule, divided by the CPU time of `libcst.parse_module` on the
files that this parses, those that are only imported included, each once. Both are measured in this process, in turns,
and the least of the times counts.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import libcst

from errlint import checks
from errlint.analysis import builtin_packs
from errlint.discovery import discover
from errlint.packs.locate import builtin_words
from errlint.project import Project
from errlint.roots import Reach
from errlint.settings import ALL, Selection, resolve

_CONFIG = libcst.PartialParserConfig()
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
    parsed = _parsed(files)
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


def _parsed(files: tuple[Path, ...]) -> list[str | bytes]:
    """What is parsed where these files are checked, without what cannot be."""
    sources: dict[str | bytes, None] = {}
    parse = libcst.parse_module

    def note(source: str | bytes, config: libcst.PartialParserConfig = _CONFIG) -> libcst.Module:
        module = parse(source, config)
        sources[source] = None
        return module

    with patch.object(libcst, "parse_module", note):
        _check(files)
    return list(sources)


def _parse(files: list[str | bytes]) -> None:
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
