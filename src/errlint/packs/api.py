"""What an API pack can say: the contract that an API's documentation offers to its clients.

These records hold what stands in the file, no more; `errlint.packs.contracts` answers questions by them. A fact that
the documentation does not give is left out, and then what HTTP itself says (the pack `http`) holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

from errlint import outcomes
from errlint.packs.notation import Status

Advice = Literal[
    "never",
    "backoff",
    "after-wait",
    "after-refetch",
    "after-change",
    "new-credentials",
    "other-connection",
    "if-retry-after",
    "not-documented",
]
"""Whether, and when, a refused request may be sent again.

- `never`: the same request will be refused again
- `backoff`: it may succeed later; the waits between the attempts should grow
- `after-wait`: it may succeed later, after a fixed wait where one is given; growing waits are not asked for
- `after-refetch`: read the resource again, and build a new request from what was read
- `after-change`: something else must change first: a lock, a failed dependency
- `new-credentials`: once, with other credentials
- `other-connection`: at once, on another connection
- `if-retry-after`: only where the answer has a Retry-After
- `not-documented`: nothing is said
"""

Presence = Literal["sent", "not-guaranteed", "absent", "not-documented"]
Unit = Literal["seconds", "seconds-or-date", "unix-time", "not-documented"]
Layer = Literal["application", "gateway"]

Statuses = NewType("Statuses", int)
"""A set of statuses, written as a number, a class (`5xx`), or as `outcomes.parse` reads them (`400, 402-406`)."""

Pointer = NewType("Pointer", tuple[str, ...])
"""The way to a member of a JSON document, written as a JSON Pointer (RFC 6901): `/error/code`."""


@dataclass(frozen=True, slots=True)
class Match:
    """What binds code to this API without a comment or configuration.

    `credentials` are only those that no other API has: the name of a header, or how the keys begin.
    """

    base_urls: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderId:
    """The request id is in a header of the answer."""

    header: str
    presence: Presence = "sent"


@dataclass(frozen=True, slots=True)
class MemberId:
    """The request id is a member of the error body."""

    pointer: Pointer
    presence: Presence = "sent"


@dataclass(frozen=True, slots=True)
class Errors:
    """The application's own error body.

    `promised`: which errors have this body: all, the documented ones, or none for sure; never the gateway's. `code` is
    stable and for programs, `text` is for people and may change, `links` are pages for people, `status` repeats the
    status and decides nothing.
    """

    promised: Literal["all", "documented", "none"] = "documented"
    media_type: str = "application/json"
    code: Pointer | None = None
    code_is_uri: bool = False
    """An identifier in the form of a URI: not an address to fetch."""
    text: tuple[Pointer, ...] = ()
    status: Pointer | None = None
    details: Pointer | None = None
    links: tuple[Pointer, ...] = ()
    null: tuple[Pointer, ...] = ()
    """Members that are there, and null."""
    request_id: HeaderId | MemberId | None = None
    in_success: Pointer | None = None
    """Where even a 2xx body may hold an error."""
    every_status: bool = False
    """The documentation says that it lists every status of an error."""
    every_code: bool = False


@dataclass(frozen=True, slots=True)
class GatewayBody:
    text: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Gateway:
    """Answers that are given before, or instead of, the application: their body is another, and not promised."""

    statuses: tuple[Status, ...]
    body: GatewayBody = field(default_factory=GatewayBody)
    request_id: Presence = "not-documented"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is documented about the answers with one status, or several. Of nested sets the narrowest holds."""

    code: Statuses
    meaning: str = ""
    layer: Layer | None = None
    """Left out: as `gateway.statuses` says."""
    retry: Advice = "not-documented"
    wait: int | None = None
    """Seconds, where `retry` is `after-wait` and the documentation gives a time."""
    retry_after: Presence = "not-documented"
    retry_after_unit: Unit = "not-documented"
    codes: Mapping[str, Advice] = field(default_factory=dict)
    """The machine-readable codes that come with the status, and the advice for each."""
    proves_absence: bool | None = None
    """The resource does not exist, for sure and for good."""
    names_field: bool = False
    """The text says which field of the request is wrong: worth passing on."""
    text: tuple[Pointer, ...] = ()
    """The members with text, where this status has others than the body described above."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Other headers of the answer that are documented with their value."""


@dataclass(frozen=True, slots=True)
class RateLimitHeader:
    header: str
    tells: Literal["limit", "remaining", "reset"]
    unit: Unit = "not-documented"
    """Of a reset: a time, or how long it is until then."""
    on: Statuses = Statuses(outcomes.ANSWERS)
    presence: Presence = "not-guaranteed"


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a write must repeat of the state that it was computed from: one of these headers or members of the body."""

    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    members: tuple[Pointer, ...] = ()
    missing: Statuses = Statuses(outcomes.NOTHING)
    """The status of a write without any of them; nothing: not documented to be refused."""
    stale: Statuses = Statuses(outcomes.NOTHING)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Each distinct request has a key of its own, which repeated attempts of it share.

    `reused` answers a key that came with another body before. `header` None: where the key goes is not documented.
    """

    reused: Statuses
    header: str | None = None


@dataclass(frozen=True, slots=True)
class Requests:
    """What the API asks of requests."""

    content_type: str | None = None
    idempotent_methods: tuple[str, ...] = ()
    opaque_cursor: bool = False
    """A pagination cursor is sent back as it was received, and never made up."""
    precondition: Precondition | None = None
    idempotency_key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that requests carry: `header: scheme prefix...`."""

    header: str
    scheme: str = ""
    prefix: str = ""
    purpose: str = ""
    """The endpoints that it is for, where they differ."""
    refused: str | None = None
    """The error code where it is sent to other endpoints."""
    strict_whitespace: bool = False
    """A stray blank or line break in the value is documented to be refused."""


@dataclass(frozen=True, slots=True)
class ApiPack:
    """One file of `rules/apis`, or one that a user brings."""

    schema: int
    kind: Literal["api"]
    name: str
    source: str
    title: str = ""
    """The API's own name for itself, for messages; left out: `name`."""
    match: Match = field(default_factory=Match)
    errors: Errors = field(default_factory=Errors)
    gateway: Gateway | None = None
    requests: Requests = field(default_factory=Requests)
    credential: tuple[Credential, ...] = ()
    status: tuple[Answer, ...] = ()
    rate_limit: tuple[RateLimitHeader, ...] = ()


def parse_statuses(value: object) -> Statuses:
    """Read a set of statuses; raises ValueError that says what is wrong."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Statuses(outcomes.status(value))
    if not isinstance(value, str):
        raise ValueError('neither a status, nor text such as "5xx" or "400, 402-406"')
    mask = outcomes.parse(", ".join(_spelled_out(part.strip()) for part in value.split(",")))
    if mask & outcomes.TRANSPORT:
        raise ValueError(f"{value!r} names a transport failure, which no server documents")
    return Statuses(mask)


def _spelled_out(part: str) -> str:
    hundreds, letters = part[:1], part[1:].lower()
    return f"{hundreds}00-{hundreds}99" if hundreds.isdecimal() and letters == "xx" else part


def parse_pointer(value: object) -> Pointer:
    """Read a JSON Pointer; raises ValueError that says what is wrong."""
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError('not a JSON Pointer such as "/error/code"')
    return Pointer(tuple(token.replace("~1", "/").replace("~0", "~") for token in value[1:].split("/")))


def render_pointer(pointer: Pointer) -> str:
    """Print a JSON Pointer as it is written in packs."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in pointer)
