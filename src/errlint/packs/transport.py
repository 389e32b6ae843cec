"""What packs say about transport that sends a request again, below the client that the calling code sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from errlint.packs.notation import NO_OUTCOMES, Outcomes, ParameterName, Path
from errlint.packs.repeating import Wait


@dataclass(frozen=True, slots=True)
class Budget:
    """A parameter that bounds how often these outcomes are sent again, all together.

    `None` sets no bound of its own; True is 1. False forbids (`Adapter.forbidden`) where the outcome is a transport
    failure, and is 0 where it is a status.
    """

    parameter: ParameterName
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class TransportPolicy:
    """What is sent again by a transport with this policy. Parameters are those of the class that the policy belongs to.

    An outcome is sent again while no budget that counts it is used up (a budget of n allows n repetitions), provided
    that it is a transport failure that some budget counts, a status in the `statuses` parameter, or a status in
    `header_statuses` whose answer has the `Retry-After` header. For the outcomes in `guarded` the method must be in the
    `methods` parameter, unless that is empty, None or False.
    """

    budgets: tuple[Budget, ...]
    wait: Wait
    statuses: ParameterName | None = None
    methods: ParameterName | None = None
    guarded: Outcomes = NO_OUTCOMES
    header: ParameterName | None = None
    """The parameter that lets the `Retry-After` header be read: waited for in place of `wait` when present."""
    header_statuses: Outcomes = NO_OUTCOMES
    """Sent again for the header's sake; when the first budget is used up the answer is returned, never an error.

    That holds while the first budget is neither None nor 0.
    """
    header_maximum: ParameterName | None = None
    raise_on_status: ParameterName | None = None
    """The parameter that says whether exhaustion on a status raises; otherwise the last response is returned."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The exception by which the client shows these outcomes; it has no response, unless it stands for an answer."""

    outcomes: Outcomes
    exception: Path


@dataclass(frozen=True, slots=True)
class Adapter:
    """A class whose instances, put into a client, decide what is sent again.

    Either `policy` names a parameter that holds an instance of `policy_class` or an integer, which stands for an
    instance constructed with that one argument; or `own` is the adapter's own policy over its own parameters.
    """

    policy: ParameterName | None = None
    policy_class: Path | None = None
    own: TransportPolicy | None = None
    default: int | None = None
    """The integer that holds where the parameter is left out or None; None: the pack's signature says all."""
    zero: Literal["as-it-came", "policy"] = "as-it-came"
    """0 and False are no policy, so that failures leave as they came, or stand for one as other integers do."""
    exhausted: tuple[Shown, ...] = ()
    """Once the policy gave up on them; outcomes not named here leave as they came."""
    forbidden: tuple[Shown, ...] = ()
    """Where a budget of False forbids to send again; outcomes not named here leave as they came."""
