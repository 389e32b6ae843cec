"""Reading and writing attributes and items of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow import calls, described, headers
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Function, Member, Method, Partial, Retried
from errlint.flow.classes import as_tuple, is_enum, special_method
from errlint.flow.composition import decisive_attempts, leaves
from errlint.flow.concrete import STRING_METHODS, Raised
from errlint.flow.described import constant_item, constant_value, lacks_constant, retrier_of
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import apply, apply_or_unknown
from errlint.flow.held import Attribute, thawed
from errlint.flow.ir import Const
from errlint.flow.reading import note_member, note_read
from errlint.flow.splitting import settled
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.storing import shared_name
from errlint.flow.values import (
    NONE,
    Abstract,
    Answer,
    Apply,
    Dictionary,
    Fault,
    Instance,
    Part,
    Ref,
    Sequence,
    Symbol,
)

if TYPE_CHECKING:
    from errlint.packs.schema import Class as PackClass

SUPER = "super"
_EXCEPTION_ATTRIBUTES = frozenset({"args", "with_traceback", "add_note", "__traceback__", "__notes__"})
_OF_DATA = STRING_METHODS | {"get"}
"""Methods that data from an answer may have."""
_EXCEPTION_LINKS = frozenset({"__cause__", "__context__", "__suppress_context__"})


def get_attribute(engine: Engine, state: State, value: Abstract, name: str, node: cst.CSTNode) -> list[Step]:
    """`value.name`."""
    if isinstance(value, Ref):
        return _of_object(engine, state, value, name, node)
    if isinstance(value, Answer):
        attempt = state.heap[value.attempt]
        assert isinstance(attempt, Attempt)
        return _of_library(engine, state, value, engine.knowledge.type(attempt.kind), value.attempt, name, node)
    if isinstance(value, Fault):
        return _of_fault(engine, state, value, name, node)
    if state.globals and isinstance(value, (External, Class)):
        written = state.globals.get(shared_name(value, name))
        if written is not None:
            return [(state, written, False)]
    if isinstance(value, External):
        return [_of_external(engine, state, value, name)]
    if type(value) is Const:
        if value.value is None:
            return [(state, Fault("AttributeError"), True)]
        if name in ("value", "real", "numerator") and isinstance(value.value, int):
            return [(state, value, False)]
        return [(state, Method(value, name), False)]
    if isinstance(value, Class):
        return _of_class(engine, state, value, name, node)
    if isinstance(value, Member):
        return _of_member(engine, state, value, name, node)
    if isinstance(value, Symbol) and value.type is not None:
        return _of_library(engine, state, value, engine.knowledge.type(value.type), None, name, node)
    if isinstance(value, Built):
        return _of_built(engine, state, value, name, node)
    if isinstance(value, Part):
        if value.kind == "headers":
            return _of_library(engine, state, value, engine.knowledge.type(value.name), value.attempt, name, node)
        return [(state, Method(value, name), False)]
    if isinstance(value, (Sequence, Dictionary)):
        return [(state, Method(value, name), False)]
    if isinstance(value, Retried) and name in retrier_of(engine, value.policy.path).decorated:
        return [(state, Method(value, name), False)]
    if isinstance(value, Function) and name in ("__name__", "__qualname__"):
        return [(state, Const(value.code.name), False)]
    split = settled(engine, state, value)
    if split is not None:
        return [
            step
            for s, v, raised in split
            for step in ([(s, v, True)] if raised else get_attribute(engine, s, v, name, node))
        ]
    if isinstance(value, Apply) and (decisive_attempts(value) or (name in _OF_DATA and _is_read(value))):
        return [(state, Method(value, name), False)]
    return [(state, apply_or_unknown("attribute", value, Const(name)), False)]


def _is_read(value: Apply) -> bool:
    """Whether a value was computed from something in an answer, or in the exception that stands for it."""
    return any(isinstance(leaf, (Part, Fault)) for leaf in leaves(value))


def _of_object(engine: Engine, state: State, ref: Ref, name: str, node: cst.CSTNode) -> list[Step]:
    content = state.heap[ref.id]
    if not isinstance(content, Instance):
        return [(state, Method(ref, name), False)]
    found = content.get(name)
    if found is not None:
        return [(state, found, False)]
    if isinstance(content.cls, External):
        return _of_library(engine, state, ref, engine.knowledge.type(content.cls.path), None, name, node)
    if not isinstance(content.cls, Class):
        return [(state, apply_or_unknown("attribute", ref, Const(name)), False)]
    return _of_instance(engine, state, ref, content, content.cls, name, node)


def _of_instance(
    engine: Engine, state: State, ref: Ref, content: Instance, cls: Class, name: str, node: cst.CSTNode
) -> list[Step]:
    if name == "__class__":
        return [(state, cls, False)]
    if content.opaque:
        held = engine.names.field(engine, cls, name)
        if held is not None:
            value = held.put_into(state)
            # Only what has an identity is another one the next time; having read the rest tells no states apart.
            if value.ids:
                state.put(ref.id, content.with_field(name, value))
            return [(state, value, False)]
    found = engine.names.attribute(engine, cls, name)
    if isinstance(found, Attribute):
        return _bind(engine, state, found, ref, name, node)
    if isinstance(found, External):
        pack = engine.knowledge.type(found.path)
        if pack is not None:
            return _of_library(engine, state, ref, pack, None, name, node)
        exception = engine.knowledge.exception(found.path)
        if exception is not None and not content.opaque:
            spec = exception.attributes.get(name)
            if spec is not None:
                return [(state, NONE, False)]
            if name not in _EXCEPTION_ATTRIBUTES | _EXCEPTION_LINKS:
                return [(state, Fault("AttributeError"), True)]
            return [
                (state, NONE if name in _EXCEPTION_LINKS else apply_or_unknown("attribute", ref, Const(name)), False)
            ]
    if found is None and not content.opaque and not name.startswith("__"):
        getter = engine.names.attribute(engine, cls, "__getattr__")
        if getter is None:
            return [(state, Fault("AttributeError"), True)]
    return [(state, Symbol(("field", cls.definition.qualname, name)), False)]


def _bind(
    engine: Engine, state: State, found: Attribute, receiver: Abstract, name: str, node: cst.CSTNode
) -> list[Step]:
    key = shared_name(found.owner, name)
    written = state.globals.get(key)
    value = found.held.put_into(state) if written is None else written
    if found.kind == "plain" and name in engine.survey.mutated and written is None:
        value = thawed(state, value)
        state.globals[key] = value
    if found.kind == "static":
        return [(state, value, False)]
    if found.kind == "class":
        receiver = _class_of(state, receiver) or receiver
    if isinstance(value, Function) and value.receiver is None and value.code.kind in ("function", "lambda"):
        bound: Abstract = Function(value.code, value.frames, value.defaults, receiver)
    elif isinstance(value, Retried):
        bound = Partial(value, (receiver,), ())
    else:
        return [(state, value, False)]
    if found.kind == "property":
        return calls.call(engine, state, bound, Arguments(), node)
    return [(state, bound, False)]


def _class_of(state: State, receiver: Abstract) -> Abstract | None:
    if isinstance(receiver, Ref):
        content = state.heap[receiver.id]
        return content.cls if isinstance(content, Instance) else None
    return receiver if isinstance(receiver, Class) else None


def _of_class(engine: Engine, state: State, cls: Class, name: str, node: cst.CSTNode) -> list[Step]:
    if name in ("__name__", "__qualname__"):
        return [(state, Const(cls.definition.name), False)]
    found = engine.names.attribute(engine, cls, name)
    if isinstance(found, Attribute):
        if found.kind == "plain" and is_enum(engine, found.owner) and name not in ("name", "value"):
            held = found.held.put_into(state)
            if not isinstance(held, (Function, Retried, Partial)):
                return [(state, Member(cls, name, held, is_enum(engine, cls) == "transparent"), False)]
        if found.kind == "class":
            return _bind(engine, state, found, cls, name, node)
        return [(state, found.held.put_into(state), False)]
    if isinstance(found, External):
        return [(state, External(f"{found.path}.{name}"), False)]
    return [(state, Symbol(("class attribute", cls.definition.qualname, name)), False)]


def members(engine: Engine, state: State, cls: Class) -> Sequence | None:
    """The members of an enumeration in order; None for any other class."""
    if not is_enum(engine, cls):
        return None
    found = [_of_class(engine, state, cls, name, cls.definition.node)[0][1] for name in cls.definition.bindings]
    return Sequence("tuple", tuple([value for value in found if isinstance(value, Member)]))


def _of_member(engine: Engine, state: State, member: Member, name: str, node: cst.CSTNode) -> list[Step]:
    if name == "value":
        return [(state, member.value, False)]
    if name == "name":
        return [(state, Const(member.name), False)]
    found = engine.names.attribute(engine, member.owner, name)
    if isinstance(found, Attribute):
        return _bind(engine, state, found, member, name, node)
    return [(state, apply_or_unknown("attribute", member, Const(name)), False)]


def _of_external(engine: Engine, state: State, value: External, name: str) -> Step:
    path = f"{value.path}.{name}"
    constant = engine.knowledge.constant(path)
    if constant is not None:
        return (state, Const(constant), False)
    if lacks_constant(engine, value.path, name):
        return (state, Fault("AttributeError"), True)
    known = constant_value(engine, path)
    return (state, engine.names.outside(engine, state, path) if known is None else known, False)


def _of_built(engine: Engine, state: State, value: Built, name: str, node: cst.CSTNode) -> list[Step]:
    if value.path == SUPER:
        owner, receiver = value.get("class"), value.get("self")
        assert isinstance(owner, Class)
        assert receiver is not None
        cls = _class_of(state, receiver)
        if not isinstance(cls, Class):
            return [(state, Symbol(("super", owner.definition.qualname, name)), False)]
        found = engine.names.attribute(engine, cls, name, after=owner)
        if isinstance(found, Attribute):
            return _bind(engine, state, found, receiver, name, node)
        if isinstance(found, External):
            return [(state, Method(Built(SUPER, (("base", found), ("self", receiver))), name), False)]
        return [(state, Method(Built(SUPER, (("base", External("object")), ("self", receiver))), name), False)]
    return _of_library(engine, state, value, engine.knowledge.type(value.path), None, name, node)


def _of_library(
    engine: Engine,
    state: State,
    value: Abstract,
    pack: PackClass | None,
    attempt: int | None,
    name: str,
    node: cst.CSTNode,
) -> list[Step]:
    """An attribute or method of an instance of a library's class."""
    if pack is None:
        return [(state, apply_or_unknown("attribute", value, Const(name)), False)]
    if name in pack.methods or (pack.items is not None and name in ("get", "items", "keys", "values")):
        return [(state, Method(value, name), False)]
    spec = pack.attributes.get(name)
    if spec is None:
        if pack.closed and not name.startswith("__"):
            return [(state, Fault("AttributeError"), True)]
        return [(state, apply_or_unknown("attribute", value, Const(name)), False)]
    result = described.fact(engine, state, spec, value, attempt, name)
    if isinstance(result, Part) and result.kind in ("text", "body", "reason"):
        note_read(engine, state, node, result.attempt, result.kind, "", "attribute")
    return [(state, result, False)]


def _of_fault(engine: Engine, state: State, value: Fault, name: str, node: cst.CSTNode) -> list[Step]:
    definition = engine.knowledge.exception(value.path)
    spec = None if definition is None else definition.attributes.get(name)
    if spec is not None:
        result = described.fact(engine, state, spec, value, value.attempt, name)
        return [(state, result, False)]
    if definition is not None and name in definition.methods:
        return [(state, Method(value, name), False)]
    if name in _EXCEPTION_LINKS:
        linked = value.wrapped if name == "__cause__" and value.wrapped is not None else None
        return [(state, linked or apply_or_unknown("attribute", value, Const(name)), False)]
    if name == "__class__":
        return [(state, External(value.path), False)]
    if definition is None or name in _EXCEPTION_ATTRIBUTES or name.startswith("__"):
        return [(state, apply_or_unknown("attribute", value, Const(name)), False)]
    if (definition.attributes or definition.path.partition(".")[0] not in ("OSError",)) and "." in value.path:
        return [(state, Fault("AttributeError"), True)]
    return [(state, apply_or_unknown("attribute", value, Const(name)), False)]


# --- items -----------------------------------------------------------------------------------------------------------


def get_item(engine: Engine, state: State, value: Abstract, index: Abstract, node: cst.CSTNode) -> list[Step]:
    """`value[index]`."""
    container = as_tuple(engine, state, value) or content_of(state, value)
    index = content_of(state, index)
    if isinstance(container, Part) and container.kind == "headers":
        return _header(engine, state, container, index, node)
    if isinstance(container, External):
        constant = constant_item(engine, container.path, index)
        return [(state, External(f"{container.path}[]") if constant is None else constant, False)]
    if isinstance(container, Class) and is_enum(engine, container) and type(index) is Const:
        return get_attribute(engine, state, container, str(index.value), node)
    if isinstance(container, Ref) or (isinstance(container, Symbol) and container.type is not None):
        method = special_method(engine, state, value, "__getitem__", node)
        if method is not None:
            return calls.call(engine, state, method, Arguments((index,)), node)
    if isinstance(index, Apply) and index.operator == "slice":
        result = apply("slice", (container, *index.operands))
    else:
        result = apply("item", (container, index))
    if isinstance(result, Raised):
        return [(state, Fault(result.path), True)]
    if isinstance(result, Apply) and isinstance(container, (Dictionary, Sequence)):
        split = settled(engine, state, result)
        if split is not None:
            return split
    note_member(engine, state, result, node, "item")
    return [(state, result, False)]


def _header(engine: Engine, state: State, part: Part, index: Abstract, node: cst.CSTNode) -> list[Step]:
    if type(index) is not Const or not isinstance(index.value, str):
        return [(state, apply_or_unknown("item", part, index), False)]
    name = index.value.lower()
    pack = engine.knowledge.type(part.name)
    gives_none = pack is not None and pack.items is not None and pack.items.missing is None
    note_read(engine, state, node, part.attempt, "header", name, "get" if gives_none else "item")
    steps: list[Step] = [(state, Part("header", part.attempt, name), False)]
    if pack is not None and pack.items is not None and pack.items.missing is not None:
        ghost = state.copy()
        ghost.phantom = True
        headers.note(engine, state, node, part.attempt, name, "missing", pack.items.missing)
        steps.append((ghost, Fault(pack.items.missing, origin=node), True))
    return steps
