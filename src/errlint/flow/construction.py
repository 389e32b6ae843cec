"""Making instances of classes of the project."""

from __future__ import annotations

import libcst as cst

from errlint.flow import access, described, functions
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Class, External, Function, Member
from errlint.flow.classes import exception_base, fields_of, is_enum, is_named_tuple
from errlint.flow.engine import Engine, Step
from errlint.flow.held import Attribute
from errlint.flow.state import State
from errlint.flow.storing import set_attribute
from errlint.flow.values import NONE, Abstract, Instance, Ref, Sequence, Symbol


def instantiate(engine: Engine, state: State, cls: Class, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """`cls(*arguments)`."""
    if is_enum(engine, cls):
        return [(state, _member_of(engine, state, cls, arguments), False)]
    number = state.allocate(Instance(cls))
    ref = Ref(number)
    if exception_base(engine, cls) is not None:
        set_attribute(state, ref, "args", Sequence("tuple", arguments.positional))
    return [(s, v if raised else ref, raised) for s, v, raised in construct(engine, state, cls, ref, arguments, node)]


def _member_of(engine: Engine, state: State, cls: Class, arguments: Arguments) -> Abstract:
    if len(arguments.positional) == 1:
        wanted = arguments.positional[0]
        for name in cls.definition.bindings:
            steps = access.get_attribute(engine, state, cls, name, cls.definition.node)
            member = steps[0][1] if steps else None
            if isinstance(member, Member) and member.value == wanted:
                return member
    return Symbol(("member", cls.definition.qualname, *arguments.positional))


def construct(
    engine: Engine,
    state: State,
    cls: Class,
    ref: Ref,
    arguments: Arguments | None = None,
    node: cst.CSTNode | None = None,
) -> list[Step]:
    """Run the constructor on a new instance; without `arguments` with defaults and unknown values."""
    where = node or cls.definition.node
    found = engine.names.attribute(engine, cls, "__init__")
    if isinstance(found, Attribute):
        value = found.held.put_into(state)
        if isinstance(value, Function):
            bound = Function(value.code, value.frames, value.defaults, ref)
            given = arguments or _unknown_arguments(engine, state, value)
            return functions.call_function(engine, state, bound, given, where)
        return [(state, NONE, False)]
    if arguments is None:
        return [(state, NONE, False)]
    is_dataclass = any(isinstance(c, Class) and c.definition.is_dataclass for c in engine.names.lineage(engine, cls))
    if is_dataclass or is_named_tuple(engine, cls):
        _set_fields(engine, state, cls, ref, arguments)
    elif isinstance(found, External):
        initialise(engine, state, found.path, ref, arguments)
    return [(state, NONE, False)]


def initialise(engine: Engine, state: State, path: str, ref: Ref, arguments: Arguments) -> None:
    """An outside base class's `__init__` runs on an instance of a project class."""
    exception = engine.knowledge.exception(path)
    if exception is not None:
        set_attribute(state, ref, "args", Sequence("tuple", arguments.positional))
        if exception.response_parameter is not None:
            bound = described.bind(engine, state, exception.signature, arguments)
            for name in exception.attributes:
                set_attribute(state, ref, name, bound.get(name, NONE))
        return
    pack = engine.knowledge.type(path)
    if pack is not None and pack.client is not None:
        for name, value in described.bind(engine, state, pack.signature, arguments).items():
            set_attribute(state, ref, name, value)


def _unknown_arguments(engine: Engine, state: State, function: Function) -> Arguments:
    given = {
        name: value
        for name, value in function.defaults
        if not (engine.switched_on and functions.is_off(value) and value != NONE)
    }
    keywords = [
        (p.name, functions.parameter_value(engine, state, function.code, p))
        for p in function.code.parameters[1:]
        if p.kind in ("positional", "keyword-only") and p.name not in given
    ]
    return Arguments((), tuple(keywords))


def _set_fields(engine: Engine, state: State, cls: Class, ref: Ref, arguments: Arguments) -> None:
    positional = list(arguments.positional)
    for name, base in fields_of(engine, cls).items():
        value = positional.pop(0) if positional else arguments.get(name)
        if value is None and base.definition.bindings[name][-1].code is not None:
            found = engine.names.attribute(engine, base, name)
            value = found.held.put_into(state) if isinstance(found, Attribute) else None
        set_attribute(state, ref, name, value or Symbol(("field", cls.definition.qualname, name)))
