"""ERR103."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks import _ways
from errlint.checks._deciding import deciding
from errlint.checks._places import Places
from errlint.checks.base import Report, Rule
from errlint.flow.ir import Const
from errlint.flow.record import Called, Mark

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts, Repeated


class ImmediateRetry(Rule):
    """x"""

    code = "ERR103"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        for turning in _ways.turnings(facts, places):
            hot = outcomes.NOTHING
            for way in turning.ways:
                hot |= _immediate(way, facts)
            if hot & ~outcomes.TIMEOUT:
                message = f"retries {outcomes.render(hot)} at once: without a wait the next attempts meet the same failure"
                yield Report(message, deciding(facts, turning), _ways.path(facts, turning, hot, places))


def _immediate(way: Repeated, facts: ModuleFacts) -> int:
    """The outcomes that may pass, and are sent again and again without a wait."""
    transient = facts.contract(way.site).advised("backoff", "after-wait") | outcomes.TRANSPORT
    if way.transport is not None:
        return _hot_transport(way) & transient
    mask = outcomes.NOTHING
    for outcome in outcomes.members(way.outcomes & transient):
        retries = way.retries(outcome)
        if retries is not None and retries.backoff.kind == "none" and retries.attempts not in (1, 2):
            mask |= outcome
    return mask & ~_may_wait(way.function, way.site.index)


def _hot_transport(way: Repeated) -> int:
    fact = way.transport
    assert fact is not None
    if not way.outcomes & outcomes.SERVER_ERRORS & ~outcomes.status(503) or fact.attempts == 2:
        return outcomes.NOTHING
    if all(wait == Const(0) for wait in fact.waits):
        return way.outcomes
    return outcomes.NOTHING


def _may_wait(function: FunctionFacts, site: int) -> int:
    """The outcomes after which something is called that may wait, as far as errlint can see."""
    mask = outcomes.NOTHING
    for fact, at in function.record.facts.items():
        if isinstance(fact, Called) and fact.site == site and not fact.followed:
            if function.record.marks.get(id(fact.node), 0) & Mark.STRANGE:
                mask |= at
    return mask
