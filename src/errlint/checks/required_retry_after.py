"""ERR201."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks._retry_after import Reliance, reliances
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class RequiredRetryAfter(Rule):
    """x"""

    code = "ERR201"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        for found in reliances(facts, "missing", lambda header: header.presence == "sent"):
            api = facts.api(found.site)
            yield Report(_message(found), found.node, found.request, api=api)


def _message(found: Reliance) -> str:
    return (
        f"raises {found.exception} where the answer has no Retry-After ({outcomes.render(found.outcomes)}): "
        f"{found.contract.title} does not promise it; have a delay of your own for that case"
    )
