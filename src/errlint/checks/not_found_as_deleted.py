"""ERR402."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _deletion
from errlint.checks._places import Places
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Called, Caught, Changed, Sent, Tested

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts
    from errlint.flow.record import Site

_NOT_FOUND = outcomes.status(404)
_GONE = outcomes.status(410)
_READS = frozenset({"GET", "HEAD", None})


class NotFoundAsDeleted(Rule):
    code = "ERR402"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        found: dict[int, Report] = {}
        for function in facts.functions:
            if _deletion.is_asked_for(function.code.name):
                continue
            for fact, mask in function.record.facts.items():
                if not isinstance(fact, (Called, Changed)) or not _is_bare(mask) or fact.node not in places:
                    continue
                site = facts.sites[fact.site]
                contract = facts.contract(site)
                if contract.proves_absence(404) or not _is_read(function, site) or _asks_further(function, fact, places):
                    continue
                done = _deletion.described(facts, fact, places)
                decider = _decider(facts, function, site, fact.node, places)
                if not done or decider is None or id(decider) in found:
                    continue
                if not _deletion.is_unconditional(facts, decider, fact.node, places):
                    continue
                found[id(decider)] = self._report(facts, site, decider, fact.node, done, places)
        yield from found.values()

    def _report(
        self, facts: ModuleFacts, site: Site, decider: cst.CSTNode, node: cst.CSTNode, done: str, places: Places
    ) -> Report:
        contract, api = facts.contract(site), facts.api(site)
        meaning = contract.meaning(404)
        means = f"{contract.title} answers it for: {meaning}" if api and meaning else "it may be temporary, or hide a 403"
        message = (
            f"a 404 alone {done}: it does not say that anything was deleted ({means}); act on 410 Gone, or ask another way"
        )
        related = [Note("what is done", node)]
        if site.node in places:
            related.insert(0, Note("the request", site.node))
        return Report(message, decider, tuple(related), api=api)


def _is_bare(mask: int) -> bool:
    mask &= outcomes.ANSWERS | outcomes.TRANSPORT
    return bool(mask & _NOT_FOUND) and not mask & ~(_NOT_FOUND | _GONE)


def _is_read(function: FunctionFacts, site: Site) -> bool:
    methods = {f.method for f in function.record.facts if isinstance(f, Sent) and f.site == site.index}
    return methods <= _READS


def _asks_further(function: FunctionFacts, fact: Called | Changed, places: Places) -> bool:
    """Whether another request, sent after this one, has a part in what is done."""
    facts = function.record.facts
    others = {f.site for f in facts if isinstance(f, type(fact)) and f.node is fact.node} - {fact.site}
    sending = next((f.node for f in facts if isinstance(f, Called) and f.site == fact.site), None)
    before = {f.site for f in facts if isinstance(f, Called) and f.node is sending}
    return bool(others - before)


def _decider(
    facts: ModuleFacts, function: FunctionFacts, site: Site, node: cst.CSTNode, places: Places
) -> cst.CSTNode | None:
    """The last test, or handler, in the function that lets only the 404 go on."""
    candidates: list[cst.CSTNode] = []
    sides: dict[tuple[int, bool], int] = {}
    nodes: dict[int, cst.CSTNode] = {}
    for fact, mask in function.record.facts.items():
        if isinstance(fact, Tested) and fact.site == site.index and fact.about == {"status"}:
            key = (id(fact.node), fact.side)
            sides[key] = sides.get(key, 0) | mask
            nodes[id(fact.node)] = fact.node
        elif isinstance(fact, Caught) and fact.site == site.index and _is_bare(mask):
            handler = fact.node
            if isinstance(handler, cst.ExceptHandler) and handler.type is not None and handler in places:
                if places.is_within(node, handler):
                    candidates.append(handler.type)
    candidates += [nodes[key] for (key, _), mask in sides.items() if _is_bare(mask)]
    candidates = [
        c
        for c in candidates
        if c in places and places.function(c) is function.code.node and places.is_before(c, node)
    ]
    return max(candidates, key=places.order, default=None)
