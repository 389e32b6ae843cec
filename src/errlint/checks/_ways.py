"""The ways back to a request, as rules speak of them: those that are certain, gathered where they are decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places, below
from errlint.checks.base import Note
from errlint.flow.record import Caught, Ended, Sent, Thrown
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
        if not _is_supervised(facts, way, places):
            gathered.setdefault(id(way.place), []).append(way)
    for ways in gathered.values():
        yield Turning(ways[0].place, tuple(ways))


def has_evidence(way: Repeated) -> bool:
    """Whether more than the outcome speaks for sending again: a header, or something in the body."""
    return any(word in _SEEN or word.startswith(_PARTS) for word in way.gates)


def _is_supervised(facts: ModuleFacts, way: Repeated, places: Places) -> bool:
    """Whether the loop around goes on after a success as well: then a failure is no reason to send again."""
    loop = loop_around(way.place, places)
    if loop is None:
        return False
    for fact, mask in facts.noticed(Ended):
        if fact.site == way.site.index and mask & outcomes.SUCCESSES and fact.node in places:
            if places.is_within(fact.node, loop):
                return False
    inner = tuple(below(loop.body))
    for node in inner:
        if isinstance(node, cst.Break) and loop_around(node, places) is loop:
            if not any(isinstance(around, cst.ExceptHandler) for around in _up_to(node, loop, places)):
                return False
    if isinstance(loop, cst.For):
        return True
    tested = {_EMPTY.code_for_node(node) for node in below(loop.test) if isinstance(node, (cst.Name, cst.Attribute))}
    return not any(_EMPTY.code_for_node(target) in tested for node in inner for target in _assigned(node))


_EMPTY = cst.Module([])


def _up_to(node: cst.CSTNode, outer: cst.CSTNode, places: Places) -> Iterator[cst.CSTNode]:
    for around in places.around(node):
        if around is outer:
            return
        yield around


def _assigned(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a statement or expression gives a new value."""
    if isinstance(node, cst.Assign):
        for target in node.targets:
            yield from below(target.target)
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr)):
        yield node.target
    elif isinstance(node, cst.For):
        yield from below(node.target)


def loop_around(node: cst.CSTNode, places: Places) -> cst.While | cst.For | None:
    """The innermost loop that a node is in, within its function."""
    for around in places.around(node):
        if isinstance(around, (cst.While, cst.For)):
            return around
        if isinstance(around, (cst.FunctionDef, cst.Lambda)):
            return None
    return None


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
            return len(targets) == 1 and isinstance(targets[0], cst.Name) and all(
                _is_status(pack, use.attr.value) for use in _uses(targets[0], places) if isinstance(use, cst.Attribute)
            ) and all(isinstance(use, cst.Attribute) for use in _uses(targets[0], places))
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
