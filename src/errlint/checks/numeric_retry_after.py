"""ERR202."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import places_of
from errlint.checks._retry_after import Reliance, reliances
from errlint.checks._route import route
from errlint.checks.base import Report, Rule
from errlint.model import Edit, Fix, Span

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor

HELPER = "retry_after_seconds"


class NumericRetryAfter(Rule):
    """A number is made of a Retry-After that may be a date.

    ## What

    `int()` or `float()` of the header, where neither a handler takes the ValueError nor a test has told the two forms
    apart before.

    ## Why

    RFC 9110 (section 10.2.3) gives the header two forms: a number of seconds, as in `Retry-After: 120`, and a date, as
    in `Retry-After: Fri, 31 Dec 1999 23:59:59 GMT`. Which one comes is the server's choice, and that of every proxy and
    maintenance page in front of it. Where an API documents seconds, errlint says nothing.

    ## Example

    ```python
    import time

    import requests


    def fetch(url):
        for _ in range(3):
            response = requests.get(url, timeout=5)
            if response.status_code != 503:
                break
            time.sleep(int(response.headers.get("Retry-After", 60)))  # expect: ERR202 "where Retry-After is a date"
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import time
    from email.utils import parsedate_to_datetime

    import requests


    def retry_after_seconds(value):
        \"\"\"The delay that a Retry-After asks for, a number of seconds or a date.\"\"\"
        try:
            return int(value)
        except ValueError:
            return max(0, int(parsedate_to_datetime(value).timestamp() - time.time()))


    def fetch(url):
        for _ in range(3):
            response = requests.get(url, timeout=5)
            if response.status_code != 503:
                break
            time.sleep(retry_after_seconds(response.headers.get("Retry-After", 60)))
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Safe: numbers are read as before, and dates as well. What is neither still raises ValueError.
    """

    code = "ERR202"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        for found in reliances(facts, places, "dated", lambda header: header.unit == "seconds"):
            related = route(facts, places, found.site, found.node)
            fix = partial(_fix, found)
            yield Report(_message(found), found.node, related, fix=fix, api=facts.api(found.site))


def _message(found: Reliance) -> str:
    return (
        f"raises {found.exception} where Retry-After is a date ({outcomes.render(found.outcomes)}), "
        "as in `Fri, 31 Dec 1999 23:59:59 GMT`: read both forms"
    )


def _fix(found: Reliance, editor: Editor) -> Fix | None:
    call = found.node
    if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and len(call.args) == 1):
        return None
    name, edits = _helper(call.func.value, call, editor)
    edits = (editor.replace(call.func, name), *edits)
    return Fix("read seconds and dates", "safe", edits, found.outcomes)


def _helper(number: str, call: cst.Call, editor: Editor) -> tuple[str, tuple[Edit, ...]]:
    """The name of a function that reads both forms, and the edits that define it where it is not there yet."""
    for statement in editor.tree.body:
        if isinstance(statement, cst.FunctionDef) and statement.name.value.startswith(HELPER):
            code = editor.code(statement)
            if f"return {number}(" in code and "parsedate_to_datetime" in code:
                return statement.name.value, ()
    name = editor.free_name(HELPER)
    parse = editor.need_import("email.utils", "parsedate_to_datetime")
    clock = editor.need_import("time")
    left = f"{parse.reference}(value).timestamp() - {clock.reference}.time()"
    lines = (
        f"def {name}(value):",
        '    """The delay that a Retry-After asks for, a number of seconds or a date."""',
        "    try:",
        f"        return {number}(value)",
        "    except ValueError:",
        f"        return max(0, {left})" if number == "float" else f"        return max(0, {number}({left}))",
        "",
        "",
    )
    outer: cst.CSTNode = call
    while (around := editor.parent(outer)) is not None and not isinstance(around, cst.Module):
        outer = around
    return name, tuple(_joined((*clock.edits, *parse.edits, *editor.insert_before(outer, lines))))


def _joined(edits: Iterable[Edit]) -> Iterator[Edit]:
    """The edits, with those that insert at one place made one."""
    contents: dict[Span, str] = {}
    for edit in edits:
        contents[edit.span] = contents.get(edit.span, "") + edit.content
    return (Edit(span, content) for span, content in contents.items())
