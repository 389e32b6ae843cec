"""What was seen of tests and calls, for rules that say that something cannot happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.flow import instances
from errlint.flow.callables import Built, External, Function, Method, Partial, Retried
from errlint.flow.composition import decisive_attempts, leaves
from errlint.flow.concrete import Raised
from errlint.flow.describe import about
from errlint.flow.evaluate import truth
from errlint.flow.record import Foregone, Mark, Rescued
from errlint.flow.standard import LOGGING, is_standard
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.values import Abstract, Among, Answer, Apply, Fault, Part, Ref, Symbol

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

_STATUS = frozenset({"status"})


def test(
    engine: Engine, state: State, value: Abstract, tested: Abstract, node: cst.CSTNode, sides: frozenset[bool]
) -> None:
    """A test of `value`, whose truth is `tested`, goes to these sides from `state`."""
    record = engine.record
    record.mark(node, (Mark.TRUE if True in sides else 0) | (Mark.FALSE if False in sides else 0))
    content = content_of(state, value)
    if isinstance(content, Answer):
        record.mark(node, Mark.ANSWER)
        if len(sides) == 1:
            info = _attempt(state, content.attempt)
            pack = engine.knowledge.type(info.kind)
            holds = outcomes.ANSWERS if pack is None or pack.truth is None else pack.truth & outcomes.ANSWERS
            fact = Foregone(node, info.site, "answer", True in sides, holds)
            record.note(fact, state.masks[content.attempt])
        return
    if truth(tested) is not None:
        record.mark(node, Mark.FIXED)
        return
    attempts = decisive_attempts(tested)
    if len(sides) != 1 or len(attempts) != 1 or about(state, tested) != _STATUS:
        return
    attempt = attempts.pop()
    holds = outcomes.NOTHING
    for result, mask in engine.partitions.by_value(tested, attempt, outcomes.ANSWERS).items():
        answer = None if result is None or isinstance(result, Raised) else truth(result)
        if answer is None:
            return
        holds |= mask if answer else outcomes.NOTHING
    record.note(Foregone(node, _attempt(state, attempt).site, "status", True in sides, holds), state.masks[attempt])


def _attempt(state: State, number: int) -> Attempt:
    info = state.heap[number]
    assert isinstance(info, Attempt)
    return info


def unseen(
    engine: Engine, state: State, function: Abstract, name: str, given: tuple[Abstract, ...], node: cst.CSTNode
) -> None:
    """A call of something that errlint cannot see into: does it run code that may do anything, and what is it told?"""
    handed = any(isinstance(value, (Function, Method, Partial, Retried)) for value in given)
    if handed or not (name.rpartition(".")[2] in LOGGING or is_standard(name, function)):
        told = any(_tells(engine, state, value) for value in (function, *given))
        engine.record.mark(node, Mark.STRANGE | Mark.TOLD if told else Mark.STRANGE)


def _tells(engine: Engine, state: State, value: Abstract) -> bool:
    """Whether a value, or what a method belongs to, tells how a request ended."""
    if isinstance(value, Method):
        value = value.receiver
    value = content_of(state, value)
    if isinstance(value, Ref):
        lineage = instances.lineage_of(engine, state, value) or []
        return any(isinstance(cls, External) and engine.knowledge.exception(cls.path) is not None for cls in lineage)
    return any(isinstance(leaf, (Answer, Among, Fault, Part)) for leaf in leaves(value))


def leaving(engine: Engine, manager: Abstract, node: cst.CSTNode) -> None:
    """An exception goes through a `with` whose manager is not followed: it may be swallowed there."""
    if isinstance(manager, (Ref, Built)) or (isinstance(manager, Symbol) and manager.type is not None):
        return
    if isinstance(manager, Apply) and manager.operator == "call":
        made_by = manager.operands[0]
        if isinstance(made_by, External) and is_standard(made_by.path, made_by):
            return
    engine.record.mark(node, Mark.STRANGE)


def rescued(engine: Engine, exception: Abstract, node: cst.CSTNode) -> None:
    """A handler, or a `with` that swallows, is there for an exception that an operation may raise by itself."""
    if isinstance(exception, Fault) and exception.origin is not None:
        engine.record.note(Rescued(node, exception.origin, exception.path), outcomes.EVERYTHING)
