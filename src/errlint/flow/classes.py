"""What classes of the project are, by the classes they derive from, and the special methods they define."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from errlint.flow.callables import Class, External, Function
from errlint.flow.engine import Engine
from errlint.flow.held import Attribute
from errlint.flow.state import State
from errlint.flow.values import Abstract, Instance, Ref


def is_enum(engine: Engine, cls: Class) -> Literal["", "opaque", "transparent"]:
    """Whether a class is an enumeration, and whether its members equal their values."""
    lineage = engine.names.lineage(engine, cls)
    paths = {base.path for base in lineage if isinstance(base, External)}
    if paths & {"enum.IntEnum", "enum.StrEnum", "enum.IntFlag"}:
        return "transparent"
    if paths & {"enum.Enum", "enum.Flag"}:
        return "transparent" if paths & {"int", "str"} else "opaque"
    return ""


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
