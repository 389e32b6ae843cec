"""Sending requests: which request it is, what may come of it, and whether that repeats one that failed."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from errlint import outcomes
from errlint.flow import described, identity, raising, transport, unfollowed
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built
from errlint.flow.composition import replace_leaves
from errlint.flow.engine import Attach, Engine, Step
from errlint.flow.evaluate import apply_or_unknown
from errlint.flow.functions import circumstances
from errlint.flow.ir import Const
from errlint.flow.record import Read, Retry, Sent
from errlint.flow.relevance import Expected
from errlint.flow.state import DETACHED, Attempt, Pending, State
from errlint.flow.values import NONE, Abstract, Answer, Apply, Certainty, Fault, Instance, Part, Ref, Sequence, Symbol
from errlint.packs import effects, schema, values


def send(
    engine: Engine,
    state: State,
    definition: schema.Function,
    effect: effects.Sends,
    receiver: Abstract | None,
    bound: dict[str, Abstract],
    node: cst.CSTNode,
) -> list[Step]:
    """A request is sent: one way on for the answers and one for each exception of a transport failure."""
    if engine.budget.constructing:
        return [(state, Symbol(("answer", id(node))), False)]
    if state.context == DETACHED:
        raise Attach
    receiver = described.whole(receiver)
    request = identity.describe(engine, state, definition, effect, receiver, bound)
    usual = definition.returns.instance if isinstance(definition.returns, values.Instance) else definition.path
    kind = effect.answer or usual
    certainty = receiver.certainty if isinstance(receiver, Symbol) else "resolved"
    library = (definition.path if effect.answer else kind).partition(".")[0]
    attempt, fact = _begin(engine, state, request, kind, library, certainty, node)
    steps: list[Step] = []
    for mask, exception in transport.ends(engine, state, receiver, definition, bound, fact):
        after = state.copy()
        after.masks[attempt] = mask
        if exception is None:
            given = _given(engine, after, definition, effect, attempt)
            steps += raising.answered(engine, after, effect.raising, receiver, bound, attempt, given, node)
        else:
            steps.append((after, Fault(exception, attempt), True))
    return steps


def send_unknown(
    engine: Engine,
    state: State,
    function: Abstract,
    arguments: Arguments,
    node: cst.CSTNode,
    expected: tuple[Expected, ...],
) -> list[Step]:
    """A call of something unknown, taken for a request that may end in these failures, in those of the transport that
    nobody expects, and else in what is asked for."""
    if engine.budget.constructing:
        return unfollowed.call(engine, state, function, arguments, node)
    if state.context == DETACHED:
        raise Attach
    told = tuple([unfollowed.data(state, value) for value in (function, *arguments.all())])
    request = Built(identity.REQUEST, (("url", Sequence("tuple", told)),))
    library = expected[0].path.partition(".")[0]
    kind = engine.knowledge.responses(library)[0].path
    attempt, _ = _begin(engine, state, request, kind, library, "assumed", node)
    engine.inexact("what something unknown raises is taken from the handlers around it")
    ends = [(failure.path, failure.outcomes) for failure in expected]
    known = outcomes.NOTHING
    for _, mask in ends:
        known |= mask
    steps: list[Step] = []
    for path, mask in (*ends, *[(path, mask & ~known) for path, mask in transport.failures(engine, expected[0].path)]):
        if mask:
            after = state.copy()
            after.masks[attempt] = mask
            steps.append((after, Fault(path, attempt), True))
    state.masks[attempt] = outcomes.ANSWERS & ~known
    return [*unfollowed.call(engine, state, function, arguments, node), *steps]


def _begin(
    engine: Engine, state: State, request: Built, kind: str, library: str, certainty: Certainty, node: cst.CSTNode
) -> tuple[int, Sent]:
    """A new attempt at a request: the last one at its site, and pending from now on."""
    site = engine.sites.at(node, engine.frames[-1].code, kind, certainty, library)
    method, url = request.get("method"), request.get("url") or NONE
    number = engine.token("send", id(node), circumstances(state))
    engine.record.sends = True
    engine.note_sending()
    _repeat(engine, state, request, site.index, number)
    attempt = state.allocate(Attempt(site.index, kind, certainty), outcomes.ANSWERS | outcomes.TRANSPORT)
    _forget_oldest(state, site.index)
    # The last one sent stands last.
    state.last.pop(site.index, None)
    state.last[site.index] = attempt
    state.pending[request] = Pending(attempt, sends=frozenset({number}))
    verb = method.value if type(method) is Const and isinstance(method.value, str) else None
    fact = Sent(site.index, number, verb, plain(url), request.get("json"), request.get("headers"))
    engine.record.note(fact, outcomes.EVERYTHING)
    return attempt, fact


def _given(engine: Engine, state: State, definition: schema.Function, effect: effects.Sends, attempt: int) -> Abstract:
    """What a request gives: the answer, or what the client makes of it."""
    if effect.answer is None:
        return Answer(attempt)
    name = definition.path.rpartition(".")[2]
    made = described.fact(engine, state, definition.returns, Answer(attempt), attempt, name)
    # An object of its own kind: nothing is known of its attributes.
    return apply_or_unknown("made", made)


MOST_PENDING = 2
"""Failed requests of one place that may still be sent again: of more, the oldest count as given up."""


def _forget_oldest(state: State, site: int) -> None:
    same = [r for r, p in state.pending.items() if getattr(state.heap[p.attempt], "site", None) == site]
    for request in same[: max(0, len(same) - MOST_PENDING)]:
        del state.pending[request]


def plain(value: Abstract) -> Abstract:
    """A value without references to attempts, for a record that outlives the state."""
    return replace_leaves(value, lambda leaf: Symbol(("part",)) if isinstance(leaf, (Part, Answer)) else leaf)


def _repeat(engine: Engine, state: State, request: Built, site: int, number: int) -> None:
    """Record a retry where the same request is pending with a failure."""
    previous = state.pending.pop(request, None)
    if previous is None:
        return
    failed = state.masks[previous.attempt] & outcomes.FAILURES
    info = state.heap[previous.attempt]
    assert isinstance(info, Attempt)
    if failed:
        for source in previous.sends:
            fact = Retry(info.site, source, number, site, previous.waits, previous.decisions, state.phantom)
            engine.record.note(fact, failed)


# --- after the answer ------------------------------------------------------------------------------------------------


def attempt_of(value: Abstract | None) -> int | None:
    """The attempt that a value was read from or failed with."""
    if isinstance(value, (Answer, Part, Fault)):
        return value.attempt
    return None


def check_status(
    engine: Engine,
    state: State,
    definition: schema.Function,
    effect: effects.ChecksStatus,
    receiver: Abstract | None,
    node: cst.CSTNode,
) -> list[Step]:
    """`raise_for_status()`: the outcomes part by the client's own range."""
    attempt = attempt_of(receiver)
    result = receiver if definition.returns == "self" and receiver is not None else NONE
    if attempt is None:
        return [(state, result, False)]
    return raising.parted(engine, state, attempt, effect.raises_on, effect.exception, result, node)


def call_headers(
    engine: Engine, state: State, headers: Part, name: str, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A method of an answer's headers."""
    given = arguments.positional
    if name == "get" and given and type(given[0]) is Const and isinstance(given[0].value, str):
        header = given[0].value.lower()
        value = Part("header", headers.attempt, header)
        fallback = given[1] if len(given) > 1 else next((v for _, v in arguments.keywords), NONE)
        info = state.heap[headers.attempt]
        assert isinstance(info, Attempt)
        how: Literal["get", "default"] = "get" if fallback == NONE else "default"
        engine.record.note(Read(node, info.site, "header", header, how), state.masks[headers.attempt])
        if fallback == NONE:
            return [(state, value, False)]
        return [(state, Apply("or-default", (value, fallback)), False)]
    return [(state, apply_or_unknown(f"method:{name}", headers, *given), False)]


def mount(state: State, client: Abstract | None, prefix: Abstract | None, adapter: Abstract | None) -> None:
    """From now on a client uses an adapter for addresses that begin with a prefix."""
    if not isinstance(client, Ref) or prefix is None or adapter is None:
        return
    content = state.heap[client.id]
    if isinstance(content, Instance):
        mounts = content.get(transport.MOUNTS)
        before = mounts.items if isinstance(mounts, Sequence) else ()
        kept = tuple([m for m in before if not (isinstance(m, Sequence) and m.items[0] == prefix)])
        entry = Sequence("tuple", (prefix, adapter))
        state.put(client.id, content.with_field(transport.MOUNTS, Sequence("tuple", (*kept, entry))))
