"""Types of pack values that have a notation of their own; `reading` turns their text into them."""

from __future__ import annotations

import re
from typing import NewType

from errlint import outcomes

Path = NewType("Path", str)
"""A canonical dotted path: `type.__module__ + "." + type.__qualname__` for classes. Builtins stand bare: `OSError`."""

ParameterName = NewType("ParameterName", str)
"""A parameter of the signature beside which it stands (for an attribute: of the constructor)."""

Outcomes = NewType("Outcomes", int)
"""A set of outcomes, written as `outcomes.parse` reads it: `400-403, 405-499, timeout`."""

Status = NewType("Status", int)
"""A status, written as an integer from 100 to 599."""

NO_OUTCOMES = Outcomes(outcomes.NOTHING)

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DOTTED = re.compile(rf"{_NAME}(\.{_NAME})*")
_ALTERNATION = re.compile(r"\{([^{}]*)\}")


def parse_path(text: object) -> Path:
    """Read one dotted path; raises ValueError."""
    if not isinstance(text, str) or not _DOTTED.fullmatch(text):
        raise ValueError(f"{text!r} is no dotted path")
    return Path(text)


def parse_name(text: object) -> ParameterName:
    """Read the name of a parameter; raises ValueError."""
    if not isinstance(text, str) or not text.isidentifier():
        raise ValueError(f"{text!r} is no name of a parameter")
    return ParameterName(text)


def parse_outcomes(text: object) -> Outcomes:
    """Read a set of outcomes; raises ValueError."""
    if not isinstance(text, str):
        raise ValueError(f'a set of outcomes is a string such as "400-499, timeout", not {text!r}')
    return Outcomes(outcomes.parse(text))


def parse_status(value: object) -> Status:
    """Read a status; raises ValueError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"a status is an integer, not {value!r}")
    outcomes.status(value)
    return Status(value)


def expand(text: str) -> tuple[str, ...]:
    """Write out alternations: `a.{b,c}` is `a.b` and `a.c`; several in one text multiply."""
    match = _ALTERNATION.search(text)
    if match is None:
        return (text,)
    before, after = text[: match.start()], text[match.end() :]
    return tuple(
        before + choice + rest for choice in (c.strip() for c in match[1].split(",")) for rest in expand(after)
    )
