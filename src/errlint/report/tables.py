"""Outcome tables as text and as JSON."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.flow.table import End, FunctionTable, Request, Retries, Returns
from errlint.report.paint import Paint
from errlint.syntax.positions import Positions

if TYPE_CHECKING:
    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts

_COLUMNS = (("when", 34), ("retries", 34), ("ends", 48))


@dataclass(frozen=True, slots=True)
class LocatedRequest:
    """A request of a table and where it is sent."""

    path: str
    row: int
    column: int
    request: Request


@dataclass(frozen=True, slots=True)
class LocatedTable:
    """A table and where its function is: the row of its `def` and its last."""

    path: str
    row: int
    end_row: int
    requests: tuple[LocatedRequest, ...]
    table: FunctionTable


def locate(facts: ModuleFacts, own: Positions, others: Callable[[ModuleCode], Positions]) -> list[LocatedTable]:
    """The tables of a module in the order of its functions; `own` are the positions of its nodes, `others` gives those
    of other modules."""
    source = own.source
    tables = []
    for table in facts.tables:
        requests = []
        for request in table.requests:
            module = facts.sites[request.site].code.module
            positions = own if module is facts.module else others(module)
            row, column = positions.source.position(positions.span(request.node).start)
            requests.append(LocatedRequest(positions.source.path, row, column, request))
        head = table.node.name if isinstance(table.node, cst.FunctionDef) else table.node
        row = source.position(own.span(head).start)[0]
        end_row = source.position((own.exact(table.node) or own.span(table.node)).end)[0]
        tables.append(LocatedTable(source.path, row, end_row, tuple(requests), table))
    return sorted(tables, key=lambda located: (located.row, located.table.qualname))


def as_text(located: LocatedTable, paint: Paint) -> str:
    """A table for people: a block for each request, a line for each set of outcomes that is treated alike."""
    return "\n".join(_lines(located, paint)) + "\n"


def as_json(tables: Iterable[LocatedTable]) -> str:
    """All tables in the form that the interface promises."""
    return json.dumps({"version": 1, "functions": [_function(located) for located in tables]}, indent=2)


def _lines(located: LocatedTable, paint: Paint) -> Iterator[str]:
    table = located.table
    where = paint(f"{located.path}:{located.row}", "path")
    yield f"{where} {paint(table.qualname, 'code')}{'' if table.exact else '  (not exactly understood)'}"
    for index, request in enumerate(located.requests):
        yield f"  {_request(request, located.path)}"
        yield paint("    " + _cells([[title] for title, _ in _COLUMNS])[0], "line")
        for row in table.rows:
            if row.request == index:
                cells = [
                    _wrap(outcomes.render(row.outcomes), 0),
                    _wrap(_retries(row.retry), 1),
                    [line for end in row.ends or [None] for line in _wrap(_end(end), 2)],
                ]
                yield from ("    " + line for line in _cells(cells))


def _wrap(text: str, column: int) -> list[str]:
    return textwrap.wrap(text, _COLUMNS[column][1], break_long_words=False, break_on_hyphens=False) or [""]


def _cells(cells: list[list[str]]) -> list[str]:
    """Cells side by side, each a list of lines."""
    height = max(map(len, cells))
    filled = [cell + [""] * (height - len(cell)) for cell in cells]
    return [
        "  ".join(line.ljust(width) for line, (_, width) in zip(lines, _COLUMNS, strict=True)).rstrip()
        for lines in zip(*filled, strict=True)
    ]


def _request(located: LocatedRequest, path: str) -> str:
    request = located.request
    where = f"line {located.row}" if located.path == path else f"{located.path}:{located.row}"
    return f"{request.method or 'request'} {request.url or '...'} ({request.client}, {where})"


def _retries(retry: Retries | None) -> str:
    if retry is None:
        return ""
    backoff = retry.backoff
    attempts = f"up to {retry.attempts}" if isinstance(retry.attempts, int) else f"{retry.attempts} attempts"
    delay = "no wait" if backoff.kind == "none" else f"{backoff.kind} wait"
    header = f" ({backoff.header})" if backoff.header else ""
    return ", ".join([attempts, delay + header, *(["jitter"] if backoff.jitter else [])])


def _end(end: End | None) -> str:
    if end is None:
        return "never ends"
    return f"return {end.value}" if isinstance(end, Returns) else f"raise {end.exception}"


def _function(located: LocatedTable) -> dict[str, object]:
    return {
        "path": os.path.abspath(located.path),
        "qualname": located.table.qualname,
        "line": located.row,
        "end_line": located.end_row,
        "requests": [
            {
                "path": os.path.abspath(request.path),
                "line": request.row,
                "column": request.column,
                "client": request.request.client,
                "method": request.request.method,
                "url": request.request.url,
                "api": None,
            }
            for request in located.requests
        ],
        "outcomes": [
            {
                "request": row.request,
                "when": outcomes.render(row.outcomes),
                "retry": _retry_json(row.retry),
                "ends": [_end_json(end) for end in row.ends],
            }
            for row in located.table.rows
        ],
        "exact": located.table.exact,
    }


def _retry_json(retry: Retries | None) -> dict[str, object] | None:
    if retry is None:
        return None
    backoff = retry.backoff
    return {
        "attempts": retry.attempts,
        "delay": backoff.kind,
        "jitter": backoff.jitter,
        "header": backoff.header,
    }


def _end_json(end: End) -> dict[str, str]:
    if isinstance(end, Returns):
        return {"do": "return", "value": end.value}
    return {"do": "raise", "exception": end.exception}
