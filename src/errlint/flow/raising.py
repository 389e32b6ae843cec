"""Answers that leave as exceptions: where the client checks the status when asked to, or always."""

from __future__ import annotations

import libcst as cst

from errlint.flow.described import pack_path
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Thrown
from errlint.flow.state import Attempt, State
from errlint.flow.values import NONE, Abstract, Answer, Fault, Instance, Ref
from errlint.packs import effects

UNKNOWN = frozenset({"unknown"})


def parted(
    engine: Engine, state: State, attempt: int, raises_on: int, exception: str, result: Abstract, node: cst.CSTNode
) -> list[Step]:
    """One way on for the outcomes that raise, and one with a result for the others."""
    steps: list[Step] = []
    failed = state.masks[attempt] & raises_on
    passed = state.masks[attempt] & ~raises_on
    if failed:
        raising = state.copy()
        raising.masks[attempt] = failed
        steps.append((raising, Fault(exception, attempt), True))
        info = state.heap[attempt]
        assert isinstance(info, Attempt)
        engine.record.note(Thrown(node, info.site, exception), failed)
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
    node: cst.CSTNode,
) -> list[Step]:
    """What a request gives when an answer came: the response, or what the client raises instead."""
    asked = False if raising is None else _is_asked(engine, state, raising, receiver, bound)
    if raising is None or asked is False:
        return [(state, Answer(attempt), False)]
    steps: list[Step] = []
    if asked is None:
        plain = state.copy()
        engine.decide(plain, node, False, UNKNOWN)
        engine.decide(state, node, True, UNKNOWN)
        steps.append((plain, Answer(attempt), False))
    return steps + parted(engine, state, attempt, raising.raises_on, raising.exception, Answer(attempt), node)


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
