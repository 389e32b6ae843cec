"""Values outside any state, with the objects they need; and what imports and annotations name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from errlint.flow.callables import Class, External
from errlint.flow.code import ModuleCode
from errlint.flow.ir import Import
from errlint.flow.state import State
from errlint.flow.values import Abstract, Dictionary, Ref, Sequence, Value, rename

Kind = Literal["plain", "property", "static", "class"]


@dataclass(frozen=True, slots=True)
class Held:
    """A value that was computed apart, with the objects it needs."""

    value: Abstract
    heap: tuple[tuple[int, Value], ...] = ()
    masks: tuple[tuple[int, int], ...] = ()

    def put_into(self, state: State) -> Abstract:
        """Copy the objects into `state`; returns the value as it is named there."""
        if not self.heap:
            return self.value
        renaming = {old: state.next_id + i for i, (old, _) in enumerate(self.heap)}
        for old, content in self.heap:
            state.heap[renaming[old]] = content.renamed(renaming)
        for old, mask in self.masks:
            state.masks[renaming[old]] = mask
        state.next_id += len(self.heap)
        return rename(self.value, renaming)


def thawed(state: State, value: Abstract) -> Abstract:
    """A container that was taken out of its state, as an object that can change."""
    if isinstance(value, Dictionary) or (isinstance(value, Sequence) and value.kind in ("list", "set")):
        return Ref(state.allocate(value))
    return value


@dataclass(frozen=True, slots=True)
class Attribute:
    """A class attribute as found: its value and how reading it through an instance treats it."""

    held: Held
    kind: Kind
    owner: Class


def hold(state: State, value: Abstract) -> Held:
    """Take a value out of a finished state; containers become constants."""
    value = _frozen(state, value, 0)
    needed = state.reachable(value.ids)
    return Held(
        value,
        tuple([(i, state.heap[i]) for i in needed]),
        tuple([(i, state.masks[i]) for i in needed if i in state.masks]),
    )


def _frozen(state: State, value: Abstract, depth: int) -> Abstract:
    if depth > 6:
        return value
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, (Sequence, Dictionary)):
            return _frozen(state, content, depth + 1)
    if isinstance(value, Sequence):
        return Sequence(value.kind, tuple([_frozen(state, v, depth + 1) for v in value.items]))
    if isinstance(value, Dictionary):
        return Dictionary(
            tuple([(k, _frozen(state, v, depth + 1)) for k, v in value.items]),
            value.rest,
        )
    return value


def import_path(module: ModuleCode, target: str, level: int) -> str:
    """The dotted path of the module that `from <level dots>target import ...` names."""
    if not level:
        return target
    parts = module.name.split(".") if module.name else []
    if not module.is_package:
        parts = parts[:-1]
    parts = parts[: len(parts) - (level - 1)] if level > 1 else parts
    return ".".join([*parts, *([target] if target else [])])


def imported(module: ModuleCode, op: Import) -> External:
    """What an import statement binds."""
    target = import_path(module, op.module, op.level)
    if op.attribute is not None:
        return External(f"{target}.{op.attribute}" if target else op.attribute)
    return External(target if op.whole else target.partition(".")[0])


def annotation_path(module: ModuleCode, annotation: cst.BaseExpression | None) -> str | None:
    """The dotted path of the imported class that an annotation names."""
    text = annotated_name(annotation)
    return None if text is None else imported_path(module, text)


def annotated_name(annotation: cst.BaseExpression | None) -> str | None:
    """The class that an annotation names, as it is written (`Optional[X]` and `X | None` count as X)."""
    node = annotation
    for _ in range(4):
        if isinstance(node, cst.Annotation):
            node = node.annotation
        elif isinstance(node, cst.SimpleString):
            quoted = node.evaluated_value
            return quoted if isinstance(quoted, str) and quoted.replace(".", "").isidentifier() else None
        elif isinstance(node, cst.Subscript) and _dotted(node.value) in ("Optional", "typing.Optional", "Annotated"):
            element = node.slice[0].slice
            node = element.value if isinstance(element, cst.Index) else None
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            node = node.left if not _is_none(node.left) else node.right
        else:
            break
    return None if node is None else _dotted(node)


def imported_path(module: ModuleCode, text: str) -> str | None:
    """The dotted path of what a name, or a chain of them, that an import binds stands for."""
    root, _, rest = text.partition(".")
    bindings = module.bindings.get(root, ())
    binding = next((b for b in bindings if b.kind == "import"), None)
    if binding is None or binding.imported is None:
        return None
    value = imported(module, binding.imported)
    return f"{value.path}.{rest}" if rest else value.path


def _dotted(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        left = _dotted(node.value)
        return None if left is None else f"{left}.{node.attr.value}"
    return None


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"
