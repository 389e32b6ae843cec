"""Walking libcst trees without its visitors, which cost as much as the parse and recurse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import libcst as cst

# White space, punctuation, operators and annotations: no expression that runs is found below them.
_WITHOUT_CODE = frozenset(
    [
        "lpar",
        "rpar",
        "lbracket",
        "rbracket",
        "lbrace",
        "rbrace",
        "comma",
        "semicolon",
        "equal",
        "colon",
        "first_colon",
        "second_colon",
        "dot",
        "operator",
        "separator",
        "asynchronous",
        "leading_lines",
        "lines_after_decorators",
        "header",
        "footer",
        "indent",
        "annotation",
        "returns",
        "type_parameters",
        "star",
        "posonly_ind",
        "relative",
        "start",
        "end",
        "conversion",
        "trailing_comma",
        "trailing_whitespace",
        "keyword",
        "attr",
        "whitespace",
        "newline",
        "encoding",
        "default_indent",
        "default_newline",
        "has_trailing_newline",
    ]
)
_fields: dict[type[cst.CSTNode], tuple[str, ...]] = {}
_NO_NODES = frozenset({type(None), str, bool, cst.MaybeSentinel})


def code_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a node type that may hold code."""
    known = _fields.get(kind)
    if known is None:
        known = _fields[kind] = tuple(
            field.name
            for field in fields(kind)
            if field.name not in _WITHOUT_CODE and field.type is not str and not field.name.startswith("whitespace")
        )
    return known


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes directly below that may hold code."""
    found: list[cst.CSTNode] = []
    for name in code_fields(type(node)):
        value = getattr(node, name)
        kind = type(value)
        if kind is tuple or kind is list:
            found += value
        # To ask for an abstract base class takes long: types met before are known.
        elif kind in _fields or (kind not in _NO_NODES and isinstance(value, cst.CSTNode)):
            found.append(value)
    return found


def below(*nodes: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes and all below them that may hold code, in source order."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        # Most nodes are names and literals, which have nothing below them.
        if code_fields(type(node)):
            stack += children(node)[::-1]


def parameters(node: cst.Parameters) -> Iterator[cst.Param]:
    """All parameters in the order in which they stand."""
    yield from node.posonly_params
    yield from node.params
    if isinstance(node.star_arg, cst.Param):
        yield node.star_arg
    yield from node.kwonly_params
    if node.star_kwarg is not None:
        yield node.star_kwarg


def names_bound(target: cst.CSTNode) -> Iterator[cst.Name | cst.Attribute | cst.Subscript]:
    """The names, attributes and items that an assignment target assigns, outside in, left to right."""
    stack: list[cst.CSTNode] = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.Name, cst.Attribute, cst.Subscript)):
            yield node
        elif isinstance(node, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in reversed(node.elements))
        elif isinstance(node, cst.StarredElement):
            stack.append(node.value)


_LEAVES = frozenset(
    {cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.ConcatenatedString, cst.Ellipsis, cst.Lambda}
)


def names_captured(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """The names that `:=` and patterns bind in an expression, each with the node that does."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name):
            yield node.target.value, node
        elif isinstance(node, (cst.MatchAs, cst.MatchStar)) and node.name is not None:
            yield node.name.value, node
        elif isinstance(node, cst.MatchMapping) and node.rest is not None:
            yield node.rest.value, node
        stack.extend([child for child in children(node) if type(child) not in _LEAVES])


def alias_name(alias: cst.ImportAlias) -> str:
    """The name that one item of an import statement binds."""
    if alias.asname is not None:
        name = alias.asname.name
        return name.value if isinstance(name, cst.Name) else ""
    return dotted_name(alias.name).partition(".")[0]


def dotted_name(node: cst.CSTNode | None) -> str:
    """`a.b.c` of an attribute chain of names; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))
