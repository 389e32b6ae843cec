"""Comments that suppress findings.

    # errlint: ignore[retried-client-error, ERR102] -- a reason     for the line that it ends, or the one after it
    # errlint: file-ignore[retried-client-error] -- a reason        for the file
    # noqa                                                          for the line that it ends, whatever the finding
    # noqa: ERR101, E501                                            likewise, for these codes; other tools' are skipped

A line is a logical one: a statement's first to last row, without the block below it. Only comments count, as the
tokenizer sees them; text that looks like one in a string does not.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from errlint.model import Edit, Span
from errlint.source import Source

Kind = Literal["ignore", "file-ignore", "noqa"]

_WHERE = re.compile(r"errlint:|noqa", re.IGNORECASE)
_OURS = re.compile(
    r"#\s*errlint:\s*(?P<kind>file-ignore|ignore)\b(?:\s*\[(?P<names>[^\]]*)\])?(?:\s*--(?:(?!\s+#\s).)*)?"
)
_NOQA = re.compile(
    r"#\s*noqa(?:\s*:\s*(?P<names>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)|(?!\s*:)(?![\w-]))", re.IGNORECASE
)
_WORD = re.compile(r"[^\s,]+")
_CODE = re.compile(r"ERR[0-9]{3}\Z", re.IGNORECASE)
_NO_STATEMENT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One suppression. `words` are the names and codes in it, `spans` where they stand; it covers everything where it
    is a plain `noqa`. `rows` is None for the whole file; `comment` is the whole comment that it is part of."""

    kind: Kind
    span: Span
    comment: Span
    rows: range | None
    words: tuple[str, ...]
    spans: tuple[Span, ...]

    @property
    def is_blanket(self) -> bool:
        """A `noqa` without codes: it belongs to every tool, so errlint cannot say that it is unused."""
        return self.kind == "noqa" and not self.words

    @property
    def own_words(self) -> tuple[str, ...]:
        """The words that are meant for errlint."""
        return tuple(word for word in self.words if self.kind != "noqa" or _CODE.match(word))

    def word_for(self, code: str, name: str) -> str | None:
        """The word that names a rule by its code or its name; `` for a plain `noqa`; None where it is not named."""
        if self.is_blanket:
            return ""
        return next((word for word in self.words if word == name or word.upper() == code), None)


class Suppressions:
    """The suppressions in a source text, in order."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.all: tuple[Suppression, ...] = tuple(_read(source)) if _WHERE.search(source.text) else ()

    def __bool__(self) -> bool:
        return bool(self.all)

    def covering(self, span: Span, code: str, name: str) -> tuple[tuple[Suppression, str], ...]:
        """The suppressions of a rule for a finding that starts where `span` does, each with its word for the rule."""
        if not self.all:
            return ()
        row = self._source.position(span.start)[0]
        found = []
        for suppression in self.all:
            word = suppression.word_for(code, name)
            if word is not None and (suppression.rows is None or row in suppression.rows):
                found.append((suppression, word))
        return tuple(found)

    def without(self, suppression: Suppression, words: Collection[str]) -> Edit:
        """Takes words out of a suppression, and the suppression away where none is left."""
        kept = [index for index, word in enumerate(suppression.words) if word not in words]
        if not kept:
            return Edit(self._removal(suppression), "")
        first, last = suppression.spans[0], suppression.spans[-1]
        text = self._source.text
        parts = [text[suppression.spans[index].start : suppression.spans[index].end] for index in kept]
        gap = text[first.end : suppression.spans[1].start]
        return Edit(Span(first.start, last.end), gap.join(parts))

    def _removal(self, suppression: Suppression) -> Span:
        text, span, comment = self._source.text, suppression.span, suppression.comment
        row, _ = self._source.position(span.start)
        line = self._source.line(row)
        if span.start == comment.start and text[span.end : comment.end].strip():
            # Other parts of the comment follow.
            rest = text[span.end : comment.end]
            lead = "" if rest.lstrip().startswith("#") else "# "
            return Span(span.start + len(lead), comment.end - len(rest.lstrip()))
        if not text[line.start : span.start].strip():
            # The comment has the line to itself.
            return Span(line.start, self._source.offset(row + 1) if row < self._source.rows else line.end)
        return Span(line.start + len(text[line.start : span.start].rstrip()), span.end)


def _read(source: Source) -> Iterator[Suppression]:
    for comment, rows, is_trailing in _comments(source):
        text = source.text[comment.start : comment.end]
        for match in _OURS.finditer(text):
            kind: Kind = "file-ignore" if match["kind"] == "file-ignore" else "ignore"
            yield _suppression(kind, match, comment, None if kind == "file-ignore" else rows)
        for match in _NOQA.finditer(text) if is_trailing else ():
            yield _suppression("noqa", match, comment, rows)


def _suppression(kind: Kind, match: re.Match[str], comment: Span, rows: range | None) -> Suppression:
    words: list[str] = []
    spans: list[Span] = []
    if match["names"] is not None:
        first = comment.start + match.start("names")
        for word in _WORD.finditer(match["names"]):
            words.append(word[0])
            spans.append(Span(first + word.start(), first + word.end()))
    end = match.start() + len(match[0].rstrip())
    span = Span(comment.start + match.start(), comment.start + end)
    return Suppression(kind, span, comment, rows, tuple(words), tuple(spans))


def _comments(source: Source) -> Iterator[tuple[Span, range, bool]]:
    """Each comment, the rows of the logical line that it stands in or before, and whether it stands in it."""
    first: int | None = None
    waiting: list[tuple[Span, bool]] = []
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            start = source.offset(token.start[0], token.start[1] + 1)
            waiting.append((Span(start, start + len(token.string)), first is not None))
        elif token.type == tokenize.NEWLINE:
            rows = range(token.start[0] if first is None else first, token.start[0] + 1)
            yield from ((comment, rows, is_trailing) for comment, is_trailing in waiting)
            first, waiting = None, []
        elif first is None and token.type not in _NO_STATEMENT:
            first = token.start[0]
    yield from ((comment, range(0), False) for comment, _ in waiting)


def _tokens(source: Source) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a text that libcst has parsed, up to where this Python's tokenizer does not follow."""
    # Python's tokenizer wants LF: to it, a CR alone is no line end.
    lines = iter([line + "\n" for line in source.lines])
    try:
        yield from tokenize.generate_tokens(lambda: next(lines, ""))
    except (tokenize.TokenError, SyntaxError):
        return
