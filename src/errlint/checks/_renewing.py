"""What makes another request of the same call: new credentials."""

from __future__ import annotations

import re

import libcst as cst

from errlint.checks._places import Places
from errlint.checks._ways import Turning
from errlint.flow.lower.tree import below
from errlint.syntax.names import last_name

_RENEWS = re.compile(
    r"_*(async_)?((update|refresh|renew|rotate|reset|switch)_?(\w+_)?(cookies?|tokens?|session|credentials?|auth)"
    r"|re_?(login|authenticate|authori[sz]e|auth)|log_?in)",
    re.IGNORECASE,
)
_REFUSED = frozenset({"401", "403", "UNAUTHORIZED", "FORBIDDEN", "unauthorized", "forbidden"})


def renews_credentials(turning: Turning, places: Places) -> bool:
    """Whether the code that sends again gets new credentials on the way, whatever was answered."""
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
