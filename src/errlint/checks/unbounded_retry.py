"""ERR102."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _retriers, _ways
from errlint.checks._deciding import deciding
from errlint.checks._loops import Loop, ends_on_state, is_endless, loop_around
from errlint.checks._places import Places, places_of
from errlint.checks._probes import DeviceFlows
from errlint.checks._ways import Turning
from errlint.checks.base import Report, Rule
from errlint.flow.ir import Const
from errlint.flow.lower.tree import below
from errlint.model import Edit, Fix, Span
from errlint.syntax.names import dotted

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated
    from errlint.syntax.edits import Editor

_ATTEMPTS = 5


_LIMIT = re.compile(r"max|limit|attempts|tries|count|time_?out|deadline|until|stop|budget|times", re.IGNORECASE)
"""What parameters are called that may bound the attempts."""


class UnboundedRetry(Rule):
    """Retries that nothing ends.

    ## What

    A failure leads back to the request, and nothing on the way counts attempts, looks at a clock or can be told to
    stop: `while True` around a handler that goes on, a function that calls itself, a retry decorator without a stop.

    Not reported are loops that a success does not leave either (they are meant to run for ever), loops that end on
    something errlint cannot see, loops in which the body of the answer says whether to go on, and a device that asks
    for its token until the server says that its code has expired.

    ## Why

    While the failure lasts the program hangs, sends, and says nothing: to its caller it looks slow, to the server it is
    load that does not go away when the server can carry it least.

    ## Example

    ```python
    import time

    import requests


    def fetch(url):
        while True:  # expect: ERR102 "timeout, connection, protocol"
            try:
                return requests.get(url, timeout=10)
            except requests.RequestException:
                time.sleep(5)
    ```

    ## Use instead

    ```python
    import time

    import requests


    def fetch(url):
        for attempt in range(5):
            try:
                return requests.get(url, timeout=10)
            except requests.RequestException:
                if attempt == 4:
                    raise
                time.sleep(5)
    ```

    ## Fix

    Unsafe, because how often to try is a decision: five attempts, after which the last failure is raised. A retry
    decorator gets its stop, a `while True` becomes a `for` where every way back goes through a handler.
    """

    code = "ERR102"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        device_flows = DeviceFlows()
        loops: dict[int, list[tuple[Turning, int]]] = {}
        for turning in _ways.turnings(facts, places):
            endless = outcomes.NOTHING
            for way in turning.ways:
                if way not in device_flows:
                    endless |= _endless(way)
            loop = _loop(turning, places)
            if endless and not (loop is not None and ends_on_state(loop, places)):
                loops.setdefault(id(loop or turning.place), []).append((turning, endless))
        for found in loops.values():
            yield _report(facts, found, places)


def _loop(turning: Turning, places: Places) -> Loop | None:
    """The loop that goes round again; None where something else does."""
    if any("retrier" in decision.about for way in turning.ways for decision in way.trail):
        return None
    return loop_around(turning.place, places)


# --- what goes on -----------------------------------------------------------------------------------------------------


def _endless(way: Repeated) -> int:
    """The outcomes of which nothing ends the repetition while they last."""
    if any(map(_LIMIT.search, way.function.switches)):  # A limit that callers may set is one.
        return outcomes.NOTHING
    if _is_told_when_to_end(way) or (way.transport is not None and not _is_unlimited(way)):
        return outcomes.NOTHING
    mask = outcomes.NOTHING
    for outcome in outcomes.members(way.outcomes):
        retries = way.retries(outcome)
        if retries is not None and retries.attempts == "unbounded":
            mask |= outcome
    return mask


def _is_told_when_to_end(way: Repeated) -> bool:
    """Whether the server says in the body for how long to go on."""
    return any(word == "body" or word.startswith("member:") for word in way.gates)


def _is_unlimited(way: Repeated) -> bool:
    """Whether every budget of a transport policy is known to be none."""
    assert way.transport is not None
    given = dict(way.transport.arguments)
    budgets = (budget.parameter for budget in way.transport.policy.budgets if budget.outcomes & way.outcomes)
    return all(given.get(name) == Const(None) for name in budgets)


# --- the report -------------------------------------------------------------------------------------------------------


def _report(facts: ModuleFacts, found: list[tuple[Turning, int]], places: Places) -> Report:
    turning, endless = found[0]
    notes = list(_ways.path(facts, turning, endless, places))
    for other, mask in found[1:]:
        endless |= mask
        notes += [note for note in _ways.path(facts, other, mask, places) if note not in notes]
    loop = _loop(turning, places)
    fix = None
    if loop is not None:
        place: cst.CSTNode = loop.test if isinstance(loop, cst.While) else loop.iter
        fix = partial(_bounded_loop, loop=loop, turnings=[turning for turning, _ in found], places=places)
    else:
        place = deciding(facts, turning)
        fix = partial(_bounded_retrier, facts=facts, turning=turning, endless=endless)
        retrier = _retriers.configured(facts, turning)
        place = place if retrier is None else retrier.callee
    return Report(
        f"retries {_ways.readable(endless, turning)} for as long as that lasts: nothing bounds the attempts",
        place,
        tuple(notes),
        fix=fix,
    )


def _bounded_retrier(editor: Editor, facts: ModuleFacts, turning: Turning, endless: int) -> Fix | None:
    found = _retriers.configured(facts, turning)
    edits = _retriers.stopping(editor, facts, found, _ATTEMPTS) if found is not None else ()
    return Fix(f"give up after {_ATTEMPTS} attempts", "unsafe", edits, turning.outcomes) if edits else None


def _bounded_loop(editor: Editor, loop: Loop, turnings: list[Turning], places: Places) -> Fix | None:
    if not isinstance(loop, cst.While) or not is_endless(loop):
        return None
    if _goes_round_elsewhere(loop, [turning.place for turning in turnings], places):
        return None
    name = editor.free_name("attempt", loop)
    start = editor.span(loop).start
    edits = [Edit(Span(start, editor.replace(loop.test, "").span.end), f"for {name} in range({_ATTEMPTS})")]
    again = outcomes.NOTHING
    for turning in turnings:
        handler = turning.place
        if not isinstance(handler, cst.ExceptHandler) or loop_around(handler, places) is not loop:
            return None
        again |= turning.outcomes
        edits += editor.insert_before(_going_on(handler), [f"if {name} == {_ATTEMPTS - 1}:", "    raise"])
    return Fix(f"give up after {_ATTEMPTS} attempts", "unsafe", tuple(edits), again)


def _goes_round_elsewhere(loop: cst.While, known: list[cst.CSTNode], places: Places) -> bool:
    """Whether a loop goes on from elsewhere than these places: there the last attempt would end in nothing."""
    for node in below(loop.body):
        if loop_around(node, places) is not loop or any(places.is_within(node, place) for place in known):
            continue
        if isinstance(node, cst.Continue) or (isinstance(node, cst.ExceptHandler) and not _leaves(node.body)):
            return True
    return False


def _leaves(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return isinstance(small, (cst.Return, cst.Raise, cst.Break))


def _going_on(handler: cst.ExceptHandler) -> cst.CSTNode:
    """The statement of a handler from which on it only waits and goes round again; its first where there is none."""
    for statement in handler.body.body:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Continue) or (isinstance(small, cst.Expr) and _is_sleep(small.value)):
            return statement
    return handler.body.body[0]


def _is_sleep(node: cst.BaseExpression) -> bool:
    call = node.expression if isinstance(node, cst.Await) else node
    return isinstance(call, cst.Call) and dotted(call.func).rpartition(".")[2] == "sleep"
