"""ERR402."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _deletion
from errlint.checks._places import Places, places_of
from errlint.checks._route import sent_at
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Called, Caught, Changed, Sent, Tested
from errlint.model import Fix

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts
    from errlint.flow.record import Site
    from errlint.syntax.edits import Editor

_NOT_FOUND = outcomes.status(404)
_GONE = outcomes.status(410)
_READS = frozenset({"GET", "HEAD", None})
_STATUS = frozenset({"status"})


class NotFoundAsDeleted(Rule):
    """A 404 taken for a deletion.

    ## What

    A read is answered 404, and for that alone the program deletes what it holds itself (a row, a file, an entry of a
    field), or reports that the resource was deleted. A 410 may be treated in the same way; any other status may not.
    Or a function that was called to change something (`update_record`, `save`) returns True for it.

    Not reported: a 404 to a DELETE, which is a success; a lookup that answers None or False; a 404 that only counts,
    or that a setting, a part of the answer or a further request has to confirm; functions that were called to delete;
    a 404 to a POST, with which push services end a subscription.

    ## Why

    A 404 does not say that anything is gone (RFC 9110, 15.5.5): the resource may be hidden from this credential, not
    there yet, or not there just now, and a wrong address gives the same answer. After a change of permissions or a bad
    deployment on the other side the data is lost on this one. Gone is what 410 says.

    ## Example

    ```python
    import requests


    class Mirror:
        def __init__(self, articles):
            self.articles = articles

        def refresh(self, key):
            response = requests.get(f"https://api.example.com/articles/{key}", timeout=10)
            if response.status_code == 404:  # expect: ERR402 "deletes self.articles[key]"
                del self.articles[key]
                return
            response.raise_for_status()
            self.articles[key] = response.json()
    ```

    ## Use instead

    ```python
    import requests


    class Mirror:
        def __init__(self, articles):
            self.articles = articles

        def refresh(self, key):
            response = requests.get(f"https://api.example.com/articles/{key}", timeout=10)
            if response.status_code == 410:
                del self.articles[key]
                return
            response.raise_for_status()
            self.articles[key] = response.json()
    ```

    ## Fix

    Unsafe, since what a 404 should lead to instead is to be decided: acts on 410 only. Not offered where the API is
    known not to send 410; there a list of what exists may tell, or the owner of the data.
    """

    code = "ERR402"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        found: dict[int, Report] = {}
        for function in facts.functions:
            if _deletion.is_asked_for(function.code.name):
                continue
            for fact, mask in function.record.facts.items():
                if not isinstance(fact, (Called, Changed)) or not _is_bare(mask) or fact.node not in places:
                    continue
                site = facts.sites[fact.site]
                if facts.contract(site).proves_absence(404) or not _is_read(function, site):
                    continue
                done = _deletion.described(facts, fact, places)
                decider = _decider(function, site, fact.node, places) if done else None
                if decider is None or id(decider) in found or _asks_further(function, fact):
                    continue
                if _deletion.is_unconditional(facts, decider, fact.node, places):
                    found[id(decider)] = _report(facts, site, decider, fact.node, done, places)
            for decider, side, index in _bare_tests(function):
                site, branch = facts.sites[index], _branch(decider, side, places)
                done = "" if branch is None else _deletion.returned(facts, branch)
                if branch is None or id(decider) in found or places.function(decider) is not function.code.node:
                    continue
                if done and _is_read(function, site) and not facts.contract(site).proves_absence(404):
                    found[id(decider)] = _report(facts, site, decider, branch, done, places)
                elif _deletion.is_change(function.code.name) and _deletion.returns_true(branch):
                    found[id(decider)] = _taken_for_success(facts, site, decider, branch, places)
        yield from found.values()


def _report(
    facts: ModuleFacts, site: Site, decider: cst.CSTNode, node: cst.CSTNode, done: str, places: Places
) -> Report:
    contract, api = facts.contract(site), facts.api(site)
    if api is None:
        reason, instead = "it may hide a 403, or be for a time", "act on 410"
    else:
        reason, instead = f"at {contract.title} it means: {contract.meaning(404)}", "ask for a list, or the owner"
        if contract.documents(410):
            instead = "act on 410"
    related = [sent_at(site)] if site.node in places else []
    return Report(
        f"{done} for a 404 alone, which does not say that anything was deleted ({reason}); {instead}",
        decider,
        (*related, Note("what is done", node)),
        fix=partial(_on_gone, decider=decider) if instead == "act on 410" else None,
        api=api,
    )


def _taken_for_success(
    facts: ModuleFacts, site: Site, decider: cst.CSTNode, branch: cst.CSTNode, places: Places
) -> Report:
    related = [sent_at(site)] if site.node in places else []
    return Report(
        "returns True for a 404, as after a success, though nothing was changed: raise, or return False",
        decider,
        (*related, Note("what is done", branch)),
        api=facts.api(site),
    )


def _on_gone(editor: Editor, decider: cst.CSTNode) -> Fix | None:
    """The same for 410, where the test compares with a 404."""
    if not isinstance(decider, cst.Comparison) or len(decider.comparisons) != 1:
        return None
    operator, other = decider.comparisons[0].operator, decider.comparisons[0].comparator
    content = ""
    if isinstance(operator, (cst.Equal, cst.NotEqual)) and isinstance(other, cst.Integer):
        edit = editor.replace(other, "410")
    elif isinstance(operator, (cst.Equal, cst.NotEqual)) and isinstance(other, cst.Attribute):
        content = {"NOT_FOUND": "GONE", "not_found": "gone"}.get(other.attr.value, "")
        edit = editor.replace(other, f"{editor.code(other.value)}.{content}")
        if not content:
            return None
    elif isinstance(operator, cst.In) and isinstance(other, (cst.Tuple, cst.List, cst.Set)):
        edit = editor.replace(decider, f"{editor.code(decider.left)} == 410")
        if any(not isinstance(element.value, cst.Integer) for element in other.elements):
            return None
    else:
        return None
    return Fix("act on 410", "unsafe", (edit,), _NOT_FOUND | _GONE)


def _is_bare(mask: int) -> bool:
    """Whether these are a 404, and nothing but a 410 besides."""
    mask &= outcomes.ANSWERS | outcomes.TRANSPORT
    return bool(mask & _NOT_FOUND) and not mask & ~(_NOT_FOUND | _GONE)


def _is_read(function: FunctionFacts, site: Site) -> bool:
    methods = {f.method for f in function.record.facts if isinstance(f, Sent) and f.site == site.index}
    return methods <= _READS


def _asks_further(function: FunctionFacts, fact: Called | Changed) -> bool:
    """Whether another request, sent after this one, has a part in what is done."""
    facts = function.record.facts
    others = {f.site for f in facts if isinstance(f, type(fact)) and f.node is fact.node} - {fact.site}
    first = next((f.node for f in facts if isinstance(f, Called) and f.site == fact.site), None)
    before = {f.site for f in facts if isinstance(f, Called) and f.node is first}
    return bool(others - before)


def _decider(function: FunctionFacts, site: Site, node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The last test, or handler's class, in the function that lets only the 404 go on."""
    found: list[cst.CSTNode] = [test for test, _, at in _bare_tests(function) if at == site.index]
    for fact, mask in function.record.facts.items():
        if isinstance(fact, Caught) and fact.site == site.index and _is_bare(mask) and fact.node in places:
            handler = fact.node
            if isinstance(handler, cst.ExceptHandler) and places.is_within(node, handler):
                found += [] if handler.type is None else [handler.type]
    found = [place for place in found if place in places and places.function(place) is function.code.node]
    return max((place for place in found if places.is_before(place, node)), key=places.order, default=None)


def _branch(test: cst.CSTNode, side: bool, places: Places) -> cst.CSTNode | None:
    """The branch of an `if` that a test alone decides."""
    statement = places.parent(test) if test in places else None
    if not isinstance(statement, cst.If) or statement.test is not test:
        return None
    return statement.body if side else statement.orelse


def _bare_tests(function: FunctionFacts) -> Iterator[tuple[cst.CSTNode, bool, int]]:
    """The tests of a status that let only a 404 go to one side, with that side and the site."""
    sides: dict[tuple[int, bool, int], int] = {}
    nodes: dict[int, cst.CSTNode] = {}
    for fact, mask in function.record.facts.items():
        if isinstance(fact, Tested) and fact.about == _STATUS:
            key = (id(fact.node), fact.side, fact.site)
            sides[key] = sides.get(key, 0) | mask
            nodes[id(fact.node)] = fact.node
    for (test, side, site), mask in sides.items():
        if _is_bare(mask):
            yield nodes[test], side, site
