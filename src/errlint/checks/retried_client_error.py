"""ERR101."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _guards, _literals, _ways
from errlint.checks._deciding import deciding
from errlint.checks._places import Places, places_of
from errlint.checks._probes import DeviceFlows, is_probe
from errlint.checks._renewing import renews_credentials
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule
from errlint.model import Fix

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated
    from errlint.packs.contracts import Contract
    from errlint.syntax.edits import Editor

_CONFLICTS = outcomes.status(409) | outcomes.status(412) | outcomes.status(428)
"""Another rule's: the request must be built anew from what is read again."""
_MAY_PASS = outcomes.parse("401, 403-405, 407, 418")
"""Retried on purpose where code names just these: throttles that answer 403, reads that come before the write, another
method that is tried first; 418 has no meaning of its own (RFC 9110 §15.5.19)."""


class RetriedClientError(Rule):
    """A refusal that is sent again.

    ## What

    The server refuses a request for what it is, with a 400, 403, 404, 422 or another status in the 400s, and the same
    request goes out again. Most often nobody meant it: `raise_for_status()` stands in a `try` whose handler retries,
    and turns every refusal into one more transport failure.

    Not reported by themselves are 408, 425 and 429, which pass; 409, 412 and 428 (blind-conflict-retry); what is sent
    again with new credentials; a refusal that is told from others by a header or a code in the body, such as a 403 with
    `X-RateLimit-Remaining: 0`; one status that the code names by itself, such as the 404 of a read that comes before
    the write; and code that waits until a service answers, and reads nothing but the status. For code that is bound to
    an API its documentation decides.

    ## Why

    The same request will be refused again (RFC 9110, section 15.5), as often as it is sent: the caller waits through
    every attempt for an error that was there at once, and the server works through requests that cannot succeed.

    ## Example

    ```python
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            try:
                response = requests.get(url, timeout=10)
                response.raise_for_status()
                return response.json()
            except requests.HTTPError as error:  # expect: ERR101 "retries 400-407, 409-424, 426-428, 430-499"
                if attempt == 4:
                    raise
                time.sleep(2**attempt)
    ```

    ## Use instead

    ```python
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            try:
                response = requests.get(url, timeout=10)
                response.raise_for_status()
                return response.json()
            except requests.HTTPError as error:
                if 400 <= error.response.status_code < 500 and error.response.status_code not in {408, 425, 429}:
                    raise
                if attempt == 4:
                    raise
                time.sleep(2**attempt)
    ```

    ## Fix

    In a handler: raises again, before anything else is done, what the server refused for good. Safe where that is how
    it ends without the fix, after all attempts; otherwise callers meet another exception, and the fix is unsafe. Where
    the function gives a result after the last attempt, the loop is left instead, for the same result sooner; unsafe,
    since that may depend on the attempts. Where the handler lists the statuses that it retries, the list is narrowed.

    In a test against a literal set: takes the statuses out of it, so that they go the way of those that were never in
    it. Safe; for the statuses of a transport policy unsafe, because the response is then returned and no error raised.
    """

    code = "ERR101"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        device_flows = DeviceFlows()
        for turning in _ways.turnings(facts, places):
            refused = outcomes.NOTHING
            for way in turning.ways:
                if not (_ways.has_evidence(way) or _rests_on_truth(way) or is_probe(facts, way, places)):
                    refused |= way.outcomes & _hopeless(facts.contract(way.site))
            if (
                not refused
                or _is_deliberate(facts, turning, refused)
                or renews_credentials(facts, turning, refused, places)
            ):
                continue
            if not any(way in device_flows for way in turning.ways):
                yield _report(facts, turning, refused, places)


def _hopeless(contract: Contract) -> int:
    """The refusals that stand however often the request is sent."""
    never = contract.advised("never") & outcomes.CLIENT_ERRORS & ~_CONFLICTS
    if contract.baseline is not None:
        never |= contract.advised("never", documented=True) & outcomes.SERVER_ERRORS
    return never


def _rests_on_truth(way: Repeated) -> bool:
    """Whether the way turns on the truth of an answer of whose class errlint is not certain."""
    return way.site.certainty == "assumed" and any(
        "status" in d.about and isinstance(d.node, (cst.Name, cst.NamedExpr)) for d in way.trail
    )


def _is_deliberate(facts: ModuleFacts, turning: Turning, refused: int) -> bool:
    """Whether code that is bound to no API names the statuses one by one, and such as may pass, or just one."""
    retried = turning.outcomes & outcomes.CLIENT_ERRORS
    if retried & _ways.UNASSIGNED or any(facts.api(way.site) for way in turning.ways):
        return False
    return not refused & ~_MAY_PASS or (turning.outcomes & outcomes.ANSWERS).bit_count() == 1


# --- the report -------------------------------------------------------------------------------------------------------


def _report(facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> Report:
    way = next(way for way in turning.ways if way.outcomes & refused)
    contract, api = facts.contract(way.site), facts.api(way.site)
    shown = refused
    if refused & _ways.UNASSIGNED:
        shown = turning.outcomes & outcomes.CLIENT_ERRORS & ~contract.advised("backoff", "after-wait")
    exceptions = _ways.caught(facts, turning, refused)
    how = f"{exceptions[0]} reaches the retry; " if exceptions else ""
    whose = f"{contract.title} will refuse the same request again" if api else "the same request will be refused again"
    return Report(
        f"retries {outcomes.render(shown)}: {how}{whose}",
        deciding(facts, turning),
        _ways.path(facts, turning, refused, places),
        fix=_fix(facts, turning, refused, places),
        api=api,
    )


def _fix(facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> Callable[[Editor], Fix | None]:
    if isinstance(turning.place, cst.ExceptHandler):
        return partial(_in_handler, facts=facts, turning=turning, refused=refused, places=places)
    return partial(_narrowed, node=deciding(facts, turning), turning=turning, refused=refused)


def _in_handler(editor: Editor, facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> Fix | None:
    """Where a test in the handler lists what is sent again, that list is what to mend."""
    for way in turning.ways:
        for decision in way.trail:
            if "status" in decision.about and (fix := _narrowed(editor, decision.node, turning, refused)) is not None:
                return fix
    return _guards.guard(editor, facts, turning, refused, places)


def _narrowed(editor: Editor, node: cst.CSTNode, turning: Turning, refused: int) -> Fix | None:
    edits = _literals.without(editor, node, refused)
    if not edits:
        return None
    is_policy = any(way.transport is not None for way in turning.ways)
    return Fix(f"do not retry {outcomes.render(refused)}", "unsafe" if is_policy else "safe", edits, refused)
