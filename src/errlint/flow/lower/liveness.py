"""Which registers may still be read from a block on: a backward data flow over sets of bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from errlint.flow import ir
from errlint.flow.ir import successors

# The fields of each record that hold an operand; the records that hold them deeper are taken apart by `_NESTED`.
_READS: dict[type[ir.Op], tuple[str, ...]] = {
    ir.Move: ("value",),
    ir.StoreCell: ("value",),
    ir.GetAttr: ("object",),
    ir.GetItem: ("object", "index"),
    ir.Unary: ("operand",),
    ir.Binary: ("left", "right"),
    ir.Compare: ("left", "right"),
    ir.Append: ("collection", "value", "key"),
    ir.MakeSlice: ("lower", "upper", "step"),
    ir.Await: ("value",),
    ir.Yield: ("value",),
    ir.SetAttr: ("object", "value"),
    ir.SetItem: ("object", "index", "value"),
    ir.StoreGlobal: ("value",),
    ir.DeleteItem: ("object", "index"),
    ir.GetIter: ("iterable",),
    ir.Unpack: ("value",),
    ir.Enter: ("manager",),
    ir.Exit: ("manager", "exception"),
    ir.MatchSequence: ("subject",),
    ir.MatchClass: ("subject", "type"),
    ir.MatchPositional: ("subject", "type"),
    ir.Call: ("function",),
    ir.MatchKeys: ("subject",),
    ir.Branch: ("test",),
    ir.Next: ("iterator",),
    ir.Return: ("value",),
    ir.Raise: ("exception", "cause"),
    ir.Catch: ("exception", "types"),
}

_QUIET: frozenset[type[ir.Op]] = frozenset(
    {ir.Move, ir.StoreCell, ir.Delete, ir.DeleteCell, ir.MakeFunction, ir.Jump, ir.Return}
)


def may_raise(op: ir.Op) -> bool:
    """False for what cannot fail in a program that binds its variables before it reads them."""
    return type(op) not in _QUIET


def reads(op: ir.Op) -> list[str]:
    """The registers that an operation or terminator reads."""
    kind = type(op)
    operands: list[object] = [getattr(op, name) for name in _READS.get(kind, ())]
    nested = _NESTED.get(kind)
    if nested is not None:
        operands += nested(op)
    return [operand for operand in operands if type(operand) is str]


def _call(op: ir.Call) -> list[ir.Operand]:
    return [argument.value for argument in op.arguments]


def _build(op: ir.Build) -> list[ir.Operand | None]:
    return [operand for element in op.elements for operand in (element.value, element.key)]


def _format(op: ir.Format) -> list[ir.Operand | None]:
    return [operand for part in op.parts if isinstance(part, ir.FormatPart) for operand in (part.value, part.spec)]


def _make_function(op: ir.MakeFunction) -> list[ir.Operand]:
    return [value for _, value in op.defaults]


_NESTED: dict[type[ir.Op], Callable[..., Iterable[ir.Operand | None]]] = {
    ir.Call: _call,
    ir.Build: _build,
    ir.Format: _format,
    ir.MakeFunction: _make_function,
    ir.MakeClass: lambda op: op.bases,
    ir.MatchKeys: lambda op: op.keys,
    ir.Opaque: lambda op: op.operands,
}


def writes(op: ir.Op) -> tuple[str, ...]:
    """The registers that an operation leaves with another value, or with none."""
    if isinstance(op, ir.Unpack):
        return op.targets
    if isinstance(op, ir.Delete):
        return (op.name,)
    target: str | None = getattr(op, "target", None)
    return () if target is None else (target,)


class _Names:
    """Numbers registers, so that a set of them is an integer."""

    def __init__(self) -> None:
        self.bits: dict[str, int] = {}
        self._sets: dict[int, frozenset[str]] = {0: frozenset()}

    def bit(self, name: str) -> int:
        return self.bits.setdefault(name, 1 << len(self.bits))

    def names(self, mask: int) -> frozenset[str]:
        known = self._sets.get(mask)
        if known is None:
            known = frozenset(name for name, bit in self.bits.items() if mask & bit)
            self._sets[mask] = known
        return known


class _Transfer:
    """What a block does to the set of live registers.

    `quiet_kill` holds what is written before anything in the block can raise: only that is dead at the start although a
    handler of the block reads it.
    """

    __slots__ = ("handler", "handler_kill", "kill", "quiet_kill", "read", "successors")

    def __init__(self, block: ir.Block, names: _Names) -> None:
        self.read = self.kill = self.quiet_kill = 0
        quiet = True
        for op in block.ops:
            for name in reads(op):
                self.read |= names.bit(name) & ~self.kill
            quiet = quiet and not may_raise(op)
            for name in writes(op):
                self.kill |= names.bit(name)
                if quiet:
                    self.quiet_kill |= names.bit(name)
        for name in reads(block.end):
            self.read |= names.bit(name) & ~self.kill
        # A loop variable is written on the way into the body only.
        bound = names.bit(block.end.target) if isinstance(block.end, ir.Next) else 0
        self.successors = [
            (successor, bound if bound and successor == block.end.body else 0)  # type: ignore[union-attr]
            for successor in successors(block.end)
        ]
        self.handler = -1 if block.handler is None else block.handler.block
        self.handler_kill = 0 if block.handler is None else names.bit(block.handler.register)

    def apply(self, live: Sequence[int]) -> int:
        after = 0
        for successor, bound in self.successors:
            after |= live[successor] & ~bound
        before = self.read | after & ~self.kill
        if self.handler >= 0:
            before |= live[self.handler] & ~self.handler_kill & ~self.quiet_kill
        return before


def live_registers(blocks: Sequence[ir.Block]) -> tuple[frozenset[str], ...]:
    """For each block the registers that may be read from its start on; `blocks` are in reverse postorder."""
    names = _Names()
    transfers = [_Transfer(block, names) for block in blocks]
    live = [0] * len(blocks)
    changed = True
    while changed:
        changed = False
        for index in range(len(blocks) - 1, -1, -1):
            before = transfers[index].apply(live)
            if before != live[index]:
                live[index] = before
                changed = True
    return tuple(names.names(mask) for mask in live)
