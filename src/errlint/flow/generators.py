"""Generators of the project: run from one `yield` to the next, by `for`, by `next`, as context managers.

A generator is an object in the heap that holds where it stands and its variables. Running it on is a call of its
function that starts there and ends at the next `yield`.
"""

from __future__ import annotations

from typing import TypeGuard

import libcst as cst

from errlint.flow import control, functions
from errlint.flow.arguments import Arguments
from errlint.flow.callables import External, Function
from errlint.flow.engine import RESUMED, THROWN, Engine, Frame, Step
from errlint.flow.ir import Const
from errlint.flow.record import Mark
from errlint.flow.state import CLOSURE, State
from errlint.flow.values import FALSE, NONE, TRUE, Abstract, Fault, Instance, Ref, Sequence, Symbol, rename

END = Fault("StopIteration")
FINISHED = Sequence("tuple", (NONE,))
"""What a generator that was run on has returned, whatever value its `return` has."""
_GENERATOR = External("%generator")
_FUNCTION, _TURNS = "%function", "%turns"
_START, _ENDED = Const(-1), Const(-2)
_MOST_TURNS = 12
"""Past so many in which it changes a generator may give anything, or end."""


def make(state: State, function: Function, env: dict[str, Abstract]) -> Ref:
    """What a call of a generator function gives; nothing of it has run."""
    return Ref(state.allocate(_content(function, _START, 0, env)))


def _content(function: Function, position: Abstract, turns: int, env: dict[str, Abstract]) -> Instance:
    fields = {**env, RESUMED: position, _FUNCTION: function, _TURNS: Const(turns)}
    return Instance(_GENERATOR, tuple(sorted(fields.items())))


def is_generator(value: Abstract, state: State) -> TypeGuard[Ref]:
    """Whether a value is a generator that is followed."""
    content = state.heap[value.id] if isinstance(value, Ref) else None
    return isinstance(content, Instance) and content.cls == _GENERATOR and not content.opaque


def suspended(frame: Frame, state: State, index: int, end: control.Yield, value: Abstract) -> Abstract:
    """What leaves a generator at a `yield` in the block `index`: the value, and where and with what it goes on."""
    if end.delegate:
        return Symbol(("delegated", id(end.node)))
    handler = frame.graph.blocks[index].handler
    live = frame.graph.live[end.resume] | (frozenset() if handler is None else frame.graph.live[handler.block])
    kept = {name: held for name, held in state.env.items() if name in live or name in CLOSURE} | {RESUMED: Const(index)}
    return Sequence("tuple", (value, Sequence("tuple", tuple(map(Const, kept))), *kept.values()))


def resume(
    engine: Engine, state: State, generator: Ref, node: cst.CSTNode, thrown: Abstract | None = None
) -> list[Step]:
    """What comes of running a generator on: what it yields, or the exception that leaves it, `END` where it is done.

    `thrown` is raised where it stands.
    """
    content = state.heap[generator.id]
    assert isinstance(content, Instance)
    env = dict(content.fields)
    function, turns = env.pop(_FUNCTION), env.pop(_TURNS)
    assert isinstance(function, Function)
    assert type(turns) is Const
    if env[RESUMED] == _ENDED:
        return [(state, thrown or END, True)]
    number = turns.value if isinstance(turns.value, int) else 0
    if number >= _MOST_TURNS:
        return _lose(engine, state, generator, node)
    before = _shape(env)
    if thrown is not None:
        env[THROWN] = thrown
    steps: list[Step] = []
    for after, value, raised in functions.follow(engine, state, function, Arguments(), env, node):
        if raised or value == FINISHED:
            after.put(generator.id, _content(function, _ENDED, number, {}))
            steps.append((after, value if raised else END, True))
        elif isinstance(value, Sequence) and isinstance(names := value.items[1], Sequence):
            kept = {
                str(name.value): v for name, v in zip(names.items, value.items[2:], strict=True) if type(name) is Const
            }
            # One that stands where it stood, with the same variables, may go on so for ever.
            turn = number if _shape(kept) == before else number + 1
            after.put(generator.id, _content(function, kept.pop(RESUMED), turn, kept))
            steps.append((after, value.items[0], False))
        else:
            steps += _lose(engine, after, generator, node)
    return steps


def _shape(variables: dict[str, Abstract]) -> dict[str, Abstract]:
    """Variables, with what they refer to numbered in order."""
    numbers: dict[int, int] = {}
    for name in sorted(variables):
        for number in variables[name].ids:
            numbers.setdefault(number, len(numbers))
    return {name: rename(value, numbers) for name, value in variables.items()}


def _lose(engine: Engine, state: State, generator: Ref, node: cst.CSTNode) -> list[Step]:
    """A generator that is not followed any more may give anything, or end."""
    engine.record.mark(node, Mark.STRANGE)
    engine.inexact("a generator is not followed to its end")
    state.put(generator.id, Instance(_GENERATOR, (), True))
    return [(state.copy(), END, True), (state, Symbol(("generated", id(node))), False)]


def exhaust(engine: Engine, state: State, generator: Ref, node: cst.CSTNode) -> list[Step]:
    """All that a generator yields, as a tuple, or the exception that leaves it."""
    done: list[Step] = []
    waiting: list[tuple[State, tuple[Abstract, ...]]] = [(state, ())]
    turns = 0
    while waiting:
        before, items = waiting.pop()
        turns += 1
        engine.spend()
        # Each turn may go several ways, which multiply.
        run = resume if turns <= _MOST_TURNS else _lose
        for after, value, raised in run(engine, before, generator, node):
            if not raised and is_generator(generator, after):
                waiting.append((after, (*items, value)))
            elif not raised:
                done.append((after, Symbol(("generated", id(node))), False))
            else:
                done.append((after, Sequence("tuple", items), False) if value == END else (after, value, True))
    return done


# --- as context managers ---------------------------------------------------------------------------------------------


def enter(engine: Engine, state: State, manager: Ref, node: cst.CSTNode) -> list[Step]:
    """`with manager`: it runs to its `yield`."""
    return [
        (after, Fault("RuntimeError") if value == END else value, raised)
        for after, value, raised in resume(engine, state, manager, node)
    ]


def leave(engine: Engine, state: State, manager: Ref, exception: Abstract, node: cst.CSTNode) -> list[Step]:
    """The end of `with manager`: is `exception` (None where there is none) swallowed?"""
    steps: list[Step] = []
    for after, value, raised in resume(engine, state, manager, node, None if exception == NONE else exception):
        if not raised:
            steps.append((after, Fault("RuntimeError"), True))
        elif value == END:
            steps.append((after, FALSE if exception == NONE else TRUE, False))
        else:
            steps.append((after, FALSE, False) if value == exception else (after, value, True))
    return steps
