"""What a function that sends is told of its callers: that their requests are pending, not how they came to be.

What they waited for and decided, and where they are in their loops, changes nothing about what the function does: one
summary serves them all. In it the callers' sendings have numbers below 0, and its own are numbered as if nobody had
called it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from errlint.flow.decisions import Decision
from errlint.flow.record import Fact, Record, Resent, Retry, Sent
from errlint.flow.state import Pending
from errlint.flow.values import Abstract, Renaming, Symbol, rename_all


@dataclass(frozen=True, slots=True)
class Callers:
    """The pending requests of those that call a function, in order; `number` tells its sendings in this call from those
    in others."""

    pending: tuple[Pending, ...]
    number: Callable[[int], int]

    def stand_ins(self) -> list[Pending]:
        """The same requests, as the function sees them: with what is known of their headers."""
        return [
            Pending(p.attempt, (), frozenset([d for d in p.decisions if d.rules_out]), frozenset({-1 - i}))
            for i, p in enumerate(self.pending)
        ]

    def told(self, record: Record) -> Record:
        """What was noticed in the function, in the terms of the callers."""
        facts: dict[Fact, int] = {}
        for fact, mask in record.facts.items():
            for mine in self._told(fact):
                facts[mine] = facts.get(mine, 0) | mask
        return replace(record, facts=facts)

    def _told(self, fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, (Sent, Resent)):
            yield replace(fact, number=self.number(fact.number))
        elif isinstance(fact, Retry):
            target = self.number(fact.target)
            sends, waits, decisions = self._restored(frozenset({fact.source}), fact.waits, fact.decisions)
            for source in sends:
                yield replace(fact, source=source, target=target, waits=waits, decisions=decisions)
        else:
            yield fact

    def restored(self, pending: Pending, renaming: Renaming) -> Pending:
        """A request that is pending when the function ends, with the numbers of the callers."""
        waits = rename_all(pending.waits, renaming)
        sends, waits, decisions = self._restored(pending.sends, waits, pending.decisions)
        return Pending(renaming[pending.attempt], waits, decisions, sends)

    def _restored(
        self, sends: frozenset[int], waits: tuple[Abstract, ...], decisions: frozenset[Decision]
    ) -> tuple[frozenset[int], tuple[Abstract, ...], frozenset[Decision]]:
        found: set[int] = set()
        for number in sends:
            if number >= 0:
                found.add(self.number(number))
            else:
                before = self.pending[-1 - number]
                found |= before.sends
                # What is not known but by name says nothing new when it comes again, in a loop for ever.
                new = [wait for wait in waits if not isinstance(wait, Symbol) or wait not in before.waits]
                whole = before.followed_by(new, decisions)
                waits, decisions = whole.waits, whole.decisions
        return frozenset(found), waits, decisions
