"""Transport that sends again below the client: what comes of each outcome once its policy gave up."""

from __future__ import annotations

from errlint import outcomes
from errlint.flow import delays
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.record import Resent
from errlint.flow.state import State
from errlint.flow.values import Abstract, Apply, Built, Dictionary, External, Instance, Ref, Sequence
from errlint.packs import schema
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
    path: str,
    method: str | None,
    url: Abstract,
    site: int,
    number: int,
) -> list[End]:
    """What one call of the client ends in, by outcome; retries below it are recorded."""
    failures = engine.knowledge.failures(path)
    usual: list[End] = [(outcomes.ANSWERS, None)]
    if failures is not None:
        for mask, failure in (
            (outcomes.TIMEOUT, failures.timeout),
            (outcomes.CONNECTION, failures.connection),
            (outcomes.PROTOCOL, failures.protocol),
        ):
            usual.append((mask, failure.typical))
    adapter = _adapter(engine, state, receiver, url)
    if adapter is None:
        return _united(usual)
    return _united(_with_policy(engine, usual, adapter, method, site, number))


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
    pack = engine.knowledge.type(adapter.path)
    spec = None if pack is None else pack.adapter
    if spec is None or pack is None:
        return None
    if spec.own is not None:
        return spec, spec.own, adapter
    if spec.policy is None or spec.policy_class is None:
        return None
    given = adapter.get(spec.policy)
    cls = engine.knowledge.type(spec.policy_class)
    if cls is None or cls.policy is None:
        return None
    if type(given) is Const and isinstance(given.value, int) and not isinstance(given.value, bool):
        first = cls.signature.positional[0] if cls.signature is not None else "total"
        return (spec, cls.policy, Built(cls.path, ((first, given),))) if given.value else None
    if isinstance(given, Built) and engine.knowledge.type(given.path) is cls:
        return spec, cls.policy, given
    return None


def _with_policy(
    engine: Engine, usual: list[End], built: Built, method: str | None, site: int, number: int
) -> list[End]:
    found = policy_of(engine, built)
    if found is None:
        return usual
    adapter, policy, arguments = found
    repeated: dict[tuple[int | None, bool], int] = {}
    result: list[End] = []
    for mask, exception in usual:
        for bit in outcomes.members(mask):
            again, exhausted, attempts = decide(engine, policy, arguments, bit, method)
            if again and attempts != 1:
                key = (attempts, bool(bit & outcomes.STATUSES))
                repeated[key] = repeated.get(key, 0) | bit
            shown = exception
            if exhausted:
                shown = next((e.exception for e in adapter.exhausted if e.outcomes & bit), exception)
            result.append((bit, shown))
    origin = engine.origins.get(arguments) or engine.origins.get(built)
    respected = None if policy.header is None else delays.parameter(engine, arguments, policy.header)
    told = respected is not None and not (type(respected) is Const and not respected.value)
    for (attempts, answered), mask in repeated.items():
        waits = delays.policy_waits(engine, policy, arguments, attempts, _MAX_WAITS)
        fact = Resent(site, number, attempts, policy, arguments.arguments, waits, RETRY_AFTER if told and answered else None, origin)
        engine.record.note(fact, mask)
    return result


def decide(
    engine: Engine, policy: TransportPolicy, arguments: Built, outcome: int, method: str | None
) -> tuple[bool, bool, int | None]:
    """Whether an outcome is sent again, whether it ends as exhaustion, and how many sends there are (None: no bound)."""
    counts: list[int] = []
    counted = False
    for budget in policy.budgets:
        if not budget.outcomes & outcome:
            continue
        value = delays.parameter(engine, arguments, budget.parameter)
        if type(value) is Const and value.value is False:
            return False, False, 1
        counted = True
        if type(value) is Const and isinstance(value.value, int):
            counts.append(value.value)
    allowed = True
    if outcome & policy.guarded and policy.methods is not None:
        methods = _strings(delays.parameter(engine, arguments, policy.methods))
        allowed = not methods or method is None or method.upper() in {m.upper() for m in methods}
    if outcome & outcomes.TRANSPORT:
        wanted = counted
    else:
        listed = None if policy.statuses is None else delays.parameter(engine, arguments, policy.statuses)
        wanted = bool(_numbers(listed) & outcome)
        if not wanted and outcome & policy.header_statuses and policy.header is not None:
            respected = delays.parameter(engine, arguments, policy.header)
            first = delays.parameter(engine, arguments, policy.budgets[0].parameter)
            bounded = type(first) is Const and bool(first.value)
            header = bounded and not (type(respected) is Const and not respected.value)
            return header and allowed, False, 1 + min(counts) if counts else None
    if not wanted or not allowed:
        return False, False, 1
    attempts = 1 + max(0, min(counts)) if counts else None
    exhausted = True
    if outcome & outcomes.STATUSES and policy.raise_on_status is not None:
        raises = delays.parameter(engine, arguments, policy.raise_on_status)
        exhausted = not (type(raises) is Const and not raises.value)
    return True, exhausted, attempts


def _strings(value: Abstract | None) -> set[str]:
    items = value.items if isinstance(value, Sequence) else ()
    return {v.value for v in items if type(v) is Const and isinstance(v.value, str)}


def _numbers(value: Abstract | None) -> int:
    mask = outcomes.NOTHING
    items: tuple[Abstract, ...] = ()
    if isinstance(value, Sequence):
        items = value.items
    elif isinstance(value, Dictionary):
        items = tuple([k for k, _ in value.items])
    elif type(value) is Const and isinstance(value.value, range):
        items = tuple([Const(n) for n in value.value if 100 <= n <= 599])
    for item in items:
        if type(item) is Const and isinstance(item.value, int) and 100 <= item.value <= 599:
            mask |= outcomes.status(item.value)
    return mask


__all__ = ["MOUNTS", "ends", "leading_text", "policy_of", "schema"]
