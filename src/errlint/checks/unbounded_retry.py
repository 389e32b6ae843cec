"""ERR102."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _ways
from errlint.checks._deciding import deciding
from errlint.checks._places import Places
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule
from errlint.flow.ir import Const

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated


class UnboundedRetry(Rule):
    """x"""

    code = "ERR102"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        reported: set[int] = set()
        for turning in _ways.turnings(facts, places):
            endless = outcomes.NOTHING
            for way in turning.ways:
                if not _is_told_when_to_end(way):
                    endless |= _endless(way)
            if not endless:
                continue
            place = _loop(turning, places) or deciding(facts, turning)
            if id(place) not in reported:
                reported.add(id(place))
                message = f"retries {outcomes.render(endless)} for as long as that lasts: nothing bounds the attempts"
                yield Report(message, place, _ways.path(facts, turning, endless, places))


def _endless(way: Repeated) -> int:
    """The outcomes of which nothing ends the repetition while they last."""
    if way.transport is not None and not _is_unlimited(way):
        return outcomes.NOTHING
    mask = outcomes.NOTHING
    for outcome in outcomes.members(way.outcomes):
        retries = way.retries(outcome)
        if retries is not None and retries.attempts == "unbounded":
            mask |= outcome
    return mask


def _is_unlimited(way: Repeated) -> bool:
    """Whether every budget of a transport policy is known to be none."""
    assert way.transport is not None
    given = dict(way.transport.arguments)
    budgets = (budget.parameter for budget in way.transport.policy.budgets if budget.outcomes & way.outcomes)
    return all(given.get(name) == Const(None) for name in budgets)


def _is_told_when_to_end(way: Repeated) -> bool:
    """Whether the server says in the body for how long to go on."""
    return any(word == "body" or word.startswith("member:") for word in way.gates)


def _loop(turning: Turning, places: Places) -> cst.CSTNode | None:
    """What the loop that sends again goes on for."""
    loop = _ways.loop_around(turning.place, places)
    if loop is None:
        return None
    return loop.test if isinstance(loop, cst.While) else loop.iter
