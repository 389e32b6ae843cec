"""ERR104."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks import _ways
from errlint.checks._deciding import deciding
from errlint.checks._places import Places
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class ConstantBackoff(Rule):
    """x"""

    code = "ERR104"
    tier = "contract"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        for turning in _ways.turnings(facts, places):
            steady = outcomes.NOTHING
            for way in turning.ways:
                asked = facts.contract(way.site).advised("backoff", documented=True)
                for outcome in outcomes.members(way.outcomes & asked):
                    retries = way.retries(outcome)
                    if retries is not None and retries.backoff.kind == "constant" and retries.attempts not in (1, 2):
                        steady |= outcome
            if steady:
                message = f"retries {outcomes.render(steady)} after equal waits"
                api = next((a for way in turning.ways if (a := facts.api(way.site))), None)
                yield Report(message, deciding(facts, turning), _ways.path(facts, turning, steady, places), api=api)
