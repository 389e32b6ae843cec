"""Marked examples as tests, for authors of rules and packs.

    from errlint.testing import check_markdown, check_rule_page

`check_markdown(path)` runs every case of a Markdown file, `check_rule_page(rule)` the two examples of a rule's page.
Both raise AssertionError with a line for every claim that does not hold. See `markers` for what an example can claim,
`markdown` for how cases are written.
"""

from errlint.testing.examples import (
    check_case,
    check_fixes,
    check_markdown,
    check_rule_page,
    check_suppressed,
)
from errlint.testing.markdown import Case, read_cases
from errlint.testing.variants import VARIANTS

__all__ = [
    "VARIANTS",
    "Case",
    "check_case",
    "check_fixes",
    "check_markdown",
    "check_rule_page",
    "check_suppressed",
    "read_cases",
]
