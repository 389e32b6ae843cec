"""Transport that sends again below the client: what comes of each outcome once its policy gave up."""

from __future__ import annotations

from dataclasses import replace

from errlint import outcomes
from errlint.flow import delays
from errlint.flow.callables import Built, External
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.record import Resent, Sent
from errlint.flow.state import State, content_of
from errlint.flow.values import NONE, Abstract, Apply, Dictionary, Instance, Ref, Sequence
from errlint.packs import effects, schema
from errlint.packs.resending import is_policy, resend, shown
from errlint.packs.signature import Plain
from errlint.packs.transport import Adapter, TransportPolicy

MOUNTS = "%mounts"
RETRY_AFTER = "retry-after"
End = tuple[int, str | None]
"""Outcomes, and the exception they show as (None: an answer)."""
_MAX_WAITS = 8


def ends(
    engine: Engine,
    state: State,
    receiver: Abstract | None,
    definition: schema.Function,
    bound: dict[str, Abstract],
    sent: Sent,
) -> list[End]:
    """What one call of the client ends in, by outcome; retries below it are recorded."""
    usual: list[End] = [(outcomes.ANSWERS, None)]
    usual += [(mask, path) for path, mask in failures(engine, definition.path)]
    adapter = _adapter(engine, state, receiver, sent.url) or _asked(engine, state, receiver, definition, bound)
    if adapter is None:
        return _united(usual)
    found = _with_policy(engine, usual, adapter, sent.method, sent.site, sent.number)
    return _united(found if adapter.path != definition.path or _is_known(adapter) else [*found, *usual])


def failures(engine: Engine, path: str) -> list[tuple[str, int]]:
    """What the library that defines a path raises where no answer comes, with the outcomes."""
    known = engine.knowledge.failures(path)
    if known is None:
        return []
    return [
        (known.timeout.typical, outcomes.TIMEOUT),
        (known.connection.typical, outcomes.CONNECTION),
        (known.protocol.typical, outcomes.PROTOCOL),
    ]


def _united(found: list[End]) -> list[End]:
    masks: dict[str | None, int] = {}
    for mask, exception in found:
        if mask:
            masks[exception] = masks.get(exception, 0) | mask
    return [(mask, exception) for exception, mask in masks.items()]


def _adapter(engine: Engine, state: State, receiver: Abstract | None, url: Abstract) -> Built | None:
    """The adapter that a client uses for an address."""
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    if not isinstance(content, Instance):
        return None
    mounts = content.get(MOUNTS)
    if isinstance(mounts, Sequence):
        return _mounted(mounts, leading_text(url))
    if isinstance(content.cls, External):
        pack = engine.knowledge.type(content.cls.path)
        if pack is not None and pack.client is not None and pack.client.adapter is not None:
            found = content.get(pack.client.adapter)
            return found if isinstance(found, Built) else None
    return None


def _asked(
    engine: Engine, state: State, receiver: Abstract | None, definition: schema.Function, bound: dict[str, Abstract]
) -> Built | None:
    """The policy of one request, where its function has a parameter for that: as an adapter, in the function's name."""
    spec = _spec(definition)
    if spec is None or spec.policy is None:
        return None
    given = bound.get(spec.policy, NONE)
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    if given == NONE and isinstance(content, Instance) and isinstance(content.cls, External):
        pack = engine.knowledge.type(content.cls.path)
        if pack is not None and pack.client is not None and pack.client.policy is not None:
            given = content.get(pack.client.policy) or NONE
    return Built(definition.path, ((spec.policy, content_of(state, given)),))


def _is_known(adapter: Built) -> bool:
    return all(isinstance(given, (Const, Built)) for _, given in adapter.arguments)


def _spec(definition: object) -> Adapter | None:
    if isinstance(definition, schema.Function):
        return definition.effect.adapter if isinstance(definition.effect, effects.Sends) else None
    return definition.adapter if isinstance(definition, schema.Class) else None


def leading_text(url: Abstract) -> str | None:
    """What an address is known to begin with; None where its beginning is not known."""
    while isinstance(url, Apply) and url.operator in ("format", "+", "method:format") and url.operands:
        url = url.operands[0]
    return url.value if type(url) is Const and isinstance(url.value, str) else None


def _mounted(mounts: Sequence, start: str | None) -> Built | None:
    best: tuple[int, Built] | None = None
    for entry in mounts.items:
        assert isinstance(entry, Sequence)
        prefix, adapter = entry.items
        if type(prefix) is not Const or not isinstance(prefix.value, str) or not isinstance(adapter, Built):
            continue
        known = prefix.value.lower()
        fits = known in ("https://", "https:", "") if start is None else start.lower().startswith(known)
        if fits and (best is None or len(known) > best[0]):
            best = (len(known), adapter)
    return None if best is None else best[1]


def policy_of(engine: Engine, adapter: Built) -> tuple[Adapter, TransportPolicy, Built] | None:
    """An adapter's policy with the object that holds its parameters; None where nothing is sent again."""
    spec = _spec(engine.knowledge.get(adapter.path))
    if spec is None:
        return None
    if spec.own is not None:
        return spec, spec.own, adapter
    if spec.policy is None or spec.policy_class is None:
        return None
    given = adapter.get(spec.policy) or NONE
    if given == NONE and spec.default is not None:
        given = Const(spec.default)
    cls = engine.knowledge.type(spec.policy_class)
    if cls is None or cls.policy is None:
        return None
    if isinstance(given, Built) and engine.knowledge.type(given.path) is cls:
        return spec, cls.policy, given
    is_number = type(given) is Const and isinstance(given.value, int) and is_policy(spec, given.value)
    # Where there is a policy in any case, one that is not known is one with bounds that are not.
    if is_number or (type(given) is not Const and spec.default is not None):
        first = cls.signature.positional[0] if cls.signature is not None else "total"
        return spec, cls.policy, Built(cls.path, ((first, given),))
    return None


def _with_policy(
    engine: Engine, usual: list[End], built: Built, method: str | None, site: int, number: int
) -> list[End]:
    found = policy_of(engine, built)
    if found is None:
        return usual
    key = (built, method)
    known = engine.transports.get(key)
    if known is None:
        known = engine.transports[key] = _derive(engine, usual, built, found, method)
    ends_, again = known
    for resent, mask in again:
        engine.record.note(replace(resent, site=site, number=number), mask)
    return list(ends_)


Derived = tuple[tuple[End, ...], tuple[tuple[Resent, int], ...]]
UNKNOWN = -1
"""So many sends that nobody knows how many."""
_STAND_IN = 3


def _derive(
    engine: Engine, usual: list[End], built: Built, found: tuple[Adapter, TransportPolicy, Built], method: str | None
) -> Derived:
    """What a policy makes of each outcome of requests with one method."""
    adapter, policy, configured = found
    arguments, unsure = _arguments(engine, policy, configured)
    verb = method or "GET"
    repeated: dict[tuple[int | None, bool], int] = {}
    shown_as: dict[str | None, int] = {}
    for mask, exception in usual:
        for bit in outcomes.members(mask):
            plainly = resend(policy, arguments, bit, verb)
            told = resend(policy, arguments, bit, verb, retry_after=True) if bit & outcomes.STATUSES else plainly
            most = max((plainly, told), key=lambda r: float("inf") if r.times is None else r.times)
            if most.times != 0:
                attempts = UNKNOWN if unsure else (None if most.times is None else most.times + 1)
                key = (attempts, bool(bit & outcomes.STATUSES))
                repeated[key] = repeated.get(key, 0) | bit
            seen = shown(adapter, bit, plainly.ends) or exception
            shown_as[seen] = shown_as.get(seen, 0) | bit
    origin = engine.origin(configured) or engine.origin(built)
    header = RETRY_AFTER if policy.header is not None and arguments.get(policy.header) else None
    again = [
        (
            Resent(
                -1,
                -1,
                attempts,
                policy,
                configured.arguments,
                delays.policy_waits(engine, policy, configured, None if attempts == UNKNOWN else attempts, _MAX_WAITS),
                header if answered else None,
                origin,
            ),
            mask,
        )
        for (attempts, answered), mask in repeated.items()
    ]
    return tuple((mask, exception) for exception, mask in shown_as.items()), tuple(again)


def _arguments(engine: Engine, policy: TransportPolicy, configured: Built) -> tuple[dict[str, Plain], bool]:
    """A policy's parameters as plain values; and whether a bound among them is not known."""
    names = [b.parameter for b in policy.budgets]
    names += [n for n in (policy.statuses, policy.methods, policy.header, policy.raise_on_status) if n is not None]
    plain: dict[str, Plain] = {}
    unsure = False
    for name in names:
        value = delays.parameter(engine, configured, name)
        if type(value) is Const and (value.value is None or isinstance(value.value, (bool, int, float, str))):
            plain[name] = value.value
        elif type(value) is Const and isinstance(value.value, range):
            plain[name] = frozenset(n for n in value.value if 100 <= n <= 599)
        elif isinstance(value, (Sequence, Dictionary)):
            items = value.items if isinstance(value, Sequence) else tuple([k for k, _ in value.items])
            plain[name] = frozenset(v.value for v in items if type(v) is Const and isinstance(v.value, (int, str)))
        else:
            bound = name in {b.parameter for b in policy.budgets}
            unsure = unsure or bound
            plain[name] = _STAND_IN if bound else None
    return plain, unsure
