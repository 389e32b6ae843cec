"""What a run looks for: selecting rules, and reading the tables that say so.

Selections come in layers, configuration first and the command line after it. A layer with `select` (or `tier`) starts
anew; `ignore` and `extend-select` change what the layers before it chose. Within a layer the more specific selector
wins, as in `select = ["ERR1"], ignore = ["ERR101"]`, and of two equally specific ones `ignore` does.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from errlint.checks.base import ALWAYS_ON, Rule, Tier

TIERS: tuple[Tier, ...] = get_args(Tier)
DEFAULT_TIER: Tier = "contract"
ALL = "ALL"


class SettingsError(ValueError):
    """A setting that errlint does not understand; the message says which, and what may have been meant."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One layer: selectors are `ALL`, codes, prefixes of codes, or names of rules.

    `tier` is the highest tier whose rules are on without being selected.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    tier: Tier | None = None

    def __bool__(self) -> bool:
        return self != Selection()


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules that are on.

    `by_hand` holds the codes of those that a selector asked for: where one of them is about contracts, it runs on code
    bound to no API as well, against HTTP itself. `known` are the codes and names of all rules, on or not.
    """

    rules: tuple[Rule, ...]
    by_hand: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of configuration, read."""

    selection: Selection = field(default_factory=Selection)
    exclude: tuple[str, ...] = ()


def resolve(rules: tuple[Rule, ...], *layers: Selection) -> Settings:
    """The rules that the layers leave on; raises SettingsError where a selector names none."""
    on = _of_tier(rules, DEFAULT_TIER)
    by_hand: set[str] = set()
    for layer in layers:
        if layer.tier is not None:
            on, by_hand = _of_tier(rules, layer.tier), set()
        if layer.select is not None:
            on, by_hand = set(), set()
        selectors = (*(layer.select or ()), *layer.extend_select)
        for selector in (*selectors, *layer.ignore):
            _check(selector, rules)
        for rule in rules:
            wanted = _specificity(rule, selectors)
            unwanted = _specificity(rule, layer.ignore)
            if wanted > unwanted:
                on.add(rule.code)
                by_hand.add(rule.code)
            elif unwanted:
                on.discard(rule.code)
                by_hand.discard(rule.code)
    on |= ALWAYS_ON
    known = frozenset(word for rule in rules for word in (rule.code, rule.name))
    return Settings(tuple(rule for rule in rules if rule.code in on), frozenset(by_hand), known)


def _of_tier(rules: tuple[Rule, ...], tier: Tier) -> set[str]:
    return {rule.code for rule in rules if TIERS.index(rule.tier) <= TIERS.index(tier)}


def _specificity(rule: Rule, selectors: Iterable[str]) -> int:
    """How closely the closest of the selectors names the rule; 0 where none does."""
    closest = 0
    for selector in selectors:
        if selector == ALL:
            closest = max(closest, 1)
        elif selector == rule.name:
            closest = max(closest, 1 + len(rule.code))
        elif rule.code.startswith(selector):
            closest = max(closest, 1 + len(selector))
    return closest


def _check(selector: str, rules: tuple[Rule, ...]) -> None:
    if not selector or not any(_specificity(rule, (selector,)) for rule in rules):
        known = [ALL, *(rule.code for rule in rules), *(rule.name for rule in rules)]
        near = did_you_mean(selector, known) or "; `errlint rule` lists the rules"
        raise SettingsError(f"unknown rule {selector!r}{near}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is near, otherwise nothing."""
    spelt = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), spelt, n=1)
    return f"; did you mean {spelt[near[0]]!r}?" if near else ""


_KEYS = ("select", "ignore", "extend-select", "tier", "exclude")


def read_table(table: Mapping[str, object]) -> Table:
    """Read a configuration table strictly; raises SettingsError that names the key."""
    for key in table:
        if key not in _KEYS:
            raise SettingsError(f"unknown key {key!r}{did_you_mean(key, _KEYS)}")
    return Table(
        Selection(
            select=_strings(table, "select") if "select" in table else None,
            ignore=_strings(table, "ignore"),
            extend_select=_strings(table, "extend-select"),
            tier=_tier(table["tier"]) if "tier" in table else None,
        ),
        exclude=_strings(table, "exclude"),
    )


def _strings(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{key!r} must be a list of strings, not {value!r}")
    return tuple(value)


def _tier(value: object) -> Tier:
    for tier in TIERS:
        if value == tier:
            return tier
    raise SettingsError(f"'tier' must be one of {', '.join(TIERS)}, not {value!r}{did_you_mean(str(value), TIERS)}")
