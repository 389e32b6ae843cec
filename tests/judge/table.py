"""Outcome tables as the analyser claims them, read strictly from its JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .observe import End
from .outcomes import ALL, parse
from .world import Place

DELAYS = ("none", "constant", "linear", "exponential", "server", "other", "unknown")
VALUES = ("response", "data", "none", "true", "false", "constant", "empty", "unknown")
UNKNOWN = "unknown"


class TableError(Exception):
    """A table that breaks the format."""


@dataclass(frozen=True)
class Retry:
    """How an outcome is retried, as claimed."""

    attempts: int | str
    delay: str
    jitter: bool
    header: str | None


@dataclass(frozen=True)
class Claim:
    """One claimed end: a kind of value, or the class of an exception."""

    do: str
    detail: str

    def allows(self, end: End) -> bool:
        """Whether what was seen is an instance of what is claimed."""
        if self.do != end.do:
            return False
        return self.detail in end.detail or (self.do == "return" and self.detail == UNKNOWN)

    def __str__(self) -> str:
        return f"{self.do} {self.detail}"


@dataclass(frozen=True)
class Row:
    """What the function does once a request ended in one of these outcomes."""

    request: int
    when: str
    outcomes: tuple[str, ...]
    retry: Retry | None
    ends: tuple[Claim, ...]

    def allows(self, end: End) -> bool:
        """Whether some claimed end covers what was seen."""
        return any(claim.allows(end) for claim in self.ends)

    def __str__(self) -> str:
        ends = " | ".join(map(str, self.ends)) or "never ends"
        return f"request {self.request}, when {self.when}: retry {self.retry}, {ends}"


@dataclass(frozen=True)
class Table:
    """The outcome table of one function; `requests` are the lines that send."""

    filename: str
    qualname: str
    requests: tuple[Place, ...]
    rows: tuple[Row, ...]
    exact: bool

    def row(self, request: int, outcome: str) -> Row:
        """The one row that holds an outcome of a request."""
        return next(row for row in self.rows if row.request == request and outcome in row.outcomes)


@dataclass(frozen=True)
class Tables:
    """All that one call of the analyser printed."""

    tables: Mapping[tuple[str, str], Table]
    errors: Mapping[str, str]


def parse_tables(text: str) -> Tables:
    """Read the analyser's output.

    Raises:
        TableError: the document as a whole is not one of tables.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise TableError(f"not JSON: {error}") from error
    return read_tables(document)


def read_tables(document: object) -> Tables:
    """Read the tables of a document. A wrong table is an error of its own file only.

    Raises:
        TableError: the document as a whole is not one of tables.
    """
    if not isinstance(document, dict) or document.get("version") != 1:
        raise TableError("not an object of version 1")
    tables: dict[tuple[str, str], Table] = {}
    errors: dict[str, str] = {}
    for function in _list(document, "functions"):
        filename = Path(_take(function, "path", str)).name
        try:
            table = _read_function(function, filename)
        except TableError as error:
            errors[filename] = f"{function.get('qualname')}: {error}"
            continue
        if (filename, table.qualname) in tables:
            errors[filename] = f"{table.qualname}: two tables"
        tables[filename, table.qualname] = table
    return Tables(tables, errors)


def _read_function(function: dict[str, Any], filename: str) -> Table:
    _only(function, "path qualname line end_line requests outcomes exact")
    _take(function, "line", int)
    _take(function, "end_line", int)
    places = []
    for request in _list(function, "requests"):
        _only(request, "path line column client method url api")
        _take(request, "column", int)
        places.append((Path(_take(request, "path", str)).name, _take(request, "line", int)))
    rows = tuple(_read_row(row, len(places)) for row in _list(function, "outcomes"))
    for index in range(len(places)):
        held = sorted(outcome for row in rows if row.request == index for outcome in row.outcomes)
        if held != sorted(ALL):
            twice = {outcome for outcome in held if held.count(outcome) > 1}
            absent = set(ALL) - set(held)
            raise TableError(f"request {index}: twice {sorted(twice)}, absent {sorted(absent)}")
    return Table(filename, _take(function, "qualname", str), tuple(places), rows, _take(function, "exact", bool))


def _read_row(row: dict[str, Any], requests: int) -> Row:
    _only(row, "request when retry ends")
    request = _take(row, "request", int)
    if not 0 <= request < requests:
        raise TableError(f"request {request} of {requests}")
    when = _take(row, "when", str)
    try:
        outcomes = tuple(parse(when))
    except ValueError as error:
        raise TableError(f"when {when!r}: {error}") from error
    retry = row.get("retry")
    ends = tuple(_read_end(end) for end in _list(row, "ends"))
    return Row(request, when, outcomes, None if retry is None else _read_retry(retry), ends)


def _read_retry(retry: dict[str, Any]) -> Retry:
    _only(retry, "attempts delay jitter header")
    attempts = retry["attempts"]
    if attempts not in ("unbounded", UNKNOWN) and (isinstance(attempts, bool) or not isinstance(attempts, int)):
        raise TableError(f"attempts {attempts!r}")
    delay = _take(retry, "delay", str)
    if delay not in DELAYS:
        raise TableError(f"delay {delay!r}")
    header = retry["header"]
    if header is not None and not isinstance(header, str):
        raise TableError(f"header {header!r}")
    return Retry(attempts, delay, _take(retry, "jitter", bool), header)


def _read_end(end: dict[str, Any]) -> Claim:
    do = _take(end, "do", str)
    if do == "return":
        _only(end, "do value")
        value = _take(end, "value", str)
        if value not in VALUES:
            raise TableError(f"value {value!r}")
        return Claim(do, value)
    _only(end, "do exception")
    if do != "raise":
        raise TableError(f"do {do!r}")
    return Claim(do, _take(end, "exception", str))


def _only(record: object, keys: str) -> None:
    if not isinstance(record, dict) or set(record) != set(keys.split()):
        raise TableError(f"expected an object of {keys}, not {record!r}")


def _take(record: dict[str, Any], key: str, kind: type) -> Any:
    value = record.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TableError(f"{key} is {value!r}")
    return value


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    if not isinstance(value, list):
        raise TableError(f"{key} is {value!r}")
    return value
