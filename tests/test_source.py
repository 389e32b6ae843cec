"""Bytes, text and lines."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errlint.model import Span
from errlint.source import DecodeError, Source

PIECES = st.lists(
    st.sampled_from(["a", "é", "\N{GRINNING FACE}", " ", "\t", "\x0c", "\x0b", "\u2028", "\n", "\r\n", "\r"])
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1",
        b"\xef\xbb\xbfx = '\xc3\xa9'\r\n",
        b"\xef\xbb\xbf# coding: utf-8\rx = 1\n\x0c\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/bin/sh\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"# coding: euc-jp\nx = '\xa4\xa2'\n",
    ],
)
def test_bytes_come_back_as_they_were(data: bytes) -> None:
    assert Source.decode("x.py", data).encode() == data


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    source = Source.decode("x.py", b"\xef\xbb\xbfx = 1\n")
    assert source.text == "x = 1\n"
    assert source.with_text("y").encode() == b"\xef\xbb\xbfy"


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"\x7fELF\0", (1, 5), "holds NUL bytes: this is no text, or in an encoding that Python does not read"),
        (b"x = 1\r\n\ny = '\xe9'\n", (3, 6), "byte 0xe9 is not valid utf-8"),
        (b"\xef\xbb\xbf'\xc3\xa9', '\xe9'\n", (1, 7), "byte 0xe9 is not valid utf-8"),
        (b"# coding: euc-jp\n'\xa4\xa2\xff'\n", (2, 3), "byte 0xff is not valid euc-jp"),
        (b"#!/bin/sh\n# coding: klingon\n", (2, 3), "unknown encoding: klingon"),
        (b"\xef\xbb\xbf# coding: latin-1\n", (1, 3), "encoding problem: utf-8"),
        (b"# coding: rot13\nx\n", (1, 3), "the declared encoding rot13 is none of text"),
        (b"# coding: utf-7\nx = '+AGE-'\n", (1, 3), "the text cannot be written back in utf-7 as it was read"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, place: tuple[int, int], message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Source.decode("x.py", data)
    said, _, remedy = str(caught.value).partition("; ")
    assert said == message
    assert remedy
    assert caught.value.readable.position(caught.value.offset) == place


@given(PIECES)
def test_rows_and_columns_lead_back(pieces: list[str]) -> None:
    source = Source("x.py", "".join(pieces))
    for offset in range(len(source.text) + 1):
        row, column = source.position(offset)
        line = source.line(row)
        if offset <= line.end:
            assert source.offset(row, column) == offset
        else:
            assert source.text[line.end : offset + 1] == "\r\n"


@given(PIECES)
def test_lines_are_those_of_python(pieces: list[str]) -> None:
    text = "'''" + "".join(pieces) + "'''\nx"
    source = Source("x.py", text)
    assert source.position(len(text))[0] == ast.parse(text).body[1].lineno
    assert source.rows == len(source.lines)
    assert [source.text[line.start : line.end] for line in map(source.line, range(1, source.rows + 1))] == list(
        source.lines
    )


def test_places_beyond_the_end() -> None:
    source = Source("x.py", "ab\r\nc")
    assert source.offset(1, 9) == 2
    assert source.offset(9) == 5
    assert source.line(1) == Span(0, 2)
    assert source.position(5) == (2, 2)
