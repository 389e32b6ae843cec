"""What errlint is known not to get right yet: each entry has to go when it does."""

import pytest

MISSED = (
    "branch-on-error-text: A list of messages",
    "branch-on-error-text: The body",
    "branch-on-error-text: The member that is documented as text",
    "required-retry-after: In the branch for 429",
)
"""Specs whose marked finding is missed since the engine forgets more of deep values."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the known misses to fail."""
    for item in items:
        if any(f"[{name}" in item.name for name in MISSED):
            item.add_marker(pytest.mark.xfail(strict=False, reason="a known miss"))
