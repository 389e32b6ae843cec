"""A source text: its bytes, its characters, and its lines, so that none of the three is lost in the others.

Lines end as Python ends them: with LF, CR LF or CR. A form feed, or one of the separators at which `str.splitlines`
splits, ends none.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass, field, replace

from errlint.model import Span

_LINE_END = re.compile(r"\r\n?|\n")


class DecodeError(ValueError):
    """Bytes that are no text; the message is one line, says why and what can be done.

    `readable` is the text as far as it can be read, `offset` the place in it that is wrong.
    """

    def __init__(self, message: str, readable: Source, offset: int) -> None:
        super().__init__(message)
        self.readable = readable
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, without its byte order mark, and what it takes to write it as it was read."""

    path: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""
    """The byte order mark; it is no part of the text, and no column counts it."""

    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)
    """Where each line starts; found when first asked for."""

    @classmethod
    def decode(cls, path: str, data: bytes) -> Source:
        """The text in `data`, in the encoding that it declares; raises DecodeError where `encode` could not undo it."""
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        content = data[len(mark) :]

        def refused(message: str, bad: int, encoding: str = "utf-8") -> DecodeError:
            """The byte at `bad` is the first that is wrong."""
            offset = len(content[:bad].decode(encoding, "replace"))
            return DecodeError(message, cls(path, content.decode(encoding, "replace")), offset)

        if b"\0" in content:
            message = "holds NUL bytes: this is no text, or in an encoding that Python does not read"
            raise refused(f"{message}; exclude the file, or save it as UTF-8", content.index(b"\0"))
        declaration = max(content.find(b"coding"), 0)
        try:
            encoding = _declared(data)
        except SyntaxError as error:
            raise refused(f"{error}; declare one that Python knows", declaration) from error
        try:
            text = content.decode(encoding)
            written = text.encode(encoding)
        except UnicodeDecodeError as error:
            message = f"byte 0x{content[error.start]:02x} is not valid {encoding}"
            remedy = "save the file as UTF-8, or declare its encoding in the first line: # coding: ..."
            raise refused(f"{message}; {remedy}", error.start, encoding) from error
        except (LookupError, ValueError) as error:
            # A codec that does not make text of bytes, such as hex.
            message = f"the declared encoding {encoding} is none of text; declare one that is"
            raise refused(message, declaration) from error
        if written != content:
            message = f"the text cannot be written back in {encoding} as it was read; save the file as UTF-8"
            raise refused(message, declaration)
        return cls(path, text, encoding, mark)

    def encode(self) -> bytes:
        """The bytes of the file."""
        return self.mark + self.text.encode(self.encoding)

    def with_text(self, text: str) -> Source:
        """The same file with another text."""
        return replace(self, text=text)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; the last one is empty where the text ends with a line end."""
        return tuple(_LINE_END.split(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a code point, both from 1."""
        starts = self._line_starts()
        row = bisect_right(starts, offset)
        return row, offset - starts[row - 1] + 1

    def offset(self, row: int, column: int = 1) -> int:
        """The code point at a row and column; beyond the end of a line or of the text, that end."""
        starts = self._line_starts()
        if row > len(starts):
            return len(self.text)
        return min(starts[row - 1] + column - 1, self.line(row).end)

    def line(self, row: int) -> Span:
        """A line without its end."""
        starts = self._line_starts()
        start = starts[row - 1]
        end = starts[row] if row < len(starts) else len(self.text)
        ended = self.text[start:end].rstrip("\r\n") if row < len(starts) else self.text[start:end]
        return Span(start, start + len(ended))

    @property
    def rows(self) -> int:
        """How many lines there are."""
        return len(self._line_starts())

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts.extend([0, *(match.end() for match in _LINE_END.finditer(self.text))])
        return self._starts


def _declared(data: bytes) -> str:
    """The encoding that the first two lines declare, as PEP 263 has it; raises SyntaxError where it is unknown."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        # It also refuses first lines that are not valid UTF-8; then decoding says where they are not.
        if "unknown encoding" in str(error) or "encoding problem" in str(error):
            raise
        return "utf-8"
    return "utf-8" if encoding == "utf-8-sig" else encoding
