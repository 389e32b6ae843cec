"""Reads a whole function, or a free-standing expression, for its scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

from errlint.flow.lower.scopes import Kind, Scope
from errlint.flow.lower.tree import alias_name, children, names_bound, parameters


def survey(node: cst.CSTNode, kind: Kind, bound: Iterable[str] = ()) -> Scope:
    """The scope of an outermost frame, with all that are nested in it.

    `node` is a function, a lambda, a module or an expression; `bound` the names of the class body around an expression.
    """
    walk = _Walk()
    root = Scope(kind)
    root.bound.update(bound)
    if isinstance(node, (cst.FunctionDef, cst.Lambda)) and kind in ("function", "lambda"):
        walk.enter(node, root)
    elif isinstance(node, cst.Module):
        walk.push_all(node.body, root)
    else:
        walk.push(node, root)
    walk.run()
    for scope in walk.scopes:
        scope.share()
    return root


class _Walk:
    """An iterative walk: the nodes still to be read, each with the scope that it stands in."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self._stack: list[tuple[cst.CSTNode, Scope]] = []

    def push(self, node: cst.CSTNode | None, scope: Scope) -> None:
        if node is not None:
            self._stack.append((node, scope))

    def push_all(self, nodes: Iterable[cst.CSTNode], scope: Scope) -> None:
        self._stack.extend([(node, scope) for node in nodes])

    def nested(self, kind: Kind, node: cst.CSTNode, parent: Scope) -> Scope:
        scope = Scope(kind, parent)
        maker = parent.frame if kind in ("lambda", "comprehension") else parent.maker
        maker.inner[node] = scope
        self.scopes.append(scope)
        return scope

    def enter(self, node: cst.FunctionDef | cst.Lambda, scope: Scope) -> None:
        """Read a function from the inside."""
        scope.bound.update(parameter.name.value for parameter in parameters(node.params))
        self.push(node.body, scope)

    def bind(self, target: cst.CSTNode, scope: Scope) -> None:
        for part in names_bound(target):
            if isinstance(part, cst.Name):
                scope.bound.add(part.value)
            else:
                self.push(part, scope)

    def run(self) -> None:
        stack = self._stack
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is cst.Name:
                scope.read.add(node.value)  # type: ignore[attr-defined]
            elif (read := _READERS.get(kind)) is not None:
                read(self, node, scope)
            else:
                self.push_all(children(node), scope)


_READERS: dict[type[cst.CSTNode], Callable[..., None]] = {}


def _reads(*kinds: type[cst.CSTNode]) -> Callable[[Callable[..., None]], None]:
    """The function below reads nodes of these types, and pushes what is below them."""
    return lambda read: _READERS.update(dict.fromkeys(kinds, read))


@_reads(cst.FunctionDef)
def _function(walk: _Walk, node: cst.FunctionDef, scope: Scope) -> None:
    scope.bound.add(node.name.value)
    walk.push_all(node.decorators, scope)
    _defaults(walk, node.params, scope)
    # What stands directly in a module is an outermost frame of its own.
    if scope.kind != "module":
        walk.enter(node, walk.nested("function", node, scope))


@_reads(cst.Lambda)
def _lambda(walk: _Walk, node: cst.Lambda, scope: Scope) -> None:
    _defaults(walk, node.params, scope)
    walk.enter(node, walk.nested("lambda", node, scope))


def _defaults(walk: _Walk, node: cst.Parameters, scope: Scope) -> None:
    for parameter in parameters(node):
        walk.push(parameter.default, scope)


@_reads(cst.ClassDef)
def _class(walk: _Walk, node: cst.ClassDef, scope: Scope) -> None:
    scope.bound.add(node.name.value)
    walk.push_all(node.decorators, scope)
    arguments = [argument.value for argument in (*node.bases, *node.keywords)]
    walk.push_all(arguments, scope)
    if scope.kind == "module":
        return
    if scope.kind != "class":
        # The bases are expressions of the definition as well, with a frame of their own.
        walk.push_all(arguments, walk.nested("class", node.name, scope))
    walk.push(node.body, walk.nested("class", node, scope))


@_reads(cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
def _comprehension(walk: _Walk, node: cst.BaseComp, scope: Scope) -> None:
    inside = walk.nested("comprehension", node, scope)
    at = scope  # the first iterable is evaluated outside
    loop: cst.CompFor | None = node.for_in
    while loop is not None:
        walk.push(loop.iter, at)
        at = inside
        walk.bind(loop.target, inside)
        walk.push_all(loop.ifs, inside)
        loop = loop.inner_for_in
    walk.push_all((child for child in children(node) if child is not node.for_in), inside)


@_reads(cst.Assign)
def _assign(walk: _Walk, node: cst.Assign, scope: Scope) -> None:
    for target in node.targets:
        walk.bind(target.target, scope)
    walk.push(node.value, scope)


@_reads(cst.AnnAssign)
def _annotated(walk: _Walk, node: cst.AnnAssign, scope: Scope) -> None:
    walk.bind(node.target, scope)
    walk.push(node.value, scope)


@_reads(cst.AugAssign)
def _augmented(walk: _Walk, node: cst.AugAssign, scope: Scope) -> None:
    walk.bind(node.target, scope)
    walk.push(node.target, scope)
    walk.push(node.value, scope)


@_reads(cst.NamedExpr)
def _named(walk: _Walk, node: cst.NamedExpr, scope: Scope) -> None:
    if isinstance(node.target, cst.Name):
        scope.frame.bound.add(node.target.value)
        scope.frame.rebound.add(node.target.value)
    walk.push(node.value, scope)


@_reads(cst.Del)
def _delete(walk: _Walk, node: cst.Del, scope: Scope) -> None:
    walk.bind(node.target, scope)


@_reads(cst.For)
def _for(walk: _Walk, node: cst.For, scope: Scope) -> None:
    walk.bind(node.target, scope)
    walk.push(node.iter, scope)
    walk.push(node.body, scope)
    walk.push(node.orelse, scope)


@_reads(cst.AsName)
def _as_name(walk: _Walk, node: cst.AsName, scope: Scope) -> None:
    walk.bind(node.name, scope)


@_reads(cst.Import, cst.ImportFrom)
def _import(walk: _Walk, node: cst.Import | cst.ImportFrom, scope: Scope) -> None:
    if not isinstance(node.names, cst.ImportStar):
        scope.bound.update(alias_name(alias) for alias in node.names)


@_reads(cst.Global)
def _global(walk: _Walk, node: cst.Global, scope: Scope) -> None:
    scope.globals.update(item.name.value for item in node.names)


@_reads(cst.Nonlocal)
def _nonlocal(walk: _Walk, node: cst.Nonlocal, scope: Scope) -> None:
    scope.nonlocals.update(item.name.value for item in node.names)


@_reads(cst.Yield)
def _yield(walk: _Walk, node: cst.Yield, scope: Scope) -> None:
    scope.frame.is_generator = True
    walk.push_all(children(node), scope)


@_reads(cst.Attribute)
def _attribute(walk: _Walk, node: cst.Attribute, scope: Scope) -> None:
    walk.push(node.value, scope)


@_reads(cst.MatchAs, cst.MatchStar)
def _capture(walk: _Walk, node: cst.MatchAs | cst.MatchStar, scope: Scope) -> None:
    if node.name is not None:
        scope.bound.add(node.name.value)
    if isinstance(node, cst.MatchAs):
        walk.push(node.pattern, scope)


@_reads(cst.MatchMapping)
def _mapping(walk: _Walk, node: cst.MatchMapping, scope: Scope) -> None:
    if node.rest is not None:
        scope.bound.add(node.rest.value)
    walk.push_all(node.elements, scope)


@_reads(cst.MatchKeywordElement)
def _keyword_pattern(walk: _Walk, node: cst.MatchKeywordElement, scope: Scope) -> None:
    walk.push(node.pattern, scope)


@_reads(cst.TypeAlias)
def _type_alias(walk: _Walk, node: cst.TypeAlias, scope: Scope) -> None:
    scope.bound.add(node.name.value)


@_reads(cst.SimpleString, cst.Integer, cst.Float, cst.Pass, cst.FormattedStringText, cst.MatchSingleton)
def _nothing(walk: _Walk, node: cst.CSTNode, scope: Scope) -> None:
    """Leaves, by far the most frequent nodes."""
