"""Calls of functions of the project: which are followed, with what, and what comes back."""

from __future__ import annotations

import libcst as cst

from errlint import outcomes
from errlint.flow import generators, unfollowed
from errlint.flow.arguments import Arguments
from errlint.flow.budget import TooLong
from errlint.flow.callables import Function, Method, Partial, Retried
from errlint.flow.callers import Callers
from errlint.flow.code import Code, Parameter
from errlint.flow.engine import Attach, Engine, Step
from errlint.flow.held import annotation_path
from errlint.flow.ir import Const
from errlint.flow.standard import only_shows
from errlint.flow.state import DETACHED, STANDING_IN, Attempt, Pending, State
from errlint.flow.storing import forget
from errlint.flow.values import (
    Abstract,
    Apply,
    Dictionary,
    Elements,
    Fault,
    Instance,
    Ref,
    Sequence,
    Symbol,
    Value,
    ids_of_all,
    rename,
    rename_all,
)


def bind(engine: Engine, state: State, function: Function, arguments: Arguments) -> dict[str, Abstract] | None:
    """The parameters' values; None where the arguments do not fit (a TypeError)."""
    code = function.code
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, function.receiver)
    keywords = dict(arguments.keywords)
    defaults = dict(function.defaults)
    env: dict[str, Abstract] = {}
    for p in code.parameters:
        if p.kind == "var-positional":
            env[p.name] = Sequence("tuple", tuple(positional))
            positional = []
        elif p.kind == "var-keyword":
            number = state.allocate(Dictionary(tuple([(Const(n), v) for n, v in keywords.items()]), arguments.rest))
            env[p.name] = Ref(number)
            keywords = {}
        elif p.kind != "keyword-only" and positional:
            env[p.name] = positional.pop(0)
        elif p.name in keywords and p.kind != "positional-only":
            env[p.name] = keywords.pop(p.name)
        elif arguments.rest is not None:
            env[p.name] = Apply("item", (arguments.rest, Const(p.name)))
        elif p.name in defaults:
            env[p.name] = engine.names.default(state, defaults[p.name])
        elif p.has_default:
            env[p.name] = Symbol(("default", code.qualname, p.name))
        else:
            return None
    return None if positional or keywords else env


def parameter_value(engine: Engine, state: State, code: Code, parameter: Parameter) -> Abstract:
    """What is known of a parameter that nobody has given a value: an object of the project where its annotation names
    a class with methods that send."""
    cls = engine.names.annotated(engine, code.module, parameter.annotation)
    if cls is not None and engine.names.concerns_requests(engine, cls):
        return Ref(state.allocate(Instance(cls, (), True)))
    path = annotation_path(code.module, parameter.annotation)
    return Symbol(("parameter", code.qualname, parameter.name), path, "annotated" if path else "assumed")


def is_off(default: Abstract) -> bool:
    """Whether a default leaves out what a caller may ask for."""
    return type(default) is Const and (default.value is None or default.value is False or default.value == 0)


def call_function(
    engine: Engine, state: State, function: Function, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A function of the project, followed into with the actual arguments."""
    code = function.code
    env = bind(engine, state, function, arguments)
    if env is None:
        return [(state, Fault("TypeError"), True)]
    if function.frames:
        env["%frames"] = Sequence("tuple", function.frames)
    if code.is_generator:
        return [(state, generators.make(state, function, env), False)]
    return [_as_annotated(engine, code, step) for step in follow(engine, state, function, arguments, env, node)]


def follow(
    engine: Engine, state: State, function: Function, arguments: Arguments, env: dict[str, Abstract], node: cst.CSTNode
) -> list[Step]:
    """Run a function, unless it is not worth it."""
    code = function.code
    is_inner = bool(engine.frames[1:])
    is_too_large = code in engine.budget.too_large or code in engine.budget.skipped
    if is_inner and (is_too_large or _is_left_to_subclasses(state, function)):
        return _pass_by(engine, state, function, arguments, node)
    # What is analysed itself has been found worth it.
    is_analysed = [frame.code for frame in engine.frames] == [code]
    if is_analysed or _may_send(engine, code, env):
        return enter(engine, state, code, env, node)
    steps = engine.budget.allowance(code, judges=_is_given_attempt(state, env))
    if steps is None:
        return enter(engine, state, code, env, node)
    if steps and code not in engine.budget.passed_by:
        try:
            with engine.budget.errand(steps):
                return enter(engine, state, code, env, node)
        except TooLong:
            engine.budget.passed_by.add(code)
    return _pass_by(engine, state, function, arguments, node)


def _is_left_to_subclasses(state: State, function: Function) -> bool:
    """Whether a method is only there to be overridden, and its object was made elsewhere: of a class that does so."""
    receiver = function.receiver
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    is_made_here = isinstance(content, Instance) and not content.opaque
    return function.code.is_abstract and not is_made_here


def _as_annotated(engine: Engine, code: Code, step: Step) -> Step:
    """Where it is not known what a function returned, its annotation may say that it is a client, or an object of the
    project that sends."""
    state, value, raised = step
    if raised or not isinstance(value, (Symbol, Apply)) or (isinstance(value, Symbol) and value.type is not None):
        return step
    cls = engine.names.annotated(engine, code.module, code.returns)
    if cls is not None and engine.names.concerns_requests(engine, cls):
        return state, Ref(state.allocate(Instance(cls, (), True))), False
    path = annotation_path(code.module, code.returns)
    pack = None if path is None else engine.knowledge.type(path)
    if pack is None or pack.client is None:
        return step
    return state, Symbol(("returned", value), path, "annotated"), raised


def _may_send(engine: Engine, code: Code, env: dict[str, Abstract]) -> bool:
    """Whether a function may send, itself or what it is given to call."""
    if code.parent is not None or code.kind != "function":
        return True
    if engine.budget.constructing:
        return engine.survey.gives_client(code) or code.name == "__init__"
    return engine.survey.matters(code) or any(map(_may_call, env.values()))


def _may_call(value: Abstract) -> bool:
    """Whether to call a value may send a request: what can be called may, unless it only shows something."""
    if isinstance(value, Function) and only_shows(value.code):
        return False
    return isinstance(value, (Function, Method, Partial, Retried))


def _is_given_attempt(state: State, env: dict[str, Abstract]) -> bool:
    """Whether anything of an attempt is among these values, or reached from them."""
    return any(isinstance(state.heap[number], Attempt) for number in state.reachable(ids_of_all(env.values())))


def _pass_by(engine: Engine, state: State, function: Function, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """A call that is not followed: its result is unknown, and the objects it is given may change."""
    code = function.code
    engine.inexact(f"{code.qualname} is not followed")
    for value in (*arguments.all(), *([] if function.receiver is None else [function.receiver])):
        if isinstance(value, Ref):
            content = state.heap[value.id]
            if isinstance(content, Instance):
                state.put(value.id, Instance(content.cls, content.fields, True))
            else:
                forget(state, value)
    if state.pending:
        # It may wait; a moment of the clock is a delay of which nothing is known.
        engine.wait(state, Symbol(("clock", "passed by", code.qualname)))
    given = tuple([unfollowed.data(state, v) for v in arguments.all()])
    name = Symbol(("function", code.module.name, code.qualname))
    return [(state, unfollowed.result(engine, state, name, given, node), False)]


def circumstances(state: State) -> tuple[object, ...]:
    """What of a state tells one turn of a loop from another: everything in it that names no object."""
    plain = [(n, v) for n, v in state.env.items() if not v.ids]
    told = [v for _, content in sorted(state.heap.items(), key=lambda item: item[0]) for v in _telling(content)]
    return (state.context, frozenset(plain), tuple(told))


def _telling(content: Value) -> list[object]:
    """What of an object tells one turn of a loop from another."""
    if isinstance(content, Instance):
        return [v for _, v in content.fields if type(v) is Const]
    if isinstance(content, Elements):
        return [content.position]
    return [len(content.items)] if isinstance(content, (Sequence, Dictionary)) else []


def _counters(state: State) -> frozenset[tuple[str, Abstract]]:
    """The whole numbers that variables hold: without them a loop that counts its turns would look endless."""
    return frozenset([(n, v) for n, v in state.env.items() if type(v) is Const and type(v.value) is int])


_CALLERS = Const("%callers")
"""Stands for the callers' pending requests in a detached call: collects decisions and waits for them."""


def enter(engine: Engine, state: State, code: Code, env: dict[str, Abstract], node: cst.CSTNode) -> list[Step]:
    """Run `code` with these parameters on the part of the state that it can see, and put the results back."""
    if id(code) not in engine.attached:
        try:
            return _enter(engine, state, code, env, DETACHED)
        except Attach:
            if state.context == DETACHED:
                raise
    if state.context == DETACHED:
        raise Attach
    where = (state.context, _counters(state)) if engine.budget.is_coarse() else circumstances(state)
    # A recursive call stands for all deeper ones with the same arguments: only the first one's callers tell it apart.
    first = next((f for f in engine.frames[1:] if f.code is code and f.context != DETACHED), None)
    if first is not None:
        return _enter(engine, state, code, env, engine.token(id(node), (first.context, *where[1:])))
    here = engine.token(id(node), where)
    callers = Callers(tuple(state.pending.values()), lambda number: engine.token("within", here, number))
    return _enter(engine, state, code, env, STANDING_IN, callers)


def _enter(
    engine: Engine,
    state: State,
    code: Code,
    env: dict[str, Abstract],
    context: int,
    callers: Callers | None = None,
) -> list[Step]:
    callee = State(env=env, context=context, phantom=state.phantom, next_id=state.next_id)
    callee.globals = dict(state.globals)
    if context != DETACHED:
        pending = state.pending.values() if callers is None else callers.stand_ins()
        callee.pending, callee.last = dict(zip(state.pending, pending, strict=True)), dict(state.last)
    numbers = state.reachable([*ids_of_all(env.values()), *callee.roots()])
    callee.heap = {i: state.heap[i] for i in numbers}
    callee.masks = {i: state.masks[i] for i in numbers if i in state.masks}
    callee.anchors = tuple(numbers)
    if context == DETACHED:
        callee.pending = {_CALLERS: Pending(callee.allocate(Attempt(-1, ""), outcomes.FAILURES))}
    steps: list[Step] = []
    for exit_ in engine.run(code, callee, callers):
        after = state.copy()
        inner = exit_.state
        renaming = dict(zip(inner.anchors, numbers, strict=True))
        during = inner.pending.get(_CALLERS)
        for number in inner.heap:
            if number not in renaming and not (during is not None and number == during.attempt):
                renaming[number] = after.next_id
                after.next_id += 1
        for number, into in renaming.items():
            after.heap[into] = rename(inner.heap[number], renaming)
            if number in inner.masks:
                after.masks[into] = inner.masks[number]
        if during is not None:
            waits = rename_all(during.waits, renaming)
            after.pending = {r: p.followed_by(waits, during.decisions) for r, p in after.pending.items()}
        else:
            after.pending = {
                rename(request, renaming): p.renamed(renaming) if callers is None else callers.restored(p, renaming)
                for request, p in inner.pending.items()
            }
            after.last = {site: renaming[attempt] for site, attempt in inner.last.items()}
        after.globals = {n: rename(v, renaming) for n, v in inner.globals.items()}
        after.phantom = inner.phantom
        steps.append((after, rename(exit_.value, renaming), exit_.raised))
    return steps
