"""ERR403."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _dead_handlers, _falsy_responses, _foregone
from errlint.checks._places import Places
from errlint.checks.base import Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class DeadStatusTest(Rule):
    code = "ERR403"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        found: dict[int, Report] = {}
        for reports in (
            _falsy_responses.reports(facts, places),
            _foregone.reports(facts, places),
            _dead_handlers.reports(facts, places),
        ):
            for report in reports:
                found.setdefault(id(report.place), report)
        yield from found.values()
