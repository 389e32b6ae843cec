"""ERR103."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _retriers, _ways
from errlint.checks._deciding import deciding
from errlint.checks._loops import counted, loop_around
from errlint.checks._places import Places, places_of
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule
from errlint.flow.lower.tree import below
from errlint.flow.record import Called, Mark
from errlint.model import Edit, Fix, Span
from errlint.packs.repeating import Exponential

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts, Repeated
    from errlint.syntax.edits import Editor


_HAVE_WAITED = outcomes.TIMEOUT | outcomes.status(408) | outcomes.status(504)
"""Ends that are a timeout themselves: the client's, the server's (RFC 9110 §15.5.9), the gateway's (§15.6.5)."""


class ImmediateRetry(Rule):
    """Retries without a wait.

    ## What

    A failure that may pass (429, a 5xx, a broken connection) is followed at once by the same request, three times or
    more: a loop that does not sleep, a retry decorator without a wait, a transport policy that retries statuses and
    whose backoff factor is left at 0.

    Not reported are a single second try, retries of timeouts only (they have waited, as a 504 and a 408 have), and code
    that calls something which errlint cannot see into and which may wait.

    ## Why

    All attempts are over within the time that the failure lasts, so that they help nobody. And each of them is load:
    a server that throttles counts them, one that fails under load gets several times as much of it.

    ## Example

    ```python
    import requests


    def fetch(url):
        for attempt in range(5):
            response = requests.get(url, timeout=10)
            if response.status_code < 500:  # expect: ERR103 "retries 500-599 at once"
                break
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import random
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            if attempt > 0:
                time.sleep(2**attempt + random.random())
            response = requests.get(url, timeout=10)
            if response.status_code < 500:
                break
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Unsafe, because how long to wait is a decision: waits that double, with a random part so that many clients do not
    come back together. A loop over a `range` waits before every attempt but the first, a minute at most.
    """

    code = "ERR103"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        for turning in _ways.turnings(facts, places):
            hot = outcomes.NOTHING
            if _goes_by_the_unknown(facts, turning, places):
                continue
            for way in turning.ways:
                hot |= _immediate(facts, way)
            if hot & ~_HAVE_WAITED:
                shown = _ways.readable(hot, turning)
                yield Report(
                    f"retries {shown} at once: what failed has no time to recover; wait between attempts",
                    deciding(facts, turning),
                    _ways.path(facts, turning, hot, places),
                    fix=_fix(facts, turning, places),
                )


# --- waits ------------------------------------------------------------------------------------------------------------


def _immediate(facts: ModuleFacts, way: Repeated) -> int:
    """The outcomes that may pass, and are sent again and again without a wait."""
    transient = facts.contract(way.site).advised("backoff", "after-wait") | outcomes.TRANSPORT
    if way.transport is not None:
        return way.outcomes & transient if _is_hot_policy(way) else outcomes.NOTHING
    if _ways.has_evidence(way):
        # Something in the answer says that it is worth another try, and may say that this is so at once.
        return outcomes.NOTHING
    mask = outcomes.NOTHING
    for outcome in outcomes.members(way.outcomes & transient & ~way.waited):
        retries = way.retries(outcome)
        if retries is not None and retries.attempts not in (1, 2):
            mask |= outcome
    return mask & ~_waited_for(way.function, way.site.index)


def _goes_by_the_unknown(facts: ModuleFacts, turning: Turning, places: Places) -> bool:
    """Whether an iterator that errlint cannot see into gives the turns of the loop: it may wait before each."""
    loop = loop_around(turning.place, places)
    return isinstance(loop, cst.For) and bool(facts.marks(loop.iter) & Mark.STRANGE)


def _is_hot_policy(way: Repeated) -> bool:
    """Whether a transport policy retries statuses for their own sake, more than once, and never waits."""
    resent = way.transport
    assert resent is not None
    listed = way.outcomes & outcomes.SERVER_ERRORS & ~resent.policy.header_statuses
    return bool(listed) and resent.attempts != 2 and not way.waited


def _waited_for(function: FunctionFacts, site: int) -> int:
    """The outcomes after which something is called that may wait, for all that errlint can see."""
    mask = outcomes.NOTHING
    marks = function.record.marks
    for fact, at in function.record.facts.items():
        if isinstance(fact, Called) and fact.site == site and marks.get(id(fact.node), 0) & Mark.STRANGE:
            mask |= at
    return mask


# --- the fix ----------------------------------------------------------------------------------------------------------


def _fix(facts: ModuleFacts, turning: Turning, places: Places) -> Callable[[Editor], Fix | None]:
    if any(way.transport is not None for way in turning.ways):
        return partial(_with_policy, turning=turning)
    if _retriers.configured(facts, turning) is not None:
        return partial(_with_retrier, facts=facts, turning=turning)
    return partial(_with_sleep, turning=turning, places=places)


def _with_policy(editor: Editor, turning: Turning) -> Fix | None:
    wait = next(way.transport.policy.wait for way in turning.ways if way.transport is not None)
    if not isinstance(wait, Exponential) or not isinstance(wait.exponential, str):
        return None
    if not isinstance(turning.place, cst.Call):
        return None
    return _made(turning, _retriers.with_argument(editor, turning.place, wait.exponential, "0.5"))


def _with_retrier(editor: Editor, facts: ModuleFacts, turning: Turning) -> Fix | None:
    found = _retriers.configured(facts, turning)
    return None if found is None else _made(turning, _retriers.waiting(editor, facts, found))


_SHORT = 6
"""Waits that double so many times stay below a minute."""


def _with_sleep(editor: Editor, turning: Turning, places: Places) -> Fix | None:
    loop = loop_around(turning.place, places)
    count = None if loop is None else counted(loop)
    if loop is None or count is None:
        return None
    edits: list[Edit] = []
    name = count.target.value
    if name == "_" and not any(isinstance(node, cst.Name) and node.value == "_" for node in below(loop.body)):
        name = editor.free_name("attempt", loop)
        edits.append(editor.replace(count.target, name))
    around = places.function(loop)
    is_async = isinstance(around, cst.FunctionDef) and around.asynchronous is not None
    clock, chance = editor.need_import("asyncio" if is_async else "time"), editor.need_import("random")
    seconds = f"2**{name}" if count.times is not None and count.times <= _SHORT else f"min(2**{name}, 60)"
    sleep = f"{clock.reference}.sleep({seconds} + {chance.reference}.random())"
    lines = [f"if {name} > {count.first}:", f"    await {sleep}" if is_async else f"    {sleep}"]
    edits += [*_imports(editor, clock.edits, chance.edits), *editor.insert_before(loop.body.body[0], lines)]
    return _made(turning, tuple(edits))


def _imports(editor: Editor, *needed: tuple[Edit, ...]) -> list[Edit]:
    """The edits of several imports; lines that go to one place are put there together, in order."""
    together: dict[Span, list[str]] = {}
    for edit in (edit for edits in needed for edit in edits):
        together.setdefault(edit.span, []).append(edit.content)
    result = []
    for span, contents in together.items():
        lines = [content.strip() for content in contents]
        before, after = contents[0].split(lines[0])
        result.append(Edit(span, before + editor.newline.join(sorted(lines)) + after))
    return result


def _made(turning: Turning, edits: tuple[Edit, ...]) -> Fix | None:
    return Fix("wait between attempts, longer each time", "unsafe", edits, turning.outcomes) if edits else None
