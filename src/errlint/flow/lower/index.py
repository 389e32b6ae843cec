"""What the index of a module is put together from: codes, class definitions and bindings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import libcst as cst

from errlint.flow.code import Binding, ClassDefinition, Code, ModuleCode
from errlint.flow.lower.function import lower
from errlint.flow.lower.tree import dotted_name, names_bound, names_captured, parameters
from errlint.flow.lower.unit import Unit, parameter_list

_DATACLASS_DECORATORS = frozenset({"dataclass", "define"})

Names = dict[str, list[Binding]]


@dataclass(frozen=True, slots=True)
class Receiver:
    """The first parameter of the method around a statement, and where assignments to its attributes are noted."""

    name: str
    method: str
    writes: dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands; `bindings` collects the names that it binds, None inside functions."""

    prefix: str
    bindings: Names | None
    conditional: bool = False
    function: Code | None = None
    owner: ClassDefinition | None = None
    writes: dict[str, set[str]] | None = None
    receiver: Receiver | None = None


class Index:
    """A module that is being indexed, and the nodes that are still to be read."""

    def __init__(self, module: ModuleCode) -> None:
        self.module = module
        self.unit = Unit()
        self.functions: list[Code] = []
        self.classes: list[tuple[ClassDefinition, Place]] = []
        self.global_writes: set[str] = set()
        self._lower = partial(lower, self.unit)
        self.stack: list[tuple[cst.CSTNode, Place]] = []

    def finish(self, bindings: Names) -> ModuleCode:
        """The module, once all of it was read."""
        module = self.module
        for definition, body in self.classes:
            definition.bindings.update((name, tuple(found)) for name, found in (body.bindings or {}).items())
            definition.self_writes.update((name, frozenset(found)) for name, found in (body.writes or {}).items())
        module.bindings = {name: tuple(found) for name, found in bindings.items()}
        module.functions = tuple(self.functions)
        module.classes = tuple(definition for definition, _ in self.classes)
        module.global_writes = frozenset(self.global_writes)
        module.body = self.code("<module>", "module", module.tree, Place("", None))
        return module

    def push(self, nodes: Sequence[cst.CSTNode], place: Place) -> None:
        """Read these next, in this order."""
        self.stack.extend([(node, place) for node in reversed(nodes)])

    def code(self, name: str, kind: Literal["module", "expression"], node: cst.CSTNode, place: Place) -> Code:
        code = Code(
            name=name,
            qualname=place.prefix + name,
            kind=kind,
            node=node,
            parameters=(),
            parent=place.function,
            owner=place.owner,
            module=self.module,
            is_async=False,
            lower=self._lower,
            survey=self.unit.frame,
        )
        if place.function is not None and place.owner is not None:
            self.unit.anchors[code] = place.owner.node
        return code

    def function(self, node: cst.FunctionDef, place: Place) -> Code:
        name = node.name.value
        defaults: tuple[tuple[str, Code], ...] = ()
        if place.bindings is not None:
            defaults = tuple(
                (parameter.name.value, self.code(parameter.name.value, "expression", parameter.default, place))
                for parameter in parameters(node.params)
                if parameter.default is not None
            )
        code = Code(
            name=name,
            qualname=place.prefix + name,
            kind="function",
            node=node,
            parameters=parameter_list(node.params),
            parent=place.function,
            owner=place.owner if place.bindings is not None else None,
            module=self.module,
            is_async=node.asynchronous is not None,
            lower=self._lower,
            survey=self.unit.frame,
            defaults=defaults,
            returns=None if node.returns is None else node.returns.annotation,
        )
        self.unit.functions[node] = code
        self.functions.append(code)
        return code

    def definition(self, node: cst.ClassDef, place: Place) -> ClassDefinition:
        bases = []
        for base in node.bases:
            code = self.code(node.name.value, "expression", base if base.star else base.value, place)
            if place.function is not None and place.owner is None:
                self.unit.anchors[code] = node.name
            bases.append(code)
        decorators = (decorator.decorator for decorator in node.decorators)
        callees = (item.func if isinstance(item, cst.Call) else item for item in decorators)
        definition = ClassDefinition(
            name=node.name.value,
            qualname=place.prefix + node.name.value,
            node=node,
            module=self.module,
            bases=tuple(bases),
            bindings={},
            self_writes={},
            is_dataclass=any(dotted_name(item).rpartition(".")[2] in _DATACLASS_DECORATORS for item in callees),
        )
        self.unit.definitions[node] = definition
        return definition

    def decorators(self, node: cst.FunctionDef | cst.ClassDef, place: Place) -> tuple[Code, ...]:
        name = node.name.value
        return tuple(self.code(name, "expression", decorator.decorator, place) for decorator in node.decorators)

    def bind(self, binding: Binding, place: Place) -> None:
        if place.bindings is not None:
            place.bindings.setdefault(binding.name, []).append(binding)

    def bind_opaque(self, name: str, node: cst.CSTNode, place: Place) -> None:
        self.bind(Binding(name, "opaque", node, place.conditional), place)

    def bind_captured(self, node: cst.CSTNode | None, place: Place) -> None:
        """Names that an expression or the head of a statement binds, outside of functions."""
        if place.bindings is not None and node is not None:
            for name, origin in names_captured(node):
                self.bind_opaque(name, origin, place)

    def assigned(self, target: cst.CSTNode, node: cst.CSTNode, place: Place) -> None:
        """A target is assigned in a way that gives no readable value."""
        if place.bindings is None and place.receiver is None:
            return
        receiver = place.receiver
        for part in names_bound(target):
            if isinstance(part, cst.Name):
                self.bind_opaque(part.value, node, place)
            elif (
                receiver is not None
                and isinstance(part, cst.Attribute)
                and isinstance(part.value, cst.Name)
                and part.value.value == receiver.name
            ):
                receiver.writes.setdefault(part.attr.value, set()).add(receiver.method)
