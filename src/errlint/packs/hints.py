"""The types of dataclass fields, taken apart once, so that reading many values by them is cheap."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Literal, Union

Kind = Literal["union", "literal", "array", "items", "mapping", "table", "leaf"]
"""`array` has elements of one type, `items` of one type each."""


@dataclasses.dataclass(slots=True, eq=False)
class Hint:
    """A type: `parts` are the members of a union, the types of elements, or that of a mapping's values."""

    annotation: object
    kind: Kind
    parts: tuple[Hint, ...] = ()
    words: tuple[str, ...] = ()
    """Of a literal."""
    make: type = tuple
    """What the elements of an array go into."""

    @property
    def name(self) -> str:
        """What it is called in TOML."""
        if self.kind == "union":
            return " or ".join(dict.fromkeys(part.name for part in self.parts))
        if self.kind in ("array", "items"):
            return "an array"
        if self.kind in ("mapping", "table"):
            return "a table"
        names: dict[object, str] = {int: "an integer", float: "a number", bool: "true or false"}
        return names.get(self.annotation, "a string")


@dataclasses.dataclass(slots=True, eq=False)
class FieldHint:
    """A field: its name in Python, its type, and whether it must be given."""

    name: str
    hint: Hint
    required: bool


@cache
def fields_of(cls: type) -> dict[str, FieldHint]:
    """The fields of a dataclass by their TOML keys, in order."""
    annotations = typing.get_type_hints(cls)
    return {
        key_of(field): FieldHint(
            field.name,
            take_apart(annotations[field.name]),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
    }


def key_of(field: dataclasses.Field[object]) -> str:
    """The TOML key of a field: `not_` is `not`, `raises_on` is `raises-on`."""
    return field.name.rstrip("_").replace("_", "-")


@cache
def first_key(cls: type) -> str:
    """The key that tells a dataclass from the others in a union."""
    return key_of(dataclasses.fields(cls)[0])


def take_apart(annotation: object) -> Hint:
    """The `Hint` of a type; None in a union is left out, since TOML has no such value."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is types.UnionType or origin is Union:
        members = [take_apart(argument) for argument in arguments if argument is not types.NoneType]
        return members[0] if len(members) == 1 else Hint(annotation, "union", tuple(members))
    if origin is Literal:
        return Hint(annotation, "literal", words=arguments)
    if origin is frozenset or (origin is tuple and arguments[-1] is ...):
        return Hint(annotation, "array", (take_apart(arguments[0]),), make=origin)
    if origin is tuple:
        return Hint(annotation, "items", tuple(take_apart(argument) for argument in arguments))
    if origin is Mapping:
        return Hint(annotation, "mapping", (take_apart(arguments[1]),))
    if dataclasses.is_dataclass(annotation):
        return Hint(annotation, "table")
    return Hint(annotation, "leaf")
