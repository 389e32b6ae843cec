"""The intermediate representation: the small operations that a function consists of.

The lowering turns libcst trees into these records once; everything behind it sees only them. An operand is either a
register (a local variable by its name, a temporary as `%3`) or a `Const`. Operations write one register, `target`, and
run in order, in the blocks of a graph (see `control`).

`node` is the libcst node an operation comes from; only what is reported asks for its position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, final

import libcst as cst

if TYPE_CHECKING:
    from errlint.flow.code import ClassDefinition, Code


@final
@dataclass(slots=True, eq=False)
class Const:
    """A scalar literal; `1`, `1.0` and `True` are three different constants."""

    value: Final[object]
    ids: ClassVar[tuple[int, ...]] = ()
    """It mentions no objects (see `values.Value`)."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Const and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


Operand = str | Const


@dataclass(frozen=True, slots=True)
class Op:
    """Common to all operations and terminators."""

    node: cst.CSTNode


@dataclass(frozen=True, slots=True)
class Move(Op):
    target: str
    value: Operand


@dataclass(frozen=True, slots=True)
class LoadGlobal(Op):
    """A name of the module or a builtin."""

    target: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadName(Op):
    """A name that the class body binds, read in an expression of that body (of `code.owner`)."""

    target: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadCell(Op):
    """A variable shared between a function and the functions nested in it.

    `depth` 0 is this function's own frame, 1 that of the function around it, and so on (classes do not count).
    """

    target: str
    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class StoreCell(Op):
    depth: int
    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class GetAttr(Op):
    target: str
    object: Operand
    name: str


@dataclass(frozen=True, slots=True)
class GetItem(Op):
    target: str
    object: Operand
    index: Operand


@dataclass(frozen=True, slots=True)
class Unary(Op):
    target: str
    operator: Literal["not", "-", "+", "~"]
    operand: Operand


@dataclass(frozen=True, slots=True)
class Binary(Op):
    """`operator` is the Python token: `+`, `//`, `**`, `|` ...; `in_place` for augmented assignment."""

    target: str
    operator: str
    left: Operand
    right: Operand
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Compare(Op):
    """One comparison (chains are lowered to branches): `==`, `<`, `in`, `not in`, `is`, `is not` ..."""

    target: str
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a display: `key` for dictionaries; `starred` for `*value` and `**value`."""

    value: Operand
    key: Operand | None = None
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Build(Op):
    target: str
    kind: Literal["tuple", "list", "set", "dict"]
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Append(Op):
    """A comprehension adds `value` (under `key` for a dictionary) to the collection it builds."""

    collection: str
    value: Operand
    key: Operand | None = None


@dataclass(frozen=True, slots=True)
class FormatPart:
    """A replacement field of an f-string: `{value!conversion:spec}`."""

    value: Operand
    conversion: str | None = None
    spec: Operand | None = None


@dataclass(frozen=True, slots=True)
class Format(Op):
    """An f-string: literal text and replacement fields in order."""

    target: str
    parts: tuple[str | FormatPart, ...]


@dataclass(frozen=True, slots=True)
class MakeSlice(Op):
    target: str
    lower: Operand
    upper: Operand
    step: Operand


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: positional, `name=value`, `*value` (star 1) or `**value` (star 2)."""

    value: Operand
    name: str | None = None
    star: Literal[0, 1, 2] = 0


@dataclass(frozen=True, slots=True)
class Call(Op):
    target: str
    function: Operand
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Await(Op):
    target: str
    value: Operand


@dataclass(frozen=True, slots=True)
class SetAttr(Op):
    object: Operand
    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class SetItem(Op):
    object: Operand
    index: Operand
    value: Operand


@dataclass(frozen=True, slots=True)
class StoreGlobal(Op):
    """Assignment to a name that the function declares `global` (or, in the module body, to any name)."""

    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class Delete(Op):
    """`del name`; also the end of an `except ... as name` clause, where the name may be unbound already."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteCell(Op):
    """The same for a shared variable."""

    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class DeleteGlobal(Op):
    """The same for a name of the module."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteItem(Op):
    """`del object[index]`, or `del object.name` where `index` is a `Const` of the name and `attribute` is set."""

    object: Operand
    index: Operand
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class MakeFunction(Op):
    """A `def` or `lambda` is reached: `defaults` are the values of the parameters that have one."""

    target: str
    code: Code
    defaults: tuple[tuple[str, Operand], ...]


@dataclass(frozen=True, slots=True)
class MakeClass(Op):
    """A `class` statement is reached; its body is read lazily from `definition`."""

    target: str
    definition: ClassDefinition
    bases: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Import(Op):
    """`import a.b` (attribute None; the target gets `a`, or `a.b` where `whole`), `from ..a import b` (level 2)."""

    target: str
    module: str
    level: int = 0
    attribute: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Opaque(Op):
    """What these records cannot express (a template string, a type alias): some value, made of `operands`."""

    target: str
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class GetIter(Op):
    target: str
    iterable: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Unpack(Op):
    """`a, *b, c = value`: `starred` is the index in `targets` that takes the rest, or None."""

    targets: tuple[str, ...]
    value: Operand
    starred: int | None = None


@dataclass(frozen=True, slots=True)
class Enter(Op):
    """Enter a context manager; `target` gets what `as` would be bound to."""

    target: str
    manager: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Exit(Op):
    """Leave a context manager; `target` is true where it swallows `exception` (None: left without one)."""

    target: str
    manager: Operand
    exception: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class MatchSequence(Op):
    """Is `subject` a sequence of `length` elements (at least, where `at_least`)? For `case [a, *rest]`."""

    target: str
    subject: Operand
    length: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class MatchKeys(Op):
    """Is `subject` a mapping with these keys? For `case {"code": x}`."""

    target: str
    subject: Operand
    keys: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class MatchClass(Op):
    """Is `subject` an instance of `type`, with all these attributes? For `case HTTPError(response=r)`.

    `positional` is the number of positional patterns; each is then read by a `MatchPositional`.
    """

    target: str
    subject: Operand
    type: Operand
    attributes: tuple[str, ...] = ()
    positional: int = 0


@dataclass(frozen=True, slots=True)
class MatchPositional(Op):
    """The part of `subject` that positional pattern `index` of a class pattern looks at, by `type.__match_args__`.

    For `int`, `str` and the other builtins that match so, the part 0 is the subject itself.
    """

    target: str
    subject: Operand
    type: Operand
    index: int
