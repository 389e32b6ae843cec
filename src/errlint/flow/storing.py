"""Writing attributes and items, and forgetting what containers hold."""

from __future__ import annotations

from errlint.flow.callables import Class, External
from errlint.flow.composition import blurred
from errlint.flow.ir import Const
from errlint.flow.state import State
from errlint.flow.values import Abstract, Dictionary, Instance, Ref, Sequence


def set_attribute(state: State, target: Abstract, name: str, value: Abstract) -> None:
    """`target.name = value`; of what is not in the heap, only classes and outside objects remember it."""
    if isinstance(target, (Class, External)):
        state.globals[shared_name(target, name)] = value
    if isinstance(target, Ref):
        content = state.heap[target.id]
        if isinstance(content, Instance):
            state.put(target.id, content.with_field(name, value))


def set_item(state: State, target: Abstract, index: Abstract, value: Abstract) -> None:
    """`target[index] = value`."""
    if not isinstance(target, Ref):
        return
    content = state.heap[target.id]
    if isinstance(content, Dictionary) and type(index) is Const:
        items = tuple([(k, v) for k, v in content.items if k != index])
        state.put(target.id, Dictionary((*items, (index, value)), content.rest))
    elif isinstance(content, Sequence) and type(index) is Const and isinstance(index.value, int):
        items_ = list(content.items)
        if -len(items_) <= index.value < len(items_):
            items_[index.value] = value
            state.put(target.id, Sequence(content.kind, tuple(items_)))
    elif isinstance(content, Dictionary):
        rest: tuple[Abstract, ...] = () if content.rest is None else (content.rest,)
        forgotten = [part for item in content.items for part in item]
        state.put(target.id, Dictionary((), blurred((*rest, *forgotten, index, value))))
    elif not isinstance(content, Instance):
        forget(state, target)


def forget(state: State, target: Ref) -> None:
    """Something unknown may have happened to a container."""
    content = state.heap[target.id]
    if isinstance(content, Dictionary):
        state.put(target.id, Dictionary((), blurred((content,))))
    elif isinstance(content, Sequence):
        state.put(target.id, blurred((content,)))


def shared_name(target: Class | External, name: str) -> str:
    """What an attribute of a class or an outside object is called among the global names."""
    if isinstance(target, Class):
        return f"{target.definition.module.name}:{target.definition.qualname}.{name}"
    return f"{target.path}:{name}"
