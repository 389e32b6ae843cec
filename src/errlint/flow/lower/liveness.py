"""Which registers may still be read from a block on: a backward data flow over sets of bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from errlint.flow import control, ir
from errlint.flow.control import successors

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
    control.Branch: ("test",),
    control.Next: ("iterator",),
    control.Return: ("value",),
    control.Yield: ("value",),
    control.Raise: ("exception", "cause"),
    control.Catch: ("exception", "types"),
}

_QUIET: frozenset[type[ir.Op]] = frozenset(
    {ir.Move, ir.StoreCell, ir.Delete, ir.DeleteCell, ir.MakeFunction, control.Jump, control.Return}
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


class _Summary:
    """What a block does to registers.

    `exposed` are read before they are written in it. `early` are written before anything in it can raise: only they
    are dead at its start although a handler of the block reads them.
    """

    __slots__ = ("early", "exposed", "written")

    def __init__(self, block: control.Block) -> None:
        self.exposed: set[str] = set()
        self.written: set[str] = set()
        self.early: set[str] = set()
        quiet = True
        for op in block.ops:
            self.exposed.update([name for name in reads(op) if name not in self.written])
            self.written.update(writes(op))
            if quiet:
                quiet = not may_raise(op)
                if quiet:
                    self.early.update(writes(op))
        self.exposed.update([name for name in reads(block.end) if name not in self.written])


class _Transfer:
    """The same as sets of bits, with the blocks that come after."""

    __slots__ = ("early", "exposed", "handler", "received", "successors", "written")

    def __init__(self, block: control.Block, summary: _Summary, bits: Mapping[str, int]) -> None:
        self.exposed = _mask(summary.exposed, bits)
        self.written = _mask(summary.written, bits)
        self.early = _mask(summary.early, bits)
        end = block.end
        # A loop variable is written on the way into the body only.
        bound = end.body if isinstance(end, control.Next) else end.resume if isinstance(end, control.Yield) else -1
        self.successors = [
            (successor, bits.get(getattr(end, "target", ""), 0) if successor == bound else 0)
            for successor in successors(end)
        ]
        self.handler = -1 if block.handler is None else block.handler.block
        self.received = 0 if block.handler is None else bits.get(block.handler.register, 0)

    def apply(self, live: Sequence[int]) -> int:
        after = 0
        for successor, bound in self.successors:
            after |= live[successor] & ~bound
        before = self.exposed | after & ~self.written
        if self.handler >= 0:
            before |= live[self.handler] & ~self.received & ~self.early
        return before


def live_registers(blocks: Sequence[control.Block]) -> tuple[frozenset[str], ...]:
    """For each block the registers that may be read from its start on; `blocks` are in reverse postorder."""
    summaries = [_Summary(block) for block in blocks]
    # Most registers never leave their block; only the others get a bit.
    names = sorted(set().union(*(summary.exposed for summary in summaries)))
    bits = {name: 1 << number for number, name in enumerate(names)}
    transfers = [_Transfer(block, summary, bits) for block, summary in zip(blocks, summaries, strict=True)]
    live = [0] * len(blocks)
    changed = True
    while changed:
        changed = False
        for index in range(len(blocks) - 1, -1, -1):
            before = transfers[index].apply(live)
            if before != live[index]:
                live[index] = before
                changed = True
    sets: dict[int, frozenset[str]] = {}
    for mask in live:
        if mask not in sets:
            sets[mask] = _names(mask, names)
    return tuple(sets[mask] for mask in live)


def dying_registers(
    blocks: Sequence[control.Block], live: Sequence[frozenset[str]]
) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """For each operation of each block, the registers that nothing reads after it."""
    return tuple([tuple(_dying(block, live)) for block in blocks])


def _dying(block: control.Block, live: Sequence[frozenset[str]]) -> list[tuple[str, ...]]:
    needed: set[str] = set(reads(block.end))
    for successor in successors(block.end):
        needed |= live[successor]
    held = frozenset() if block.handler is None else live[block.handler.block]
    needed |= held
    dying: list[tuple[str, ...]] = []
    for op in reversed(block.ops):
        read, written = reads(op), writes(op)
        dying.append(tuple([name for name in dict.fromkeys((*read, *written)) if name not in needed]))
        needed.difference_update([name for name in written if name not in held])
        needed.update(read)
    dying.reverse()
    return dying


def _mask(registers: Iterable[str], bits: Mapping[str, int]) -> int:
    mask = 0
    for register in registers:
        mask |= bits.get(register, 0)
    return mask


def _names(mask: int, names: Sequence[str]) -> frozenset[str]:
    found: list[str] = []
    while mask:
        lowest = mask & -mask
        found.append(names[lowest.bit_length() - 1])
        mask ^= lowest
    return frozenset(found)
