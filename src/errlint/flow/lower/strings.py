"""F-strings."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from errlint.flow import ir
from errlint.flow.ir import Const, FormatPart, Operand
from errlint.flow.lower.literals import string_value, unescaped
from errlint.flow.lower.writer import ExpressionTable, Writer

EXPRESSIONS = ExpressionTable()

_Parts = list["str | FormatPart"]


@EXPRESSIONS.on(cst.FormattedString, cst.ConcatenatedString)
def _format(out: Writer, node: cst.FormattedString | cst.ConcatenatedString, into: str | None) -> Operand:
    parts: _Parts = []
    rest: cst.BaseExpression | None = node
    while rest is not None:
        literal, rest = (rest.left, rest.right) if isinstance(rest, cst.ConcatenatedString) else (rest, None)
        if isinstance(literal, cst.FormattedString):
            _fields(out, literal.parts, "r" in literal.prefix, parts)
        elif isinstance(literal, cst.SimpleString) and isinstance(text := string_value(literal), str):
            parts.append(text)
        else:  # a template string
            return out.opaque(node, into)
    return _formatted(out, node, parts, into)


def _formatted(out: Writer, node: cst.CSTNode, parts: _Parts, into: str | None = None) -> Operand:
    """One operation, or a constant where there is nothing to fill in."""
    joined: _Parts = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    if not any(isinstance(part, FormatPart) for part in joined):
        return Const("".join(part for part in joined if isinstance(part, str)))
    target = into or out.temp()
    out.emit(ir.Format(node, target, tuple(joined)))
    return target


def _fields(out: Writer, nodes: Sequence[cst.BaseFormattedStringContent], raw: bool, parts: _Parts) -> None:
    """Evaluate the replacement fields of an f-string, or of a format specification in one."""
    for node in nodes:
        if isinstance(node, cst.FormattedStringText):
            text = unescaped(node.value.replace("{{", "{").replace("}}", "}"), raw=raw)
            parts.append(text or "")
        elif isinstance(node, cst.FormattedStringExpression):
            value = out.value(node.expression)
            conversion = node.conversion
            spec: Operand | None = None
            if node.format_spec is not None:
                inner: _Parts = []
                out.deepen()
                _fields(out, node.format_spec, raw, inner)
                out.rise()
                spec = _formatted(out, node, inner)
            if node.equal is not None:
                parts.append(_source(node))
                conversion = conversion or ("r" if spec is None else None)
            parts.append(FormatPart(value, conversion, spec))


def _source(node: cst.FormattedStringExpression) -> str:
    """The text that `{x=}` shows before the value."""
    equal = node.equal
    assert equal is not None
    before, after = (
        space.value if isinstance(space, cst.SimpleWhitespace) else " "
        for space in (equal.whitespace_before, equal.whitespace_after)
    )
    leading = node.whitespace_before_expression
    start = leading.value if isinstance(leading, cst.SimpleWhitespace) else ""
    return f"{start}{_EMPTY.code_for_node(node.expression)}{before}={after}"


_EMPTY = cst.Module([])
