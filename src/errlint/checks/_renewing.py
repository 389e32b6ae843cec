"""What makes another request of the same call: new credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks._places import Places
from errlint.checks._ways import Turning
from errlint.flow.lower.tree import below
from errlint.flow.record import Called
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts

_RENEWS = re.compile(
    r"_*(async_)?((update|refresh|renew|rotate|reset|switch)_?(\w+_)?(cookies?|tokens?|session|credentials?|auth)"
    r"|re_?(login|authenticate|authori[sz]e|auth)|log_?in)",
    re.IGNORECASE,
)
_REFUSED = frozenset({"401", "403", "UNAUTHORIZED", "FORBIDDEN", "unauthorized", "forbidden"})


def renews_credentials(facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> bool:
    """Whether new credentials are got on the way to where it is sent again, whatever was answered."""
    return _renews_here(turning, places) or _renews_elsewhere(facts, turning, refused, places)


def _renews_elsewhere(facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> bool:
    """Whether another function does so, once one of these outcomes was met."""
    sites = {way.site.index for way in turning.ways}
    senders = {way.site.code.name for way in turning.ways}
    here = places.function(turning.place)
    return any(
        fact.site in sites
        and mask & refused
        and fact.name not in senders
        and _RENEWS.fullmatch(fact.name)
        and fact.node in places
        and places.function(fact.node) is not here
        for fact, mask in facts.noticed(Called)
    )


def _renews_here(turning: Turning, places: Places) -> bool:
    """Whether the code that sends again does so."""
    place = turning.place
    decorated = places.parent(place)
    while isinstance(decorated, (cst.Decorator, cst.Call, cst.Arg)):
        place, decorated = decorated, places.parent(decorated)
    function = decorated if isinstance(place, cst.Decorator) and decorated is not None else places.function(place)
    if isinstance(function, cst.Module):
        return False
    calls = [node for node in below(function) if isinstance(node, cst.Call)]
    return any(_RENEWS.fullmatch(last_name(call.func) or "") and _is_after_failure(call, places) for call in calls)


def _is_after_failure(call: cst.Call, places: Places) -> bool:
    """Whether a call is made in a handler or under a condition, but not only where credentials are asked for."""
    is_conditional = False
    for around in places.around(call):
        if isinstance(around, cst.If):
            words = {n.value for n in below(around.test) if isinstance(n, (cst.Integer, cst.Name))}
            if not _REFUSED.isdisjoint(words):
                return False
        is_conditional |= isinstance(around, (cst.If, cst.ExceptHandler))
        if isinstance(around, cst.FunctionDef):
            break
    return is_conditional
