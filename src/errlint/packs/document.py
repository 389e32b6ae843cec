"""The TOML file of a client or retrier pack, as it is written; `assembly` makes a `Pack` of it.

What is shared with `schema` is explained there. Paths and names of methods may hold alternations, which the reader
writes out: `requests.api.{get,options}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

from errlint.packs import notation
from errlint.packs.effects import Effect, Form, Raising, Shape
from errlint.packs.notation import NO_OUTCOMES, Outcomes, ParameterName, Path
from errlint.packs.reading import Parser
from errlint.packs.repeating import Retrier
from errlint.packs.schema import Client, Failures, Items
from errlint.packs.signature import Signature, parse_signature
from errlint.packs.transport import Adapter, TransportPolicy
from errlint.packs.values import Value

Paths = NewType("Paths", tuple[Path, ...])
"""One text with alternations, written out."""

Names = NewType("Names", tuple[str, ...])
"""Names of methods, likewise."""

PathList = tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Meanings:
    """What parameters of these names mean wherever a function that sends or describes a request has them."""

    url: ParameterName | None = None
    method: ParameterName | None = None
    identity: tuple[ParameterName, ...] = ()
    headers: tuple[ParameterName, ...] = ()
    timeout: ParameterName | None = None
    raising: Raising | None = None
    answer: Path | None = None
    adapter: Adapter | None = None
    """The policy of requests without further ado (see `Sends.adapter`), where the function has its parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallText:
    """What functions and methods say.

    With `like`, what is not said is as in that function or method; `{name}` in it stands for the own name. With
    `passes_on`, `**kwargs` goes to that function and stands for those of its parameters that have a default. `through`
    names the method of the same object by which a method sends, and which a subclass may replace: it is called with
    the HTTP method and all that this one is given.
    """

    like: str | None = None
    signature: Signature | None = None
    effect: Effect | None = None
    returns: Value | None = None
    form: Form | None = None
    raises: PathList | None = None
    passes_on: Path | None = None
    through: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionText(CallText):
    """A function."""

    path: Paths


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodText(CallText):
    """A method, of a class, an exception or constants."""

    name: Names


@dataclass(frozen=True, slots=True)
class ClassText:
    """A class. `bases` are classes before it in the file, whose records it takes over where it says nothing."""

    path: Paths
    signature: Signature | None = None
    bases: PathList = ()
    attributes: Mapping[str, Value] = field(default_factory=dict)
    method: tuple[MethodText, ...] = ()
    closed: bool = False
    truth: Outcomes | None = None
    enters: Value | None = None
    async_enters: Value | None = None
    iterates: Value | None = None
    items: Items | None = None
    describes: Shape | None = None
    mutable: bool = False
    client: Client | None = None
    part: bool = False
    policy: TransportPolicy | None = None
    adapter: Adapter | None = None
    retrier: str | None = None


@dataclass(frozen=True, slots=True)
class ExceptionText:
    """An exception class. Bases of this pack stand before it in the file; what it does not say is as in the first."""

    path: Paths
    bases: PathList
    outcomes: Outcomes = NO_OUTCOMES
    attributes: Mapping[str, Value] = field(default_factory=dict)
    method: tuple[MethodText, ...] = ()
    signature: Signature | None = None
    response_parameter: ParameterName | None = None


@dataclass(frozen=True, slots=True)
class ConstantsText:
    """`members` maps a number, as text, to its names; `also` adds each name in the other letter case."""

    path: Path
    members: Mapping[str, tuple[str, ...]]
    enum: bool = False
    also: Literal["upper", "lower"] | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    method: tuple[MethodText, ...] = ()
    missing_item: Path | None = None


@dataclass(frozen=True, slots=True)
class ConstantText:
    """A `schema.ConstantValue`."""

    path: Paths
    value: Value


@dataclass(frozen=True, slots=True)
class PackText:
    """The whole file.

    `exports` maps a module to what is also found in it: paths (`path as name` where it has another name there), and
    `path.*` for all members of a `constants`.
    `modules` maps another name of a module to the module.
    """

    schema: int
    kind: Literal["client", "retrier"]
    name: str
    roots: tuple[str, ...]
    source: str
    packages: Mapping[str, str]
    words: tuple[str, ...]
    also_known_as: tuple[str, ...] = ()
    request: Meanings = field(default_factory=Meanings)
    failures: Failures | None = None
    exports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: Mapping[str, Path] = field(default_factory=dict)
    function: tuple[FunctionText, ...] = ()
    class_: tuple[ClassText, ...] = ()
    exception: tuple[ExceptionText, ...] = ()
    constants: tuple[ConstantsText, ...] = ()
    constant: tuple[ConstantText, ...] = ()
    retrier: tuple[Retrier, ...] = ()


def parsers(rename: Callable[[Path], Path]) -> Mapping[object, Parser]:
    """What a `Reader` needs for this document; each path is passed through `rename`."""

    def path(value: object) -> Path:
        return rename(notation.parse_path(value))

    def paths(value: object) -> tuple[Path, ...]:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no path")
        return tuple(path(choice) for choice in notation.expand(value))

    def path_list(value: object) -> tuple[Path, ...]:
        if not isinstance(value, list):
            raise ValueError(f"an array of paths, not {value!r}")
        return tuple(path for item in value for path in paths(item))

    def names(value: object) -> tuple[str, ...]:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no name")
        return tuple(notation.parse_name(choice) for choice in notation.expand(value))

    return {
        Path: path,
        Paths: paths,
        PathList: path_list,
        Names: names,
        Signature: lambda value: parse_signature(value, path),
    }
