"""What packs say about calls: what one does beside giving a value, and how it gives that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from errlint.packs.notation import Outcomes, ParameterName, Path
from errlint.packs.transport import Adapter, Shown


@dataclass(frozen=True, slots=True)
class WithBody:
    """The method of a request that has a body in this parameter, where nothing else names one."""

    parameter: ParameterName
    method: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How arguments describe a request. Parameters that it does not name are no part of the request's identity.

    `method` is the literal method; `method_parameter` the parameter that holds it instead. With `with_body` both may
    be said: the literal holds where the parameter is None and there is no body. `identity` are the
    parameters that the server sees, equal values meaning equal requests; `headers` those that hold headers, compared
    entry by entry: credentials and preconditions count, trace ids and idempotency keys do not. With `prepared` the
    whole request is in that parameter (or in the receiver: "self"), described when it was built; where `url` names the
    parameter too, it may hold a plain address as well. Where neither is said, the function stands for the address.
    """

    method: str | None = None
    method_parameter: ParameterName | None = None
    url: ParameterName | None = None
    identity: tuple[ParameterName, ...] = ()
    headers: tuple[ParameterName, ...] = ()
    prepared: ParameterName | None = None
    with_body: WithBody | None = None


@dataclass(frozen=True, slots=True)
class Raising:
    """Statuses in `raises_on` leave as `exception`, which carries the attempt, and never as a response.

    Those that `particular` names leave as a class of their own, the first that has them.
    With `parameter` that is so only where its argument is true; where it is left out or None, the client's parameter
    `Client.raising` says so. A callable there does as it likes.
    """

    raises_on: Outcomes
    exception: Path
    parameter: ParameterName | None = None
    particular: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Sends:
    """Sends a request; every outcome in `outcomes.ANSWERS | outcomes.TRANSPORT` is possible.

    A status gives the function's `returns`, unless it is `raising`; a transport failure raises what the client's
    `failures` say. With `adapter` the client sends it again by itself; its policy is in a parameter of the function, or
    where that is left out or None, in the client's parameter `Client.policy`. With `answer` the `returns` is made of
    the answer, whose class this is: only exceptions carry it.
    """

    sends: Shape
    timeout: ParameterName | None = None
    raising: Raising | None = None
    adapter: Adapter | None = None
    answer: Path | None = None


@dataclass(frozen=True, slots=True)
class Describes:
    """Builds a request, without sending it: the result goes into a `prepared` parameter later."""

    describes: Shape


@dataclass(frozen=True, slots=True)
class ChecksStatus:
    """Raises `exception`, carrying the attempt and its response, for exactly these outcomes; else `returns`."""

    raises_on: Outcomes
    exception: Path


@dataclass(frozen=True, slots=True)
class Sleeps:
    """Waits as many seconds as this parameter says; `negative` is raised for less than 0 (None: no wait)."""

    sleeps: ParameterName
    negative: Path | None = None


@dataclass(frozen=True, slots=True)
class Mounts:
    """From now on the client uses the adapter in this parameter for addresses that begin with `prefix`.

    The longest prefix that fits wins; letter case does not matter.
    """

    mounts: ParameterName
    prefix: ParameterName


@dataclass(frozen=True, slots=True)
class Repeats:
    """Makes a function repeat itself: the arguments configure the retrier of this name.

    As a decorator `@f(...)`; with `bare` also as `@f`, that is `f(function)`, with every default.
    """

    repeats: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Wraps:
    """(retrier object) Returns the repeating version of the function in this parameter."""

    wraps: ParameterName


@dataclass(frozen=True, slots=True)
class Runs:
    """(retrier object) Calls the function in this parameter, repeating, with the arguments that follow.

    With `by` it is a function that does so: the arguments configure the retrier of that name, and those for the call
    are in the parameters `arguments` (a sequence) and `keywords` (a mapping).
    """

    runs: ParameterName
    by: str | None = None
    arguments: ParameterName | None = None
    keywords: ParameterName | None = None


@dataclass(frozen=True, slots=True)
class Reconfigures:
    """(retrier or policy object) Returns a copy with the parameters of the constructor that are given replaced."""

    reconfigures: Literal["self"]


@dataclass(frozen=True, slots=True)
class SetsResult:
    """(retry state) From now on the last run counts as one that returned what is in this parameter."""

    sets_result: ParameterName


@dataclass(frozen=True, slots=True)
class Reraises:
    """(the error of an exhausted retrier) Never returns: raises what the last run raised, or else itself."""

    reraises: Literal["self"]


@dataclass(frozen=True, slots=True)
class AlwaysRaises:
    """Never returns: raises this class."""

    always_raises: Path


@dataclass(frozen=True, slots=True)
class SetsEntry:
    """(mutable object) Puts an entry into the mapping that the constructor got in the parameter `sets_entry`."""

    sets_entry: str
    key: ParameterName
    value: ParameterName


@dataclass(frozen=True, slots=True)
class Suppresses:
    """A context manager that swallows instances of the classes in this parameter (`*exceptions`: each of them)."""

    suppresses: ParameterName


Effect = (
    Sends
    | Describes
    | ChecksStatus
    | Sleeps
    | Mounts
    | Repeats
    | Wraps
    | Runs
    | Reconfigures
    | SetsResult
    | Reraises
    | AlwaysRaises
    | SetsEntry
    | Suppresses
)

Form = Literal["plain", "awaitable", "context", "async-context", "awaitable-context"]
"""How a call gives its value, which is also when its effect takes place.

plain              when called
awaitable          when awaited
context            on entering it with `with`; (leaving never swallows an exception)
async-context      on entering it with `async with`
awaitable-context  either of awaiting and `async with`
"""
