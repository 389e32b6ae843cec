"""ERR101."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _ways
from errlint.checks._places import Places
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated
    from errlint.packs.contracts import Contract

CONFLICTS = outcomes.status(409) | outcomes.status(412) | outcomes.status(428)
"""Another rule's: the request must be built anew from what is read again."""
_NAMED_BY_NOBODY = outcomes.statuses(432, 448) | outcomes.statuses(452, 459) | outcomes.statuses(461, 498)
"""Who retries one of these wrote a range, not a list."""
_MAY_PASS = outcomes.status(401) | outcomes.status(403) | outcomes.status(404) | outcomes.status(407)
"""Retried on purpose where code names just these: throttles that answer 403, reads that come before the write."""


class RetriedClientError(Rule):
    """x"""

    code = "ERR101"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        for turning in _ways.turnings(facts, places):
            refused = outcomes.NOTHING
            for way in turning.ways:
                if not _ways.has_evidence(way) and not _rests_on_truth(way):
                    refused |= way.outcomes & hopeless(facts.contract(way.site))
            if refused and not _is_deliberate(facts, turning, refused):
                yield self._report(facts, turning, refused, places)

    def _report(self, facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> Report:
        way = next(way for way in turning.ways if way.outcomes & refused)
        contract = facts.contract(way.site)
        shown = refused
        if refused & _NAMED_BY_NOBODY:
            shown = turning.outcomes & outcomes.CLIENT_ERRORS & ~contract.advised("backoff", "after-wait")
        exceptions = _ways.caught(facts, turning, refused)
        how = f"{exceptions[0]} reaches the retry; " if exceptions else ""
        who = f"{contract.title} will refuse the same request again" if facts.api(way.site) else (
            "the same request will be refused again"
        )
        message = f"retries {outcomes.render(shown)}: {how}{who}"
        notes = _ways.path(facts, turning, refused, places)
        return Report(message, _ways.narrow(facts, turning), notes, api=facts.api(way.site))


def hopeless(contract: Contract) -> int:
    """The refusals that stand however often the request is sent."""
    never = contract.advised("never") & outcomes.CLIENT_ERRORS & ~CONFLICTS
    if contract.baseline is not None:
        never |= contract.advised("never", documented=True) & outcomes.SERVER_ERRORS
    return never


def _rests_on_truth(way: Repeated) -> bool:
    """Whether the way turns on the truth of an answer of whose class errlint is not certain."""
    return way.site.certainty == "assumed" and any(
        "status" in d.about and isinstance(d.node, (cst.Name, cst.NamedExpr)) for d in way.trail
    )


def _is_deliberate(facts: ModuleFacts, turning: Turning, refused: int) -> bool:
    """Whether code that is bound to no API names the statuses one by one, and such as may pass."""
    retried = turning.outcomes & outcomes.CLIENT_ERRORS
    if retried & _NAMED_BY_NOBODY or any(facts.api(way.site) for way in turning.ways):
        return False
    return not refused & ~_MAY_PASS or turning.outcomes.bit_count() == 1
