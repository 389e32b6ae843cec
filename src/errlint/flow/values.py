"""Abstract values: what the engine knows of a Python object.

Values are immutable and compare by content; their hash is computed once. Their fields are final rather than frozen,
which would make every one of them twice as long to build. Mutable objects live in the state's heap and
are named by a number; so are request attempts. `ids` lists the numbers a value mentions, in order, so that states can
be renumbered (see `state.State.canonical`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal, overload

import libcst as cst

from errlint.flow.ir import Const

Renaming = Mapping[int, int]
NO_IDS: tuple[int, ...] = ()


@dataclass(slots=True, eq=False)
class Value:
    """Base of all composite values; equality is by type and fields."""

    _hash: int = field(init=False, repr=False)
    ids: tuple[int, ...] = field(init=False, repr=False)

    def _content(self) -> tuple[object, ...]:
        raise NotImplementedError

    def renamed(self, renaming: Renaming) -> Value:
        """The same value with its numbers replaced; numbers that `renaming` does not hold stay."""
        return self

    def _seal(self, ids: tuple[int, ...] = NO_IDS) -> None:
        self.ids = ids
        self._hash = hash((type(self).__name__, self._content()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is type(self) and other._hash == self._hash and other._content() == self._content()
        )


Abstract = Value | Const
"""Any abstract value; `Const` is shared with the intermediate representation."""


def ids_of_all(values: Iterable[Abstract]) -> tuple[int, ...]:
    found = [value.ids for value in values if value.ids]
    if len(found) < 2:
        return found[0] if found else NO_IDS
    return tuple(dict.fromkeys(chain.from_iterable(found)))


@overload
def rename(value: Value, renaming: Renaming) -> Value: ...
@overload
def rename(value: Abstract, renaming: Renaming) -> Abstract: ...
def rename(value: Abstract, renaming: Renaming) -> Abstract:
    """The value with its numbers replaced; numbers that `renaming` does not hold stay."""
    for number in value.ids:
        if renaming.get(number, number) != number:
            assert type(value) is not Const
            return value.renamed(renaming)
    return value


def rename_all(values: tuple[Abstract, ...], renaming: Renaming) -> tuple[Abstract, ...]:
    """Each of the values with its numbers replaced."""
    return tuple([rename(v, renaming) for v in values])


NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)


def depth_of(value: Abstract) -> int:
    """How deep a value nests; 0 for one that holds no others."""
    return value.depth if isinstance(value, (Apply, Sequence, Dictionary)) else 0


# --- references ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Ref(Value):
    """A mutable object in the heap."""

    id: Final[int]

    def __post_init__(self) -> None:
        self._seal((self.id,))

    def _content(self) -> tuple[object, ...]:
        return (self.id,)

    def renamed(self, renaming: Renaming) -> Value:
        return Ref(renaming.get(self.id, self.id))


@dataclass(slots=True, eq=False)
class Answer(Value):
    """The response that an attempt got."""

    attempt: Final[int]

    def __post_init__(self) -> None:
        self._seal((self.attempt,))

    def _content(self) -> tuple[object, ...]:
        return (self.attempt,)

    def renamed(self, renaming: Renaming) -> Value:
        return Answer(renaming.get(self.attempt, self.attempt))


@dataclass(slots=True, eq=False)
class Fault(Value):
    """An exception of an outside class, by its dotted path; with the attempt that failed where it carries one.

    `wrapped` is the exception it was raised for (a retry library's last failure), `origin` the operation that raises it
    where a header is not as the code expects (see `record.Relied`).
    """

    path: Final[str]
    attempt: Final[int | None] = None
    wrapped: Final[Abstract | None] = None
    origin: Final[cst.CSTNode | None] = None

    def __post_init__(self) -> None:
        own = NO_IDS if self.attempt is None else (self.attempt,)
        rest = () if self.wrapped is None else tuple(i for i in self.wrapped.ids if i not in own)
        self._seal(own + rest)

    def _content(self) -> tuple[object, ...]:
        return (self.path, self.attempt, self.wrapped, self.origin)

    def renamed(self, renaming: Renaming) -> Value:
        attempt = None if self.attempt is None else renaming.get(self.attempt, self.attempt)
        wrapped = None if self.wrapped is None else rename(self.wrapped, renaming)
        return Fault(self.path, attempt, wrapped, self.origin)


PartKind = Literal["status", "body", "text", "header", "headers", "reason", "other"]


@dataclass(slots=True, eq=False)
class Part(Value):
    """Something read from an answer: its status, parsed body, body text, a header (by lower-case name), its reason."""

    kind: Final[PartKind]
    attempt: Final[int]
    name: Final[str] = ""

    def __post_init__(self) -> None:
        self._seal((self.attempt,))

    def _content(self) -> tuple[object, ...]:
        return (self.kind, self.attempt, self.name)

    def renamed(self, renaming: Renaming) -> Value:
        return Part(self.kind, renaming.get(self.attempt, self.attempt), self.name)


@dataclass(slots=True, eq=False)
class Among(Value):
    """True exactly where the attempt's outcome is in `mask`: what `.ok`, `== 404` or `in {429, 503}` come to."""

    attempt: Final[int]
    mask: Final[int]

    def __post_init__(self) -> None:
        self._seal((self.attempt,))

    def _content(self) -> tuple[object, ...]:
        return (self.attempt, self.mask)

    def renamed(self, renaming: Renaming) -> Value:
        return Among(renaming.get(self.attempt, self.attempt), self.mask)


# --- known and unknown data ------------------------------------------------------------------------------------------


Certainty = Literal["resolved", "annotated", "assumed"]
"""How it is known what a value is an instance of."""


@dataclass(slots=True, eq=False)
class Symbol(Value):
    """A value about which nothing but its origin is known; equal origins mean equal values.

    `type` is the dotted path of the outside class it is an instance of, where that is known, and `certainty` how.
    """

    origin: Final[tuple[object, ...]]
    type: Final[str | None] = None
    certainty: Final[Certainty] = "resolved"

    def __post_init__(self) -> None:
        self._seal()

    def _content(self) -> tuple[object, ...]:
        return (self.origin, self.type)


@dataclass(slots=True, eq=False)
class Apply(Value):
    """The result of a pure operation on operands of which at least one is not known.

    `operator` is a Python token (`==`, `not`, `in`), `item`, `attribute`, `format`, `call:int`, `method:startswith`.
    """

    operator: Final[str]
    operands: Final[tuple[Abstract, ...]]
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth = 1 + max([depth_of(o) for o in self.operands], default=0)
        self._seal(ids_of_all(self.operands))

    def _content(self) -> tuple[object, ...]:
        return (self.operator, self.operands)

    def renamed(self, renaming: Renaming) -> Value:
        return Apply(self.operator, rename_all(self.operands, renaming))


@dataclass(slots=True, eq=False)
class Sequence(Value):
    """A tuple, list, set or frozenset whose elements are known, as a value (in the heap where it can change)."""

    kind: Final[Literal["tuple", "list", "set", "frozenset"]]
    items: Final[tuple[Abstract, ...]]
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth = 1 + max([depth_of(v) for v in self.items], default=0)
        self._seal(ids_of_all(self.items))

    def _content(self) -> tuple[object, ...]:
        return (self.kind, self.items)

    def renamed(self, renaming: Renaming) -> Value:
        return Sequence(self.kind, rename_all(self.items, renaming))


@dataclass(slots=True, eq=False)
class Dictionary(Value):
    """A dictionary with known keys; `rest` stands for entries that are not known (None: there are none)."""

    items: Final[tuple[tuple[Abstract, Abstract], ...]]
    rest: Final[Abstract | None] = None
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        flat = [part for item in self.items for part in item]
        inner = [depth_of(v) for v in (flat if self.rest is None else [*flat, self.rest])]
        self.depth = 1 + max(inner, default=0)
        self._seal(ids_of_all(flat if self.rest is None else [*flat, self.rest]))

    def _content(self) -> tuple[object, ...]:
        return (self.items, self.rest)

    def renamed(self, renaming: Renaming) -> Value:
        items = tuple([(rename(k, renaming), rename(v, renaming)) for k, v in self.items])
        return Dictionary(items, None if self.rest is None else rename(self.rest, renaming))


@dataclass(slots=True, eq=False)
class Elements(Value):
    """An iterator over `source`; `position` counts elements, or is -1 past the exactly followed ones.

    `source` is a known sequence or range, or anything else whose elements are not known.
    """

    source: Final[Abstract]
    position: Final[int] = 0

    def __post_init__(self) -> None:
        self._seal(self.source.ids)

    def _content(self) -> tuple[object, ...]:
        return (self.source, self.position)

    def renamed(self, renaming: Renaming) -> Value:
        return Elements(rename(self.source, renaming), self.position)


# --- heap objects ----------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Instance(Value):
    """The content of an object in the heap: its class (`Class`, `External`, or None for a closure frame) and fields."""

    cls: Final[Abstract | None]
    fields: Final[tuple[tuple[str, Abstract], ...]] = ()
    opaque: Final[bool] = False
    """Made elsewhere: a field that is not listed is not known, rather than absent."""

    def __post_init__(self) -> None:
        self._seal(ids_of_all(v for _, v in self.fields))

    def _content(self) -> tuple[object, ...]:
        return (self.cls, self.fields, self.opaque)

    def renamed(self, renaming: Renaming) -> Value:
        fields = tuple([(n, rename(v, renaming)) for n, v in self.fields])
        return Instance(self.cls, fields, self.opaque)

    def get(self, name: str) -> Abstract | None:
        return next((v for n, v in self.fields if n == name), None)

    def with_field(self, name: str, value: Abstract) -> Instance:
        fields = dict(self.fields)
        fields[name] = value
        return Instance(self.cls, tuple(sorted(fields.items())), self.opaque)
