"""Where code counts on a Retry-After that it may not get, or not get as a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places
from errlint.flow.facts import ModuleFacts
from errlint.flow.record import Read, Relied, Rescued, Site
from errlint.packs.contracts import Contract, RetryAfter

HEADER = "retry-after"
_REFUSALS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS


@dataclass(frozen=True, slots=True)
class Reliance:
    """An operation that raises `exception` for these outcomes of a request, and nothing takes it."""

    node: cst.CSTNode
    site: Site
    contract: Contract
    exception: str
    outcomes: int


def reliances(
    facts: ModuleFacts, places: Places, when: Literal["missing", "dated"], stands: Callable[[RetryAfter], bool]
) -> Iterator[Reliance]:
    """The operations on a Retry-After that raise where it is missing or dated, with the refusals for which they do.

    `stands` says for which of them the contract rules it out. Where a handler takes the exception, nobody relies.
    """
    rescued = {
        (id(fact.origin), fact.exception) for fact, _ in facts.noticed(Rescued) if not _only_passes_on(fact.node)
    }
    subscripted = {(fact.site, fact.name) for fact, _ in facts.noticed(Read) if fact.how == "item"}
    seen: set[int] = set()
    for fact, mask in facts.noticed(Relied):
        if fact.name != HEADER or fact.when != when or fact.node not in places:
            continue
        if (id(fact.node), fact.exception) in rescued or id(fact.node) in seen or _is_asserted(places, fact.node):
            continue
        if when == "missing" and fact.exception == "TypeError" and (fact.site, fact.name) in subscripted:
            continue  # Where it is missing, the subscript has raised before.
        site = facts.sites[fact.site]
        contract = facts.contract(site)
        refused = outcomes.NOTHING
        for status in outcomes.codes(mask & _REFUSALS):
            if not stands(contract.retry_after(status)):
                refused |= outcomes.status(status)
        if refused:
            seen.add(id(fact.node))
            yield Reliance(fact.node, site, contract, fact.exception, refused)


def _is_asserted(places: Places, node: cst.CSTNode) -> bool:
    """Whether a test of a server's answers says so."""
    return any(isinstance(around, cst.Assert) for around in places.around(node))


def _only_passes_on(handler: cst.CSTNode) -> bool:
    """Whether a handler ends by raising what it has caught."""
    if not isinstance(handler, (cst.ExceptHandler, cst.ExceptStarHandler)):
        return False
    last = handler.body.body[-1] if handler.body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Raise) and last.exc is None
