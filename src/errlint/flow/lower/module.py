"""The index of a module: what its names are bound to, its classes and its functions. Nothing is lowered yet.

One iterative walk over the statements; expressions are looked at only in module and class bodies, for `:=`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import libcst as cst

from errlint.flow.code import Binding, Code, ModuleCode
from errlint.flow.ir import Import
from errlint.flow.lower.index import Index, Names, Place, Receiver
from errlint.flow.lower.tree import alias_name, dotted_name


def lower_module(tree: cst.Module, name: str, is_package: bool) -> ModuleCode:
    """Index a module; each function's graph is lowered when it is first asked for."""
    index = Index(ModuleCode(name, is_package, tree))
    bindings: Names = {}
    index.push(tree.body, Place("", bindings))
    while index.stack:
        node, place = index.stack.pop()
        read = _READERS.get(type(node))
        if read is not None:
            read(index, node, place)
        elif place.bindings is not None:
            index.bind_captured(node, place)
    return index.finish(bindings)


_READERS: dict[type[cst.CSTNode], Callable[..., None]] = {}


def _reads(*kinds: type[cst.CSTNode]) -> Callable[[Callable[..., None]], None]:
    """The function below reads nodes of these types."""
    return lambda read: _READERS.update(dict.fromkeys(kinds, read))


# --- blocks ---------------------------------------------------------------------------------------------------------


@_reads(cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)
def _block(index: Index, node: cst.SimpleStatementLine | cst.BaseSuite, place: Place) -> None:
    index.push(node.body, place)


@_reads(cst.Else, cst.Finally)
def _part(index: Index, node: cst.Else | cst.Finally, place: Place) -> None:
    index.push((node.body,), place)


@_reads(cst.If, cst.While)
def _tested(index: Index, node: cst.If | cst.While, place: Place) -> None:
    index.bind_captured(node.test, place)
    _inside(index, (node.body, node.orelse), place)


@_reads(cst.For)
def _for(index: Index, node: cst.For, place: Place) -> None:
    index.assigned(node.target, node, place)
    index.bind_captured(node.iter, place)
    _inside(index, (node.body, node.orelse), place)


@_reads(cst.With)
def _with(index: Index, node: cst.With, place: Place) -> None:
    for item in node.items:
        if item.asname is not None:
            index.assigned(item.asname.name, node, place)
        index.bind_captured(item.item, place)
    _inside(index, (node.body,), place)


@_reads(cst.Try, cst.TryStar)
def _try(index: Index, node: cst.Try | cst.TryStar, place: Place) -> None:
    _inside(index, (node.body, *node.handlers, node.orelse, node.finalbody), place)


@_reads(cst.ExceptHandler, cst.ExceptStarHandler)
def _handler(index: Index, node: cst.ExceptHandler | cst.ExceptStarHandler, place: Place) -> None:
    if node.name is not None:
        index.assigned(node.name.name, node, place)
    index.push((node.body,), place)


@_reads(cst.Match)
def _match(index: Index, node: cst.Match, place: Place) -> None:
    index.bind_captured(node.subject, place)
    _inside(index, node.cases, place)


@_reads(cst.MatchCase)
def _case(index: Index, node: cst.MatchCase, place: Place) -> None:
    index.bind_captured(node.pattern, place)
    index.bind_captured(node.guard, place)
    index.push((node.body,), place)


def _inside(index: Index, nodes: Sequence[cst.CSTNode | None], place: Place) -> None:
    """Read the blocks of a compound statement."""
    if place.bindings is not None and not place.conditional:
        place = replace(place, conditional=True)
    index.push([node for node in nodes if node is not None], place)


# --- definitions and imports ----------------------------------------------------------------------------------------


@_reads(cst.FunctionDef)
def _function(index: Index, node: cst.FunctionDef, place: Place) -> None:
    code = index.function(node, place)
    if place.bindings is not None:
        decorators = index.decorators(node, place)
        index.bind(Binding(code.name, "function", node, place.conditional, code, decorators), place)
    inner = Place(code.qualname + ".<locals>.", None, function=code, receiver=_receiver(code, place))
    index.push((node.body,), inner)


def _receiver(code: Code, place: Place) -> Receiver | None:
    names = [parameter.name for parameter in code.parameters if parameter.kind in ("positional-only", "positional")]
    if place.writes is not None:
        return Receiver(names[0], code.name, place.writes) if names else None
    if place.receiver is not None and place.receiver.name in names:
        return None
    return place.receiver


@_reads(cst.ClassDef)
def _class(index: Index, node: cst.ClassDef, place: Place) -> None:
    definition = index.definition(node, place)
    if place.bindings is not None:
        decorators = index.decorators(node, place)
        index.bind(
            Binding(definition.name, "class", node, place.conditional, decorators=decorators, definition=definition),
            place,
        )
    inside = Place(definition.qualname + ".", {}, function=place.function, owner=definition, writes={})
    index.classes.append((definition, inside))
    index.push((node.body,), inside)


@_reads(cst.Import)
def _import(index: Index, node: cst.Import, place: Place) -> None:
    if place.bindings is not None:
        for alias in node.names:
            name = alias_name(alias)
            imported = Import(alias, name, dotted_name(alias.name), whole=alias.asname is not None)
            index.bind(Binding(name, "import", alias, place.conditional, imported=imported), place)


@_reads(cst.ImportFrom)
def _import_from(index: Index, node: cst.ImportFrom, place: Place) -> None:
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
def _assign(index: Index, node: cst.Assign, place: Place) -> None:
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
def _annotated(index: Index, node: cst.AnnAssign, place: Place) -> None:
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
def _augmented(index: Index, node: cst.AugAssign, place: Place) -> None:
    index.assigned(node.target, node, place)
    index.bind_captured(node.value, place)


@_reads(cst.Del)
def _delete(index: Index, node: cst.Del, place: Place) -> None:
    index.assigned(node.target, node, place)


@_reads(cst.TypeAlias)
def _type_alias(index: Index, node: cst.TypeAlias, place: Place) -> None:
    index.bind_opaque(node.name.value, node, place)


@_reads(cst.Global)
def _global(index: Index, node: cst.Global, place: Place) -> None:
    index.global_writes.update(item.name.value for item in node.names)
