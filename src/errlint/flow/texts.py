"""Where the wording of an error is looked at: text of an answer, or of an exception, compared with what it may say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.callables import Class, External, Method
from errlint.flow.classes import exception_base
from errlint.flow.describe import member
from errlint.flow.engine import Attach
from errlint.flow.headers import attribute
from errlint.flow.ir import Const
from errlint.flow.record import Compared
from errlint.flow.state import DETACHED, Attempt, State
from errlint.flow.values import Abstract, Apply, Dictionary, Fault, Instance, Part, Ref, Sequence

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

_SEARCHES = frozenset({"startswith", "endswith", "find", "rfind", "index", "rindex", "count", "__contains__"})
_PATTERNS = frozenset({"search", "match", "fullmatch", "findall", "finditer"})
_STILL_TEXT = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "casefold",
        "title",
        "capitalize",
        "decode",
        "encode",
        "replace",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "splitlines",
        "removeprefix",
        "removesuffix",
        "format",
        "join",
        "translate",
        "expandtabs",
    ]
)
_OF_EXCEPTIONS = frozenset({"args", "message", "msg", "reason", "strerror"})


def note_comparison(
    engine: Engine, state: State, node: cst.CSTNode, operator: str, left: Abstract, right: Abstract
) -> None:
    """Record `left operator right` where one side is such text and the other is known."""
    for text, other in ((left, right), (right, left)):
        wording = _words(other)
        if wording:
            _note(engine, state, node, operator, text, wording)


def note_call(
    engine: Engine, state: State, node: cst.CSTNode, function: Abstract, arguments: tuple[Abstract, ...]
) -> None:
    """Record `text.startswith("...")`, `re.search("...", text)`, `PATTERN.search(text)` and the like."""
    if not arguments:
        return
    if isinstance(function, External):
        module, _, name = function.path.rpartition(".")
        if module == "re" and name in _PATTERNS and len(arguments) > 1:
            _note(engine, state, node, name, arguments[1], _words(arguments[0]))
        return
    if isinstance(function, Method):
        receiver, name = function.receiver, function.name
    else:
        reached = attribute(function)
        if reached is None:
            return
        receiver, name = reached
    if name in _SEARCHES:
        wording = _words(arguments[0])
        if wording:
            _note(engine, state, node, name, receiver, wording)
    elif name in _PATTERNS and isinstance(receiver, Apply) and receiver.operator == "call:re.compile":
        _note(engine, state, node, name, arguments[0], _words(receiver.operands[0]))


def _words(value: Abstract) -> frozenset[str]:
    """The texts that something is compared with."""
    if type(value) is Const:
        if isinstance(value.value, bytes):
            return frozenset({value.value.decode("latin-1")})
        return frozenset({value.value}) if isinstance(value.value, str) else frozenset()
    if isinstance(value, Sequence):
        return frozenset(word for item in value.items for word in _words(item))
    if isinstance(value, Dictionary):
        return frozenset(word for key, _ in value.items for word in _words(key))
    return frozenset()


def _note(
    engine: Engine, state: State, node: cst.CSTNode, operator: str, text: Abstract, wording: frozenset[str]
) -> None:
    found = _source(text, False)
    if found is None:
        return
    about, source, printed = found
    for attempt in _attempts(engine, state, source):
        info = state.heap[attempt]
        assert isinstance(info, Attempt)
        path = source.path if isinstance(source, Fault) else ""
        fact = Compared(node, info.site, about, operator, wording, printed, path)
        engine.record.note(fact, state.masks[attempt])


def _source(value: Abstract, printed: bool) -> tuple[str, Abstract, bool] | None:
    """What a text is (`text`, `reason`, `member:/...`, `exception-text`), what it was read from, and whether it was
    printed or cut on the way; None for anything but text of an answer or an exception."""
    while True:
        if isinstance(value, Part):
            if value.kind in ("text", "reason"):
                return value.kind, value, printed
            return ("text", value, True) if value.kind == "body" and printed else None
        if not isinstance(value, Apply) or not value.operands:
            return None
        pointer = member(value)
        if pointer is not None:
            return f"member:{pointer}", _root(value), printed
        operator, first = value.operator, value.operands[0]
        if operator == "call":
            reached = attribute(first)
            if reached is None:
                return None
            first, operator = reached[0], f"method:{reached[1]}"
        if operator == "attribute":
            name = value.operands[1]
            known = type(name) is Const and name.value in _OF_EXCEPTIONS
            return ("exception-text", first, printed) if known and isinstance(first, (Fault, Ref)) else None
        if operator in ("call:str", "call:repr", "formatted"):
            printed = True
        elif operator == "format":
            parts = [p for p in value.operands if type(p) is not Const]
            if len(parts) != 1:
                return None
            first, printed = parts[0], True
        elif operator.startswith("method:") and operator[7:] in _STILL_TEXT:
            printed = True
        elif operator not in ("item", "slice", "or-default"):
            return None
        if isinstance(first, (Fault, Ref)):
            return ("exception-text", first, True) if operator in _PRINTS else None
        value = first


_PRINTS = frozenset({"call:str", "call:repr", "formatted", "format"})


def _root(value: Abstract) -> Abstract:
    while isinstance(value, Apply):
        value = value.operands[0]
    return value


def _attempts(engine: Engine, state: State, source: Abstract) -> Iterator[int]:
    """The attempts whose answer, or failure, a text tells of."""
    if isinstance(source, Part):
        yield source.attempt
    elif isinstance(source, Fault):
        cause: Abstract | None = source
        while isinstance(cause, Fault):
            if cause.attempt is not None:
                yield cause.attempt
                return
            cause = cause.wrapped
    elif isinstance(source, Ref):
        if state.context == DETACHED:
            raise Attach  # Only the caller knows what was sent last.
        content = state.heap[source.id]
        if isinstance(content, Instance) and isinstance(content.cls, Class) and exception_base(engine, content.cls):
            yield from state.last.values()
