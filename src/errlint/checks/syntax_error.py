"""ERR902."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from errlint.checks.base import SYNTAX_ERROR, Report, Rule

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


class SyntaxErrorRule(Rule):
    """A file that does not parse.

    ## What

    The file is not Python that errlint can parse, or its bytes are not text in the encoding that it declares.

    ## Why

    Nothing in the file was checked. Taking that for "no findings" would be the worst mistake a linter can make, so
    this rule cannot be turned off, and errlint exits with status 2.

    ## Example

    ```python
    if response.status_code == 404  # expect: ERR902
        return None
    ```

    ## Use instead

    ```python
    if response.status_code == 404:
        gone = True
    ```
    """

    code = SYNTAX_ERROR
    severity = "error"

    def check(self, facts: ModuleFacts) -> Iterable[Report]:
        """Nothing: a file that has facts has been parsed. `lint` reports the ones that have none."""
        return ()
