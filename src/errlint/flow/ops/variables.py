"""Operations on variables: local names, cells shared with nested functions, names of the module."""

from __future__ import annotations

from collections.abc import Callable

from errlint.flow import ir
from errlint.flow.callables import Function
from errlint.flow.engine import Engine, Step, operand, unknown
from errlint.flow.held import Attribute
from errlint.flow.state import State
from errlint.flow.values import Abstract, Fault, Instance, Ref, Sequence, Symbol


def _move(engine: Engine, state: State, op: ir.Move) -> None:
    state.env[op.target] = operand(state, op.value)


def _load_global(engine: Engine, state: State, op: ir.LoadGlobal) -> None:
    module = engine.frames[-1].code.module
    state.env[op.target] = engine.names.read(engine, state, module, op.name)


def _store_global(engine: Engine, state: State, op: ir.StoreGlobal) -> None:
    module = engine.frames[-1].code.module
    state.globals[f"{module.name}:{op.name}"] = operand(state, op.value)


def _delete_global(engine: Engine, state: State, op: ir.DeleteGlobal) -> None:
    state.globals.pop(f"{engine.frames[-1].code.module.name}:{op.name}", None)


def _load_name(engine: Engine, state: State, op: ir.LoadName) -> None:
    owner = engine.frames[-1].code.owner
    assert owner is not None
    found = engine.names.attribute(engine, engine.names.class_value(engine, owner), op.name)
    state.env[op.target] = found.held.put_into(state) if isinstance(found, Attribute) else unknown(op.node)


def _delete(engine: Engine, state: State, op: ir.Delete) -> None:
    state.env.pop(op.name, None)


# --- cells -----------------------------------------------------------------------------------------------------------


def _load_cell(engine: Engine, state: State, op: ir.LoadCell) -> list[Step] | None:
    number = _cell_frame(engine, state, op.depth)
    if number is None:
        state.env[op.target] = Symbol(("cell", op.name))
        return None
    content = state.heap[number]
    assert isinstance(content, Instance)
    value = content.get(op.name)
    if value is None:
        return [(state, Fault("UnboundLocalError" if op.depth == 0 else "NameError"), True)]
    state.env[op.target] = value
    return None


def _store_cell(engine: Engine, state: State, op: ir.StoreCell) -> None:
    number = _cell_frame(engine, state, op.depth)
    if number is not None:
        content = state.heap[number]
        assert isinstance(content, Instance)
        state.put(number, content.with_field(op.name, operand(state, op.value)))


def _delete_cell(engine: Engine, state: State, op: ir.DeleteCell) -> None:
    number = _cell_frame(engine, state, op.depth)
    if number is not None:
        content = state.heap[number]
        assert isinstance(content, Instance)
        kept = tuple([(n, v) for n, v in content.fields if n != op.name])
        state.put(number, Instance(content.cls, kept, content.opaque))


def _cell_frame(engine: Engine, state: State, depth: int) -> int | None:
    if depth == 0:
        own = state.env.get("%cells")
        if own is None:
            own = state.env["%cells"] = Ref(state.allocate(Instance(None)))
        assert isinstance(own, Ref)
        return own.id
    frames = state.env.get("%frames")
    if isinstance(frames, Sequence) and depth <= len(frames.items):
        frame = frames.items[depth - 1]
        return frame.id if isinstance(frame, Ref) else None
    return None


# --- definitions -----------------------------------------------------------------------------------------------------


def _make_function(engine: Engine, state: State, op: ir.MakeFunction) -> None:
    frames: list[Abstract] = []
    number = _cell_frame(engine, state, 0)
    assert number is not None
    frames.append(Ref(number))
    outer = state.env.get("%frames")
    if isinstance(outer, Sequence):
        frames += outer.items
    defaults = tuple([(name, operand(state, value)) for name, value in op.defaults])
    state.env[op.target] = Function(op.code, tuple(frames), defaults)


def _make_class(engine: Engine, state: State, op: ir.MakeClass) -> None:
    state.env[op.target] = engine.names.class_value(engine, op.definition)


def _import(engine: Engine, state: State, op: ir.Import) -> None:
    state.env[op.target] = engine.names.imported(engine, state, engine.frames[-1].code.module, op)


OPERATIONS: dict[type[ir.Op], Callable[..., list[Step] | None]] = {
    ir.Move: _move,
    ir.LoadGlobal: _load_global,
    ir.StoreGlobal: _store_global,
    ir.DeleteGlobal: _delete_global,
    ir.LoadName: _load_name,
    ir.Delete: _delete,
    ir.LoadCell: _load_cell,
    ir.StoreCell: _store_cell,
    ir.DeleteCell: _delete_cell,
    ir.MakeFunction: _make_function,
    ir.MakeClass: _make_class,
    ir.Import: _import,
}
