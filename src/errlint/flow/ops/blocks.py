"""The transfer function: what a block does to the states that come to it."""

from __future__ import annotations

from errlint.flow import ir
from errlint.flow.engine import Engine, Frame, Unbound
from errlint.flow.ops import expressions, matching, statements, variables
from errlint.flow.ops.ends import ENDS
from errlint.flow.state import Arrivals, State
from errlint.flow.values import Fault
from errlint.flow.widen import MAX_ALIKE, unite_alike

UNBOUND = Fault("UnboundLocalError")

_OPERATIONS = variables.OPERATIONS | expressions.OPERATIONS | statements.OPERATIONS | matching.OPERATIONS


def transfer(engine: Engine, frame: Frame, index: int, states: list[State]) -> None:
    """Run one block from these states, and send the results on."""
    block = frame.graph.blocks[index]
    frame.block = index
    dying = frame.graph.dying[index]
    for position, op in enumerate(block.ops):
        before = len(states)
        states = _step(engine, frame, index, op, states)
        for name in dying[position]:
            for state in states:
                state.env.pop(name, None)
        if len(states) > max(before, MAX_ALIKE):
            arrivals = Arrivals()
            for state in states:
                arrivals.add(state)
            states = unite_alike(engine, (frame.code.qualname, index, position), arrivals.take(), arrivals)
    for state in states:
        engine.spend()
        try:
            ENDS[type(block.end)](engine, frame, index, state, block.end)
        except Unbound:
            frame.throw(index, state, UNBOUND)


def _step(engine: Engine, frame: Frame, index: int, op: ir.Op, states: list[State]) -> list[State]:
    """One operation from each state; what raises goes to the handler."""
    run = _OPERATIONS[type(op)]
    target = getattr(op, "target", None)
    after: list[State] = []
    for state in states:
        engine.spend()
        try:
            results = run(engine, state, op)
        except Unbound:
            frame.throw(index, state, UNBOUND)
            continue
        if results is None:
            after.append(state)
            continue
        for result, value, raised in results:
            if raised:
                frame.throw(index, result, value)
                continue
            if target is not None:
                result.env[target] = value
            after.append(result)
    return after
