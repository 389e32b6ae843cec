"""What classes of the project are, by the classes they derive from, and the special methods they define."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from errlint.flow.callables import Class, External, Function
from errlint.flow.engine import Engine
from errlint.flow.held import Attribute
from errlint.flow.state import State
from errlint.flow.values import Abstract, Instance, Ref, Sequence


def is_enum(engine: Engine, cls: Class) -> Literal["", "opaque", "transparent"]:
    """Whether a class is an enumeration, and whether its members equal their values."""
    lineage = engine.names.lineage(engine, cls)
    paths = {base.path for base in lineage if isinstance(base, External)}
    if paths & {"enum.IntEnum", "enum.StrEnum", "enum.IntFlag"}:
        return "transparent"
    if paths & {"enum.Enum", "enum.Flag"}:
        return "transparent" if paths & {"int", "str"} else "opaque"
    return ""


def is_named_tuple(engine: Engine, cls: Class) -> bool:
    """Whether instances of a class are tuples of the fields that it annotates."""
    return External("typing.NamedTuple") in engine.names.lineage(engine, cls)


def as_tuple(engine: Engine, state: State, value: Abstract) -> Sequence | None:
    """The elements of an instance of a named tuple; None for any other value."""
    content = state.heap[value.id] if isinstance(value, Ref) else None
    if not isinstance(content, Instance) or not isinstance(content.cls, Class) or content.opaque:
        return None
    if not is_named_tuple(engine, content.cls):
        return None
    values = [content.get(name) for name in fields_of(engine, content.cls)]
    return Sequence("tuple", tuple([value for value in values if value is not None]))


def fields_of(engine: Engine, cls: Class) -> dict[str, Class]:
    """The fields that a class and its bases annotate, in order, each with the class that does."""
    found: dict[str, Class] = {}
    for base in reversed([c for c in engine.names.lineage(engine, cls) if isinstance(c, Class)]):
        found |= {name: base for name, each in base.definition.bindings.items() if each[-1].annotation is not None}
    return found


def is_exception_class(engine: Engine, value: Abstract) -> bool:
    """Whether a value is an outside class of exceptions."""
    return isinstance(value, External) and engine.knowledge.exception(value.path) is not None


def exception_base(engine: Engine, cls: Class) -> str | None:
    """The outside exception class that a project class derives from; None where it is no exception class."""
    for base in engine.names.lineage(engine, cls):
        if isinstance(base, External) and engine.knowledge.exception(base.path) is not None:
            return base.path
    return None


def special_method(engine: Engine, state: State, value: Abstract, name: str, node: cst.CSTNode) -> Abstract | None:
    """A `__method__` that the class of an instance defines in the project, bound to it."""
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, Instance) and isinstance(content.cls, Class):
            found = engine.names.attribute(engine, content.cls, name)
            if isinstance(found, Attribute):
                function = found.held.put_into(state)
                if isinstance(function, Function):
                    return Function(function.code, function.frames, function.defaults, value)
    return None
