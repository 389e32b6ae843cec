"""What is kept of the decisions on two ways that meet."""

import libcst as cst
import pytest

from errlint.flow.decisions import Decision, on_both


def decision(*about: str) -> Decision:
    return Decision(cst.Name("test"), True, frozenset(about))


OUTCOME, HEADER, OTHER_HEADER = decision("status"), decision("header:retry-after"), decision("header:x-reset")
GUESS, NUMBER = decision("unknown", "status"), decision("unknown")


@pytest.mark.parametrize(
    ("one", "other", "same_outcomes", "kept"),
    [
        ({OUTCOME, HEADER}, {OUTCOME, HEADER}, False, {OUTCOME, HEADER}),
        # Nothing but the outcome speaks for one of the ways.
        ({OUTCOME, HEADER}, {OUTCOME}, True, {OUTCOME}),
        ({OUTCOME}, {NUMBER}, True, set()),
        # Something else does for each.
        ({OUTCOME, HEADER}, {OUTCOME, OTHER_HEADER}, True, {OUTCOME, HEADER}),
        ({HEADER}, {GUESS}, True, {HEADER}),
        # What holds for the outcomes of one is not forgotten because others come another way.
        ({OUTCOME, HEADER}, {OUTCOME}, False, {OUTCOME, HEADER}),
        ({OUTCOME}, {OUTCOME, GUESS}, False, {OUTCOME, GUESS}),
        ({OUTCOME}, {NUMBER}, False, set()),
    ],
)
def test_decisions_of_two_ways_that_meet(
    one: set[Decision], other: set[Decision], same_outcomes: bool, kept: set[Decision]
) -> None:
    assert on_both(frozenset(one), frozenset(other), same_outcomes) == kept
