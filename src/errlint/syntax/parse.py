"""Parsing."""

from __future__ import annotations

import ast
import warnings

import libcst as cst

from errlint.model import Span
from errlint.source import Source
from errlint.syntax import nesting
from errlint.syntax.depth import on_large_stack, with_room


class ParseError(Exception):
    """Text that is not Python; the message is one line, `span` the place that is wrong."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def parse(source: Source) -> cst.Module:
    """The tree of a source text; raises ParseError, and nothing else."""
    text = source.text
    depth = nesting.estimate(text)
    if depth.brackets > nesting.BRACKETS:
        raise ParseError(f"more than {nesting.BRACKETS} brackets in each other", Span(depth.offset, depth.offset + 1))
    if depth.depth > nesting.DEPTH:
        message = f"more than {nesting.DEPTH} operators in one expression, each an operand of the next"
        raise ParseError(message, Span(depth.offset, depth.offset + 1))
    # libcst does not raise RecursionError where the stack ends: it takes the process with it.
    room = with_room if depth.depth < nesting.ROOMY and text.count("elif") < nesting.ROOMY else on_large_stack
    try:
        return room(lambda: cst.parse_module(text))
    except cst.ParserSyntaxError as error:
        raise _explained(source, error) from error
    except (RecursionError, MemoryError) as error:
        raise ParseError("nested too deeply to be parsed", Span(0, 0)) from error
    except Exception as error:
        # What libcst raises where it meets a shape that it did not expect is as good as undocumented.
        raise ParseError(f"cannot be parsed: {_one_line(str(error)) or type(error).__name__}", Span(0, 0)) from error


def _explained(source: Source, error: cst.ParserSyntaxError) -> ParseError:
    """Python says better than libcst what is wrong and where, and libcst where Python has nothing to say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source.text)
    except SyntaxError as said:
        return ParseError(_one_line(said.msg), _place(source, said))
    except (ValueError, RecursionError, MemoryError):
        lead = ""
    else:
        lead = "Python parses this, libcst does not: "
    start = source.offset(error.raw_line, error.raw_column + 1)
    message = error.message.partition(": ")[2] or error.message
    return ParseError(lead + _one_line(message), Span(start, start))


def _place(source: Source, error: SyntaxError) -> Span:
    if error.lineno is None:
        return Span(0, 0)
    start = source.offset(error.lineno, max(error.offset or 1, 1))
    end = start
    if error.end_lineno == error.lineno and error.end_offset is not None:
        end = source.offset(error.lineno, max(error.end_offset, 1))
    return Span(start, max(start, end))


def _one_line(text: str) -> str:
    return " ".join(text.split())
