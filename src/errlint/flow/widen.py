"""What is given up where too many environments meet at one point.

States that no outcome tells apart yet are united early: whether an optional parameter was given does not matter to
what happens to a 503. States that carry attempts stay apart longer; then the most varied counter goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errlint.flow.callables import External
from errlint.flow.composition import blurred, decisive_attempts, leaves
from errlint.flow.decisions import on_both
from errlint.flow.ir import Const
from errlint.flow.record import COARSE, Limit
from errlint.flow.state import CLOSURE, DETACHED, RESULT, Arrivals, Attempt, Crowd, Pending, State
from errlint.flow.values import (
    Abstract,
    Among,
    Answer,
    Apply,
    Dictionary,
    Elements,
    Fault,
    Instance,
    Part,
    Sequence,
    Symbol,
    Value,
)

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

MAX_ALIKE = 4
MAX_COARSE = 2
MAX_ROUGH = 32
MAX_CROWD = 48
MAX_ASIDE = 6
"""The same in helpers, which see nothing of the requests that are pending around them."""
MAX_STATES = 400
HURRY = 3_000
"""After so many steps fewer states are kept apart: better less exact than not finished."""
MAX_GATHERED = 3
MAX_COLLECTED = 12
"""A collection with more elements is taken for one that a loop fills, where many environments meet."""
LEAST_VARIETY = 3
MOST_VARIETY = 14
VARIETY = ((8000, LEAST_VARIETY), (4000, 6), (0, MOST_VARIETY))
"""How many values of a counter are followed one by one: fewer, the more steps a function has already taken."""


def fresh(state: State, *origin: object) -> Symbol:
    """A symbol of this origin that no pending request mentions yet: an element of a loop, a new token.

    Two requests with such symbols are different ones; two values are not known to be equal (see `partly_known.equal`).
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
    if arrivals.environments > MAX_ALIKE or engine.budget.is_coarse():
        states = unite_alike(engine, (engine.frames[-1].code.qualname, point), states, arrivals)
    if arrivals.environments > MAX_STATES:
        raise Limit("too many different states at one point")
    if arrivals.environments > MAX_ALIKE:
        states = _again(states, arrivals, _forget_gathered)
    steps = engine.budget.steps
    variety = LEAST_VARIETY if engine.budget.is_coarse() else next(most for past, most in VARIETY if steps >= past)
    if arrivals.environments <= variety or not states:
        return states
    counts = {name: len(values) for name, values in arrivals.values.items() if _grows(values)}
    most = max(counts.values(), default=0)
    widened = [name for name, count in counts.items() if count == most] if most > variety else []
    if any(len(arrivals.values[name]) <= MOST_VARIETY for name in widened) and any(map(_iterates, states)):
        engine.inexact("it takes long, so that what a loop counts is not followed to the end")
    held = {name: list(arrivals.values[name]) for name in widened}
    late = {name: Late(set(values[variety:]), _telling(values)) for name, values in held.items()}
    return _again(states, arrivals, lambda state: _forget(engine, state, point, late))


def _again(states: list[State], arrivals: Arrivals, change: Callable[[State], bool]) -> list[State]:
    """The states that a change leaves as they are, and those that are new after it."""
    kept: list[State] = []
    for state in states:
        if change(state):
            arrivals.give_back(state)
            arrivals.add(state)
        else:
            kept.append(state)
    return kept + arrivals.take_again()


@dataclass(frozen=True, slots=True)
class Late:
    """The values of a variable that are not followed one by one, and the first ones that it had."""

    values: set[Abstract]
    first: tuple[Const, ...]


def _telling(values: list[Abstract]) -> tuple[Const, ...]:
    """The first values of a variable, where they are known."""
    first = tuple([value for value in values[:LEAST_VARIETY] if type(value) is Const])
    return first if len(first) == LEAST_VARIETY else ()


def first_values(value: Abstract) -> tuple[Const, ...]:
    """The first values of the variable that this stands for past those; nothing for what is no widened variable."""
    if not isinstance(value, Symbol) or value.origin[0] != "widened":
        return ()
    first = value.origin[3]
    assert isinstance(first, tuple)
    return first


def _counts(item: Abstract) -> bool:
    """Whether an element of a list is known, at least in part, or will be once the outcome is."""
    if isinstance(item, Sequence):
        return any(map(_counts, item.items))
    return type(item) is Const or isinstance(item, (Answer, Fault)) or bool(decisive_attempts(item))


def _forget(engine: Engine, state: State, point: int, late: dict[str, Late]) -> bool:
    """Let these variables be anything where they hold one of these values, and collections that a loop fills.

    Says whether that changed the state.
    """
    changed = False
    for name, held in late.items():
        if state.env.get(name) in held.values:
            anything = fresh(state, "widened", point, name, held.first)
            changed |= state.env[name] != anything
            state.env[name] = anything
    return _forget_collected(engine, state) or changed


def _forget_gathered(state: State) -> bool:
    """Lists of what is not known, nor decided by an answer, are what a loop gathers: their length seldom counts."""
    gathered = [
        number
        for number, content in state.heap.items()
        if isinstance(content, Sequence)
        and content.kind == "list"
        and len(content.items) > MAX_GATHERED
        and not any(map(_counts, content.items))
    ]
    for number in gathered:
        state.heap[number] = blurred((state.heap[number],))
    return bool(gathered)


def _forget_collected(engine: Engine, state: State) -> bool:
    """Keep of collections only the answers of requests that were not sent again since, and of long ones only these."""
    changed = False
    current = {*state.last.values(), *[p.attempt for p in state.pending.values()]}
    past = {i for i, content in state.heap.items() if i not in current and isinstance(content, Attempt)}
    for number, content in state.heap.items():
        if not isinstance(content, (Sequence, Dictionary, Apply)):
            continue
        if not past.isdisjoint(state.reachable(content.ids)):
            kept = [leaf for leaf in leaves(content) if past.isdisjoint(state.reachable(leaf.ids))]
            if any(isinstance(leaf, (Answer, Among)) and leaf not in kept for leaf in leaves(content)):
                engine.inexact("of the answers that a loop collects only the last is known")
            state.heap[number] = blurred(kept)
            changed = True
        elif isinstance(content, (Sequence, Dictionary)) and len(content.items) > MAX_COLLECTED:
            state.heap[number] = blurred((content,))
            changed = True
    return changed


def _iterates(state: State) -> bool:
    """Whether a loop over something goes on, whose end a counter may have to meet."""
    return any(isinstance(value, Elements) for value in (*state.env.values(), *state.heap.values()))


def _grows(values: Iterable[Abstract]) -> bool:
    """Whether a variable looks like a counter or a delay: numbers, or results computed from itself."""
    return all(isinstance(v, (Apply, Symbol)) or (type(v) is Const and type(v.value) in (int, float)) for v in values)


# --- states that outcomes do not tell apart --------------------------------------------------------------------------


def unite_alike(engine: Engine, point: tuple[object, ...], states: list[State], arrivals: Arrivals) -> list[State]:
    """Unite states with the same attempts in the same outcomes, past a number of each kind.

    First those whose values refer to the same objects; where many are left, those whose variables do; in a large
    function at once all with the same requests. Where there are still many, it is earlier requests that tell them
    apart: all but the last are let go.
    """
    hurried = engine.budget.steps > HURRY
    aside = bool(states) and states[0].context == DETACHED
    if engine.budget.is_coarse():
        states = _unite_past(MAX_COARSE, _requests, point, [_requests_first(state) for state in states], arrivals)
        is_united = any(crowd.united is not None for crowd in arrivals.crowds.values())
        if is_united and any(state.masks for state in states):
            engine.inexact(COARSE)
    else:
        states = _unite_past(1 if hurried else MAX_ALIKE, _shape, point, states, arrivals)
        if len(states) > (MAX_ASIDE if aside or hurried else MAX_ROUGH):
            states = _unite_past(1, _rough_shape, point, states, arrivals)
    crowd = MAX_CROWD // 4 if hurried else MAX_CROWD
    if (len(states) > crowd and any(len(state.last) > 1 for state in states)) or (
        arrivals.environments > crowd and any(len(state.pending) > 1 for state in states)
    ):
        engine.inexact("too many requests one after another to follow what each of them means for the others")
        for state in states:
            arrivals.give_back(state)
            _let_go(state)
            arrivals.add(state)
        states = _unite_past(1, _rough_shape, point, arrivals.take_again(), arrivals)
    return states


def _let_go(state: State) -> None:
    """Forget all requests but the last."""
    if not state.last:
        return
    newest = next(reversed(state.last.values()))
    state.last = {site: attempt for site, attempt in state.last.items() if attempt == newest}
    state.pending = {request: p for request, p in state.pending.items() if p.attempt == newest}


_Kind = Callable[[State], tuple[object, ...]]
"""What has to be equal in states that can be united."""


def _unite_past(
    most: int, kind: _Kind, point: tuple[object, ...], states: list[State], arrivals: Arrivals
) -> list[State]:
    result: list[State] = []
    groups: dict[Crowd, State] = {}
    for state in states:
        shape = (kind, *kind(state))
        crowd = arrivals.crowds.get(shape)
        if crowd is None:
            crowd = arrivals.crowds[shape] = Crowd()
        crowd.count += 1
        known = groups.get(crowd) or crowd.united
        if crowd.count <= most:
            result.append(state)
        elif known is None:
            # The first past the number stands for itself.
            crowd.united = state.copy()
            result.append(state)
        else:
            arrivals.give_back(state)
            groups[crowd] = _united(point, known, state)
    for crowd, state in groups.items():
        crowd.united = state.copy()
        arrivals.add(state)
    return result + arrivals.take_again()


def _shape(state: State) -> tuple[object, ...]:
    """The same variables, referring to objects in the same way."""
    return _shape_by(state, _objects, [p.sends for p in state.pending.values()])


def _rough_shape(state: State) -> tuple[object, ...]:
    """What a computed value was computed from does not matter, nor which of several sendings is pending."""
    return _shape_by(state, _reference, ())


def _shape_by(state: State, ids: Callable[[Abstract], tuple[int, ...]], sends: Iterable[object]) -> tuple[object, ...]:
    return (
        *_requests(state),
        tuple(sorted(state.masks.items())),
        tuple(sends),
        tuple([p.waits for p in state.pending.values()]),
        tuple(sorted((name, ids(value)) for name, value in state.env.items())),
        tuple(sorted((name, ids(value)) for name, value in state.globals.items())),
        tuple([_kind(state.heap[number], ids) for number in sorted(state.heap)]),
    )


def _requests(state: State) -> tuple[object, ...]:
    """The same attempts, the last and the pending ones in the same outcomes, the same run of what is repeated, and the
    same end of a function."""
    current = {*state.last.values(), *[p.attempt for p in state.pending.values()]}
    return (
        state.context,
        state.phantom,
        state.anchors,
        tuple(sorted(state.last.items())),
        tuple([(request, p.attempt, bool(p.waits)) for request, p in state.pending.items()]),
        tuple(sorted([(number, mask) for number, mask in state.masks.items() if number in current])),
        tuple([(number, c) for number, c in sorted(state.heap.items()) if isinstance(c, Attempt) or _is_internal(c)]),
        tuple([state.env.get(name) for name in CLOSURE]),
        state.runs(),
        result if type(result := state.env.get(RESULT)) is Const else None,
    )


def _objects(value: Abstract) -> tuple[int, ...]:
    """The objects that a value refers to; and how far an iterator is."""
    return (value.position, *value.ids) if isinstance(value, Elements) else value.ids


def _reference(value: Abstract) -> tuple[int, ...]:
    """The objects that a value stands for, rather than was computed from; and how far an iterator is."""
    return () if isinstance(value, (Apply, Part, Among)) else _objects(value)


def _is_internal(content: Value) -> bool:
    """Whether an object is one of the engine's own, as that of a retry loop."""
    return isinstance(content, Instance) and isinstance(content.cls, External) and content.cls.path.startswith("%")


def _kind(content: Value, ids: Callable[[Abstract], tuple[int, ...]]) -> tuple[object, ...]:
    if isinstance(content, Instance):
        if _is_internal(content):
            return (content,)
        fields = [(name, ids(value)) for name, value in content.fields]
        # Of what was made elsewhere, what is known of a field may be forgotten.
        return (type(content), content.cls, tuple([f for f in fields if f[1]] if content.opaque else fields))
    if isinstance(content, Attempt):
        return (content,)
    return (_objects(content), len(content.items) if isinstance(content, (Sequence, Dictionary)) else -1)


def _requests_first(state: State) -> State:
    """The state itself, its objects numbered anew: attempts have the same numbers whatever variables refer to."""
    attempts = [*state.last.values(), *[p.attempt for p in state.pending.values()]]
    order = state.reachable([*attempts, *state.anchors, *state.roots()])
    if order != list(range(len(order))):
        state.renumber({old: new for new, old in enumerate(order)})
    return state


def _united(point: tuple[object, ...], one: State, other: State) -> State:
    result = other.copy()
    for name, value in one.env.items():
        result.env[name] = _either(value, other.env.get(name, value), point, name)
    for request, p in one.pending.items():
        mine = other.pending[request]
        waits = p.waits if p.waits == mine.waits else (Symbol(("either", point, "wait")),)
        decisions = on_both(p.decisions, mine.decisions, True)
        result.pending[request] = Pending(p.attempt, waits, decisions, p.sends | mine.sends)
    for number, mask in one.masks.items():
        result.masks[number] = mask | other.masks.get(number, mask)
    for name in one.globals.keys() | other.globals.keys():
        unknown = Symbol(("global", name))
        result.globals[name] = _either(one.globals.get(name, unknown), other.globals.get(name, unknown), point, name)
    for number, content in one.heap.items():
        theirs = other.heap.get(number, content)
        result.heap[number] = content if content == theirs else _either_content(content, theirs, point, number)
    result.next_id = max(one.next_id, other.next_id)
    return result


def _either(one: Abstract, other: Abstract, point: tuple[object, ...], name: object) -> Abstract:
    if one == other:
        return one
    if one.ids or other.ids:
        return blurred((one, other))
    return Symbol(("either", point, name))


def _either_content(one: Value, other: Value, point: tuple[object, ...], number: int) -> Value:
    unknown = Symbol(("either", point, number))
    if isinstance(one, Dictionary) and isinstance(other, Dictionary):
        theirs = dict(other.items)
        common = tuple([(k, v) for k, v in one.items if theirs.get(k) == v])
        return Dictionary(common, unknown)
    if isinstance(one, Instance) and isinstance(other, Instance) and one.cls == other.cls:
        fields = tuple(
            [(n, _either(v, w, point, (number, n))) for n, v in one.fields if (w := other.get(n)) is not None]
        )
        return Instance(one.cls, fields, one.opaque or len(fields) < max(len(one.fields), len(other.fields)))
    return Apply("mix", (unknown,))
