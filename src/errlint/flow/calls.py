"""Calls: into functions, methods and classes of the project; everything else is handed to its module."""

from __future__ import annotations

import libcst as cst

from errlint.flow import (
    construction,
    containers,
    functions,
    generators,
    library,
    repetition,
    sending,
    texts,
    unfollowed,
)
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Function, Method, Partial, Retried
from errlint.flow.classes import special_method
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Called, Mark
from errlint.flow.splitting import settled
from errlint.flow.state import State
from errlint.flow.values import (
    Abstract,
    Apply,
    Dictionary,
    Fault,
    Instance,
    Ref,
    Sequence,
    Symbol,
)


def call(engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """`function(*arguments)`, with everything that it does to the state."""
    engine.spend()
    engine.record.mark(node, Mark.CALLED)
    if state.last:
        followed = isinstance(function, (Function, Class, Retried))
        name = function.code.name if isinstance(function, Function) else unfollowed.called_name(function)
        for site, attempt in state.last.items():
            engine.record.note(Called(node, name, site, followed, state.phantom), state.masks[attempt])
        texts.note_call(engine, state, node, function, arguments.positional)
    if isinstance(function, Function):
        return functions.call_function(engine, state, function, arguments, node)
    if isinstance(function, Class):
        return construction.instantiate(engine, state, function, arguments, node)
    if isinstance(function, (External, Built, Method)):
        return _call_outside(engine, state, function, arguments, node)
    if isinstance(function, Partial):
        keywords = dict(function.keywords) | dict(arguments.keywords)
        merged = Arguments((*function.arguments, *arguments.positional), tuple(keywords.items()), arguments.rest)
        return call(engine, state, function.function, merged, node)
    if isinstance(function, Retried):
        return repetition.call_repeated(engine, state, function.policy, function.function, arguments, node)
    if isinstance(function, Ref):
        method = special_method(engine, state, function, "__call__", node)
        if method is not None:
            return call(engine, state, method, arguments, node)
    if type(function) is Const:
        return [(state, Fault("TypeError"), True)]
    split = settled(engine, state, function)
    if split is not None:
        return [
            step
            for s, v, raised in split
            for step in ([(s, v, True)] if raised else call(engine, s, v, arguments, node))
        ]
    return _call_unknown(engine, state, function, arguments, node)


def tested(engine: Engine, state: State, value: Abstract, node: cst.CSTNode) -> list[Step]:
    """What the truth of a value hangs on: what its class's `__bool__` or `__len__` gives, else the value itself."""
    for name in ("__bool__", "__len__"):
        method = special_method(engine, state, value, name, node)
        if method is not None:
            return call(engine, state, method, Arguments(), node)
    return [(state, value, False)]


def apart(engine: Engine, state: State, function: Abstract, argument: Abstract, node: cst.CSTNode) -> list[Step]:
    """Call something with one argument outside any function."""
    return [s for s in call(engine, state, function, Arguments((argument,)), node) if not s[0].phantom]


# --- calls of what is outside the project ----------------------------------------------------------------------------


def _call_outside(
    engine: Engine, state: State, function: External | Built | Method, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    given = next((v for v in arguments.positional if generators.is_generator(v, state)), None)
    if isinstance(given, Ref):
        name = unfollowed.called_name(function)
        if name in _EXHAUSTING:
            return [
                step
                for s, v, raised in generators.exhaust(engine, state, given, node)
                for step in (
                    [(s, v, True)] if raised else call(engine, s, function, arguments.replaced(given, v), node)
                )
            ]
        if name not in _STEPPING:
            engine.inexact(f"a generator is handed to {name or 'something unknown'}")
    known = _known(engine, state, function, arguments, node)
    return _call_unknown(engine, state, function, arguments, node) if known is None else known


_EXHAUSTING = frozenset(
    ["list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "max", "min", "extend", "update", "join"]
)
"""Calls that take all that a generator gives."""
_STEPPING = frozenset({"next", "iter"})


def _known(
    engine: Engine, state: State, function: External | Built | Method, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """What a call comes to as Python or a pack has it; None where neither says."""
    if isinstance(function, External):
        return library.call_external(engine, state, function, arguments, node)
    if isinstance(function, Built):
        return library.call_instance(engine, state, function, arguments, node)
    receiver = function.receiver
    is_data = type(receiver) is Const or isinstance(receiver, (Sequence, Dictionary, Apply))
    if is_data or (isinstance(receiver, Ref) and not isinstance(state.heap[receiver.id], Instance)):
        return containers.call_method(engine, state, receiver, function.name, arguments, node)
    return library.call_method(engine, state, function, arguments, node)


def _call_unknown(
    engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A call of what nothing is known of."""
    known = _call_supposed(engine, state, function, arguments, node)
    return unfollowed.call(engine, state, function, arguments, node) if known is None else known


def _call_supposed(
    engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """A call that is taken for a client's method, from what is made of its result, or for a request, from how it is
    expected to fail; None for any other."""
    client = engine.survey.client_assumed(node, engine.frames[-1].code.module) if engine.frames else None
    if client is None:
        expected = engine.survey.expected(node)
        return sending.send_unknown(engine, state, function, arguments, node, expected) if expected else None
    origin = function.operands[0] if isinstance(function, Apply) else function
    receiver = Symbol(("assumed", unfollowed.data(state, origin)), client, "assumed")
    method = Method(receiver, unfollowed.called_name(function).rpartition(".")[2])
    return _known(engine, state, method, arguments, node)
