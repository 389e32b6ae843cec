"""The same program, written otherwise: what errlint says of it must stay the same."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Mapping

Variant = Callable[[str], str]

_BEYOND_BASIC_PLANE = "\N{GRINNING FACE}"
_COMPOUND = frozenset(
    [
        "async",
        "class",
        "def",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "if",
        "match",
        "case",
        "try",
        "type",
        "while",
        "with",
    ]
)


def with_crlf(text: str) -> str:
    """Lines end as on Windows."""
    return text.replace("\n", "\r\n")


def with_bom(text: str) -> str:
    """A byte order mark comes first."""
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + text


def with_tabs(text: str) -> str:
    """Each four spaces of indentation are a tab."""
    return re.sub(r"^(?: {4})+", lambda spaces: "\t" * (len(spaces[0]) // 4), text, flags=re.MULTILINE)


def with_wide_characters(text: str) -> str:
    """A character that takes two UTF-16 units and four bytes stands before every simple statement, in a string.

    Text that Python cannot tokenize stays as it is.
    """
    lines = text.splitlines(keepends=True)
    try:
        starts = _simple_statements(text)
    except (tokenize.TokenError, SyntaxError):
        return text
    for row, column in starts:
        line = lines[row - 1]
        lines[row - 1] = f'{line[:column]}"{_BEYOND_BASIC_PLANE}"; {line[column:]}'
    return "".join(lines)


def _simple_statements(text: str) -> list[tuple[int, int]]:
    """Where each logical line starts that holds only simple statements."""
    found = []
    at_start = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.ENCODING):
            at_start = at_start or token.type == tokenize.NEWLINE
        elif token.type != tokenize.COMMENT:
            if at_start and token.type == tokenize.NAME and token.string not in _COMPOUND:
                found.append(token.start)
            at_start = False
    return found


VARIANTS: Mapping[str, Variant] = {
    "as it is": lambda text: text,
    "CRLF": with_crlf,
    "byte order mark": with_bom,
    "tabs": with_tabs,
    "wide characters": with_wide_characters,
}
