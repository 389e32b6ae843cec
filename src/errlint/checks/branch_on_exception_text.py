"""ERR302."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks._steering import parents_of, steers
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Compared

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class BranchOnExceptionText(Rule):
    """x"""

    code = "ERR302"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        for fact, mask in facts.noticed(Compared):
            if fact.about != "exception-text": continue
            yield Report(f"{fact.about} {fact.operator} {sorted(fact.words)[:4]} cut={fact.cut} {fact.exception} {outcomes.render(mask)} steers={steers(fact.node, parents_of(facts.module.tree))} {facts.sites[fact.site].certainty}", fact.node)
