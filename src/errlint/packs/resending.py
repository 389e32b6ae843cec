"""What a transport policy does with one outcome: derived from what its pack says and how it was constructed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from errlint import outcomes
from errlint.packs.notation import Path
from errlint.packs.signature import Given, Plain, Signature
from errlint.packs.transport import Adapter, TransportPolicy

End = Literal["as-it-came", "exhausted", "forbidden"]


@dataclass(frozen=True, slots=True)
class Resending:
    """`times` the request is sent again while this outcome lasts (None: without end), and how it ends then.

    `as-it-came`: as if there were no policy: the last response is returned, the failure raised as the client shows it.
    `exhausted`, `forbidden`: with the exception that the adapter has for that (`shown`).
    """

    times: int | None
    ends: End


_NEVER = Resending(0, "as-it-came")


def construct(signature: Signature, given: Mapping[str, Plain]) -> dict[str, Plain]:
    """The arguments of a constructor: what is given, and the defaults that are literals."""
    defaults = {p.name: p.default.value for p in signature.parameters if isinstance(p.default, Given)}
    return {**defaults, **given}


def construct_from_integer(adapter: Adapter, signature: Signature, number: int) -> dict[str, Plain] | None:
    """The arguments of the policy that a number stands for (see `Adapter`); None where nothing is sent again."""
    return construct(signature, {signature.parameters[0].name: number}) if is_policy(adapter, number) else None


def is_policy(adapter: Adapter, number: int) -> bool:
    """Whether a number in the place of a policy stands for one."""
    return bool(number) or adapter.zero == "policy"


def resend(
    policy: TransportPolicy, arguments: Mapping[str, Plain], outcome: int, method: str, retry_after: bool = False
) -> Resending:
    """What happens to a request with this method that always ends in `outcome`, a set of one.

    `retry_after`: the answer has the `Retry-After` header. Raises KeyError for an argument that is needed and missing.
    """
    if outcome & policy.guarded and policy.methods:
        methods = arguments[policy.methods]
        if isinstance(methods, (tuple, frozenset)) and methods and method.upper() not in methods:
            return _NEVER
    bounds = [arguments[budget.parameter] for budget in policy.budgets if outcome & budget.outcomes]
    if not bounds:
        return _NEVER
    if outcome & outcomes.TRANSPORT:
        forbids = any(bound is False for bound in bounds)
        return Resending(0, "forbidden") if forbids else _bounded(bounds, "exhausted")
    if _is_listed(policy, arguments, outcome):
        raises = policy.raise_on_status and arguments[policy.raise_on_status]
        return _bounded(bounds, "exhausted" if raises else "as-it-came")
    if not (retry_after and outcome & policy.header_statuses and policy.header and arguments[policy.header]):
        return _NEVER
    if not bounds[0]:
        return _NEVER
    times = _bounded(bounds, "exhausted").times
    raises = policy.raise_on_status and arguments[policy.raise_on_status]
    first_is_last = _bounded(bounds[:1], "exhausted").times == times
    return Resending(times, "exhausted" if raises and not first_is_last else "as-it-came")


def shown(adapter: Adapter, outcome: int, end: End) -> Path | None:
    """The exception by which a client shows that an outcome ended so; None: as if there were no policy."""
    cases = {"as-it-came": (), "exhausted": adapter.exhausted, "forbidden": adapter.forbidden}[end]
    return next((each.exception for each in cases if each.outcomes & outcome), None)


def _is_listed(policy: TransportPolicy, arguments: Mapping[str, Plain], outcome: int) -> bool:
    listed = arguments[policy.statuses] if policy.statuses else None
    return isinstance(listed, (tuple, frozenset)) and next(outcomes.codes(outcome)) in listed


def _bounded(bounds: list[Plain], ends: End) -> Resending:
    numbers = [max(0, int(bound)) for bound in bounds if isinstance(bound, (int, float))]
    return Resending(min(numbers), ends) if numbers else Resending(None, ends)
