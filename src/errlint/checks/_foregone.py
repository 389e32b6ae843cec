"""Tests that are settled before they are made: nothing that they ask for gets there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places
from errlint.checks._route import sent_at
from errlint.checks.base import Note, Report
from errlint.flow.lower.tree import below
from errlint.flow.record import Called, Foregone, Mark
from errlint.model import Fix
from errlint.packs.effects import ChecksStatus
from errlint.packs.values import Among

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts
    from errlint.flow.record import Site
    from errlint.packs.schema import Class
    from errlint.syntax.edits import Editor

_SHOWN = 60
_SUCCESS = (outcomes.SUCCESSES, outcomes.statuses(200, 399))
"""What attributes that tell success hold for, the better one first."""


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    yield from _always_true(facts, places)
    for function in facts.functions:
        if function.table.exact:
            for fact, mask in function.record.facts.items():
                if isinstance(fact, Foregone) and fact.what == "status" and mask:
                    place = _never_true(facts, function, fact, places)
                    if place is not None:
                        yield from _explained(facts, function, fact, mask, place, places)


def _is_negation(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not)


def _request(site: Site, places: Places) -> tuple[Note, ...]:
    return (sent_at(site),) if site.node in places else ()


# --- an answer that is true whatever its status ----------------------------------------------------------------------


def _always_true(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    for fact, mask in facts.noticed(Foregone):
        site = facts.sites[fact.site]
        response = facts.knowledge.type(site.client)
        if fact.what != "answer" or not fact.side or fact.holds != outcomes.ANSWERS or fact.node not in places:
            continue
        place = _whole_test(fact.node, places)
        if response is None or place is None or site.certainty == "assumed" or facts.marks(fact.node) & Mark.FALSE:
            continue
        library, name = response.path.partition(".")[0], response.path.rpartition(".")[2]
        always = "true" if place is fact.node else "false"
        message = f"this is always {always}: a {library} {name} is true whatever its status"
        if not mask & (outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS):
            yield Report(f"{message}, and no failure gets here", place, _request(site, places))
            continue
        message += ", so failures are not told apart here; test its status"
        fix = partial(_ask_success, node=fact.node, response=response)
        yield Report(message, place, _request(site, places), fix=fix)


def _whole_test(node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The test that an answer alone decides."""
    outer = places.parent(node)
    if outer is not None and _is_negation(outer):
        node, outer = outer, places.parent(outer)
    return node if isinstance(outer, (cst.If, cst.IfExp, cst.While)) and outer.test is node else None


def _ask_success(editor: Editor, node: cst.CSTNode, response: Class) -> Fix | None:
    for mask in _SUCCESS:
        for name, value in response.attributes.items():
            if isinstance(value, Among) and not value.perhaps and value.outcomes & outcomes.ANSWERS == mask:
                edit = editor.replace(node, f"{editor.code(node)}.{name}")
                return Fix(f"test .{name}", "unsafe", (edit,), outcomes.ANSWERS & ~mask)
    return None


# --- outcomes that went elsewhere ------------------------------------------------------------------------------------


def _never_true(facts: ModuleFacts, function: FunctionFacts, fact: Foregone, places: Places) -> cst.CSTNode | None:
    """The test (with the `not` before it) that no answer passes, though some would; None where that is not certain."""
    site = facts.sites[fact.site]
    if fact.node not in places or site.node not in places or site.certainty == "assumed":
        return None
    if any(places.function(node) is not function.code.node for node in (fact.node, site.node)):
        return None
    if facts.marks(fact.node) & (Mark.FIXED | (Mark.FALSE if fact.side else Mark.TRUE)):
        return None
    place = fact.node
    if fact.side:
        outer = places.parent(place)
        if outer is None or not _is_negation(outer):
            return None
        place = outer
    for outer in places.around(place):
        if _is_negation(outer):
            return None
        if not isinstance(outer, cst.BooleanOperation):
            break
    return place if _missing(fact) else None


def _missing(fact: Foregone) -> int:
    """The outcomes that the test (with its `not`) asks for."""
    return outcomes.ANSWERS & ~fact.holds if fact.side else fact.holds


def _explained(
    facts: ModuleFacts, function: FunctionFacts, fact: Foregone, mask: int, place: cst.CSTNode, places: Places
) -> Iterator[Report]:
    site, missing = facts.sites[fact.site], _missing(fact)
    takers = [*_checks(facts, function, site), *_tests(facts, site, mask)]
    causes = _causes(function, place, missing, takers, places)
    if causes is None or _depends(function, site, places):
        return
    notes = tuple(Note(said, node) for node, said in causes)
    message = f"this is always false: no answer with status {outcomes.render(missing)} gets here, as {causes[-1][1]}"
    yield Report(message, place, (*_request(site, places), *notes))


Taker = tuple[cst.CSTNode, int, str]
"""Where outcomes are taken away, which ones, and how to say it."""


def _causes(
    function: FunctionFacts, place: cst.CSTNode, missing: int, takers: list[Taker], places: Places
) -> list[tuple[cst.CSTNode, str]] | None:
    """What takes the outcomes away, in source order; None where that is not plain to see, or comes to the same."""
    takers = [taker for taker in takers if taker[0] in places and _comes_first(taker[0], place, places)]
    found: list[tuple[cst.CSTNode, str]] = []
    for node, taken, said in sorted(takers, key=lambda taker: -places.order(taker[0])):
        if missing & taken and places.function(node) is function.code.node:
            if _is_one_test(node, place, places):
                return None
            missing &= ~taken
            found.insert(0, (node, said))
    return found if found and not missing else None


def _comes_first(node: cst.CSTNode, place: cst.CSTNode, places: Places) -> bool:
    """Whether what passes `node` may come to `place`: not what it raises to a handler around that, nor from a handler
    that `place` is not part of."""
    for handler in _handlers_around(place, places):
        statement = places.parent(handler)
        if isinstance(node, cst.Call) and isinstance(statement, cst.Try) and places.is_within(node, statement.body):
            return False
    if any(not places.is_within(place, handler) for handler in _handlers_around(node, places)):
        return False
    return places.is_before(node, place)


def _handlers_around(node: cst.CSTNode, places: Places) -> list[cst.CSTNode]:
    return [outer for outer in places.around(node) if isinstance(outer, cst.ExceptHandler)]


def _checks(facts: ModuleFacts, function: FunctionFacts, site: Site) -> Iterator[Taker]:
    """The calls that raise for a range of statuses."""
    response = facts.knowledge.type(site.client)
    methods = {} if response is None else response.methods
    for fact in function.record.facts:
        if isinstance(fact, Called) and fact.site == site.index and fact.name in methods:
            effect = methods[fact.name].effect
            if isinstance(effect, ChecksStatus):
                yield fact.node, effect.raises_on, f"{fact.name}() before it raises for those"


def _tests(facts: ModuleFacts, site: Site, mask: int) -> Iterator[Taker]:
    """The tests that have a side from which nothing of `mask` comes."""
    for test in facts.tests():
        if test.site is site and not test.either:
            for side in (test.then, test.otherwise):
                if not side & mask:
                    yield test.node, side, f"{_shown(facts, test.node)} before it takes those"


def _shown(facts: ModuleFacts, node: cst.CSTNode) -> str:
    text = facts.module.tree.code_for_node(node)
    return f"`{text}`" if len(text) <= _SHOWN and "\n" not in text else "the test"


def _is_one_test(taker: cst.CSTNode, node: cst.CSTNode, places: Places) -> bool:
    """Whether both are parts of one test, `a or b`, where `a` holds for all of `b`."""
    for outer in places.around(node):
        if not isinstance(outer, (cst.BooleanOperation, cst.UnaryOperation)):
            return False
        is_or = isinstance(outer, cst.BooleanOperation) and isinstance(outer.operator, cst.Or)
        if is_or and places.is_within(taker, outer):
            return True
    return False


def _depends(function: FunctionFacts, site: Site, places: Places) -> bool:
    """Whether what gets where may be another matter with other arguments, or with what errlint cannot see."""
    given = {parameter.name for parameter in function.code.parameters if parameter.has_default}
    marks = function.record.marks
    own: set[int] = set()
    for node in below(function.code.node):
        own.add(id(node))
        mark = marks.get(id(node), 0)
        if isinstance(node, cst.WithItem) and mark & Mark.STRANGE:
            return True
        one_way = mark & Mark.FIXED and not (mark & Mark.TRUE and mark & Mark.FALSE)
        is_after = one_way and not places.is_before(node, site.node)
        if is_after and any(_is_setting(part, given) for part in below(node)):
            return True
    return any(mark & Mark.FIXED and node not in own for node, mark in marks.items())


def _is_setting(node: cst.CSTNode, given: set[str]) -> bool:
    """A default argument, a field or a constant: another caller, or another day, may have another value there."""
    if isinstance(node, cst.Attribute):
        return isinstance(node.value, cst.Name) and node.value.value in ("self", "cls")
    return isinstance(node, cst.Name) and (node.value in given or node.value.isupper())
