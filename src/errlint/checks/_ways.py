"""The ways back to a request, as rules speak of them: those that are certain, gathered where they are decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._loops import is_supervised
from errlint.checks._places import Places, below
from errlint.checks.base import Note
from errlint.flow.record import Caught, Sent, Thrown
from errlint.packs.effects import ChecksStatus
from errlint.packs.values import Among

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated
    from errlint.packs.schema import Class

_PARTS = ("member:", "header:")
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
        if way.phantom or way.doubtful or way.function.limit is not None or way.place not in places:
            continue
        if not is_supervised(facts, way, places):
            gathered.setdefault(id(way.place), []).append(way)
    for ways in gathered.values():
        yield Turning(ways[0].place, tuple(ways))


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
    return any(word in _SEEN or word.startswith(_PARTS) for word in way.gates)


def path(facts: ModuleFacts, turning: Turning, wanted: int, places: Places) -> tuple[Note, ...]:
    """The request, where its answer becomes an exception, and where it is sent again; those that are in this module."""
    notes: list[Note] = []
    taken = set(caught(facts, turning, wanted))
    for site in {way.site.index: way.site for way in turning.ways if way.outcomes & wanted}.values():
        notes.append(Note("the request", site.node))
        for fact, mask in facts.noticed(Thrown):
            if fact.site == site.index and mask & wanted and fact.path in taken:
                notes.append(Note(f"raises {fact.path}", fact.node))
    notes.append(Note("sent again from here", turning.place))
    known = {id(note.place): note for note in notes if isinstance(note.place, cst.CSTNode) and note.place in places}
    return tuple(known.values())


def is_probe(facts: ModuleFacts, way: Repeated, places: Places) -> bool:
    """Whether only the status of the answer is of interest: code that waits until a service is there."""
    sent = {fact.method for fact, _ in facts.noticed(Sent) if fact.site == way.site.index}
    pack = facts.knowledge.type(way.site.client)
    if not sent <= _READING or pack is None or way.site.node not in places:
        return False
    for around in places.around(way.site.node):
        if isinstance(around, cst.Expr):
            return True
        if isinstance(around, cst.Attribute):
            return _is_status(pack, around.attr.value)
        if isinstance(around, (cst.Assign, cst.AnnAssign, cst.AsName, cst.NamedExpr)):
            targets = [t.target for t in around.targets] if isinstance(around, cst.Assign) else [_target(around)]
            return (
                len(targets) == 1
                and isinstance(targets[0], cst.Name)
                and all(
                    _is_status(pack, use.attr.value)
                    for use in _uses(targets[0], places)
                    if isinstance(use, cst.Attribute)
                )
                and all(isinstance(use, cst.Attribute) for use in _uses(targets[0], places))
            )
        if not isinstance(around, (cst.Await, cst.WithItem)):
            return False
    return False


_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _target(node: cst.AnnAssign | cst.AsName | cst.NamedExpr) -> cst.BaseExpression:
    if isinstance(node, cst.AsName):
        assert isinstance(node.name, cst.BaseExpression)
        return node.name
    return node.target


def _uses(target: cst.Name, places: Places) -> Iterator[cst.CSTNode]:
    """What is done with a variable in its function."""
    for node in below(places.function(target)):
        if isinstance(node, cst.Name) and node.value == target.value and node is not target:
            around = places.parent(node)
            if around is not None and not isinstance(around, (cst.AssignTarget, cst.NameItem)):
                yield around


def _is_status(pack: Class, name: str) -> bool:
    method = pack.methods.get(name)
    if method is not None:
        return isinstance(method.effect, ChecksStatus)
    held = pack.attributes.get(name)
    return held in ("status", "reason") or isinstance(held, Among)


def caught(facts: ModuleFacts, turning: Turning, wanted: int) -> list[str]:
    """The classes of the exceptions by which these outcomes arrive at a handler."""
    sites = {way.site.index for way in turning.ways}
    found: dict[str, None] = {}
    for fact, mask in facts.noticed(Caught):
        if fact.node is turning.place and fact.site in sites and mask & wanted and fact.path:
            found[fact.path] = None
    return list(found)
