"""What was decided on the way from a request to where it is sent again, and what is kept of it where ways meet."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

TRAIL = frozenset({"status", "caught", "retrier"})
"""What the outcome alone decides: the path that a finding shows."""
_CONTENT = frozenset({"body", "text", "reason", "headers", "exception-text"})
_PARTS = ("member:", "header:")


@dataclass(frozen=True, slots=True)
class Decision:
    """A branch that was taken on something an outcome did not settle; `about` says what its test read."""

    node: cst.CSTNode
    side: bool
    about: frozenset[str]
    rules_out: frozenset[str] = frozenset()
    """What headers cannot be on this side (see `headers`)."""
    number: int = field(default=0, compare=False)
    """Tells which place was come by first, the same in every run."""

    @property
    def is_of_outcome(self) -> bool:
        """Whether nothing but the outcome was looked at."""
        return self.about <= TRAIL

    @property
    def is_of_answer(self) -> bool:
        """Whether some part of the answer or of its failure was looked at."""
        return not self.about.isdisjoint({"status", "caught"}) or reads_content(self.about)


def reads_content(about: frozenset[str]) -> bool:
    """Whether what a test read is more of an answer, or of its failure, than the status."""
    return bool(content_words(about))


def content_words(about: frozenset[str]) -> frozenset[str]:
    """Those of the words for what a test read that stand for more than the status."""
    return frozenset([word for word in about if word in _CONTENT or word.startswith(_PARTS)])


def on_both(one: frozenset[Decision], other: frozenset[Decision], same_outcomes: bool) -> frozenset[Decision]:
    """What to keep of the decisions on two ways that meet, which the same outcomes take or not.

    Those taken on both; and where without the others outcomes would seem to be sent again whatever else the answer
    says, though each way looks at more of it, those of one.
    """
    if one == other:
        return one
    both = one & other
    ours, theirs = _of_more(one - both), _of_more(other - both)
    if same_outcomes and not (ours and theirs):
        return both
    return both | (ours or theirs)


def _of_more(decisions: frozenset[Decision]) -> frozenset[Decision]:
    """Those for which more than the outcome was looked at."""
    return frozenset([d for d in decisions if not d.is_of_outcome and d.is_of_answer])
