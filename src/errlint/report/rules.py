"""Rules as text: a page, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable

from errlint.checks.base import Rule


def page(rule: Rule) -> str:
    """A rule's page in Markdown, with a title."""
    return f"# {rule.name} ({rule.code})\n\nTier: {rule.tier}. Severity: {rule.severity}.\n\n{rule.page}\n"


def index(rules: Iterable[Rule]) -> str:
    """One line a rule: code, name, tier, and the first line of its page."""
    rows = [(rule.code, rule.name, rule.tier, rule.page.partition("\n")[0]) for rule in rules]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) + "\n"
        for row in rows
    )
