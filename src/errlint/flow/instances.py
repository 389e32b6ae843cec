"""Is a value an instance of a class? For `except`, `isinstance` and class patterns."""

from __future__ import annotations

import builtins

from errlint.flow.callables import Class, External, Function, Member
from errlint.flow.classes import exception_base
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.values import Abstract, Answer, Dictionary, Fault, Instance, Part, Ref, Sequence, Symbol

_TYPES = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}
_ROOTS = frozenset({"Exception", "BaseException", "object"})
"""What every exception derives from; unlike `OSError`, nothing is another name for one of these."""
_TEXTUAL = {"text": (str, bytes), "reason": (str,), "status": (int,)}


def is_instance(engine: Engine, state: State, value: Abstract, cls: Abstract) -> bool | None:
    """`isinstance(value, cls)`; `cls` may be a tuple; None where it cannot be known."""
    cls = content_of(state, cls)
    if isinstance(cls, Sequence):
        return _any([is_instance(engine, state, value, item) for item in cls.items])
    if not isinstance(cls, (Class, External)):
        return None
    lineage = lineage_of(engine, state, value)
    return None if lineage is None else _descends(engine, lineage, cls)


def is_subclass(engine: Engine, state: State, value: Abstract, cls: Abstract) -> bool | None:
    """`issubclass(value, cls)`; `cls` may be a tuple; None where it cannot be known."""
    cls = content_of(state, cls)
    if isinstance(cls, Sequence):
        return _any([is_subclass(engine, state, value, item) for item in cls.items])
    if not isinstance(cls, (Class, External)) or not isinstance(value, (Class, External)):
        return None
    lineage: list[Abstract] = engine.names.lineage(engine, value) if isinstance(value, Class) else [value]
    return _descends(engine, lineage, cls)


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else (None if None in answers else False)


def _descends(engine: Engine, lineage: list[Abstract], cls: Abstract) -> bool | None:
    """Whether one of these is `cls` or derives from it."""
    unsure = False
    for base in lineage:
        same = _same(engine, base, cls)
        if same:
            return True
        unsure = unsure or same is None
    return None if unsure else False


def lineage_of(engine: Engine, state: State, value: Abstract) -> list[Abstract] | None:
    """The classes a value is an instance of, nearest first; None where they are not known."""
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, Instance):
            if isinstance(content.cls, Class):
                return engine.names.lineage(engine, content.cls)
            return None if content.cls is None else [content.cls]
        value = content
    if isinstance(value, Fault):
        return [External(value.path)]
    if isinstance(value, Answer):
        attempt = state.heap[value.attempt]
        assert isinstance(attempt, Attempt)
        return [External(attempt.kind)]
    if type(value) is Const:
        return [External(base.__name__) for base in type(value.value).__mro__]
    if isinstance(value, Sequence):
        return [External(value.kind), External("object")]
    if isinstance(value, Dictionary):
        return [External("dict"), External("object")]
    if isinstance(value, Member):
        return engine.names.lineage(engine, value.owner)
    if isinstance(value, Symbol) and value.type is not None:
        return [External(value.type)]
    if isinstance(value, Part) and value.kind == "status":
        return [External("int"), External("object")]
    if isinstance(value, (Function, Class)):
        return [External("object")]
    return None


def _same(engine: Engine, base: Abstract, cls: Abstract) -> bool | None:
    """Whether `base` is `cls` or an outside class deriving from it; None where either is not known."""
    if isinstance(base, Class) or isinstance(cls, Class):
        if isinstance(base, (Class, External)) and isinstance(cls, (Class, External)):
            return base == cls
        return None
    if not (isinstance(base, External) and isinstance(cls, External)):
        return None
    if cls.path == "object":
        return True
    if base.path in _ROOTS and not hasattr(builtins, cls.path):
        return False
    knowledge = engine.knowledge
    related = knowledge.is_subclass(base.path, cls.path)
    if related is not None:
        return related
    one, other = knowledge.canonical(base.path) or base.path, knowledge.canonical(cls.path) or cls.path
    if one == other:
        return True
    if knowledge.type(one) is not None:
        return _pack_subclass(engine, one, other)
    builtin_one, builtin_other = getattr(builtins, one, None), getattr(builtins, other, None)
    if isinstance(builtin_one, type) and isinstance(builtin_other, type):
        return issubclass(builtin_one, builtin_other)
    if isinstance(builtin_one, type) and (engine.knowledge.type(other) or engine.knowledge.exception(other)):
        return False
    return None


def _pack_subclass(engine: Engine, one: str, other: str) -> bool | None:
    stack, seen = [one], set()
    while stack:
        path = stack.pop()
        if path == other:
            return True
        if path in seen:
            continue
        seen.add(path)
        pack = engine.knowledge.type(path)
        stack += [] if pack is None else list(pack.bases)
    known = engine.knowledge.type(other) is not None or engine.knowledge.exception(other) is not None
    return False if known or hasattr(builtins, other) else None


def is_exception(engine: Engine, state: State, value: Abstract) -> bool:
    """Whether a value is known to be an exception object."""
    if isinstance(value, Fault):
        return True
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, Instance):
            if isinstance(content.cls, Class):
                return exception_base(engine, content.cls) is not None
            if isinstance(content.cls, External):
                return engine.knowledge.exception(content.cls.path) is not None
    return False
