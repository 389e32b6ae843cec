"""What is noted when a part of an answer is read."""

from __future__ import annotations

import libcst as cst

from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.record import Lookup, Read
from errlint.flow.state import Attempt, State
from errlint.flow.values import Abstract, Apply, Part


def note_read(engine: Engine, state: State, node: cst.CSTNode, attempt: int, kind: str, name: str, how: Lookup) -> None:
    """Record that a part of an answer is read."""
    info = state.heap[attempt]
    assert isinstance(info, Attempt)
    engine.record.note(Read(node, info.site, kind, name, how), state.masks[attempt])


def note_member(engine: Engine, state: State, value: Abstract, node: cst.CSTNode, how: Lookup) -> None:
    """Record that a member of a parsed body is read, by its JSON pointer."""
    pointer: list[str] = []
    current = value
    while isinstance(current, Apply) and current.operator in ("item", "method:get") and len(current.operands) >= 2:
        key = current.operands[1]
        if type(key) is not Const:
            return
        pointer.append(str(key.value))
        current = current.operands[0]
    if isinstance(current, Part) and current.kind == "body" and pointer:
        note_read(engine, state, node, current.attempt, "member", "/" + "/".join(reversed(pointer)), how)
