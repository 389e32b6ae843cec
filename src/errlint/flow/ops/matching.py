"""Operations of `match`: does a value fit a pattern?"""

from __future__ import annotations

from collections.abc import Callable

from errlint.flow import access, instances, ir
from errlint.flow.callables import Class, External
from errlint.flow.engine import Engine, Step, operand, unknown
from errlint.flow.held import Attribute
from errlint.flow.ir import Const
from errlint.flow.state import State, content_of
from errlint.flow.values import FALSE, Answer, Apply, Dictionary, Fault, Sequence


def _match_sequence(engine: Engine, state: State, op: ir.MatchSequence) -> None:
    value = content_of(state, operand(state, op.subject))
    if isinstance(value, Sequence) and value.kind in ("tuple", "list"):
        length = len(value.items)
        state.env[op.target] = Const(length >= op.length if op.at_least else length == op.length)
    elif type(value) is Const or isinstance(value, (Dictionary, Fault, Answer)):
        state.env[op.target] = FALSE
    else:
        state.env[op.target] = Apply("match", (value, Const(op.length)))


def _match_keys(engine: Engine, state: State, op: ir.MatchKeys) -> None:
    value = content_of(state, operand(state, op.subject))
    keys = tuple([operand(state, k) for k in op.keys])
    if isinstance(value, Dictionary) and value.rest is None:
        known = {k for k, _ in value.items}
        state.env[op.target] = Const(all(k in known for k in keys))
    elif type(value) is Const or isinstance(value, Sequence):
        state.env[op.target] = FALSE
    else:
        state.env[op.target] = Apply("match", (value, *keys))


def _match_class(engine: Engine, state: State, op: ir.MatchClass) -> None:
    value, cls = operand(state, op.subject), operand(state, op.type)
    known = instances.is_instance(engine, state, value, cls)
    if known is None:
        state.env[op.target] = Apply("isinstance", (content_of(state, value), content_of(state, cls)))
    else:
        state.env[op.target] = Const(known)


def _match_positional(engine: Engine, state: State, op: ir.MatchPositional) -> list[Step] | None:
    value, cls = operand(state, op.subject), operand(state, op.type)
    if isinstance(cls, External) and "." not in cls.path and op.index == 0:
        state.env[op.target] = value
        return None
    if isinstance(cls, Class):
        found = engine.names.attribute(engine, cls, "__match_args__")
        names = found.held.value if isinstance(found, Attribute) else None
        if isinstance(names, Sequence) and op.index < len(names.items):
            name = names.items[op.index]
            if type(name) is Const:
                return access.get_attribute(engine, state, value, str(name.value), op.node)
    state.env[op.target] = unknown(op.node, op.index)
    return None


OPERATIONS: dict[type[ir.Op], Callable[..., list[Step] | None]] = {
    ir.MatchSequence: _match_sequence,
    ir.MatchKeys: _match_keys,
    ir.MatchClass: _match_class,
    ir.MatchPositional: _match_positional,
}
