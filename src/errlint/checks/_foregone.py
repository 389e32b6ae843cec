"""Tests of a status, or of an answer, that are settled before they are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places, below
from errlint.checks.base import Note, Report
from errlint.flow.record import Called, Foregone, Mark, Site
from errlint.packs.effects import ChecksStatus

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts, Test

_SMALL = 256
"""CPython keeps one object for each integer up to here: `is` works for them by accident."""
_SHOWN = 60


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    yield from _misread(facts, places)
    yield from _always(facts, places)
    yield from _taken(facts, places)


def _is_certain(site: Site) -> bool:
    return site.certainty != "assumed"


def _marks(facts: ModuleFacts, node: cst.CSTNode) -> int:
    marks = 0
    for function in facts.functions:
        marks |= function.record.marks.get(id(node), 0)
    return marks


# --- a status is an int ----------------------------------------------------------------------------------------------


def _misread(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    """Comparisons of a status with what it cannot be equal to, whatever the server sends."""
    for test in facts.tests():
        if test.about != {"status"} or not _is_certain(test.site) or test.node not in places:
            continue
        if isinstance(test.node, cst.Comparison) and (said := _identity(test.node)):
            yield Report(said, test.node)
        elif isinstance(test.node, cst.Call) and test.either and (said := _prefix(test.node)):
            yield Report(said, test.node)
    for fact, _ in facts.noticed(Foregone):
        site = facts.sites[fact.site]
        if fact.what == "status" and fact.node in places and _is_certain(site):
            opposite = Mark.FALSE if fact.side else Mark.TRUE
            if fact.holds != (outcomes.ANSWERS if fact.side else outcomes.NOTHING):
                continue
            if not _marks(facts, fact.node) & opposite and isinstance(fact.node, cst.Comparison):
                if said := _mismatch(fact.node, fact.side):
                    yield Report(said, fact.node)


def _identity(node: cst.Comparison) -> str:
    if len(node.comparisons) != 1 or not isinstance(node.comparisons[0].operator, (cst.Is, cst.IsNot)):
        return ""
    for side in (node.left, node.comparisons[0].comparator):
        if isinstance(side, cst.Integer) and side.evaluated_value > _SMALL:
            negated = isinstance(node.comparisons[0].operator, cst.IsNot)
            always, instead = ("true", "!=") if negated else ("false", "==")
            return (
                f"this is always {always}: `is` asks for the same object, and Python makes a new one for each status "
                f"above {_SMALL}; compare with `{instead}`"
            )
    return ""


def _prefix(node: cst.Call) -> str:
    if not (isinstance(node.func, cst.Attribute) and node.func.attr.value in ("startswith", "endswith")):
        return ""
    values = [argument.value for argument in node.args]
    if len(values) == 1 and isinstance(values[0], cst.Integer):
        text = values[0].value
        return f'this raises TypeError: {node.func.attr.value}() takes text; write "{text}"'
    return ""


def _mismatch(node: cst.Comparison, side: bool) -> str:
    if len(node.comparisons) != 1:
        return ""
    other = node.comparisons[0].comparator
    operator = node.comparisons[0].operator
    elements = [other]
    if isinstance(operator, (cst.In, cst.NotIn)):
        if not isinstance(other, (cst.Tuple, cst.List, cst.Set)):
            return ""
        elements = [element.value for element in other.elements]
    elif not isinstance(operator, (cst.Equal, cst.NotEqual)):
        return ""
    elif isinstance(node.left, (cst.SimpleString, cst.Integer)):
        elements = [node.left]
    always = "true" if side else "false"
    if elements and all(isinstance(element, cst.SimpleString) for element in elements):
        return f"this is always {always}: the status is an int, and never equals text; compare with numbers"
    if elements and all(isinstance(element, cst.Integer) for element in elements) and _is_text(node):
        return f"this is always {always}: the status was made text, and never equals a number; compare it as it is"
    return ""


def _is_text(node: cst.Comparison) -> bool:
    sides = (node.left, node.comparisons[0].comparator)
    return any(
        isinstance(side, cst.Call) and isinstance(side.func, cst.Name) and side.func.value == "str" for side in sides
    )


# --- an answer that is always true -----------------------------------------------------------------------------------


def _always(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    """`if not response`, where responses are true whatever their status."""
    for fact, _ in facts.noticed(Foregone):
        site = facts.sites[fact.site]
        if fact.what != "answer" or not fact.side or fact.holds != outcomes.ANSWERS or fact.node not in places:
            continue
        place = _whole_test(fact.node, places)
        if place is None or not _is_certain(site) or _marks(facts, fact.node) & Mark.FALSE:
            continue
        library, name = site.client.partition(".")[0], site.client.rpartition(".")[2]
        always = "true" if place is fact.node else "false"
        message = (
            f"this is always {always}: a {library} {name} is true whatever its status, so failures are not told apart "
            f"here; test its status"
        )
        yield Report(message, place, _requests(site, places))


def _whole_test(node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The test that an answer alone decides."""
    outer = places.parent(node)
    if isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not):
        node, outer = outer, places.parent(outer)
    return node if isinstance(outer, (cst.If, cst.IfExp, cst.While)) and outer.test is node else None


def _requests(site: Site, places: Places) -> tuple[Note, ...]:
    return (Note("the request", site.node),) if site.node in places else ()


# --- outcomes that went elsewhere ------------------------------------------------------------------------------------


def _taken(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    """Tests for statuses that something before them has taken away."""
    for function in facts.functions:
        if not function.table.exact:
            continue
        for fact, mask in function.record.facts.items():
            if isinstance(fact, Foregone) and fact.what == "status" and mask:
                place = _never_true(facts, function, fact, places)
                if place is not None:
                    yield from _explained(facts, function, fact, place, places)


def _never_true(
    facts: ModuleFacts, function: FunctionFacts, fact: Foregone, places: Places
) -> cst.CSTNode | None:
    """The test (with the `not` before it) that no answer passes, though some would; None where that is not certain."""
    site = facts.sites[fact.site]
    if fact.node not in places or site.node not in places or not _is_certain(site):
        return None
    if any(places.function(node) is not function.code.node for node in (fact.node, site.node)):
        return None
    if _marks(facts, fact.node) & (Mark.FIXED | (Mark.FALSE if fact.side else Mark.TRUE)):
        return None
    if not fact.side:
        return fact.node if fact.holds else None
    outer = places.parent(fact.node)
    negated = isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not)
    return outer if negated and outcomes.ANSWERS & ~fact.holds else None


def _explained(
    facts: ModuleFacts, function: FunctionFacts, fact: Foregone, place: cst.CSTNode, places: Places
) -> Iterator[Report]:
    site = facts.sites[fact.site]
    missing = outcomes.ANSWERS & ~fact.holds if fact.side else fact.holds
    causes = _causes(facts, function, place, missing, fact.site, places)
    if causes is None or _depends(function, site, places):
        return
    notes = tuple(Note(said, node) for node, said in causes)
    message = f"this is always false: no answer with status {outcomes.render(missing)} gets here; {causes[-1][1]}"
    yield Report(message, place, (*_requests(site, places), *notes))


def _causes(
    facts: ModuleFacts, function: FunctionFacts, place: cst.CSTNode, missing: int, site: int, places: Places
) -> list[tuple[cst.CSTNode, str]] | None:
    """What takes the outcomes away, in source order; None where that is not plain to see, or comes to the same."""
    left = missing
    found: list[tuple[cst.CSTNode, str]] = []
    takers = [*_checks(facts, function, site), *_tests(facts, site)]
    takers = [t for t in takers if t[0] in places and _comes_first(t[0], place, places)]
    for node, taken, said in sorted(takers, key=lambda taker: -places.order(taker[0])):
        if left & taken and places.function(node) is function.code.node:
            if _same_way(node, place, places):
                return None
            left &= ~taken
            found.insert(0, (node, said))
    return found if found and not left else None


def _comes_first(node: cst.CSTNode, place: cst.CSTNode, places: Places) -> bool:
    """Whether what passes `node` may come to `place`; what it raises to a handler around `place` does not pass it."""
    for outer in places.around(place):
        if isinstance(outer, cst.ExceptHandler):
            statement = places.parent(outer)
            if isinstance(node, cst.Call) and isinstance(statement, cst.Try) and places.is_within(node, statement.body):
                return False
    return places.is_before(node, place)


def _checks(facts: ModuleFacts, function: FunctionFacts, site: int) -> Iterator[tuple[cst.CSTNode, int, str]]:
    """The calls that raise for a range of statuses."""
    response = facts.knowledge.type(facts.sites[site].client)
    methods = {} if response is None else response.methods
    for fact in function.record.facts:
        if isinstance(fact, Called) and fact.site == site and fact.name in methods:
            effect = methods[fact.name].effect
            if isinstance(effect, ChecksStatus):
                yield fact.node, effect.raises_on, f"{fact.name}() before it raises for them"


def _tests(facts: ModuleFacts, site: int) -> Iterator[tuple[cst.CSTNode, int, str]]:
    """The tests that let only some outcomes go on."""
    for test in facts.tests():
        if test.site.index == site and not test.either:
            for taken, other in ((test.then, test.otherwise), (test.otherwise, test.then)):
                if taken & ~other:
                    yield test.node, taken & ~other, f"{_shown(facts, test.node)} before it takes them"


def _shown(facts: ModuleFacts, node: cst.CSTNode) -> str:
    text = facts.module.tree.code_for_node(node)
    return f"`{text}`" if len(text) <= _SHOWN and "\n" not in text else "the test"


def _same_way(taker: cst.CSTNode, node: cst.CSTNode, places: Places) -> bool:
    """Whether both are parts of one test: `a or b`, where `a` holds for all of `b`."""
    outer = places.parent(node)
    while isinstance(outer, (cst.BooleanOperation, cst.UnaryOperation)):
        if isinstance(outer, cst.BooleanOperation) and isinstance(outer.operator, cst.Or):
            if places.is_within(taker, outer):
                return True
        outer = places.parent(outer)
    return False


def _depends(function: FunctionFacts, site: Site, places: Places) -> bool:
    """Whether what gets where may be another matter with other arguments, or with what errlint cannot see."""
    code = function.code
    given = {p.name for p in code.parameters if p.has_default}
    marks = function.record.marks
    seen: set[int] = set()
    for node in below(code.node):
        seen.add(id(node))
        mark = marks.get(id(node), 0)
        if isinstance(node, cst.WithItem) and mark & Mark.STRANGE:
            return True
        one_way = not (mark & Mark.TRUE and mark & Mark.FALSE)
        if mark & Mark.FIXED and one_way and not places.is_before(node, site.node):
            if any(_is_setting(part, given) for part in below(node)):
                return True
    return any(mark & Mark.FIXED and node not in seen for node, mark in marks.items())


def _is_setting(node: cst.CSTNode, given: set[str]) -> bool:
    """A default argument, a field or a constant: another caller, or another day, may have another value there."""
    if isinstance(node, cst.Attribute):
        return isinstance(node.value, cst.Name) and node.value.value in ("self", "cls")
    return isinstance(node, cst.Name) and (node.value in given or node.value.isupper())
