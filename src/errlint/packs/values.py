"""What packs say about values: what an attribute holds, what a call returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from errlint.packs.notation import Outcomes, ParameterName, Path
from errlint.packs.repeating import Condition, Stop, Wait

Fact = Literal[
    "none",
    "true",
    "false",
    "unknown",
    "derived",
    "self",
    "response",
    "request",
    "status",
    "reason",
    "text",
    "bytes",
    "data",
    "url",
    "exception",
    "result",
    "failed",
    "attempt-number",
    "date",
]
"""Values without further detail. "The attempt" is the one that the receiver (response, exception, state) carries.

unknown         harmless: no effect, an arbitrary value, possibly another one each time
derived         depends on the receiver and the arguments only: equal for equal ones
self            the receiver
response        the response of the attempt; None where it has none (an exception after a transport failure)
request         the request of the attempt, as an object
status          its status, an int
reason          its reason phrase
text, bytes     its body, or a part of it
data            its body, parsed
url             the address it was sent to
exception       (retry state) what the last run raised, or None
result          (retry state) what the last run returned; raises what it raised
failed          (retry state) whether the last run raised
attempt-number  (retry state) 1 in and after the first run, 2 in the second ...
date            a `datetime` parsed from the argument
"""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of this class, carrying the attempt of the receiver if there is one."""

    instance: Path


@dataclass(frozen=True, slots=True)
class ManyOf:
    """An iterable of such values."""

    each: Value


@dataclass(frozen=True, slots=True)
class Among:
    """A bool: whether the outcome of the attempt is in this set.

    With `argument` the status looked at is that parameter's, not the receiver's. With `perhaps` something else about
    the answer decides too (a `Location` header): outside the set it is False, inside it may be either.
    """

    outcomes: Outcomes
    argument: ParameterName | None = None
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Literally:
    """This value."""

    literally: str | int | float | bool | tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """What was given for this parameter, in the constructor where an attribute says it."""

    argument: ParameterName


@dataclass(frozen=True, slots=True)
class Awaited:
    """What awaiting the argument of this parameter gives; the call awaits it."""

    awaited: ParameterName


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether the argument of this parameter is true; with `negated`, whether it is not."""

    truth: ParameterName
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The time: `epoch` in seconds since 1970, `monotonic` in seconds since some moment, `datetime` as an object."""

    clock: Literal["epoch", "monotonic", "datetime"]


@dataclass(frozen=True, slots=True)
class Random:
    """A value that differs from call to call: a number between two bounds (or parameters), or without bounds."""

    random: tuple[ParameterName | int | float, ...]


@dataclass(frozen=True, slots=True)
class MakesCondition:
    """A condition over the parameters of the function, for a parameter that a `Retrier` condition names."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class MakesStop:
    """Likewise a stop."""

    stop: Stop


@dataclass(frozen=True, slots=True)
class MakesWait:
    """Likewise a wait."""

    wait: Wait


Value = (
    Fact
    | Instance
    | ManyOf
    | Among
    | Literally
    | Argument
    | Awaited
    | Truth
    | Clock
    | Random
    | MakesCondition
    | MakesStop
    | MakesWait
)
