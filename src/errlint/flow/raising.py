"""Answers that leave as exceptions: where the client checks the status when asked to, or always."""

from __future__ import annotations

import libcst as cst

from errlint.flow.described import pack_path
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Thrown
from errlint.flow.state import Attempt, State
from errlint.flow.values import NONE, Abstract, Fault, Instance, Ref
from errlint.packs import effects
from errlint.packs.transport import Shown

UNKNOWN = frozenset({"unknown"})


def parted(
    engine: Engine,
    state: State,
    attempt: int,
    raises_on: int,
    exception: str,
    result: Abstract,
    node: cst.CSTNode,
    particular: tuple[Shown, ...] = (),
) -> list[Step]:
    """One way on for each exception of the outcomes that raise, and one with a result for the others."""
    steps: list[Step] = []
    left = state.masks[attempt] & raises_on
    passed = state.masks[attempt] & ~raises_on
    for outcomes, path in [*[(each.outcomes, each.exception) for each in particular], (raises_on, exception)]:
        failed = left & outcomes
        left &= ~failed
        if failed:
            raising = state.copy()
            raising.masks[attempt] = failed
            steps.append((raising, Fault(path, attempt), True))
            info = state.heap[attempt]
            assert isinstance(info, Attempt)
            engine.record.note(Thrown(node, info.site, path), failed)
    if passed:
        state.masks[attempt] = passed
        steps.append((state, result, False))
    return steps


def answered(
    engine: Engine,
    state: State,
    raising: effects.Raising | None,
    receiver: Abstract | None,
    bound: dict[str, Abstract],
    attempt: int,
    given: Abstract,
    node: cst.CSTNode,
) -> list[Step]:
    """What a request gives when an answer came, or what the client raises instead."""
    asked = False if raising is None else _is_asked(engine, state, raising, receiver, bound)
    if raising is None or asked is False:
        return [(state, given, False)]
    steps: list[Step] = []
    if asked is None:
        plain = state.copy()
        engine.decide(plain, node, False, UNKNOWN)
        engine.decide(state, node, True, UNKNOWN)
        steps.append((plain, given, False))
    return steps + parted(engine, state, attempt, raising.raises_on, raising.exception, given, node, raising.particular)


def _is_asked(
    engine: Engine, state: State, raising: effects.Raising, receiver: Abstract | None, bound: dict[str, Abstract]
) -> bool | None:
    """Whether error statuses raise; None where that is not known."""
    if raising.parameter is None:
        return True
    asked = bound.get(raising.parameter, NONE)
    if asked == NONE:
        asked = _of_client(engine, state, receiver)
    return bool(asked.value) if type(asked) is Const else None


def _of_client(engine: Engine, state: State, receiver: Abstract | None) -> Abstract:
    """What the client was told when it was made; nothing where errlint did not see that."""
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    path = None if receiver is None else pack_path(engine, state, receiver)
    pack = None if path is None else engine.knowledge.type(path)
    if not isinstance(content, Instance) or pack is None or pack.client is None or pack.client.raising is None:
        return NONE
    return content.get(pack.client.raising) or NONE
