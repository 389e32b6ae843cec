"""Statuses that programs treat alike, and what a test of them decides."""

from dataclasses import dataclass

from .draft import Lines


@dataclass(frozen=True)
class Group:
    """Statuses that a program treats alike: single ones, and whole hundreds."""

    codes: tuple[int, ...] = ()
    hundreds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What a test can look at: an expression for the status, and perhaps the response."""

    status: str
    response: str | None = None


@dataclass(frozen=True)
class Role:
    """What a test decides, which gives the names that its text uses."""

    groups: tuple[Group, ...]
    constant: str
    predicate: str
    flag: str


@dataclass(frozen=True)
class Test:
    """A condition, and the statements that must come before it."""

    prelude: Lines
    text: str

    def negated(self) -> str:
        """The opposite condition."""
        simple = self.text.isidentifier() or (self.text.endswith(")") and self.text.count("(") == 1)
        return f"not {self.text}" if simple and " " not in self.text else f"not ({self.text})"


RETRY = Role(
    (
        Group((429,)),
        Group((429, 503)),
        Group((502, 503, 504)),
        Group((429, 500, 502, 503, 504)),
        Group((408, 429, 502, 503, 504)),
        Group((500, 503, 520, 529)),
        Group((), (5,)),
        Group((429,), (5,)),
        Group((408, 429), (5,)),
    ),
    "RETRYABLE",
    "is_transient",
    "retryable",
)
OK = Role(
    (Group((200,)), Group((200, 201)), Group((200, 201, 204)), Group((), (2,)), Group((), (2, 3)), Group((304,), (2,))),
    "SUCCESS",
    "succeeded",
    "fine",
)
SPECIAL = Role(
    (Group((404,)), Group((404, 410)), Group((409,)), Group((401, 403)), Group((400, 422)), Group((404,), (3,))),
    "MISSING",
    "is_missing",
    "missing",
)
