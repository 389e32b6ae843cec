"""ERR202."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks._retry_after import Reliance, reliances
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class NumericRetryAfter(Rule):
    """x"""

    code = "ERR202"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        for found in reliances(facts, "dated", lambda header: header.unit == "seconds"):
            yield Report(_message(found), found.node, found.request, api=facts.api(found.site))


def _message(found: Reliance) -> str:
    return (
        f"raises {found.exception} where Retry-After is a date ({outcomes.render(found.outcomes)}): it may be one, "
        "as in `Fri, 31 Dec 1999 23:59:59 GMT`; read both forms"
    )
