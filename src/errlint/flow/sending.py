"""Sending requests: which request it is, what may come of it, and whether that repeats one that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import libcst as cst

from errlint import outcomes
from errlint.flow import raising, transport
from errlint.flow.engine import Attach, Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Read, Retry, Sent
from errlint.flow.state import DETACHED, Attempt, Pending, State
from errlint.flow.values import (
    NONE,
    Abstract,
    Answer,
    Apply,
    Built,
    Dictionary,
    External,
    Fault,
    Function,
    Instance,
    Part,
    Ref,
    Sequence,
    Symbol,
    replace_leaves,
)
from errlint.packs import effects, schema, values

if TYPE_CHECKING:
    from errlint.flow.calls import Arguments

REQUEST = "%request"
"""The path of a described request that is sent later."""

_NO_IDENTITY = (
    "idempotency",
    "trace",
    "request-id",
    "requestid",
    "correlation",
    "attempt",
    "retry",
    "date",
    "timestamp",
)
_PLACEHOLDER = Const("*")


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
    from errlint.flow.calls import circumstances

    if engine.budget.constructing:
        return [(state, Symbol(("answer", id(node))), False)]
    if state.context == DETACHED:
        raise Attach
    request = describe(engine, state, definition, effect, receiver, bound)
    kind = definition.returns.instance if isinstance(definition.returns, values.Instance) else definition.path
    code = engine.frames[-1].code
    certainty = receiver.certainty if isinstance(receiver, Symbol) else "resolved"
    site = engine.sites.at(node, code, kind, certainty)
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
    steps: list[Step] = []
    for mask, exception in transport.ends(engine, state, receiver, definition, bound, fact):
        after = state.copy()
        after.masks[attempt] = mask
        if exception is None:
            steps += raising.answered(engine, after, effect.raising, receiver, bound, attempt, node)
        else:
            steps.append((after, Fault(exception, attempt), True))
    return steps


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


# --- identity --------------------------------------------------------------------------------------------------------


def describe(
    engine: Engine,
    state: State,
    definition: schema.Function,
    effect: effects.Sends | effects.Describes,
    receiver: Abstract | None,
    bound: dict[str, Abstract],
) -> Built:
    """What the server is asked: method, URL and the parameters that are part of the request's identity."""
    shape = effect.sends if isinstance(effect, effects.Sends) else effect.describes
    if shape.prepared is not None:
        prepared = receiver if shape.prepared == "self" else bound.get(shape.prepared)
        if isinstance(prepared, Ref):
            prepared = _as_it_stands(engine, state, prepared) or prepared
        if isinstance(prepared, Built):
            return _described(engine, prepared)
        if shape.url is None:
            return Built(REQUEST, (("url", _identity_of(state, prepared or NONE)),))
    parts: dict[str, Abstract] = {"method": _method(shape, bound.get)}
    if shape.url is not None:
        parts["url"] = _identity_of(state, bound.get(shape.url, NONE))
    for name in shape.identity:
        if name in bound:
            parts[name] = _identity_of(state, bound[name])
    for name in shape.headers:
        if name in bound:
            parts["headers"] = _headers_identity(state, bound[name])
    if "**" in bound:
        parts["**"] = _identity_of(state, bound["**"])
    # Of a client that is not known, nothing but the address can tell one request from another.
    if receiver is not None and not (isinstance(receiver, Symbol) and receiver.certainty != "resolved"):
        parts |= _client_identity(engine, state, receiver)
    return Built(REQUEST, tuple(sorted(parts.items())))


def _as_it_stands(engine: Engine, state: State, request: Ref) -> Built | None:
    """What a request object that may change describes now; None for anything else."""
    content = state.heap[request.id]
    path = content.cls.path if isinstance(content, Instance) and isinstance(content.cls, External) else None
    pack = None if path is None else engine.knowledge.type(path)
    if not isinstance(content, Instance) or pack is None or pack.describes is None:
        return None
    headers = pack.describes.headers
    fields = [(n, (_headers_identity if n in headers else _identity_of)(state, v)) for n, v in content.fields]
    return Built(pack.path, tuple(fields))


def _method(shape: effects.Shape, given: Callable[[str], Abstract | None]) -> Abstract:
    """The method of a request; None where it is not known."""
    method = NONE if shape.method_parameter is None else given(shape.method_parameter) or NONE
    if method == NONE and shape.method is not None:
        body = NONE if shape.with_body is None else given(shape.with_body.parameter) or NONE
        if shape.with_body is None or body == NONE:
            method = Const(shape.method)
        elif not isinstance(body, Symbol):
            method = Const(shape.with_body.method)
    return Const(method.value.upper()) if type(method) is Const and isinstance(method.value, str) else method


def _described(engine: Engine, prepared: Built) -> Built:
    if prepared.path == REQUEST:
        return prepared
    pack = engine.knowledge.type(prepared.path)
    shape = None if pack is None else pack.describes
    if shape is None:
        return Built(REQUEST, (("url", prepared),))
    parts: dict[str, Abstract] = {
        "method": _method(shape, prepared.get),
        "url": prepared.get(shape.url or "") or NONE,
    }
    for name in (*shape.identity, *shape.headers):
        value = prepared.get(name)
        if value is not None:
            parts[name] = value
    return Built(REQUEST, tuple(sorted(parts.items())))


def _client_identity(engine: Engine, state: State, receiver: Abstract) -> dict[str, Abstract]:
    from errlint.flow.library import pack_path

    path = pack_path(engine, state, receiver)
    pack = None if path is None else engine.knowledge.type(path)
    if pack is None or pack.client is None:
        return {}
    parts: dict[str, Abstract] = {}
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    names = [*pack.client.identity, *pack.client.headers, *([pack.client.base_url] if pack.client.base_url else [])]
    if isinstance(content, Instance):
        for name in names:
            value = content.get(name)
            if value is not None:
                is_headers = name in pack.client.headers
                parts[f"client.{name}"] = (_headers_identity if is_headers else _identity_of)(state, value)
    elif not isinstance(receiver, Ref):
        parts["client"] = receiver
    return parts


def _identity_of(state: State, value: Abstract) -> Abstract:
    """A snapshot of a value: containers by content, clocks and random numbers left out."""
    return _snapshot(state, value, 0)


def _snapshot(state: State, value: Abstract, depth: int) -> Abstract:
    from errlint.flow.state import content_of

    if depth > 8:
        return _PLACEHOLDER
    content = content_of(state, value)
    if isinstance(content, Ref):
        instance = state.heap[content.id]
        if isinstance(instance, Instance):
            fields = tuple([(Const(n), _snapshot(state, v, depth + 1)) for n, v in instance.fields])
            return Dictionary(fields)
    if isinstance(content, Sequence):
        return Sequence(content.kind, tuple([_snapshot(state, v, depth + 1) for v in content.items]))
    if isinstance(content, Dictionary):
        items = tuple([(k, _snapshot(state, v, depth + 1)) for k, v in content.items])
        return Dictionary(items, None if content.rest is None else _snapshot(state, content.rest, depth + 1))
    if isinstance(content, Apply):
        return Apply(content.operator, tuple([_snapshot(state, o, depth + 1) for o in content.operands]))
    if isinstance(content, Symbol) and content.origin[0] in ("clock", "random"):
        return _PLACEHOLDER
    if isinstance(content, (Function, Answer)):
        return _PLACEHOLDER
    return content


def _headers_identity(state: State, value: Abstract) -> Abstract:
    """Headers by entry: what names an attempt or a moment is no part of what is asked."""
    snapshot = _identity_of(state, value)
    if not isinstance(snapshot, Dictionary):
        return snapshot
    items = [
        (k, v)
        for k, v in snapshot.items
        if not (type(k) is Const and any(word in str(k.value).lower() for word in _NO_IDENTITY))
    ]
    return Dictionary(tuple(sorted(items, key=lambda item: repr(item[0]))), snapshot.rest)


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
    from errlint.flow.library import apply_or_unknown

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


__all__ = ["External", "attempt_of", "call_headers", "check_status", "describe", "mount", "send"]
