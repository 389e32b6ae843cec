"""What packs say about repetition: when something is run again, when it stops, how long it waits, how it ends.

These records describe; nothing here runs. An `Operand` is a literal or, as a string, the name of the parameter (of the
signature that the record belongs to) whose argument is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from errlint.packs.notation import ParameterName, Path
from errlint.packs.signature import Signature

Operand = ParameterName | int | float | bool
"""A string names a parameter; anything else is the value itself."""

Types = ParameterName | tuple[Path, ...]
"""Exception classes: a string names the parameter that holds a class or a tuple of them; a tuple lists them."""


# --- conditions: does this end of a call lead to another run? ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raised:
    """The call raised an instance of one of these classes."""

    raised: Types


@dataclass(frozen=True, slots=True)
class Caused:
    """The call raised, and `__cause__`, or that one's cause and so on, is an instance of one of these classes."""

    caused: Types


@dataclass(frozen=True, slots=True)
class ExceptionCheck:
    """The call raised, and the callable in this parameter is true of the exception.

    `otherwise` is the answer where no callable is given; None: it is not known.
    """

    exception_check: ParameterName
    otherwise: bool | None = None


@dataclass(frozen=True, slots=True)
class ResultCheck:
    """The call returned, and the callable in this parameter is true of the result."""

    result_check: ParameterName


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds. A string is a parameter that holds such things (`*retries`: each of them)."""

    all: ParameterName | tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds; a string as in `AllOf`."""

    any: ParameterName | tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    not_: Condition


@dataclass(frozen=True, slots=True)
class GivenCondition:
    """What the argument of this parameter is: a condition, or a callable that gets the retry state and answers."""

    given: ParameterName


Condition = (
    Literal["always", "never", "opaque"]
    | Raised
    | Caused
    | ExceptionCheck
    | ResultCheck
    | AllOf
    | AnyOf
    | Not
    | GivenCondition
)
"""`opaque`: decided by something that errlint does not follow (text of a message).

`|` between two conditions is `AnyOf`, `&` is `AllOf`, whatever the library; the same for stops. `+` of waits is `Sum`.
"""


# --- stops ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AfterAttempts:
    """Not run again once this many runs have been made, the first included."""

    attempts: Operand


@dataclass(frozen=True, slots=True)
class AfterDelay:
    """Not run again once this many seconds (or a timedelta) have passed since the first run began."""

    seconds: Operand


@dataclass(frozen=True, slots=True)
class AllStops:
    """Stops when every part does; a string is a parameter that holds them."""

    all: ParameterName | tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class AnyStop:
    """Stops when some part does; a string as in `AllStops`."""

    any: ParameterName | tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class GivenStop:
    """What the argument of this parameter is: a stop, or a callable that gets the retry state and answers."""

    given: ParameterName


Stop = Literal["never", "opaque"] | AfterAttempts | AfterDelay | AllStops | AnyStop | GivenStop


# --- waits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """Always this long, in seconds."""

    constant: Operand


@dataclass(frozen=True, slots=True)
class Uniform:
    """Drawn evenly between two bounds, in seconds."""

    uniform: tuple[Operand, Operand]


@dataclass(frozen=True, slots=True)
class Linear:
    """`start + increment * (k - 1)` seconds after run number `k`, never above `maximum`."""

    linear: Operand
    increment: Operand
    maximum: Operand | None = None


@dataclass(frozen=True, slots=True)
class Exponential:
    """`exponential * times * base ** (k + offset)` seconds after run number `k`, between `minimum` and `maximum`.

    `immediate`: after so many first runs there is no wait at all. `jitter`: a random share up to this many seconds is
    added before the bounds apply. `full_jitter`: the wait is drawn evenly between `minimum` and the value instead.
    `spread`: a random share up to `spread * base ** (k + offset)` seconds is added or taken away before that.
    """

    exponential: Operand
    times: Operand = 1
    base: Operand = 2
    offset: int = -1
    minimum: Operand | None = None
    maximum: Operand | None = None
    jitter: Operand | None = None
    full_jitter: bool = False
    immediate: int = 0
    spread: Operand | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The first part after the first run, the second after the second ..., the last one from then on."""

    chain: ParameterName | tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """All parts one after another; a string is a parameter that holds them."""

    sum: ParameterName | tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Fibonacci:
    """So many seconds after the first and the second run, then the sum of the two waits before; at most `maximum`."""

    fibonacci: Operand
    maximum: Operand | None = None


@dataclass(frozen=True, slots=True)
class ComputedWait:
    """What the callable in this parameter answers for what the run raised (or returned), in seconds."""

    from_exception: ParameterName


@dataclass(frozen=True, slots=True)
class GivenWait:
    """What the argument of this parameter is: a wait, None or 0 (no wait), or a callable that gets the retry state.

    It may also be a function that makes a wait, not called yet: it gets those of the retrier's arguments that it has
    parameters for.
    """

    given: ParameterName


@dataclass(frozen=True, slots=True)
class Jittered:
    """What the function in the parameter `by` makes of a wait, which it gets as its argument; None leaves it alone."""

    jittered: Wait
    by: ParameterName


Wait = (
    Literal["none", "opaque"]
    | Constant
    | Uniform
    | Linear
    | Exponential
    | Fibonacci
    | Chain
    | Sum
    | ComputedWait
    | GivenWait
    | Jittered
)


# --- retriers: what runs a function again -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """How it ends when the condition asks for another run and the stop forbids it.

    In this order: where the parameter `callback` holds a callable, its answer is returned (it gets the retry state).
    Where `reraise` is true and the last run raised, that exception is raised. Where `result` is "none", None is
    returned; where it is "last" and the last run returned, its result. Otherwise an `error` is raised, the last
    exception as its `__cause__`.
    """

    error: ParameterName | None = None
    """The parameter that holds the class to raise (its default says which)."""
    reraise: Operand = False
    callback: ParameterName | None = None
    result: Literal["error", "last", "none"] = "error"


@dataclass(frozen=True, slots=True, eq=False)
class Retrier:
    """One way to configure repetition; decorators, objects and methods refer to it by `name`.

    An end for which `condition` does not hold leaves as it is: the result is returned, the exception raised.
    """

    name: str
    signature: Signature
    condition: Condition
    stop: Stop
    wait: Wait
    exhausted: Exhaustion
    gives_up: Condition = "never"
    """Ends that the condition would run again, and that are treated as if the stop forbade it."""
    always: tuple[Path, ...] = ()
    """Exceptions that lead to another run whatever the condition says (the stop still applies)."""
    enabled: ParameterName | None = None
    """The parameter that turns repetition off when it is false."""
    sleep: ParameterName | None = None
    """The parameter with the function that waits; where one is given that is not known to, the waits are unknown."""
    callbacks: tuple[ParameterName, ...] = ()
    """Parameters whose callables get the retry state at every turn and whose answers are ignored."""
    state: Path | None = None
    """The class of the retry state that callables get."""
    attempt: Path | None = None
    """The class of what iterating gives: a context manager that keeps the exception of its block to itself."""
    decorated: tuple[str, ...] = ()
    """Attributes of a decorated function that are called like `copy` and give the function with another setting."""
