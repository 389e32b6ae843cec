"""The ways back to a request, as rules speak of them: those that are certain, gathered where they are decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks._places import Places
from errlint.checks.base import Note
from errlint.flow.record import Caught, Rerun, Thrown
from errlint.packs import repeating
from errlint.packs.effects import Repeats
from errlint.packs.schema import Class, Function

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated

EVIDENCE = ("member:", "header:")
_SEEN = frozenset({"headers", "body", "text", "reason", "exception-text", "other"})


@dataclass(frozen=True, slots=True)
class Turning:
    """A place at which it is decided that requests are sent again, and the ways that lead there."""

    place: cst.CSTNode
    ways: tuple[Repeated, ...]

    @property
    def outcomes(self) -> int:
        """All that is sent again from here."""
        mask = 0
        for way in self.ways:
            mask |= way.outcomes
        return mask


def turnings(facts: ModuleFacts, places: Places) -> Iterator[Turning]:
    """Where this module decides to send requests again, without the ways of which errlint is not certain."""
    gathered: dict[int, list[Repeated]] = {}
    for way in facts.repeated():
        if not way.phantom and not way.doubtful and way.function.limit is None and way.place in places:
            gathered.setdefault(id(way.place), []).append(way)
    for ways in gathered.values():
        yield Turning(ways[0].place, tuple(ways))


def has_evidence(way: Repeated) -> bool:
    """Whether more than the outcome speaks for sending again: a header, or something in the body."""
    return any(word in _SEEN or word.startswith(EVIDENCE) for word in way.gates)


def path(facts: ModuleFacts, turning: Turning, outcomes: int, places: Places) -> tuple[Note, ...]:
    """The request, where its answer becomes an exception, and where it is sent again; those that are in this module."""
    notes: list[Note] = []
    for site in {way.site.index: way.site for way in turning.ways if way.outcomes & outcomes}.values():
        notes.append(Note("the request", site.node))
        for fact, mask in facts.noticed(Thrown):
            if fact.site == site.index and mask & outcomes and _is_taken(facts, turning, fact):
                notes.append(Note(f"raises {fact.path}" if fact.path else "raises", fact.node))
    notes.append(Note("sent again from here", turning.place))
    known = {id(note.place): note for note in notes if isinstance(note.place, cst.CSTNode) and note.place in places}
    return tuple(known.values())


def _is_taken(facts: ModuleFacts, turning: Turning, thrown: Thrown) -> bool:
    """Whether what is thrown there may be what the retry takes."""
    return any(
        d.about & {"caught", "retrier"} for way in turning.ways for d in way.trail
    ) and thrown.path != ""


def caught(facts: ModuleFacts, turning: Turning, outcomes: int) -> list[str]:
    """The classes of the exceptions by which these outcomes arrive at a handler."""
    sites = {way.site.index for way in turning.ways}
    found: dict[str, None] = {}
    for fact, mask in facts.noticed(Caught):
        if fact.node is turning.place and fact.site in sites and mask & outcomes and fact.path:
            found[fact.path] = None
    return list(found)


def narrow(facts: ModuleFacts, turning: Turning) -> cst.CSTNode:
    """The narrowest expression that decides: a handler's classes, a retrier's condition, a policy's statuses."""
    place = turning.place
    if isinstance(place, (cst.ExceptHandler, cst.ExceptStarHandler)):
        return place.type or place
    if isinstance(place, cst.For):
        place = place.iter
    if isinstance(place, cst.FunctionDef):
        return place.name
    if isinstance(place, cst.Call):
        for resent in (way.transport for way in turning.ways if way.transport is not None):
            names = (resent.policy.statuses, resent.policy.budgets[0].parameter)
            return next((arg for name in names if name and (arg := argument(place, name))), place.func)
        for fact, _ in facts.noticed(Rerun):
            if fact.node is turning.place:
                names = condition_parameters(facts, fact.policy.path)
                return next((arg for name in names if (arg := argument(place, name))), place.func)
        return place
    return place


def argument(call: cst.Call, name: str) -> cst.BaseExpression | None:
    """The argument that a call passes by this keyword."""
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def condition_parameters(facts: ModuleFacts, path: str) -> Iterable[str]:
    """The parameters by which a retrier is told what to run again."""
    definition = facts.knowledge.get(path)
    name = None
    if isinstance(definition, Class):
        name = definition.retrier
    elif isinstance(definition, Function) and isinstance(definition.effect, Repeats):
        name = definition.effect.repeats
    retrier = None if name is None else facts.knowledge.retrier(path, name)
    return () if retrier is None else tuple(_parameters(retrier.condition))


def _parameters(condition: repeating.Condition) -> Iterator[str]:
    if isinstance(condition, repeating.GivenCondition):
        yield condition.given
    elif isinstance(condition, (repeating.ExceptionCheck, repeating.ResultCheck)):
        yield condition.exception_check if isinstance(condition, repeating.ExceptionCheck) else condition.result_check
    elif isinstance(condition, repeating.Raised) and isinstance(condition.raised, str):
        yield condition.raised
    elif isinstance(condition, repeating.Not):
        yield from _parameters(condition.not_)
    elif isinstance(condition, (repeating.AllOf, repeating.AnyOf)):
        parts = condition.all if isinstance(condition, repeating.AllOf) else condition.any
        if isinstance(parts, str):
            yield parts
        else:
            for part in parts:
                yield from _parameters(part)
