"""How blocks end: where each terminator sends the states."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from errlint.flow import calls, containers, control, generators, instances, ir, repetition, witness
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Class, External
from errlint.flow.classes import is_exception_class
from errlint.flow.decisions import content_words
from errlint.flow.describe import about
from errlint.flow.engine import Engine, Frame, operand, unknown
from errlint.flow.ir import Const
from errlint.flow.record import Caught, Ended, Mark, Thrown
from errlint.flow.splitting import settled, truth_value, truths
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.storing import set_attribute
from errlint.flow.values import NONE, Abstract, Answer, Elements, Fault, Ref, Sequence
from errlint.flow.widen import fresh


def _jump(engine: Engine, frame: Frame, index: int, state: State, end: control.Jump) -> None:
    frame.arrive(end.block, state)


def _branch(engine: Engine, frame: Frame, index: int, state: State, end: control.Branch) -> None:
    for before, value, raised in calls.tested(engine, state, operand(state, end.test), end.node):
        if raised:
            frame.throw(index, before, value)
            continue
        ways = truths(engine, before, value, end.node)
        sides = frozenset([side for _, side in ways])
        witness.test(engine, before, value, truth_value(engine, before, value), end.node, sides)
        for after, side in ways:
            frame.arrive(end.then if side else end.otherwise, after)


def _next(engine: Engine, frame: Frame, index: int, state: State, end: control.Next) -> None:
    iterator = state.env[end.iterator]
    if not isinstance(iterator, Elements):
        iterator = Elements(iterator)
    content = repetition.loop_content(state, iterator.source)
    if content is not None:
        assert isinstance(iterator.source, Ref)
        for after, attempt, raised in repetition.next_attempt(engine, state, iterator.source, content, end.node):
            if raised and attempt is not None:
                frame.throw(index, after, attempt)
            elif attempt is None:
                frame.arrive(end.done, after)
            else:
                after.env[end.target] = attempt
                frame.arrive(end.body, after)
        return
    if generators.is_generator(iterator.source, state):
        for after, value, raised in generators.resume(engine, state, iterator.source, end.node):
            if not raised:
                after.env[end.target] = value
                frame.arrive(end.body, after)
            elif value == generators.END:
                frame.arrive(end.done, after)
            else:
                frame.throw(index, after, value)
        return
    middle = fresh(state, "element", id(end.node))
    held = content_of(state, iterator.source)
    shared = iterator.source if isinstance(held, Elements) else None
    ways = containers.advance(held if isinstance(held, Elements) else iterator, middle)
    for i, (element, following) in enumerate(ways):
        after = state if i == len(ways) - 1 else state.copy()
        if isinstance(shared, Ref):
            after.put(shared.id, following)
        else:
            after.env[end.iterator] = following
        if len(ways) > 1:
            kind = "counted" if containers.is_counted(following) else "elements"
            # Whether there is another one may be for an answer to say.
            told = content_words(about(state, iterator.source))
            engine.decide(after, end.node, element is not None, told | {kind})
        if element is None:
            frame.arrive(end.done, after)
        else:
            after.env[end.target] = element
            frame.arrive(end.body, after)


def _yield(engine: Engine, frame: Frame, index: int, state: State, end: control.Yield) -> None:
    value = operand(state, end.value)
    if frame.is_resumed:
        frame.leave(state, generators.suspended(frame, state, index, end, value), False)
        return
    state.pending = {}
    state.env[end.target] = unknown(end.node)
    frame.arrive(end.resume, state)


def _return(engine: Engine, frame: Frame, index: int, state: State, end: control.Return) -> None:
    if frame.is_resumed:
        frame.leave(state, generators.FINISHED, False)
        return
    for site, last in state.last.items():
        engine.record.note(Ended(site, end.node), state.masks[last])
    frame.leave(state, operand(state, end.value), False)


# --- exceptions ------------------------------------------------------------------------------------------------------


CAUGHT = frozenset({"caught"})


def _raise(engine: Engine, frame: Frame, index: int, state: State, end: control.Raise) -> None:
    value = operand(state, end.exception)
    cause = None if end.cause is None else operand(state, end.cause)
    ways = settled(engine, state, value) or [(state, value, False)]
    for after, exception, raised in ways:
        if raised:
            frame.throw(index, after, exception)
            continue
        if isinstance(exception, Class) or is_exception_class(engine, exception):
            for made, instance, failed in calls.call(engine, after, exception, Arguments(), end.node):
                if cause is not None and not failed:
                    set_attribute(made, instance, "__cause__", cause)
                frame.throw(index, made, instance)
        elif exception == NONE:
            frame.throw(index, after, Fault("RuntimeError") if end.again else Fault("TypeError"))
        elif type(exception) is Const:
            frame.throw(index, after, Fault("TypeError"))
        else:
            if not end.again:
                _note_thrown(engine, after, exception, end.node)
            if cause is not None:
                set_attribute(after, exception, "__cause__", cause)
            frame.throw(index, after, exception)


def _note_thrown(engine: Engine, state: State, exception: Abstract, node: cst.CSTNode) -> None:
    path = _class_of(engine, state, exception)
    for site, last in state.last.items():
        engine.record.note(Thrown(node, site, path), state.masks[last])


def _catch(engine: Engine, frame: Frame, index: int, state: State, end: control.Catch) -> None:
    exception = state.env[end.exception]
    known = True if end.types is None else instances.is_instance(engine, state, exception, operand(state, end.types))
    if known is None and _catches_all(operand(state, end.types or NONE)):
        known = True
    if known is None and not _plausible(exception):
        known = False
    if known is not False:
        _note_caught(engine, state, exception, end.node)
        witness.rescued(engine, exception, end.node)
        engine.decide(state, end.node, True, CAUGHT)
    if known is None:
        engine.record.mark(end.node, Mark.GUESSED)
        engine.inexact("a handler's class is not known")
        other = state.copy()
        frame.arrive(end.matched, state)
        frame.arrive(end.otherwise, other)
    else:
        frame.arrive(end.matched if known else end.otherwise, state)


def _catches_all(types: Abstract) -> bool:
    """Whether a handler is for `Exception`, from which nearly all classes derive that are not known."""
    if isinstance(types, Sequence):
        return any(_catches_all(each) for each in types.items)
    return types in (External("Exception"), External("BaseException"))


def _plausible(exception: Abstract) -> bool:
    """Whether a handler whose classes are not known may be meant for an exception."""
    return not (isinstance(exception, Fault) and "." not in exception.path and exception.attempt is None)


def _note_caught(engine: Engine, state: State, exception: Abstract, node: cst.CSTNode) -> None:
    path = _class_of(engine, state, exception)
    attempt = exception.attempt if isinstance(exception, (Answer, Fault)) else None
    if attempt is None:
        for site, last in state.last.items():
            engine.record.note(Caught(node, path, site), state.masks[last])
        return
    info = state.heap[attempt]
    assert isinstance(info, Attempt)
    engine.record.note(Caught(node, path, info.site), state.masks[attempt])


def _class_of(engine: Engine, state: State, exception: Abstract) -> str:
    """How the class of an exception is called; empty where it is not known."""
    lineage = instances.lineage_of(engine, state, exception)
    first = lineage[0] if lineage else None
    return first.path if isinstance(first, External) else (first.definition.name if isinstance(first, Class) else "")


ENDS: dict[type[ir.Op], Callable[..., None]] = {
    control.Jump: _jump,
    control.Branch: _branch,
    control.Next: _next,
    control.Return: _return,
    control.Yield: _yield,
    control.Raise: _raise,
    control.Catch: _catch,
}
