"""The text of a program while it is being put together."""

import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

Lines = list[str]
T = TypeVar("T")
STEP = "    "
IMPORTING = ("import", "from")


def indent(lines: Iterable[str], depth: int = 1) -> Lines:
    """The lines, deeper by `depth` steps."""
    return [STEP * depth + line if line else line for line in lines]


def suite(head: str, body: Sequence[str]) -> Lines:
    """A compound statement: `head` and its body, which is `pass` if it is empty."""
    return [head, *indent(body or ["pass"])]


def classes_text(classes: Sequence[str]) -> str:
    """Exception classes as a handler names them."""
    return classes[0] if len(classes) == 1 else f"({', '.join(classes)})"


class Draft:
    """Collects what a program needs besides its function: imports, constants, helpers.

    `methods` are those that the function's class has besides it.
    """

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.methods: list[Lines] = []
        self._imports: set[str] = set()
        self._constants: dict[str, str] = {}
        self._definitions: list[Lines] = []
        self._names: set[str] = set()

    def pick(self, *options: T) -> T:
        """One of the options."""
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    def use(self, *statements: str) -> None:
        """Import something."""
        self._imports.update(statements)

    def constant(self, name: str, value: str) -> str:
        """A module constant of this value; its name, which differs if the first is taken."""
        chosen = name
        number = 2
        while self._constants.get(chosen, value) != value or chosen in self._names:
            chosen = f"{name}_{number}"
            number += 1
        self._constants[chosen] = value
        return chosen

    def fresh(self, name: str) -> str:
        """The name, or one like it if a definition has it already."""
        chosen = name
        number = 2
        while chosen in self._names or chosen in self._constants:
            chosen = f"{name}_{number}"
            number += 1
        self._names.add(chosen)
        return chosen

    def define(self, lines: Lines) -> None:
        """Add a class or function to the module; one that is there already is not repeated."""
        if lines not in self._definitions:
            self._definitions.append(lines)

    def render(self, header: Lines, function: Lines) -> str:
        """The whole module."""
        return self._module(header, [*self._definitions, function])

    def render_apart(self, header: Lines, function: Lines, module: str) -> tuple[str, str]:
        """The same in two modules: one of this name for all that the function needs, and the function's own."""
        common = self._module([], self._definitions)
        names = {*self._constants, *re.findall(r"^(?:def |class |)(\w+)", common, re.MULTILINE)}
        used = sorted(name for name in names & set(re.findall(r"\w+", "\n".join(function))) if name not in IMPORTING)
        lines = [*header, *self._import_lines()]
        if used:
            lines.append(f"from {module} import {', '.join(used)}")
        return common, "\n".join([*lines, "", "", *function]) + "\n"

    def _import_lines(self) -> Lines:
        plain = sorted(line for line in self._imports if line.startswith("import"))
        return plain + sorted(line for line in self._imports if line.startswith("from"))

    def _module(self, header: Lines, definitions: list[Lines]) -> str:
        lines = [*header, *self._import_lines(), ""]
        lines += [f"{name} = {value}" for name, value in self._constants.items()]
        for definition in definitions:
            lines += ["", "", *definition]
        return "\n".join(lines) + "\n"
