"""ERR302."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks._exception_text import Sniffed, is_of_request, sniffed
from errlint.checks._places import Places
from errlint.checks._steering import steers
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Compared

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class BranchOnExceptionText(Rule):
    """x"""

    code = "ERR302"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        known: dict[int, list[Compared]] = {}
        for fact, mask in facts.noticed(Compared):
            if fact.about == "exception-text" and any(fact.words) and fact.node in places:
                known.setdefault(id(fact.node), []).append(fact)
        seen: set[int] = set()
        for facts_ in known.values():
            fact = facts_[0]
            if steers(fact.node, places):
                seen.add(id(fact.node))
                yield Report(f"KNOWN {fact.exception} {sorted(fact.words)}", fact.node)
        for found in sniffed(facts, places):
            if id(found.node) in seen or id(found.node) in known: continue
            if is_of_request(facts, found) and steers(found.node, places):
                seen.add(id(found.node))
                yield Report(f"SNIFFED {found.classes} {sorted(found.words)}", found.node)
