"""Control flow in the intermediate representation: how a block of operations ends, and the graph of blocks.

A block ends in one terminator. When an operation raises, control goes to the block's `handler` with the state from
*before* the operation took effect, and the exception in the handler's register.
"""

from __future__ import annotations

from dataclasses import dataclass

from errlint.flow.ir import Op, Operand


@dataclass(frozen=True, slots=True)
class Jump(Op):
    block: int


@dataclass(frozen=True, slots=True)
class Branch(Op):
    """Go to `then` where `test` is true, else to `otherwise`. `node` is the expression that was tested."""

    test: Operand
    then: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class Next(Op):
    """Take the next element into `target` and go to `body`, or go to `done`. `node` is the `for` statement."""

    target: str
    iterator: str
    body: int
    done: int
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Return(Op):
    value: Operand


@dataclass(frozen=True, slots=True)
class Yield(Op):
    """Give `value` and go on in `resume`, with what is sent back in `target`; `delegate` for `yield from`."""

    target: str
    value: Operand
    resume: int
    delegate: bool = False


@dataclass(frozen=True, slots=True)
class Raise(Op):
    """`raise exception from cause`; `exception` may be a class. `again`: a bare `raise`, or the end of `finally`."""

    exception: Operand
    cause: Operand | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Catch(Op):
    """Go to `matched` where the exception in `exception` is an instance of `types` (None: bare `except`).

    `node` is the `except` clause's handler node.
    """

    exception: str
    types: Operand | None
    matched: int
    otherwise: int


Terminator = Jump | Branch | Next | Return | Yield | Raise | Catch


def successors(end: Terminator) -> tuple[int, ...]:
    """The blocks that a terminator can go to."""
    if isinstance(end, Jump):
        return (end.block,)
    if isinstance(end, Branch):
        return (end.then, end.otherwise)
    if isinstance(end, Next):
        return (end.body, end.done)
    if isinstance(end, Yield):
        return (end.resume,)
    if isinstance(end, Catch):
        return (end.matched, end.otherwise)
    return ()


@dataclass(frozen=True, slots=True)
class Handler:
    """Where an exception raised in a block goes, and the register that receives it."""

    block: int
    register: str


@dataclass(frozen=True, slots=True)
class Block:
    ops: tuple[Op, ...]
    end: Terminator
    handler: Handler | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The control-flow graph of one function; block 0 is its entry.

    `live` holds, for each block, the registers that may still be read from its start on (`%` registers included), so
    that states which differ only in dead variables meet; `dying`, for each operation of each block, those that are not
    read after it. `order` is each block's index in reverse postorder.
    """

    blocks: tuple[Block, ...]
    live: tuple[frozenset[str], ...]
    dying: tuple[tuple[tuple[str, ...], ...], ...]
    order: tuple[int, ...]
