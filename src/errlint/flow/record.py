"""What was noticed while a function ran: facts with the outcomes they hold for, and why something is not exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import libcst as cst

from errlint.flow.callables import Built
from errlint.flow.code import Code
from errlint.flow.decisions import Decision
from errlint.flow.values import Abstract

if TYPE_CHECKING:
    from errlint.packs.transport import TransportPolicy


class Limit(Exception):
    """The function outgrew what the engine follows; nothing is claimed about it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request is sent at a site; `number` names the circumstances (see `Engine.token`)."""

    site: int
    number: int
    method: str | None
    url: Abstract
    body: Abstract | None
    headers: Abstract | None


@dataclass(frozen=True, slots=True)
class Retry:
    """The same request is sent again with a failure pending; the outcomes are the mask of the fact.

    `source` and `target` are numbers of sendings; `phantom` on paths that only a malformed body takes.
    """

    site: int
    source: int
    target: int
    target_site: int
    waits: tuple[Abstract, ...]
    decisions: frozenset[Decision]
    phantom: bool


@dataclass(frozen=True, slots=True)
class Resent:
    """A transport policy sends again, below the client: so many sends in all (None: not known)."""

    site: int
    number: int
    attempts: int | None
    policy: TransportPolicy
    arguments: tuple[tuple[str, Abstract], ...]
    waits: tuple[Abstract, ...]
    header: str | None
    node: cst.CSTNode | None


@dataclass(frozen=True, slots=True)
class Rerun:
    """A retrier with this policy, decided at `node`, runs something again."""

    node: cst.CSTNode
    policy: Built


@dataclass(frozen=True, slots=True)
class Ended:
    """A function returns at `node` while these were the last outcomes at a site."""

    site: int
    node: cst.CSTNode


@dataclass(frozen=True, slots=True)
class Tested:
    """A test of something read from an answer or an exception; `side` None where the test is used as a value."""

    node: cst.CSTNode
    side: bool
    site: int
    about: frozenset[str]
    known: bool
    """Whether the outcomes alone decide it."""


Lookup = Literal["attribute", "item", "get", "default", "in"]
"""How a part of an answer is looked up."""


@dataclass(frozen=True, slots=True)
class Read:
    """A part of an answer is read; `name` is the header or the member's path, `how` the way it is looked up."""

    node: cst.CSTNode
    site: int
    kind: str
    name: str
    how: Lookup


@dataclass(frozen=True, slots=True)
class Converted:
    """A number is made of text from an answer: `int(response.headers["Retry-After"])`."""

    node: cst.CSTNode
    site: int
    function: str
    about: frozenset[str]
    required: bool
    """Without a default: a missing header makes the conversion raise."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """Here an answer becomes an exception of the class at `path`: the client's check of the status, or a `raise`."""

    node: cst.CSTNode
    site: int
    path: str


@dataclass(frozen=True, slots=True)
class Caught:
    """A handler takes an exception of the class at `path`; site -1 where it is not the failure of a request."""

    node: cst.CSTNode
    path: str
    site: int


@dataclass(frozen=True, slots=True)
class Called:
    """A call made while these were the last outcomes at a site; `followed` into the project's own code or not;
    `phantom` on paths that only a malformed body takes."""

    node: cst.CSTNode
    name: str
    site: int
    followed: bool
    phantom: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Something of the program changes while these were the last outcomes at a site.

    `how` is `delete` (an item or attribute goes), `set` (an attribute or item is written) or a container's method.
    """

    node: cst.CSTNode
    how: str
    name: str
    site: int


@dataclass(frozen=True, slots=True)
class Relied:
    """An operation raises `exception` where a header is missing, or holds a date.

    Noted only where no test on the way rules that out; a handler may still take the exception (see `Rescued`).
    """

    node: cst.CSTNode
    site: int
    name: str
    when: Literal["missing", "dated"]
    exception: str


@dataclass(frozen=True, slots=True)
class Rescued:
    """A handler (or `with suppress(...)`) takes the exception that the operation at `origin` may raise: `Relied`."""

    node: cst.CSTNode
    origin: cst.CSTNode
    exception: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Text for people is compared with, or searched for, known `words`.

    `about` is `text`, `reason`, `member:/error/message` or `exception-text`; `exception` the path of the class in the
    latter case, where it is known. `cut`: the text was printed, lower-cased or taken apart before.
    """

    node: cst.CSTNode
    site: int
    about: str
    operator: str
    words: frozenset[str]
    cut: bool
    exception: str


@dataclass(frozen=True, slots=True)
class Foregone:
    """A test of an answer (`what`) or its status that can only go to `side` for the outcomes that reach it.

    `holds` is the set that it would be true for, whatever reaches it.
    """

    node: cst.CSTNode
    site: int
    what: Literal["answer", "status"]
    side: bool
    holds: int


Fact = (
    Sent
    | Retry
    | Resent
    | Rerun
    | Ended
    | Tested
    | Read
    | Converted
    | Thrown
    | Caught
    | Called
    | Changed
    | Relied
    | Rescued
    | Compared
    | Foregone
)


class Mark:
    """What was seen at a node, on any path.

    The sides that a test went to, whether that was decided before any outcome, and whether it asks an answer
    itself for its truth; that a call is made, and may run code that errlint cannot see. Plain numbers: they are set
    with every step.
    """

    TRUE = 1
    FALSE = 2
    FIXED = 4
    CALLED = 8
    STRANGE = 16
    ANSWER = 32
    GUESSED = 64
    """A handler may take what reaches it, or let it pass: its classes are not known."""
    TOLD = 128
    """A call that could not be followed is given an answer, its failure, or a part of them: it may judge."""


COARSE = "values that may depend on an answer were united"
"""A reason for which a table is not exact: what is sent again may be decided by one of them."""


@dataclass(slots=True)
class Record:
    """Facts with their outcomes, and the reasons for which the function is not exactly understood."""

    facts: dict[Fact, int] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    sends: bool = False
    marks: dict[int, int] = field(default_factory=dict)
    """`Mark`s by node identity."""

    def mark(self, node: cst.CSTNode, mark: int) -> None:
        self.marks[id(node)] = self.marks.get(id(node), 0) | mark

    def note(self, fact: Fact, mask: int) -> None:
        self.facts[fact] = self.facts.get(fact, 0) | mask

    def merge(self, other: Record) -> None:
        facts = self.facts
        for fact, mask in other.facts.items():
            facts[fact] = facts.get(fact, 0) | mask
        self.reasons |= other.reasons
        self.sends = self.sends or other.sends
        marks = self.marks
        for node, mark in other.marks.items():
            marks[node] = marks.get(node, 0) | mark


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the code that sends a request."""

    index: int
    node: cst.CSTNode
    code: Code
    client: str
    """The class of its answers."""
    certainty: str
    library: str


class Sites:
    """Numbers the places that send requests, in order of discovery."""

    def __init__(self) -> None:
        self.all: list[Site] = []
        self._by_node: dict[int, Site] = {}

    def at(self, node: cst.CSTNode, code: Code, client: str, certainty: str, library: str = "") -> Site:
        site = self._by_node.get(id(node))
        if site is None:
            site = Site(len(self.all), node, code, client, certainty, library or client.partition(".")[0])
            self.all.append(site)
            self._by_node[id(node)] = site
        return site
