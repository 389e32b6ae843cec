"""What a client or retrier pack can say: functions, classes, exceptions and constants of a library.

Everything is found under its canonical path (`notation.Path`); `Knowledge` leads other public names there. What a pack
does not mention is unknown: nothing may be concluded from its absence, except where a record says it is complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from errlint.packs.effects import Effect, Form, Shape
from errlint.packs.notation import NO_OUTCOMES, Outcomes, ParameterName, Path, parse_path
from errlint.packs.repeating import Retrier
from errlint.packs.signature import Signature
from errlint.packs.transport import Adapter, TransportPolicy
from errlint.packs.values import Value

KEY_ERROR = parse_path("KeyError")


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function, or a method (its path is that of its class and its name).

    `raises` are exceptions, not tied to outcomes, that a call may raise after its effect (parsing a body, say).
    `through` is the method of the same object by which it sends, with the HTTP method first.
    """

    path: Path
    signature: Signature = field(default_factory=Signature)
    effect: Effect | None = None
    returns: Value = "unknown"
    form: Form = "plain"
    raises: tuple[Path, ...] = ()
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """The instances are mappings of strings, read with `[key]`, `.get(key, default)`, `in` as a dict is.

    `missing` is the exception of `[key]` for a key that is not there; None: the value is None, as `gives_none` says.
    """

    missing: Path | None = KEY_ERROR
    ignores_case: bool = False
    gives_none: bool = False

    def __post_init__(self) -> None:
        if self.gives_none:
            object.__setattr__(self, "missing", None)


@dataclass(frozen=True, slots=True)
class Client:
    """The instances send requests. Names are constructor parameters and attributes alike.

    `identity` and `headers` (see `Shape`) are part of the identity of each request of the instance. `hooks` get
    responses and may raise; `raising` says whether requests do (see `Raising`). `adapter` holds the one adapter;
    `adapters` a mapping from URL prefix to adapter; `policy` the policy of requests that have none (see `Sends`).
    """

    base_url: str | None = None
    identity: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    timeout: str | None = None
    raising: str | None = None
    adapter: str | None = None
    adapters: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the library. Calling its path constructs an instance.

    Attributes and methods not mentioned are unknown, unless the class is `closed`: then they raise AttributeError.
    """

    path: Path
    signature: Signature | None = None
    """Of the constructor; None: not constructed by client code, or anyhow."""
    bases: tuple[Path, ...] = ()
    """Classes of this pack whose attributes, methods and records are inherited."""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    methods: Mapping[str, Function] = field(default_factory=dict)
    """Inherited ones included; `__call__` is calling the instance."""
    closed: bool = False
    truth: Outcomes | None = None
    """`bool(instance)` holds for exactly these outcomes of its attempt; None: always."""
    enters: Value | None = None
    """What `with` gives on entering (leaving never swallows); None: no context manager."""
    async_enters: Value | None = None
    iterates: Value | None = None
    """What iterating over an instance gives each time."""
    items: Items | None = None
    describes: Shape | None = None
    """Constructing an instance describes a request."""
    mutable: bool = False
    """What an instance was constructed with may be changed later."""
    client: Client | None = None
    part: bool = False
    """An instance is a part of what it is read from: it sends what that client sends, it tells of that loop's runs."""
    policy: TransportPolicy | None = None
    adapter: Adapter | None = None
    retrier: str | None = None
    """The instances are configured retriers of this name; the constructor has the retrier's parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class ExceptionClass:
    """An exception class. `bases` are canonical, in order; builtins bare.

    `outcomes` are those that an instance raised by the library can stand for; none for errors that are no outcome.
    `attributes` include inherited ones; others do not exist (AttributeError), but for those of every exception.
    `response_parameter` names the constructor's parameter that the attempt is taken from, where the project's own code
    constructs an instance.
    """

    path: Path
    bases: tuple[Path, ...]
    outcomes: Outcomes = NO_OUTCOMES
    attributes: Mapping[str, Value] = field(default_factory=dict)
    methods: Mapping[str, Function] = field(default_factory=dict)
    signature: Signature | None = None
    response_parameter: ParameterName | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Constants:
    """Names that stand for integers: an object (`codes.not_found`, `codes["not_found"]`) or an `enum` class.

    As an `enum`, members are integers that also have `.value`, `.name` and `attributes`; calling the path with a value
    gives the member, ValueError for others. `[name]` works as well, and on an object `.get(name, default)`. An unknown
    attribute raises AttributeError. `methods` are further ones: of the object, or class methods of the enum.
    """

    path: Path
    members: Mapping[str, int]
    enum: bool = False
    attributes: Mapping[str, Value] = field(default_factory=dict)
    """Of a member; the attempt's status is then the member's value."""
    methods: Mapping[str, Function] = field(default_factory=dict)
    missing_item: Path | None = None
    """What `[name]` raises for an unknown name; None: it gives None."""


@dataclass(frozen=True, slots=True, eq=False)
class ConstantValue:
    """A module-level object with a value of its own: `stop_never`."""

    path: Path
    value: Value


Definition = Function | Class | ExceptionClass | Constants | ConstantValue


@dataclass(frozen=True, slots=True)
class Failure:
    """How a transport failure shows: the class that is `typical`, and others that it may also come as."""

    typical: Path
    also: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Failures:
    """How each of the three shows."""

    timeout: Failure
    connection: Failure
    protocol: Failure


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """The knowledge about one library under one root package."""

    name: str
    kind: Literal["client", "retrier"]
    roots: tuple[str, ...]
    """The top-level packages it speaks of; the pack of a clone (`also-known-as`) has another one, in every path too."""
    source: str
    packages: Mapping[str, str]
    """Distribution name -> the versions that the pack holds for."""
    words: tuple[str, ...]
    """A file is worth parsing where one of these byte strings occurs."""
    definitions: Mapping[Path, Definition]
    failures: Failures | None
    retriers: Mapping[str, Retrier]
    exports: Mapping[str, Path]
    """Other public path -> canonical path."""
    modules: Mapping[str, str]
    """Module that is another name of a module -> that module (`requests.packages.urllib3` -> `urllib3`)."""
    foreign: Mapping[Path, str]
    """Path of another library that the pack refers to -> where, for messages."""
