"""Edits of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errlint.editing import OverlapError, apply, image, overlap
from errlint.model import Edit, Span


def edit(start: int, end: int, content: str) -> Edit:
    return Edit(Span(start, end), content)


def test_edits_are_of_the_original_whatever_their_order() -> None:
    edits = [edit(4, 5, "EE"), edit(0, 1, ""), edit(2, 2, "+")]
    assert apply("abcdef", edits) == apply("abcdef", reversed(edits)) == "b+cdEEf"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (edit(0, 2, ""), edit(2, 4, ""), False),
        (edit(0, 3, ""), edit(2, 4, ""), True),
        (edit(2, 2, "a"), edit(2, 2, "b"), True),
        (edit(2, 2, "a"), edit(2, 4, ""), True),
        (edit(4, 4, "a"), edit(2, 4, ""), True),
        (edit(5, 5, "a"), edit(2, 4, ""), False),
    ],
)
def test_overlap(one: Edit, other: Edit, expected: bool) -> None:
    assert overlap((one,), (other,)) == overlap((other,), (one,)) == expected
    if expected:
        with pytest.raises(OverlapError):
            apply("abcdef", (one, other))


@given(st.text(min_size=1), st.data())
def test_a_span_that_no_edit_touches_keeps_its_text(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    before, after = edit(cuts[0], cuts[0], data.draw(st.text())), edit(cuts[3], len(text), data.draw(st.text()))
    span = Span(cuts[1], cuts[2])
    if cuts[0] < cuts[1] and cuts[2] < cuts[3]:
        moved = image(span, (before, after))
        assert apply(text, (before, after))[moved.start : moved.end] == text[span.start : span.end]


def test_a_span_around_an_edit_grows_with_it() -> None:
    assert image(Span(2, 8), (edit(4, 5, "xyz"),)) == Span(2, 10)


def test_a_span_inside_an_edit_is_its_replacement() -> None:
    assert image(Span(4, 5), (edit(2, 8, "xyz"),)) == Span(2, 5)
