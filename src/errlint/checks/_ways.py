"""The ways back to a request, as rules speak of them: those that are certain, gathered where they are decided."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._loops import is_polling, is_supervised
from errlint.checks._places import Places
from errlint.checks._probes import goes_another_way
from errlint.checks._route import sent_at
from errlint.checks.base import Note
from errlint.flow.decisions import reads_content
from errlint.flow.lower.tree import below
from errlint.flow.record import Caught, Tested, Thrown
from errlint.syntax.names import dotted

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts, Repeated


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


@lru_cache(maxsize=2)
def turnings(facts: ModuleFacts, places: Places) -> tuple[Turning, ...]:
    """Where this module decides to send requests again, without the ways of which errlint is not certain; several
    rules ask for them one after another."""
    gathered: dict[int, tuple[cst.CSTNode, list[Repeated]]] = {}
    concerned = _concerned(facts)
    for way in facts.repeated():
        if way.site.index not in concerned.get(id(way.place), {way.site.index}):
            continue  # It is the end of another request that decides there.
        place = way.place if way.place in places else _taken_from_elsewhere(way, places)
        if place is None or way.phantom or way.doubtful or way.function.limit is not None or _is_by_the_way(facts, way):
            continue
        is_retry = not (is_supervised(facts, way, places) or is_polling(facts, way, places))
        if is_retry and not goes_another_way(way, places):
            gathered.setdefault(id(place), (place, []))[1].append(way)
    return tuple([Turning(place, tuple(ways)) for place, ways in gathered.values()])


def _concerned(facts: ModuleFacts) -> dict[int, set[int]]:
    """The requests whose ends are looked at in handlers and tests, by the identity of these."""
    found: dict[int, set[int]] = {}
    for caught, _ in facts.noticed(Caught):
        found.setdefault(id(caught.node), set()).add(caught.site)
    for tested, _ in facts.noticed(Tested):
        found.setdefault(id(tested.node), set()).add(tested.site)
    return found


def _taken_from_elsewhere(way: Repeated, places: Places) -> cst.CSTNode | None:
    """Where this module gets retries that are written in another one: the decorator of the function that sends or of
    the one that was looked at, or the one call in it of something that is named so."""
    functions = [code.node for code in (way.site.code, way.function.code) if code.node in places]
    for function in functions:
        if isinstance(function, cst.FunctionDef):
            for each in function.decorators:
                if _repeats(each.decorator):
                    return each.decorator
    calls = {
        id(node): node
        for function in functions
        for node in below(function)
        if isinstance(node, cst.Call) and _repeats(node) and not isinstance(places.parent(node), cst.Decorator)
    }
    return next(iter(calls.values())) if len(calls) == 1 else None


_REPEATING = re.compile(r"retr(y|ies)|backoff|attempt|repeat", re.IGNORECASE)


def _repeats(function: cst.BaseExpression) -> bool:
    """Whether something, or what it is a call of, is named as what tries again is."""
    return bool(_REPEATING.search(dotted(function.func if isinstance(function, cst.Call) else function)))


def _is_by_the_way(facts: ModuleFacts, way: Repeated) -> bool:
    """Whether no failure has a part in it: the same request is sent again whatever came of the first, as by a caller
    that calls twice, a heartbeat, a loop that polls; or by a module's own statements that call what sends, as scripts
    and demonstrations do."""
    if way.transport is not None:
        return False
    if not way.trail or (way.function.code.kind == "module" and way.site.code.kind != "module"):
        return True
    by_default = [f for f in facts.functions if f.code is way.function.code and not f.switches]
    return bool(by_default) and not any(_success_ends(f, way) for f in by_default)


def _success_ends(function: FunctionFacts, way: Repeated) -> bool:
    """Whether a function comes to an end after the request was successful, or does not send it."""
    requests = function.table.requests
    rows = [row for row in function.table.rows if requests[row.request].site == way.site.index]
    return not rows or any(row.ends and row.outcomes & outcomes.status(200) for row in rows)


def bound_to(facts: ModuleFacts, turning: Turning) -> str | None:
    """The name of the API that a request sent again from there goes to."""
    return next((api for way in turning.ways if (api := facts.api(way.site)) is not None), None)


def readable(mask: int, turning: Turning) -> str:
    """A set that rests on a range in the code, as that range: without the holes that registries leave in it."""
    for hundred in (outcomes.CLIENT_ERRORS, outcomes.SERVER_ERRORS):
        if mask & hundred & UNASSIGNED:
            mask |= turning.outcomes & hundred
    return outcomes.render(mask)


UNASSIGNED = (
    outcomes.statuses(432, 448)
    | outcomes.statuses(452, 459)
    | outcomes.statuses(461, 498)
    | outcomes.statuses(512, 519)
    | outcomes.statuses(531, 597)
)
"""Statuses that nobody sends: code that treats them in some way has a range, not a list."""


def has_evidence(way: Repeated) -> bool:
    """Whether more than the outcome speaks for sending again: a header, or something in the body."""
    return "other" in way.gates or reads_content(way.gates)


def path(facts: ModuleFacts, turning: Turning, wanted: int, places: Places) -> tuple[Note, ...]:
    """The request, where its answer becomes an exception, and where it is sent again; those that are in this module."""
    notes: list[Note] = []
    taken = set(caught(facts, turning, wanted))
    for site in {way.site.index: way.site for way in turning.ways if way.outcomes & wanted}.values():
        notes.append(sent_at(site))
        for fact, mask in facts.noticed(Thrown):
            if fact.site == site.index and mask & wanted and fact.path in taken:
                notes.append(Note(f"raises {fact.path}", fact.node))
    notes.append(Note("sent again from here", turning.place))
    known = {id(note.place): note for note in notes if isinstance(note.place, cst.CSTNode) and note.place in places}
    return tuple(known.values())


def caught(facts: ModuleFacts, turning: Turning, wanted: int) -> list[str]:
    """The classes of the exceptions by which these outcomes arrive at a handler."""
    sites = {way.site.index for way in turning.ways}
    handlers = {id(way.place) for way in turning.ways}
    found: dict[str, None] = {}
    for fact, mask in facts.noticed(Caught):
        if id(fact.node) in handlers and fact.site in sites and mask & wanted and fact.path:
            found[fact.path] = None
    return list(found)
