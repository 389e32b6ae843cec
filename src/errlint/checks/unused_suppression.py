"""ERR901."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from errlint.checks.base import UNUSED_SUPPRESSION, Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class UnusedSuppression(Rule):
    """A suppression that suppresses nothing.

    ## What

    A comment `# errlint: ignore[...]`, or a `# noqa` with a code of errlint, names a rule that has nothing to report
    there. Codes of other tools are left alone, and so are rules that are not selected.

    ## Why

    The next reader takes the comment for a known problem, and it would hide a new one.

    ## Example

    ```python
    import requests


    def fetch(url):
        response = requests.get(url, timeout=5)  # errlint: ignore[unbounded-retry]  # expect: ERR901
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import requests


    def fetch(url):
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Safe: removes the name from the comment, and the comment where no name is left.
    """

    code = UNUSED_SUPPRESSION

    def check(self, facts: ModuleFacts) -> Iterable[Report]:
        """Nothing: which suppressions were used is known when all the others have reported. `lint` reports them."""
        return ()
