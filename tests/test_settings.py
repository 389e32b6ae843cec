"""Selecting rules."""

import pytest

from errlint import checks
from errlint.checks.base import Report, Rule, Tier
from errlint.settings import ALL, Selection, SettingsError, read_table, resolve


def _rule(code_: str, name_: str, tier_: Tier = "default") -> Rule:
    class Example(Rule):
        code = code_
        tier = tier_
        name = name_

        def check(self, facts: object) -> tuple[Report, ...]:
            return ()

    return Example()


RULES = (
    _rule("ERR101", "retried-client-error"),
    _rule("ERR104", "constant-backoff", "contract"),
    _rule("ERR105", "missing-jitter", "strict"),
    _rule("ERR201", "required-retry-after"),
    _rule("ERR902", "syntax-error"),
)


def on(*layers: Selection) -> set[str]:
    return {rule.code for rule in resolve(RULES, *layers).rules} - {"ERR902"}


def test_without_a_selection_all_but_the_strict_rules_are_on() -> None:
    assert on() == {"ERR101", "ERR104", "ERR201"}


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Selection(select=(ALL,)), {"ERR101", "ERR104", "ERR105", "ERR201"}),
        (Selection(select=("ERR1",)), {"ERR101", "ERR104", "ERR105"}),
        (Selection(select=("missing-jitter",)), {"ERR105"}),
        (Selection(select=("ERR1",), ignore=("ERR101",)), {"ERR104", "ERR105"}),
        (Selection(select=("ERR101",), ignore=("ERR1",)), {"ERR101"}),
        (Selection(select=("ERR1",), ignore=("ERR1",)), set()),
        (Selection(ignore=("required-retry-after",)), {"ERR101", "ERR104"}),
        (Selection(extend_select=("ERR105",)), {"ERR101", "ERR104", "ERR105", "ERR201"}),
        (Selection(tier="default"), {"ERR101", "ERR201"}),
        (Selection(tier="strict"), {"ERR101", "ERR104", "ERR105", "ERR201"}),
    ],
)
def test_a_layer(layer: Selection, expected: set[str]) -> None:
    assert on(layer) == expected


def test_select_starts_anew_and_ignore_takes_from_the_layer_before() -> None:
    configured = Selection(select=("ERR1",))
    assert on(configured, Selection(select=("ERR201",))) == {"ERR201"}
    assert on(configured, Selection(ignore=("ERR105",))) == {"ERR101", "ERR104"}


def test_rules_that_a_selector_names_are_selected_by_hand() -> None:
    assert resolve(RULES).by_hand == frozenset()
    assert "ERR104" in resolve(RULES, Selection(select=(ALL,))).by_hand
    assert resolve(RULES, Selection(extend_select=("constant-backoff",))).by_hand == {"ERR104"}


def test_a_file_that_does_not_parse_is_reported_whatever_is_selected() -> None:
    layers = Selection(select=("ERR101",), ignore=("ERR902",))
    assert {rule.code for rule in resolve(RULES, layers).rules} == {"ERR101", "ERR902"}


@pytest.mark.parametrize(
    ("selector", "suggestion"), [("ERR102", "did you mean"), ("mising-jitter", "missing-jitter"), ("", "")]
)
def test_an_unknown_selector_is_an_error_that_suggests_one(selector: str, suggestion: str) -> None:
    with pytest.raises(SettingsError, match=f"unknown rule '{selector}'.*{suggestion}"):
        resolve(RULES, Selection(ignore=(selector,)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"selct": []}, "unknown key 'selct'; did you mean 'select'"),
        ({"select": "ERR1"}, "'select' must be a list of strings"),
        ({"ignore": [1]}, "'ignore' must be a list of strings"),
        ({"tier": "strickt"}, "did you mean 'strict'"),
    ],
)
def test_tables_are_read_strictly(table: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_table(table)


def test_every_rule_has_a_code_of_its_own_and_a_page() -> None:
    rules = checks.load()
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.page for rule in rules)
