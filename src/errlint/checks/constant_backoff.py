"""ERR104."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _retriers, _ways
from errlint.checks._deciding import deciding
from errlint.checks._loops import counted, loop_around, sleeps
from errlint.checks._places import Places, places_of
from errlint.checks._probes import is_probe
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule
from errlint.model import Edit, Fix

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor


class ConstantBackoff(Rule):
    """Retries after equal waits, where the API asks for growing ones.

    ## What

    A refusal or failure for which the API's documentation asks for backoff is sent again twice or more, and the wait
    between the attempts stays the same. Jitter around an equal wait does not make it grow.

    Not reported is code that waits until a service answers, and reads nothing but the status.

    For code that is bound to no API this is a matter of taste, and reported only where the rule is selected by name or
    code: then it is held against HTTP itself.

    ## Why

    Nobody knows how long an overload lasts. Equal waits are too long for the short ones and keep the pressure up in
    the long ones; waits that double fit both, and a server that throttles may lock out clients that do not slow down.

    ## Example

    ```python
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            response = requests.get(url, timeout=10)
            if response.status_code != 429:
                break
            time.sleep(2)  # expect: ERR104 "429"
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            response = requests.get(url, timeout=10)
            if response.status_code != 429:
                break
            time.sleep(2 * 2**attempt)
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Unsafe, because how long to wait is a decision: the wait doubles from attempt to attempt. In a loop only where that
    is over a short `range`.
    """

    code = "ERR104"
    tier = "contract"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        for turning in _ways.turnings(facts, places):
            steady = outcomes.NOTHING
            if not _is_told(facts, turning):
                continue
            for way in turning.ways:
                if is_probe(facts, way, places):
                    continue
                asked = facts.contract(way.site).advised("backoff", documented=True)
                for outcome in outcomes.members(way.outcomes & asked):
                    retries = way.retries(outcome)
                    if retries is not None and retries.backoff.kind == "constant" and retries.attempts not in (1, 2):
                        steady |= outcome
            if steady:
                yield _report(facts, turning, steady, places)


def _is_told(facts: ModuleFacts, turning: Turning) -> bool:
    """Whether errlint knows what a retrier waits for: not where a callable says it; and that is meant not to grow."""
    for rerun in _retriers.reruns(facts, turning):
        retrier = _retriers.retrier_at(facts.knowledge, rerun.policy.path)
        if retrier is not None and (
            not _retriers.tells_wait(facts.knowledge, retrier.wait, rerun.policy)
            or _retriers.grows(facts.knowledge, retrier.wait, rerun.policy)
        ):
            return False
    return True


def _report(facts: ModuleFacts, turning: Turning, steady: int, places: Places) -> Report:
    api = _ways.bound_to(facts, turning)
    way = next(way for way in turning.ways if way.outcomes & steady)
    who = f"{facts.contract(way.site).title} asks" if api else "servers ask"
    wait = _wait(facts, turning, steady, places)
    return Report(
        f"retries {_ways.readable(steady, turning)} after equal waits: {who} for waits that grow",
        deciding(facts, turning) if wait is None else wait,
        _ways.path(facts, turning, steady, places),
        fix=partial(_fix, facts=facts, turning=turning, wait=wait, places=places),
        api=api,
    )


def _wait(facts: ModuleFacts, turning: Turning, steady: int, places: Places) -> cst.Call | None:
    """The call that waits, where there is but one of them in the loop."""
    loop = loop_around(turning.place, places)
    sites = {way.site.index for way in turning.ways}
    found = {
        id(node): node
        for called, node, mask in sleeps(facts, places)
        if called.site in sites and mask & steady and loop and places.is_within(node, loop)
    }
    return next(iter(found.values())) if len(found) == 1 else None


# --- the fix ----------------------------------------------------------------------------------------------------------

_SHORT = 8
"""Waits that double so many times are still bearable."""


def _fix(editor: Editor, facts: ModuleFacts, turning: Turning, wait: cst.Call | None, places: Places) -> Fix | None:
    found = _retriers.configured(facts, turning)
    edits: tuple[Edit, ...] = ()
    if found is not None:
        edits = _retriers.waiting(editor, facts, found)
    elif wait is not None and len(wait.args) == 1:
        loop = loop_around(wait, places)
        count = None if loop is None else counted(loop)
        if count is None or count.times is None or count.times > _SHORT:
            return None
        power = count.target.value if not count.first else f"({count.target.value} - {count.first})"
        seconds = wait.args[0].value
        text = editor.code(seconds)
        if not isinstance(seconds, (cst.Integer, cst.Float, cst.Name, cst.Attribute)):
            text = f"({text})"
        edits = (editor.replace(seconds, f"{text} * 2**{power}"),)
    return Fix("double the wait from attempt to attempt", "unsafe", edits, turning.outcomes) if edits else None
