"""The ways out of a region of code, and what lies on them.

`return`, `break` and `continue` pass, from the inside out, the ends of `except ... as name` clauses, context managers
and `finally` blocks. A `finally` block is lowered once: who enters it says in its completion register how to go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from errlint.flow.control import Handler
from errlint.flow.ir import Operand

NORMAL = 0
RAISED = 1
_FIRST_WAY = 2


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop: where `break` and `continue` lead."""

    after: int
    again: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: `return`, or `break` or `continue` of a loop."""

    kind: Literal["return", "break", "continue"]
    loop: Loop | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """An `except ... as name` clause, which deletes the name; `handler` is the one around it."""

    node: cst.CSTNode
    name: str
    handler: Handler | None


@dataclass(frozen=True, slots=True, eq=False)
class Managed:
    """A `with` item, whose manager is left; `handler` is the one around it."""

    node: cst.CSTNode
    manager: Operand
    is_async: bool
    handler: Handler | None


@dataclass(frozen=True, slots=True, eq=False)
class Final:
    """A `finally` block, and the registers that tell how it was entered.

    `completion` holds `NORMAL`, `RAISED` (with `exception`) or the number of one of `ways` (with the returned `value`);
    each way keeps the first statement that took it.
    """

    block: int
    completion: str
    exception: str
    value: str
    ways: dict[Way, tuple[int, cst.CSTNode]] = field(default_factory=dict)

    def number(self, way: Way, node: cst.CSTNode) -> int:
        return self.ways.setdefault(way, (_FIRST_WAY + len(self.ways), node))[0]


Exit = Loop | Named | Managed | Final


@dataclass(frozen=True, slots=True, eq=False)
class InFinal:
    """Inside a `finally` block that handles an exception only if it was entered by one."""

    final: Final
    around: str | InFinal | None


# What a bare `raise` raises again: the exception of a clause, by its register, or as the `finally` block was entered.
Handled = str | InFinal | None
