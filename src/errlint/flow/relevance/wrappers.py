"""Which functions call what they are given: decorators, mostly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.lower.tree import below
from errlint.flow.relevance.names import callable_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from errlint.flow.code import Code
    from errlint.flow.relevance.mentions import Mentions, Use


def wrappers(mentions: Mentions) -> frozenset[str]:
    """The names of the functions of a module that call one of their parameters, in nested functions mostly.

    What these do about the end of the call is found in this module, where something that they wrap is looked at.
    """
    return frozenset(name for _, given in _calls_of_parameters(mentions) for name in _names_of(given))


def guarding_wrappers(mentions: Mentions) -> frozenset[str]:
    """Those that do so where it matters how the call ends: in a loop, a `try` or a `with`, or in what calls itself."""
    return frozenset(
        name for use, given in _calls_of_parameters(mentions) if _is_guarded(use) for name in _names_of(given)
    )


def _calls_of_parameters(mentions: Mentions) -> Iterator[tuple[Use, Code]]:
    """Each with the function whose parameter is called."""
    for use in mentions.uses:
        if use.code is not None and isinstance(use.value, cst.Call) and isinstance(use.value.func, cst.Name):
            given = mentions.variable(use.code, use.value.func.value).function
            if given is not None and any(p.name == use.value.func.value for p in given.parameters):
                yield use, given


def _names_of(code: Code) -> Iterator[str]:
    """What decorators made by a function may be called: its own name, and those of what it is nested in."""
    current: Code | None = code
    while current is not None:
        yield from callable_names(current)
        current = current.parent


def _is_guarded(use: Use) -> bool:
    assert use.code is not None
    for node in below(use.code.node):
        if isinstance(node, _GUARDS) and any(inner is use.value for inner in below(node)):
            return True
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == use.code.name:
            return True
    return False


_GUARDS = (cst.Try, cst.TryStar, cst.For, cst.While, cst.With)
