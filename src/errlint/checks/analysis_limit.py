"""ERR903."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks.base import Report, Rule
from errlint.model import Span

if TYPE_CHECKING:
    from errlint.checks.base import Place
    from errlint.flow.facts import ModuleFacts


class AnalysisLimit(Rule):
    """A function too large to follow.

    ## What

    Following every outcome through the function takes more steps than errlint spends on one. Nothing is claimed about
    it, neither by the other rules nor by `errlint outcomes`. What only passes on what another function gives it is
    left out: the other one is looked at itself.

    ## Why

    This is information, and changes no exit status: a linter that gives up should say so.

    ## Use instead

    Functions that each do one thing: send the request and judge its answer in one, and go on with the data in another.
    """

    code = "ERR903"
    severity = "info"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        for function in facts.functions:
            if function.limit is not None:
                yield Report(f"{function.code.qualname} is not checked: {function.limit}", _place(function.code.node))


def _place(node: cst.CSTNode) -> Place:
    """The name of a function; the beginning of a module."""
    if isinstance(node, cst.Module):
        return Span(0, 0)
    return node.name if isinstance(node, cst.FunctionDef) else node
