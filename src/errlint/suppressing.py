"""Setting aside what comments suppress, and finding the comments that suppress nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from errlint import outcomes
from errlint.checks.base import UNUSED_SUPPRESSION, Rule
from errlint.model import Finding, Fix, Span
from errlint.settings import Settings, did_you_mean
from errlint.source import Source
from errlint.syntax.suppressions import Suppression, Suppressions

Complaint = tuple[str, Span, Fix | None]
"""What is wrong with a suppression, where, and how to repair it."""


class Suppressing:
    """The suppressions of a source text, and which of their words have been of use."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self._settings = settings
        self._suppressions = Suppressions(source)
        self._used: set[tuple[Suppression, str]] = set()

    def suppresses(self, finding: Finding) -> bool:
        """Whether a comment suppresses the finding; its word for the rule is of use then."""
        covering = self._suppressions.covering(finding.span, finding.code, finding.name)
        self._used.update(covering)
        return bool(covering)

    def unused(self, judged: Collection[Rule]) -> Iterator[Finding]:
        """What `unused-suppression` finds once the rules `judged` have reported all they had to say.

        A plain `noqa`, codes of other tools and rules that were not asked are left alone.
        """
        rule = next((rule for rule in self._settings.rules if rule.code == UNUSED_SUPPRESSION), None)
        if rule is None:
            return
        asked = {word for other in judged for word in (other.code, other.name)}
        itself = {rule.code, rule.name}
        for message, span, fix in chain(self._misspelt(), self._useless(asked - itself)):
            finding = Finding(rule.code, rule.name, message, span, rule.severity, fix=fix)
            if not self.suppresses(finding):
                yield finding
        # What suppresses this very rule is judged last, when it is known whether it was of use, and by itself: it
        # must not hide that it was not.
        for message, span, fix in self._useless(itself):
            yield Finding(rule.code, rule.name, message, span, rule.severity, fix=fix)

    def _useless(self, asked: Collection[str]) -> Iterator[Complaint]:
        for suppression in self._suppressions.all:
            for word, span in zip(suppression.words, suppression.spans, strict=True):
                if _canonical(word) in asked and (suppression, word) not in self._used:
                    edit = self._suppressions.without(suppression, (word,))
                    fix = Fix(f"remove {word} from the suppression", "safe", (edit,), outcomes.NOTHING)
                    yield f"{word} is not reported here", span, fix

    def _misspelt(self) -> Iterator[Complaint]:
        """Comments of errlint's own that name no rule. What was meant is for a person to say."""
        for suppression in self._suppressions.all:
            if suppression.kind == "noqa":
                continue
            if not suppression.words:
                yield (
                    "the suppression names no rule: say which, as in ignore[retried-client-error]",
                    suppression.span,
                    None,
                )
            for word, span in zip(suppression.words, suppression.spans, strict=True):
                if _canonical(word) not in self._settings.known:
                    yield f"{word} is no rule{did_you_mean(word, self._settings.known)}", span, None


def _canonical(word: str) -> str:
    """Codes are written in either case."""
    return word.upper() if word.upper().startswith("ERR") and word[3:].isdecimal() else word
