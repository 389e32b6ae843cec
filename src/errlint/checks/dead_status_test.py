"""ERR403."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks import _dead_handlers, _falsy_responses, _foregone, _status_types
from errlint.checks._places import Places, places_of
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.checks.base import Place
    from errlint.flow.facts import ModuleFacts

_KINDS = (_falsy_responses.reports, _status_types.reports, _foregone.reports, _dead_handlers.reports)


class DeadStatusTest(Rule):
    """A test for an outcome that can never be true.

    ## What

    A test or a handler for a status is there, and nothing gets through it, whatever the server answers:

    - `if error.response and ...`: a response of requests is false where its status is 400-599. In a handler for
      failures there is no other one, so the test fails for every error. The reverse with libraries whose responses
      are always true: `if not response` finds no failure.
    - `status_code == "429"`, `status_code is 404`, `str(status_code) == 500`: the status is an int, and no shared one.
    - `if response.status_code == 404` where `raise_for_status()`, or an earlier test, has taken the 404 away.
    - `except requests.HTTPError` behind `except requests.RequestException`, or around code that never raises it: the
      client returns error responses unless it is told to raise.

    Where the test is dead only with some arguments, settings or fields, and where errlint does not understand all of
    the function, it says nothing.

    ## Why

    What the test guards was written for a reason: not to retry what was refused, to tell a missing record from an
    outage. It never runs, no error says so, and most tests with mocked responses do not show it.

    ## Example

    ```python
    import requests


    def fetch_user(user_id):
        try:
            response = requests.get(f"https://api.example.com/users/{user_id}", timeout=10)
            response.raise_for_status()
        except requests.HTTPError as error:
            if error.response and error.response.status_code == 404:  # expect: ERR403 "fails for every error"
                return None
            raise
        return response.json()
    ```

    ## Use instead

    ```python
    import requests


    def fetch_user(user_id):
        try:
            response = requests.get(f"https://api.example.com/users/{user_id}", timeout=10)
            response.raise_for_status()
        except requests.HTTPError as error:
            if error.response is not None and error.response.status_code == 404:
                return None
            raise
        return response.json()
    ```

    ## Fix

    Safe: compares the response with None, the status with a number, with `==` in place of `is`. What changes is what
    happens to the statuses that the test asks for: it begins to happen.

    Unsafe, since it is to be decided what was meant: tests the status of a response that is always true, exchanges two
    handlers, calls `raise_for_status()`. A test that something before it has settled is not repaired: it belongs before
    that, or nowhere.
    """

    code = "ERR403"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        found: dict[int, Report] = {}
        for kind in _KINDS:
            for report in kind(facts, places):
                found.setdefault(id(_whole(report.place, places)), report)
        yield from found.values()


def _whole(place: Place, places: Places) -> Place:
    """All of the test that a place is part of: it is dead once."""
    if isinstance(place, cst.CSTNode):
        for outer in places.around(place):
            if not isinstance(outer, (cst.BooleanOperation, cst.UnaryOperation, cst.NamedExpr)):
                break
            place = outer
    return place
