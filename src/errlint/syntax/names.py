"""Names: which are taken, and what imports bind."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator

import libcst as cst

from errlint.syntax.nodes import children

_WORD = re.compile(r"[^\W\d]\w*")
_RESERVED = frozenset({*dir(builtins), *keyword.kwlist, *keyword.softkwlist})


def dotted(node: cst.BaseExpression | None) -> str:
    """`a.b.c` of a chain of names; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join(reversed([*parts, node.value]))


def last_name(node: cst.CSTNode | None) -> str | None:
    """`c` of `a.b.c`, whatever `a` is; None of what ends in no name."""
    if isinstance(node, cst.Name):
        return node.value
    return node.attr.value if isinstance(node, cst.Attribute) else None


def words(text: str) -> frozenset[str]:
    """Every word of a text, wherever it stands: none of them can be meant by a name that is not among them."""
    return frozenset(_WORD.findall(text))


def used(scope: cst.CSTNode) -> Iterator[str]:
    """The names in a part of a module, be they read or bound; those of attributes and keyword arguments are none."""
    stack: list[cst.CSTNode] = [scope]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            yield node.value
        elif isinstance(node, (cst.Attribute, cst.Arg)):
            stack.append(node.value)
        else:
            stack.extend(children(node))


def free(base: str, taken: frozenset[str]) -> str:
    """`base`, or the first of `base_2`, `base_3`, ... that nothing has as its name."""
    name, number = base, 1
    while name in taken or name in _RESERVED:
        number += 1
        name = f"{base}_{number}"
    return name


def bound_by(alias: cst.ImportAlias) -> str:
    """The name that one item of an import statement binds."""
    if alias.asname is not None:
        return dotted(alias.asname.name)
    return dotted(alias.name).partition(".")[0]


def bindings(tree: cst.Module, inside: bool = True) -> Iterator[tuple[str, cst.CSTNode]]:
    """Every place in a module that binds a name, with the node that does; `inside` functions and classes as well."""
    stack: list[cst.CSTNode] = [tree]
    while stack:
        node = stack.pop()
        yield from _bound(node)
        if inside or not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(children(node))


def _bound(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Param)):
        yield node.name.value, node
    elif isinstance(node, cst.ImportAlias):
        yield bound_by(node), node
    elif isinstance(node, (cst.MatchAs, cst.MatchStar)) and node.name is not None:
        yield node.name.value, node
    elif isinstance(node, cst.MatchMapping) and node.rest is not None:
        yield node.rest.value, node
    elif isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor)):
        yield from _targets(node.target, node)
    elif isinstance(node, cst.AsName):
        yield from _targets(node.name, node)


def _targets(target: cst.CSTNode, node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    stack = [target]
    while stack:
        part = stack.pop()
        if isinstance(part, cst.Name):
            yield part.value, node
        elif isinstance(part, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in part.elements)
