"""The way from a request to a place that looks at its answer, as related places of a finding."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places
from errlint.checks.base import Note
from errlint.flow.facts import ModuleFacts
from errlint.flow.record import Site


def route(facts: ModuleFacts, places: Places, site: Site, node: cst.CSTNode) -> tuple[Note, ...]:
    """The request, and the innermost handler or test of its status around the place."""
    return (sent_at(site), *list(_branches(facts, places, site, node))[:1])


def sent_at(site: Site) -> Note:
    """Where a request is sent, or a function is given what came of one."""
    is_given = isinstance(site.code.node, cst.FunctionDef) and site.node is site.code.node.name
    return Note("what gets the answer" if is_given else "the request", site.node, site.code.module)


def _branches(facts: ModuleFacts, places: Places, site: Site, node: cst.CSTNode) -> Iterator[Note]:
    tests = [t for t in facts.tests() if t.site.index == site.index and t.about == {"status"} and t.node in places]
    inner: cst.CSTNode = node
    for around in places.around(node):
        if isinstance(around, cst.ExceptHandler) and around.type is not None and inner is not around.type:
            yield Note("the handler", around.type)
        elif isinstance(around, (cst.If, cst.IfExp)):
            for test in tests:
                taken = test.otherwise if inner is around.orelse else test.then
                if places.is_within(test.node, around.test) and places.is_before(test.node, node) and taken:
                    yield Note(f"the branch for {outcomes.render(taken)}", test.node)
        elif isinstance(around, (cst.FunctionDef, cst.Lambda)):
            return
        inner = around
