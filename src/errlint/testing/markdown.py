"""Examples in Markdown: a heading is a case, its Python blocks are one after the other one file.

A `toml` block holds settings, as `[tool.errlint]` does, for the heading that it stands under and all below it. A line
that consists of a file name and a colon, "`helpers.py`:", makes the next block another module of the same case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomli

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})\s*(?P<language>[\w-]*)")
_HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<title>.+?)\s*#*\s*$")
_FILE = re.compile(r"^`(?P<name>[\w./-]+\.py)`:$")

MAIN = "main.py"


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file of a case. `rows` gives for each of its lines the line of the document that it comes from."""

    name: str
    text: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What stands under one heading: at least one module, the one without a name (`main.py`) where there is one."""

    document: Path
    title: str
    settings: Mapping[str, object]
    modules: tuple[Module, ...]

    def __str__(self) -> str:
        return self.title


@dataclass(slots=True)
class _Section:
    level: int
    title: str
    settings: dict[str, object]
    files: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def read_cases(document: Path) -> tuple[Case, ...]:
    """The cases of a Markdown file, in order; raises ValueError where it has none."""
    cases = tuple(parse_cases(document.read_text(encoding="utf-8"), document))
    if not cases:
        raise ValueError(f"{document}: holds no case: no Python block under a heading")
    return cases


def parse_cases(text: str, document: Path) -> Iterator[Case]:
    """The cases of a Markdown text; `document` is what failures name."""
    for section in _sections(text, document):
        if section.files:
            modules = [
                Module(name, "".join(line + "\n" for _, line in lines), tuple(row for row, _ in lines))
                for name, lines in section.files.items()
            ]
            yield Case(document, section.title, section.settings, tuple(modules))


def _sections(text: str, document: Path) -> Iterator[_Section]:
    parents: list[_Section] = [_Section(0, document.stem, {})]
    name = MAIN
    lines = enumerate(text.splitlines(), start=1)
    for row, line in lines:
        if heading := _HEADING.match(line):
            yield parents[-1]
            level = len(heading["level"])
            while parents[-1].level >= level:
                parents.pop()
            parents.append(_Section(level, heading["title"], dict(parents[-1].settings)))
            name = MAIN
        elif named := _FILE.match(line):
            name = named["name"]
        elif fence := _FENCE.match(line):
            block = list(_block(lines, fence["fence"]))
            if fence["language"] == "python":
                parents[-1].files.setdefault(name, []).extend(block)
                name = MAIN
            elif fence["language"] == "toml":
                parents[-1].settings.update(_settings(block, row, document))
    yield parents[-1]


def _block(lines: Iterator[tuple[int, str]], fence: str) -> Iterator[tuple[int, str]]:
    for row, line in lines:
        if line.startswith(fence) and not line.strip(fence[0] + " "):
            return
        yield row, line


def _settings(block: list[tuple[int, str]], row: int, document: Path) -> dict[str, object]:
    try:
        return tomli.loads("\n".join(line for _, line in block))
    except tomli.TOMLDecodeError as error:
        raise ValueError(f"{document}:{row}: {error}") from error
