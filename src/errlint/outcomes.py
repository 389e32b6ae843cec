"""Sets of request outcomes.

An *outcome* is how one request attempt can end: a status 100-599 (RFC 9110 section 15), or a transport failure:
`connection` (no byte of the request was delivered), `timeout` (sent, and no complete answer in time), `protocol` (the
peer closed, reset or answered unreadably after connecting).

A set of outcomes is one `int`, a bit for each outcome; union, intersection and complement are `|`, `&`, `~`. Masks
written out by the functions here never have bits outside `EVERYTHING`.
"""

from __future__ import annotations

from collections.abc import Iterator

FIRST_STATUS = 100
LAST_STATUS = 599
_STATUS_COUNT = LAST_STATUS - FIRST_STATUS + 1
_TRANSPORT_NAMES = ("timeout", "connection", "protocol")
_TRANSPORT_BITS = {name: 1 << (_STATUS_COUNT + i) for i, name in enumerate(_TRANSPORT_NAMES)}

NOTHING = 0
TIMEOUT = _TRANSPORT_BITS["timeout"]
CONNECTION = _TRANSPORT_BITS["connection"]
PROTOCOL = _TRANSPORT_BITS["protocol"]
TRANSPORT = TIMEOUT | CONNECTION | PROTOCOL


def status(code: int) -> int:
    """The set that holds one status; raises ValueError outside 100-599."""
    if not FIRST_STATUS <= code <= LAST_STATUS:
        raise ValueError(f"{code} is no status: statuses are {FIRST_STATUS}-{LAST_STATUS}")
    return 1 << (code - FIRST_STATUS)


def statuses(first: int, last: int) -> int:
    """The set of the statuses from `first` to `last`, both included; raises ValueError outside 100-599."""
    if last < first:
        raise ValueError(f"{first}-{last} is an empty range")
    status(first)
    return (status(last) << 1) - (1 << (first - FIRST_STATUS))


STATUSES = statuses(FIRST_STATUS, LAST_STATUS)
ANSWERS = statuses(200, LAST_STATUS)
"""The statuses that reach client code: informational ones never do."""
SUCCESSES = statuses(200, 299)
CLIENT_ERRORS = statuses(400, 499)
SERVER_ERRORS = statuses(500, 599)
FAILURES = CLIENT_ERRORS | SERVER_ERRORS | TRANSPORT
EVERYTHING = STATUSES | TRANSPORT


def codes(mask: int) -> Iterator[int]:
    """The statuses in the set, ascending."""
    mask &= STATUSES
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1 + FIRST_STATUS
        mask ^= low


def members(mask: int) -> Iterator[int]:
    """The one-element sets that make up the set, statuses first."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low


def parse(text: str) -> int:
    """Read a set as it is printed: `400-403, 405-499, timeout`.

    `transport` stands for the three transport failures. Raises ValueError with the part that is wrong.
    """
    mask = NOTHING
    for part in (piece.strip() for piece in text.split(",")):
        if part in _TRANSPORT_BITS:
            mask |= _TRANSPORT_BITS[part]
        elif part == "transport":
            mask |= TRANSPORT
        else:
            first, dash, last = part.partition("-")
            if not first.isdecimal() or (dash and not last.isdecimal()):
                raise ValueError(f"{part!r} is neither a status, a range of statuses nor a transport failure")
            mask |= statuses(int(first), int(last)) if dash else status(int(first))
    return mask


def render(mask: int) -> str:
    """Print a set in ranges: `400-403, 405-499, timeout`; the empty set is `nothing`."""
    parts: list[str] = []
    start = previous = 0
    for code in codes(mask):
        if previous and code == previous + 1:
            previous = code
            continue
        if previous:
            parts.append(_span(start, previous))
        start = previous = code
    if previous:
        parts.append(_span(start, previous))
    parts += [name for name, bit in _TRANSPORT_BITS.items() if mask & bit]
    return ", ".join(parts) or "nothing"


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
