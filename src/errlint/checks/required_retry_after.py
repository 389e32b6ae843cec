"""ERR201."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import places_of
from errlint.checks._retry_after import Reliance, reliances
from errlint.checks._route import route
from errlint.checks.base import Report, Rule
from errlint.model import Fix

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor

FALLBACK = "60"
_NUMBERS = frozenset({"int", "float"})


class RequiredRetryAfter(Rule):
    """Code that needs a Retry-After, which the server may leave out.

    ## What

    The header is subscripted, or a number is made of `headers.get("Retry-After")`, where nothing says that the answer
    has it: no test of the header comes before, and no handler takes the KeyError, TypeError or ValueError.

    ## Why

    Retry-After is optional. RFC 6585 (section 4) and RFC 9110 (section 15.6.4) say that a 429 and a 503 *may* have it,
    and throttles in front of an application often answer without. The retry that was written for just this moment then
    ends in a KeyError. An API may promise the header; where errlint knows that contract, it says nothing.

    ## Example

    ```python
    import time

    import requests


    def fetch(url):
        for _ in range(3):
            response = requests.get(url, timeout=5)
            if response.status_code != 429:
                break
            try:
                delay = int(response.headers["Retry-After"])  # expect: ERR201 "raises KeyError"
            except ValueError:
                delay = 60
            time.sleep(delay)
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import time

    import requests


    def fetch(url):
        for _ in range(3):
            response = requests.get(url, timeout=5)
            if response.status_code != 429:
                break
            try:
                delay = int(response.headers.get("Retry-After", 60))
            except ValueError:
                delay = 60
            time.sleep(delay)
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Safe: where the header is missing, a minute is waited. Choose a delay that suits the API; one that grows with the
    attempts is better still.
    """

    code = "ERR201"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        for found in reliances(facts, places, "missing", lambda header: header.presence == "sent"):
            related = route(facts, places, found.site, found.node)
            fix = partial(_fix, found)
            yield Report(_message(found), found.node, related, fix=fix, api=facts.api(found.site))


def _message(found: Reliance) -> str:
    never = all(found.contract.retry_after(s).presence == "absent" for s in outcomes.codes(found.outcomes))
    says = "sends none" if never else "does not promise it"
    return (
        f"raises {found.exception} where an answer has no Retry-After ({outcomes.render(found.outcomes)}): "
        f"{found.contract.title} {says}; wait for a time of your own then"
    )


def _fix(found: Reliance, editor: Editor) -> Fix | None:
    node = found.node
    if isinstance(node, cst.Subscript):
        inside = editor.parent(node)
        call = editor.parent(inside) if isinstance(inside, cst.Arg) else None
        number = isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _NUMBERS
        name = editor.code(node.slice[0].slice)
        mark = name[-1] if name[-1] in ("'", '"') else editor.quote
        default = FALLBACK if number else f"{mark}{FALLBACK}{mark}"
        edit = editor.replace(node, f"{editor.code(node.value)}.get({name}, {default})")
    elif isinstance(node, cst.Call) and isinstance(node.args[0].value, cst.Call):
        read = node.args[0].value
        if not (isinstance(read.func, cst.Attribute) and read.func.attr.value == "get" and read.args):
            return None
        edit = editor.replace(read, f"{editor.code(read.func)}({editor.code(read.args[0].value)}, {FALLBACK})")
    else:
        return None
    return Fix(f"wait {FALLBACK} seconds where the header is missing", "safe", (edit,), found.outcomes)
