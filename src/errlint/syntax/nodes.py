"""Walking libcst trees without its visitors, which cost as much as the parse and recurse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import libcst as cst

_fields: dict[type[cst.CSTNode], tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes directly below one, white space and punctuation included, as libcst orders them."""
    kind = type(node)
    names = _fields.get(kind)
    if names is None:
        names = _fields[kind] = tuple(field.name for field in fields(kind))
    for name in names:
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item
