"""The values of literals, read without `eval` and without the warnings that it gives for `"\\d"`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import libcst as cst

from errlint.flow.ir import Const

_SIMPLE = {**dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v", strict=True)), "\n": ""}
_ESCAPE = re.compile(
    r"\\(?:([\\'\"abfnrtv\n])|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]*)\})"
)
_BYTE_ESCAPE = re.compile(r"\\(?:([\\'\"abfnrtv\n])|([0-7]{1,3})|x([0-9a-fA-F]{2}))")
_LARGEST_DECIMAL = 4300


def constant(node: cst.CSTNode) -> Const | None:
    """The constant that an expression is by its form alone, or None."""
    read = _READERS.get(type(node))
    return None if read is None else read(node)


def string_value(node: cst.SimpleString) -> str | bytes | None:
    """The value of one string literal; None where its escapes are wrong, which no running program has."""
    text = node.value
    quote_at = min(at for at in (text.find("'"), text.find('"')) if at >= 0)
    prefix = text[:quote_at].lower()
    width = 3 if text[quote_at : quote_at + 3] in ("'''", '"""') else 1
    body = text[quote_at + width : -width]
    if "b" not in prefix:
        return unescaped(body, raw="r" in prefix)
    if not body.isascii():
        return None
    body = _newlines(body)
    if "r" not in prefix:
        body = _BYTE_ESCAPE.sub(_byte, body)
    return body.encode("latin-1")


def unescaped(body: str, *, raw: bool) -> str | None:
    """The text that the inside of a string literal stands for."""
    body = _newlines(body)
    if raw or "\\" not in body:
        return body
    try:
        return _ESCAPE.sub(_character, body)
    except (KeyError, ValueError):  # an unknown \\N{name}, a code point out of range
        return None


def _newlines(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n") if "\r" in body else body


def _character(match: re.Match[str]) -> str:
    simple, octal, byte, short, long, name = match.groups()
    if simple is not None:
        return _SIMPLE[simple]
    if octal is not None:
        return chr(int(octal, 8))
    if name is not None:
        return unicodedata.lookup(name)
    return chr(int(byte or short or long, 16))


def _byte(match: re.Match[str]) -> str:
    simple, octal, byte = match.groups()
    if simple is not None:
        return _SIMPLE[simple]
    return chr(int(octal, 8) & 0xFF if octal is not None else int(byte, 16))


def _name(node: cst.CSTNode) -> Const | None:
    assert isinstance(node, cst.Name)
    return _NAMED.get(node.value)


def _ellipsis(_: cst.CSTNode) -> Const:
    return Const(...)


def _integer(node: cst.CSTNode) -> Const | None:
    assert isinstance(node, cst.Integer)
    text = node.value
    # Python refuses to read longer ones, and so does `int`.
    return Const(int(text, 0)) if len(text) <= _LARGEST_DECIMAL else None


def _float(node: cst.CSTNode) -> Const:
    assert isinstance(node, cst.Float)
    return Const(float(node.value))


def _imaginary(node: cst.CSTNode) -> Const:
    assert isinstance(node, cst.Imaginary)
    return Const(complex(0, float(node.value[:-1])))


def _string(node: cst.CSTNode) -> Const | None:
    assert isinstance(node, cst.SimpleString)
    value = string_value(node)
    return None if value is None else Const(value)


def _concatenated(node: cst.CSTNode) -> Const | None:
    parts: list[str] = []
    byte_parts: list[bytes] = []
    rest: cst.CSTNode = node
    while True:
        head = rest.left if isinstance(rest, cst.ConcatenatedString) else rest
        value = string_value(head) if isinstance(head, cst.SimpleString) else None
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, bytes):
            byte_parts.append(value)
        else:
            return None
        if not isinstance(rest, cst.ConcatenatedString):
            return Const(b"".join(byte_parts)) if byte_parts else Const("".join(parts))
        rest = rest.right


def _negative(node: cst.CSTNode) -> Const | None:
    assert isinstance(node, cst.UnaryOperation)
    if type(node.operator) is not cst.Minus:
        return None
    read = _NUMBERS.get(type(node.expression))
    number = None if read is None else read(node.expression)
    if number is None or not isinstance(number.value, (int, float, complex)):
        return None
    return Const(-number.value)


_NAMED = {"True": Const(True), "False": Const(False), "None": Const(None)}
_Reader = Callable[[cst.CSTNode], "Const | None"]
_NUMBERS: dict[type[cst.CSTNode], _Reader] = {cst.Integer: _integer, cst.Float: _float, cst.Imaginary: _imaginary}
_READERS: dict[type[cst.CSTNode], _Reader] = {
    **_NUMBERS,
    cst.Name: _name,
    cst.Ellipsis: _ellipsis,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.UnaryOperation: _negative,
}
