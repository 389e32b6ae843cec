"""The identity of a request: what the server is asked."""

from __future__ import annotations

from collections.abc import Callable

from errlint.flow.callables import Built, External, Function
from errlint.flow.composition import leaves
from errlint.flow.described import pack_path
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.state import State, content_of
from errlint.flow.transport import MOUNTS
from errlint.flow.values import NONE, Abstract, Answer, Apply, Dictionary, Instance, Ref, Sequence, Symbol
from errlint.packs import effects, schema

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
    elif shape.prepared is None:
        parts["function"] = Const(definition.path)
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
    path = pack_path(engine, state, receiver)
    pack = None if path is None else engine.knowledge.type(path)
    if pack is None or pack.client is None:
        return {}
    parts: dict[str, Abstract] = {}
    # An adapter of the project's own may go another way to the same address.
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    names = [*pack.client.identity, *pack.client.headers, *([pack.client.base_url] if pack.client.base_url else [])]
    if isinstance(content, Instance):
        for name in names:
            value = content.get(name)
            if value is not None:
                is_headers = name in pack.client.headers
                parts[f"client.{name}"] = (_headers_identity if is_headers else _identity_of)(state, value)
        # What the library does not know makes it another client: a browser to pass for, in one that wraps the library.
        known = {p.name for p in pack.signature.parameters} if pack.signature is not None else set()
        for name, value in content.fields if isinstance(content.cls, External) else ():
            is_other = name not in known and name not in pack.attributes and not name.startswith("%")
            if is_other and isinstance(value, (Const, Symbol)):
                parts[f"client.{name}"] = _identity_of(state, value)
        mounts = content.get(MOUNTS)
        if isinstance(mounts, Sequence) and any(isinstance(leaf, Ref) for leaf in leaves(mounts)):
            parts["client.adapters"] = _identity_of(state, mounts)
    elif not isinstance(receiver, Ref):
        parts["client"] = receiver
    return parts


# --- parts -----------------------------------------------------------------------------------------------------------


def _identity_of(state: State, value: Abstract) -> Abstract:
    """A snapshot of a value: containers by content, clocks and random numbers left out."""
    return _snapshot(state, value, 0)


def _snapshot(state: State, value: Abstract, depth: int) -> Abstract:
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
