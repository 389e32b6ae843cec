"""The ways in which one request attempt can end, as the judge names them."""

STATUSES = tuple(str(status) for status in range(200, 600))
TRANSPORT = ("timeout", "connection", "protocol")
ALL = STATUSES + TRANSPORT
ORDER = {outcome: index for index, outcome in enumerate(ALL)}

# Answered to every program, whatever its table says. Each stands for a kind of
# status that real code singles out, or for the edge of a range it tests.
FIXED = (
    tuple(
        "200 201 204 299 300 302 304 399 400 401 403 404 405 408 409 410 412 418 422 "
        "425 428 429 451 499 500 501 502 503 504 505 520 529 599".split()
    )
    + TRANSPORT
)


def is_failure(outcome: str) -> bool:
    """Whether an attempt that ended so has failed: an error status, or no answer."""
    return outcome in TRANSPORT or int(outcome) >= 400


def without_body(outcome: str) -> bool:
    """Whether HTTP forbids a body in an answer of this status."""
    return outcome in ("204", "304")


def parse(text: str) -> list[str]:
    """The outcomes that `429, 500-503, timeout` names, in order.

    Raises:
        ValueError: a part is no outcome, or a range runs backwards.
    """
    found = []
    for part in text.split(","):
        part = part.strip()
        if part in ORDER:
            found.append(part)
            continue
        first, dash, last = part.partition("-")
        if not dash or first not in ORDER or last not in ORDER or not int(first) < int(last):
            raise ValueError(f"{part!r} names no outcome")
        found.extend(str(status) for status in range(int(first), int(last) + 1))
    return found


def render(outcomes: list[str]) -> str:
    """Outcomes in order and in ranges, as a table prints them."""
    ordered = sorted(set(outcomes), key=ORDER.__getitem__)
    parts: list[list[str]] = []
    for outcome in ordered:
        adjoins = parts and outcome not in TRANSPORT and ORDER[outcome] == ORDER[parts[-1][-1]] + 1
        if adjoins:
            parts[-1].append(outcome)
        else:
            parts.append([outcome])
    return ", ".join(part[0] if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
