"""Marked examples: the pages of the rules, and the cases in `tests/rules`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from errlint import checks
from errlint.checks.base import Rule
from errlint.testing import VARIANTS, Case, check_case, check_fixes, check_rule_page, check_suppressed, read_cases

SPECS = sorted((Path(__file__).parent / "rules").glob("*.md"))
CASES = [pytest.param(case, id=f"{spec.stem}: {case.title}") for spec in SPECS for case in read_cases(spec)]
# A function that outgrows the engine fills no page.
WITHOUT_EXAMPLE = {"ERR903"}


@pytest.mark.parametrize("rule", checks.load(), ids=lambda rule: rule.name)
def test_page(rule: Rule) -> None:
    if rule.code not in WITHOUT_EXAMPLE:
        check_rule_page(rule)


@pytest.mark.parametrize("check", [check_case, check_suppressed, check_fixes])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, variant: str, check: Callable[..., None]) -> None:
    check(case, VARIANTS[variant])


def test_every_spec_is_about_a_rule() -> None:
    assert {spec.stem for spec in SPECS} <= {rule.name for rule in checks.load()}
