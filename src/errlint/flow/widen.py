"""What is given up where too many environments meet at one point: the variables that vary most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from errlint.flow.state import Arrivals, State
from errlint.flow.values import Abstract, Apply, Const, Symbol, leaves

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

MAX_ENVIRONMENTS = 48
MAX_STATES = 400
MIN_VARIETY = 12


def fresh(state: State, *origin: object) -> Symbol:
    """A symbol of this origin that nothing in the state mentions yet: an element of a loop, a new token."""
    used = {
        leaf.origin
        for value in _values(state)
        for leaf in leaves(value)
        if isinstance(leaf, Symbol) and leaf.origin[: len(origin)] == origin
    }
    number = 0
    while (*origin, number) in used:
        number += 1
    return Symbol((*origin, number))


def _values(state: State) -> list[Abstract]:
    values = [*state.env.values(), *state.pending, *state.globals.values()]
    for content in state.heap.values():
        fields = getattr(content, "fields", None)
        values += [content] if fields is None else [v for _, v in fields]
    return values


def widen(engine: Engine, point: int, states: list[State], arrivals: Arrivals) -> list[State]:
    """Let go of the most varied variable when too many environments have come to this point."""
    from errlint.flow.record import Limit

    if arrivals.environments <= MAX_ENVIRONMENTS or not states:
        return states
    if arrivals.environments > MAX_STATES:
        raise Limit("too many different states at one point")
    counts = {name: len(values) for name, values in arrivals.values.items() if _grows(values)}
    most = max(counts.values(), default=0)
    if most < MIN_VARIETY:
        return states
    widened = {name for name, count in counts.items() if count == most}
    for state in states:
        for name in widened & state.env.keys():
            del state.env[name]
            state.env[name] = fresh(state, "widened", point, name)
        arrivals.add(state)
    return arrivals.take()


def _grows(values: set[Abstract]) -> bool:
    """Whether a variable looks like a counter or a delay: numbers, or results computed from itself."""
    return all(isinstance(v, (Apply, Symbol)) or (type(v) is Const and type(v.value) in (int, float)) for v in values)
