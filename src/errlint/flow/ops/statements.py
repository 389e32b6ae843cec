"""Operations that statements consist of besides: writing into objects, taking apart, `with`."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from errlint.flow import access, calls, containers, generators, instances, ir, repetition, witness
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class
from errlint.flow.classes import as_tuple, special_method
from errlint.flow.concrete import Raised
from errlint.flow.engine import Engine, Step, operand, unknown
from errlint.flow.evaluate import apply
from errlint.flow.ir import Const
from errlint.flow.record import Changed
from errlint.flow.splitting import settled, truth_value
from errlint.flow.state import State, content_of
from errlint.flow.storing import forget, set_attribute, set_item
from errlint.flow.values import FALSE, NONE, TRUE, Answer, Dictionary, Elements, Fault, Instance, Ref, Sequence


def _set_attr(engine: Engine, state: State, op: ir.SetAttr) -> None:
    _note_change(engine, state, op.node, "set", op.name)
    set_attribute(state, operand(state, op.object), op.name, operand(state, op.value))


def _set_item(engine: Engine, state: State, op: ir.SetItem) -> None:
    index = content_of(state, operand(state, op.index))
    _note_change(engine, state, op.node, "set", str(index.value) if type(index) is Const else "")
    set_item(state, operand(state, op.object), index, operand(state, op.value))


def _delete_item(engine: Engine, state: State, op: ir.DeleteItem) -> None:
    target, index = operand(state, op.object), operand(state, op.index)
    _note_change(engine, state, op.node, "delete", "")
    if isinstance(target, Ref):
        content = state.heap[target.id]
        if isinstance(content, Dictionary) and type(index) is Const:
            state.put(target.id, Dictionary(tuple([(k, v) for k, v in content.items if k != index]), content.rest))
        elif not isinstance(content, Instance):
            forget(state, target)


def _note_change(engine: Engine, state: State, node: cst.CSTNode, how: str, name: str) -> None:
    for site, attempt in state.last.items():
        engine.record.note(Changed(node, how, name, site), state.masks[attempt])


# --- iteration -------------------------------------------------------------------------------------------------------


def _get_iter(engine: Engine, state: State, op: ir.GetIter) -> list[Step] | None:
    source = operand(state, op.iterable)
    if isinstance(source, Built):
        loop = repetition.iterate(engine, state, source)
        state.env[op.target] = Elements(loop or source)
        return None
    content = content_of(state, source)
    if content == NONE:
        return [(state, Fault("TypeError"), True)]
    if isinstance(content, Class):
        content = access.members(engine, state, content) or content
    # An iterator that others may hold as well advances for all of them.
    state.env[op.target] = Elements(source if isinstance(content, Elements) else containers.elements(content))
    return None


def _unpack(engine: Engine, state: State, op: ir.Unpack) -> list[Step] | None:
    given = operand(state, op.value)
    value = as_tuple(engine, state, given) or containers.elements(content_of(state, given))
    if isinstance(value, Sequence):
        items = list(value.items)
        if op.starred is None:
            if len(items) != len(op.targets):
                return [(state, Fault("ValueError"), True)]
            state.env.update(zip(op.targets, items, strict=True))
            return None
        after = len(op.targets) - op.starred - 1
        if len(items) >= len(op.targets) - 1:
            middle = Sequence("list", tuple(items[op.starred : len(items) - after]))
            taken = [*items[: op.starred], Ref(state.allocate(middle)), *items[len(items) - after :]]
            state.env.update(zip(op.targets, taken, strict=True))
            return None
        return [(state, Fault("ValueError"), True)]
    if value == NONE:
        return [(state, Fault("TypeError"), True)]
    split = settled(engine, state, value)
    if split is not None and all(not raised for _, _, raised in split):
        steps: list[Step] = []
        for branch, known, _ in split:
            if isinstance(known, Sequence) and len(known.items) == len(op.targets) and op.starred is None:
                branch.env.update(zip(op.targets, known.items, strict=True))
                steps.append((branch, NONE, False))
        return steps
    for position, target in enumerate(op.targets):
        result = apply("item", (value, Const(position)))
        state.env[target] = unknown(op.node, position) if isinstance(result, Raised) else result
    return None


# --- context managers ------------------------------------------------------------------------------------------------


def _enter(engine: Engine, state: State, op: ir.Enter) -> list[Step] | None:
    manager = operand(state, op.manager)
    method = special_method(engine, state, manager, "__aenter__" if op.is_async else "__enter__", op.node)
    if method is not None:
        return calls.call(engine, state, method, Arguments(), op.node)
    if generators.is_generator(manager, state):
        return generators.enter(engine, state, manager, op.node)
    state.env[op.target] = manager
    return None


def _exit(engine: Engine, state: State, op: ir.Exit) -> list[Step] | None:
    manager, exception = operand(state, op.manager), operand(state, op.exception)
    if repetition.leave_attempt(state, manager, exception):
        state.env[op.target] = TRUE if exception != NONE else FALSE
        return None
    method = special_method(engine, state, manager, "__aexit__" if op.is_async else "__exit__", op.node)
    if method is not None:
        cls = instances.lineage_of(engine, state, exception) if exception != NONE else None
        given = Arguments((cls[0] if cls else NONE, exception, NONE))
        steps = calls.call(engine, state, method, given, op.node)
        return [(s, v if raised else truth_value(engine, s, v), raised) for s, v, raised in steps]
    if generators.is_generator(manager, state):
        return generators.leave(engine, state, manager, exception, op.node)
    if isinstance(manager, Built) and manager.path == "contextlib.suppress" and exception != NONE:
        known = instances.is_instance(engine, state, exception, manager.get("types") or NONE)
        if known is not False:
            witness.rescued(engine, exception, op.node)
        state.env[op.target] = FALSE if known is False else TRUE
        return None
    if exception != NONE and not isinstance(manager, Answer):
        witness.leaving(engine, manager, op.node)
    state.env[op.target] = FALSE
    return None


OPERATIONS: dict[type[ir.Op], Callable[..., list[Step] | None]] = {
    ir.SetAttr: _set_attr,
    ir.SetItem: _set_item,
    ir.DeleteItem: _delete_item,
    ir.GetIter: _get_iter,
    ir.Unpack: _unpack,
    ir.Enter: _enter,
    ir.Exit: _exit,
}
