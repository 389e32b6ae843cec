"""The index of a module: what its names are bound to, its classes and its functions. Nothing is lowered yet.

One iterative walk over the statements; expressions are looked at only in module and class bodies, for `:=`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import libcst as cst

from errlint.flow.ir import Binding, ClassDefinition, Code, Import, ModuleCode
from errlint.flow.lower.function import lower
from errlint.flow.lower.tree import alias_name, dotted_name, names_bound, names_captured, parameters
from errlint.flow.lower.unit import Unit, parameter_list

_DATACLASS_DECORATORS = frozenset({"dataclass", "define"})

_Names = dict[str, list[Binding]]


def lower_module(tree: cst.Module, name: str, is_package: bool) -> ModuleCode:
    """Index a module; each function's graph is lowered when it is first asked for."""
    return _Indexer(ModuleCode(name, is_package, tree)).run()


@dataclass(frozen=True, slots=True)
class _Receiver:
    """The first parameter of the method around a statement, and where assignments to its attributes are noted."""

    name: str
    method: str
    writes: dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands; `bindings` collects the names that it binds, None inside functions."""

    prefix: str
    bindings: _Names | None
    conditional: bool = False
    function: Code | None = None
    owner: ClassDefinition | None = None
    writes: dict[str, set[str]] | None = None
    receiver: _Receiver | None = None


class _Indexer:
    def __init__(self, module: ModuleCode) -> None:
        self.module = module
        self.unit = Unit()
        self.functions: list[Code] = []
        self.classes: list[tuple[ClassDefinition, _Place]] = []
        self.global_writes: set[str] = set()
        self._lower = partial(lower, self.unit)
        self._stack: list[tuple[cst.CSTNode, _Place]] = []

    def run(self) -> ModuleCode:
        module = self.module
        bindings: _Names = {}
        self.push(module.tree.body, _Place("", bindings))
        stack = self._stack
        while stack:
            node, place = stack.pop()
            read = _READERS.get(type(node))
            if read is not None:
                read(self, node, place)
            elif place.bindings is not None:
                self.bind_captured(node, place)
        for definition, body in self.classes:
            definition.bindings.update((name, tuple(found)) for name, found in (body.bindings or {}).items())
            definition.self_writes.update((name, frozenset(found)) for name, found in (body.writes or {}).items())
        module.bindings = {name: tuple(found) for name, found in bindings.items()}
        module.functions = tuple(self.functions)
        module.classes = tuple(definition for definition, _ in self.classes)
        module.global_writes = frozenset(self.global_writes)
        module.body = self.code("<module>", "module", module.tree, _Place("", None))
        return module

    def push(self, nodes: Sequence[cst.CSTNode], place: _Place) -> None:
        """Read these next, in this order."""
        self._stack.extend([(node, place) for node in reversed(nodes)])

    def code(self, name: str, kind: Literal["module", "expression"], node: cst.CSTNode, place: _Place) -> Code:
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

    def function(self, node: cst.FunctionDef, place: _Place) -> Code:
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

    def definition(self, node: cst.ClassDef, place: _Place) -> ClassDefinition:
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

    def decorators(self, node: cst.FunctionDef | cst.ClassDef, place: _Place) -> tuple[Code, ...]:
        name = node.name.value
        return tuple(self.code(name, "expression", decorator.decorator, place) for decorator in node.decorators)

    def bind(self, binding: Binding, place: _Place) -> None:
        if place.bindings is not None:
            place.bindings.setdefault(binding.name, []).append(binding)

    def bind_opaque(self, name: str, node: cst.CSTNode, place: _Place) -> None:
        self.bind(Binding(name, "opaque", node, place.conditional), place)

    def bind_captured(self, node: cst.CSTNode | None, place: _Place) -> None:
        """Names that an expression or the head of a statement binds, outside of functions."""
        if place.bindings is not None and node is not None:
            for name, origin in names_captured(node):
                self.bind_opaque(name, origin, place)

    def assigned(self, target: cst.CSTNode, node: cst.CSTNode, place: _Place) -> None:
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


_READERS: dict[type[cst.CSTNode], Callable[..., None]] = {}


def _reads(*kinds: type[cst.CSTNode]) -> Callable[[Callable[..., None]], None]:
    """The function below reads nodes of these types."""
    return lambda read: _READERS.update(dict.fromkeys(kinds, read))


# --- blocks ---------------------------------------------------------------------------------------------------------


@_reads(cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)
def _block(index: _Indexer, node: cst.SimpleStatementLine | cst.BaseSuite, place: _Place) -> None:
    index.push(node.body, place)


@_reads(cst.Else, cst.Finally)
def _part(index: _Indexer, node: cst.Else | cst.Finally, place: _Place) -> None:
    index.push((node.body,), place)


@_reads(cst.If, cst.While)
def _tested(index: _Indexer, node: cst.If | cst.While, place: _Place) -> None:
    index.bind_captured(node.test, place)
    _inside(index, (node.body, node.orelse), place)


@_reads(cst.For)
def _for(index: _Indexer, node: cst.For, place: _Place) -> None:
    index.assigned(node.target, node, place)
    index.bind_captured(node.iter, place)
    _inside(index, (node.body, node.orelse), place)


@_reads(cst.With)
def _with(index: _Indexer, node: cst.With, place: _Place) -> None:
    for item in node.items:
        if item.asname is not None:
            index.assigned(item.asname.name, node, place)
        index.bind_captured(item.item, place)
    _inside(index, (node.body,), place)


@_reads(cst.Try, cst.TryStar)
def _try(index: _Indexer, node: cst.Try | cst.TryStar, place: _Place) -> None:
    _inside(index, (node.body, *node.handlers, node.orelse, node.finalbody), place)


@_reads(cst.ExceptHandler, cst.ExceptStarHandler)
def _handler(index: _Indexer, node: cst.ExceptHandler | cst.ExceptStarHandler, place: _Place) -> None:
    if node.name is not None:
        index.assigned(node.name.name, node, place)
    index.push((node.body,), place)


@_reads(cst.Match)
def _match(index: _Indexer, node: cst.Match, place: _Place) -> None:
    index.bind_captured(node.subject, place)
    _inside(index, node.cases, place)


@_reads(cst.MatchCase)
def _case(index: _Indexer, node: cst.MatchCase, place: _Place) -> None:
    index.bind_captured(node.pattern, place)
    index.bind_captured(node.guard, place)
    index.push((node.body,), place)


def _inside(index: _Indexer, nodes: Sequence[cst.CSTNode | None], place: _Place) -> None:
    """Read the blocks of a compound statement."""
    if place.bindings is not None and not place.conditional:
        place = replace(place, conditional=True)
    index.push([node for node in nodes if node is not None], place)


# --- definitions and imports ----------------------------------------------------------------------------------------


@_reads(cst.FunctionDef)
def _function(index: _Indexer, node: cst.FunctionDef, place: _Place) -> None:
    code = index.function(node, place)
    if place.bindings is not None:
        decorators = index.decorators(node, place)
        index.bind(Binding(code.name, "function", node, place.conditional, code, decorators), place)
    inner = _Place(code.qualname + ".<locals>.", None, function=code, receiver=_receiver(code, place))
    index.push((node.body,), inner)


def _receiver(code: Code, place: _Place) -> _Receiver | None:
    names = [parameter.name for parameter in code.parameters if parameter.kind in ("positional-only", "positional")]
    if place.writes is not None:
        return _Receiver(names[0], code.name, place.writes) if names else None
    if place.receiver is not None and place.receiver.name in names:
        return None
    return place.receiver


@_reads(cst.ClassDef)
def _class(index: _Indexer, node: cst.ClassDef, place: _Place) -> None:
    definition = index.definition(node, place)
    if place.bindings is not None:
        decorators = index.decorators(node, place)
        index.bind(
            Binding(definition.name, "class", node, place.conditional, decorators=decorators, definition=definition),
            place,
        )
    inside = _Place(definition.qualname + ".", {}, function=place.function, owner=definition, writes={})
    index.classes.append((definition, inside))
    index.push((node.body,), inside)


@_reads(cst.Import)
def _import(index: _Indexer, node: cst.Import, place: _Place) -> None:
    if place.bindings is not None:
        for alias in node.names:
            name = alias_name(alias)
            imported = Import(alias, name, dotted_name(alias.name), whole=alias.asname is not None)
            index.bind(Binding(name, "import", alias, place.conditional, imported=imported), place)


@_reads(cst.ImportFrom)
def _import_from(index: _Indexer, node: cst.ImportFrom, place: _Place) -> None:
    if place.bindings is None:
        return
    module, level = dotted_name(node.module), len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        imported = Import(node, "*", module, level, "*")
        index.bind(Binding("*", "import", node, place.conditional, imported=imported), place)
        return
    for alias in node.names:
        name = alias_name(alias)
        imported = Import(alias, name, module, level, dotted_name(alias.name))
        index.bind(Binding(name, "import", alias, place.conditional, imported=imported), place)


# --- simple statements ----------------------------------------------------------------------------------------------


@_reads(cst.Assign)
def _assign(index: _Indexer, node: cst.Assign, place: _Place) -> None:
    if place.bindings is None:
        for target in node.targets:
            index.assigned(target.target, node, place)
        return
    code: Code | None = None
    for target in node.targets:
        for name, path in _picked(target.target):
            if path is None:
                index.bind_opaque(name.value, node, place)
                continue
            if code is None:
                code = index.code(name.value, "expression", node.value, place)
            index.bind(Binding(name.value, "value", node, place.conditional, code, path=path), place)
    index.bind_captured(node.value, place)


def _picked(target: cst.BaseExpression) -> Iterator[tuple[cst.Name, tuple[int, ...] | None]]:
    """The names in an assignment target, each with its way into the value, None from a starred target on."""
    stack: list[tuple[cst.BaseExpression, tuple[int, ...] | None]] = [(target, ())]
    while stack:
        node, path = stack.pop()
        if isinstance(node, cst.Name):
            yield node, path
        elif isinstance(node, (cst.Tuple, cst.List)):
            parts: list[tuple[cst.BaseExpression, tuple[int, ...] | None]] = []
            for at, element in enumerate(node.elements):
                if isinstance(element, cst.StarredElement):
                    path = None
                parts.append((element.value, None if path is None else (*path, at)))
            stack.extend(reversed(parts))


@_reads(cst.AnnAssign)
def _annotated(index: _Indexer, node: cst.AnnAssign, place: _Place) -> None:
    if place.bindings is None or not isinstance(node.target, cst.Name):
        if node.value is not None:
            index.assigned(node.target, node, place)
        return
    name = node.target.value
    code = None if node.value is None else index.code(name, "expression", node.value, place)
    annotation = node.annotation.annotation
    index.bind(Binding(name, "value", node, place.conditional, code, annotation=annotation), place)
    index.bind_captured(node.value, place)


@_reads(cst.AugAssign)
def _augmented(index: _Indexer, node: cst.AugAssign, place: _Place) -> None:
    index.assigned(node.target, node, place)
    index.bind_captured(node.value, place)


@_reads(cst.Del)
def _delete(index: _Indexer, node: cst.Del, place: _Place) -> None:
    index.assigned(node.target, node, place)


@_reads(cst.TypeAlias)
def _type_alias(index: _Indexer, node: cst.TypeAlias, place: _Place) -> None:
    index.bind_opaque(node.name.value, node, place)


@_reads(cst.Global)
def _global(index: _Indexer, node: cst.Global, place: _Place) -> None:
    index.global_writes.update(item.name.value for item in node.names)
