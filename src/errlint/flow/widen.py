"""What is given up where too many environments meet at one point.

States that no outcome tells apart yet are united early: whether an optional parameter was given does not matter to
what happens to a 503. States that carry attempts stay apart longer; then the most varied counter goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from errlint.flow.ir import Const
from errlint.flow.record import Limit
from errlint.flow.state import RESULT, Arrivals, Pending, State
from errlint.flow.values import Abstract, Apply, Dictionary, Instance, Sequence, Symbol, Value, ids_of, leaves

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

MAX_ALIKE = 4
MAX_STATES = 400
VARIETY = ((8000, 3), (4000, 6), (0, 14))
"""How many values of a counter are followed one by one: fewer, the more steps a function has already taken."""


def fresh(state: State, *origin: object) -> Symbol:
    """A symbol of this origin that no pending request mentions yet: an element of a loop, a new token.

    Two requests with such symbols are different ones; two values are not known to be equal (see `evaluate.equal`).
    """
    used = {
        leaf.origin
        for request in state.pending
        for value in getattr(request, "arguments", ())
        for leaf in leaves(value[1])
        if isinstance(leaf, Symbol) and leaf.origin[: len(origin)] == origin
    }
    number = 0
    while (*origin, number) in used:
        number += 1
    return Symbol((*origin, number))


def widen(engine: Engine, point: int, states: list[State], arrivals: Arrivals) -> list[State]:
    """Unite states that came to a point in too many environments."""
    if arrivals.environments > MAX_ALIKE:
        states = unite_alike((engine.frames[-1].code.qualname, point), states, arrivals)
    if arrivals.environments > MAX_STATES:
        raise Limit("too many different states at one point")
    variety = next(most for steps, most in VARIETY if engine.steps >= steps)
    if arrivals.environments <= variety or not states:
        return states
    counts = {name: len(values) for name, values in arrivals.values.items() if _grows(values)}
    most = max(counts.values(), default=0)
    if most <= variety:
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


# --- states that outcomes do not tell apart --------------------------------------------------------------------------


def unite_alike(point: tuple[object, ...], states: list[State], arrivals: Arrivals) -> list[State]:
    """Unite states with the same attempts in the same outcomes, past a number of each kind."""
    result: list[State] = []
    groups: dict[tuple[object, ...], State] = {}
    for state in states:
        shape = _shape(state)
        count = arrivals.counts[shape] = arrivals.counts.get(shape, 0) + 1
        if count <= MAX_ALIKE:
            result.append(state)
            continue
        known = groups.get(shape) or arrivals.united.get(shape)
        groups[shape] = state if known is None else _united(point, known, state)
    for shape, state in groups.items():
        arrivals.united[shape] = state.copy()
        arrivals.add(state)
    return result + arrivals.take()


def _shape(state: State) -> tuple[object, ...]:
    """What has to be equal in states that can be united: the same variables, referring to objects in the same way."""
    return (
        state.context,
        state.phantom,
        state.anchors,
        tuple(state.last.items()),
        tuple([(request, p.attempt, p.waits, p.sends) for request, p in state.pending.items()]),
        tuple(sorted(state.masks.items())),
        tuple(sorted((name, ids_of(value)) for name, value in state.env.items())),
        result if type(result := state.env.get(RESULT)) is Const else None,
        tuple(sorted((name, ids_of(value)) for name, value in state.globals.items())),
        tuple([_kind(state.heap[number]) for number in sorted(state.heap)]),
    )


def _kind(content: Value) -> tuple[object, ...]:
    if isinstance(content, Instance):
        return (type(content), content.cls, tuple([(name, ids_of(value)) for name, value in content.fields]))
    return (content.ids,)


def _united(point: tuple[object, ...], one: State, other: State) -> State:
    result = other.copy()
    for name, value in one.env.items():
        result.env[name] = _either(value, other.env[name], point, name)
    for request, p in one.pending.items():
        mine = other.pending[request]
        result.pending[request] = Pending(p.attempt, p.waits, p.decisions & mine.decisions, p.sends)
    for name, value in one.globals.items():
        result.globals[name] = _either(value, other.globals[name], point, name)
    for number, content in one.heap.items():
        theirs = other.heap[number]
        if content != theirs:
            result.heap[number] = _either_content(content, theirs, point, number)
    return result


def _either(one: Abstract, other: Abstract, point: tuple[object, ...], name: object) -> Abstract:
    if one == other or ids_of(one):
        return one
    return Symbol(("either", point, name))


def _either_content(one: Value, other: Value, point: tuple[object, ...], number: int) -> Value:
    unknown = Symbol(("either", point, number))
    if isinstance(one, Dictionary) and isinstance(other, Dictionary):
        theirs = dict(other.items)
        common = tuple([(k, v) for k, v in one.items if theirs.get(k) == v])
        return Dictionary(common, unknown)
    if isinstance(one, Instance) and isinstance(other, Instance):
        fields = tuple(
            [(n, _either(v, w, point, (number, n))) for (n, v), (_, w) in zip(one.fields, other.fields, strict=True)]
        )
        return Instance(one.cls, fields, one.opaque)
    if isinstance(one, Sequence) or isinstance(other, Sequence) or one != other:
        return Apply("mix", (unknown,))
    return one
