"""How deeply code nests, told from its text.

libcst ends the process on a few thousand brackets in each other, takes a minute for as many operators in a row, and
there is no stopping it. So what awaits it is estimated first, in a thirtieth of the time that parsing takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BRACKETS = 200
"""Python itself parses no more in each other."""
DEPTH = 1000
"""A second's work for libcst; machines write sums of half as many terms, people of a tenth."""
ROOMY = 250
"""Up to here, the stack that a thread has anyway is large enough."""
_DEFINITION = re.compile(r"\n[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]")
"""No expression goes on across one of these."""
_NESTING = (*"([{.+-*/%@&|^~", "<<", ">>", "not", "and", "or", "if", "else", "lambda", "await", "yield")
"""What nests, in a form that is counted fast."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
_PAIR = re.compile(rb"\(\)|\[\]|\{\}")

_PREFIX, _TIGHT = 11, 13
_CLASSES = {
    operator: rank
    for rank, operators in enumerate(
        (
            "lambda if else await yield",
            "or",
            "and",
            "not",
            "",
            "|",
            "^",
            "&",
            "<< >>",
            "+ -",
            "* / // % @",
            "~",
            "**",
            ".",
        )
    )
    for operator in operators.split()
}
"""How tightly operators bind. What binds tighter is done with once something looser follows."""
_FLAT = {"in": 4, "is": 4, "for": 0, **dict.fromkeys(("<", ">", "<=", ">=", "==", "!="), 4)}
"""Operators, and `:` and `=`, of which any number make one node."""
_TOKEN = re.compile(
    r"""
      (?P<skip> \#[^\r\n]* | \\(?:\r\n?|\n)
        | (?P<quote>\"{3}|'{3})(?:\\.|(?!(?P=quote)).)*(?P=quote)
        | "(?:\\.|[^"\\\r\n])*" | '(?:\\.|[^'\\\r\n])*' | [0-9][\w.]* )
    | (?P<open> [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<newline> \r\n?|\n )
    | (?P<part> [,;] )
    | (?P<operator> \*\*|//|<<|>>|[<>=!:]=|->|[-+~*/%@&|^<>=.:]
        | \b(?:and|or|not|in|is|if|else|lambda|await|yield|for)\b )
    | (?P<word> \w+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep the deepest expression is, at most, how many brackets are in each other, and where that is so."""

    depth: int = 0
    brackets: int = 0
    offset: int = 0


def estimate(text: str) -> Depth:
    """The depth of a text, no less than it is, and exact enough where that matters."""
    found = Depth()
    start = 0
    for end in (*[match.start() for match in _DEFINITION.finditer(text)], len(text)):
        # A word and a space, or an operator and an operand: shorter texts cannot nest that deeply.
        if end - start > ROOMY:
            part = text[start:end]
            depth = Depth(sum(map(part.count, _NESTING)), 0, start)
            if depth.depth > DEPTH or (depth.depth > BRACKETS and _has_many_brackets(part)):
                depth = deepest(part)
                depth = Depth(depth.depth, depth.brackets, start + depth.offset)
            if depth.depth > found.depth or depth.brackets > found.brackets:
                found = depth
        if found.depth > DEPTH or found.brackets > BRACKETS:
            break
        start = end
    return found


def _has_many_brackets(text: str) -> bool:
    """Whether brackets are left when the innermost pairs have been taken away some times. Those in strings may
    mislead it, to either side; then a stack that is large bears what comes."""
    brackets = text.encode("latin-1", "replace").translate(None, _NO_BRACKETS)
    for _ in range(BRACKETS // 4):
        fewer = _PAIR.sub(b"", brackets)
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return len(brackets) > BRACKETS // 4


def deepest(text: str) -> Depth:
    """The depth of a text by its operators and brackets, counted no further than the limits."""
    depth = brackets = offset = total = 0
    here = [0] * 14
    """How many operators of each class wait for what follows."""
    outside: list[list[int]] = []
    after_operand = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "operator":
            flat = match[0] not in _CLASSES
            rank = _FLAT.get(match[0], 0) if flat else _CLASSES[match[0]]
            if not after_operand and rank < _PREFIX and match[0] in "+-*":
                rank = _PREFIX
            for looser in range(rank + 1, 14):
                if here[looser]:
                    total -= here[looser]
                    here[looser] = 0
            if not flat:
                here[rank] += 1
                total += 1
            after_operand = False
        elif kind == "open":
            outside.append(here)
            here = [0] * 14
            total += 1
            after_operand = False
        elif kind == "close":
            if outside:
                # One more operand; a call or subscript nests what it is of.
                total -= sum(here)
                here = outside.pop()
                here[_TIGHT] += 1
            after_operand = True
        elif kind == "part" or (kind == "newline" and not outside):
            total -= sum(here)
            here = [0] * 14
            after_operand = False
        elif kind == "word" or (kind == "skip" and match[0][0] not in "#\\"):
            after_operand = True
        if total > depth or len(outside) > brackets:
            depth, brackets, offset = max(depth, total), max(brackets, len(outside)), match.start()
            if depth > DEPTH or brackets > BRACKETS:
                break
    return Depth(depth, brackets, offset)
