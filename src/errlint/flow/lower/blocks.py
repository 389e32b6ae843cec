"""Basic blocks under construction."""

from __future__ import annotations

import libcst as cst

from errlint.flow.control import Branch, Handler, Jump, Terminator, successors
from errlint.flow.ir import Const, Op, Operand


class Draft:
    """A block that is being written; it has an end once control has left it."""

    __slots__ = ("end", "handler", "ops")

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.end: Terminator | None = None
        self.handler: Handler | None = None


class Blocks:
    """Writes operations into blocks.

    Blocks are named by number and are written one at a time: `start` one, `emit` into it, `end` it. Between an `end`
    and the next `start` of a block that something jumps to, the code being lowered is dead: `current` is None and what
    is emitted goes nowhere.
    """

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.handler: Handler | None = None
        self._entered: set[int] = set()
        self._ops: list[Op] = []
        self._registers = 0
        self.start(self.block(), forced=True)

    def temp(self) -> str:
        """A fresh register."""
        self._registers += 1
        return f"%{self._registers}"

    def register(self, purpose: str) -> str:
        """A fresh register whose name tells a reader what it is for."""
        self._registers += 1
        return f"%{purpose}{self._registers}"

    def block(self) -> int:
        """A new block, to be started later."""
        self.drafts.append(Draft())
        return len(self.drafts) - 1

    def emit(self, op: Op) -> None:
        self._ops.append(op)

    def start(self, block: int, *, forced: bool = False) -> None:
        """Write into `block` from here on; `forced` where it is a handler, which no terminator names."""
        if forced or block in self._entered:
            self.current = self.drafts[block]
            self.current.handler = self.handler
            self._ops = self.current.ops
        else:
            self.current = None
            self._ops = []

    def end(self, terminator: Terminator) -> None:
        if self.current is None:
            return
        self.current.end = terminator
        self._entered.update(successors(terminator))
        self.current = None
        self._ops = []

    def jump(self, node: cst.CSTNode, block: int) -> None:
        self.end(Jump(node, block))

    def branch(self, node: cst.CSTNode, test: Operand, then: int, otherwise: int) -> None:
        """Branch on a value; a constant (`while True`) is no question."""
        if isinstance(test, Const):
            self.jump(node, then if test.value else otherwise)
        else:
            self.end(Branch(node, test, then, otherwise))

    def protect(self, node: cst.CSTNode, handler: Handler | None) -> None:
        """From here on exceptions go to `handler`."""
        if handler is self.handler:
            return
        self.handler = handler
        if self.current is not None:
            block = self.block()
            self.jump(node, block)
            self.start(block)
