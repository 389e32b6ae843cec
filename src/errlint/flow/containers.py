"""Lists, sets, dictionaries and strings: their methods, and Python's functions over them."""

from __future__ import annotations

import libcst as cst

from errlint.flow.arguments import Arguments
from errlint.flow.callables import Class, Function
from errlint.flow.composition import blurred, leaves
from errlint.flow.concrete import Raised
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import apply
from errlint.flow.ir import Const
from errlint.flow.reading import note_member
from errlint.flow.state import State, content_of
from errlint.flow.values import (
    NONE,
    Abstract,
    Among,
    Answer,
    Apply,
    Dictionary,
    Elements,
    Fault,
    Part,
    Ref,
    Sequence,
    Symbol,
)

EXACT_TURNS = 12
"""Loops over more elements are followed for the first two, one in between, and the last."""
MOST_ELEMENTS = 1024
"""Longer ranges are not written out as elements."""
_ENDLESS = 1 << 60


def call_method(
    engine: Engine, state: State, receiver: Abstract, name: str, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A method of a builtin container or scalar."""
    content = content_of(state, receiver)
    given = tuple([content_of(state, a) for a in arguments.positional])
    if isinstance(receiver, Ref):
        change = _change(content, name, arguments)
        if change is not None:
            state.put(receiver.id, change[0])
            return [(state, change[1], isinstance(change[1], Fault))]
    if isinstance(content, Dictionary) and content.rest is None and not given and name in _VIEWS:
        return [(state, _view(content, name), False)]
    if name == "copy" and isinstance(receiver, Ref) and not given:
        return [(state, Ref(state.allocate(content)), False)]
    if arguments.keywords or arguments.rest is not None:
        keywords = tuple([v for _, v in arguments.keywords])
        return [(state, Apply("mix", (content, *given, *keywords)), False)]
    result = apply(f"method:{name}", (content, *given))
    if isinstance(result, Raised):
        return [(state, Fault(result.path), True)]
    note_member(engine, state, result, node, "default" if len(given) > 1 else "get")
    if isinstance(result, Sequence) and result.kind in ("list", "set"):
        return [(state, Ref(state.allocate(result)), False)]
    return [(state, result, False)]


_VIEWS = frozenset({"items", "keys", "values"})


def _view(content: Dictionary, name: str) -> Abstract:
    if name == "items":
        return Sequence("tuple", tuple([Sequence("tuple", item) for item in content.items]))
    return Sequence("tuple", tuple([item[name == "values"] for item in content.items]))


def _change(content: Abstract, name: str, arguments: Arguments) -> tuple[Abstract, Abstract] | None:
    """What a mutating method leaves in the container, and what it returns; None where `name` mutates nothing."""
    given = arguments.positional
    if isinstance(content, Sequence):
        return _change_sequence(content, name, given)
    if isinstance(content, Dictionary):
        return _change_dictionary(content, name, arguments)
    if name in ("append", "add", "extend", "insert", "remove", "discard", "clear", "sort", "reverse", "appendleft"):
        return blurred((content, *given)), NONE
    if name in ("update", "pop", "setdefault", "popitem"):
        return content, NONE if name == "update" else Apply(f"method:{name}", (content, *given))
    return None


def _change_sequence(content: Sequence, name: str, given: tuple[Abstract, ...]) -> tuple[Abstract, Abstract] | None:
    items = content.items
    if name == "append" and len(given) == 1:
        if len(items) >= _MOST_APPENDED or (items and not _is_exact(given[0])):
            return blurred((*items, given[0])), NONE
        return Sequence(content.kind, (*items, given[0])), NONE
    if name == "add" and len(given) == 1:
        if len(items) >= _MOST_APPENDED or (items and not _is_exact(given[0])):
            return blurred((*items, given[0])), NONE
        return Sequence(content.kind, items if given[0] in items else (*items, given[0])), NONE
    if name == "clear":
        return Sequence(content.kind, ()), NONE
    if name == "pop" and content.kind == "list":
        index = given[0].value if given and type(given[0]) is Const else -1
        if not items:
            return content, Fault("IndexError")
        if isinstance(index, int) and -len(items) <= index < len(items) and (not given or type(given[0]) is Const):
            rest = list(items)
            taken = rest.pop(index)
            return Sequence("list", tuple(rest)), taken
    if name == "reverse":
        return Sequence("list", tuple(reversed(items))), NONE
    if name in ("extend", "update") and len(given) == 1 and isinstance(given[0], Sequence):
        return Sequence(content.kind, (*items, *given[0].items)), NONE
    if name in ("extend", "update", "insert", "remove", "discard", "sort", "pop"):
        return blurred((*items, *given)), NONE if name != "pop" else Symbol(("popped",))
    return None


_MOST_APPENDED = 16


def _is_exact(value: Abstract) -> bool:
    """Whether a value is known, or will be once the outcome is."""
    return all(
        type(leaf) is Const
        or isinstance(leaf, (Among, Answer, Fault, Ref, Class, Function))
        or (isinstance(leaf, Part) and leaf.kind == "status")
        for leaf in leaves(value)
    )


def _change_dictionary(content: Dictionary, name: str, arguments: Arguments) -> tuple[Abstract, Abstract] | None:
    given = arguments.positional
    known = dict(content.items)
    if name == "update":
        rest = content.rest
        for source in given:
            if isinstance(source, Dictionary):
                known |= dict(source.items)
                rest = source.rest if rest is None else rest
            else:
                rest = blurred((source,) if rest is None else (rest, source))
        known |= {Const(n): v for n, v in arguments.keywords}
        if arguments.rest is not None:
            rest = arguments.rest
        return Dictionary(tuple(known.items()), rest), NONE
    if name in ("pop", "setdefault") and given:
        key = given[0]
        default = given[1] if len(given) > 1 else None
        if key in known:
            value = known[key]
            if name == "pop":
                del known[key]
            return Dictionary(tuple(known.items()), content.rest), value
        if content.rest is None and type(key) is Const:
            if name == "setdefault":
                known[key] = default or NONE
                return Dictionary(tuple(known.items())), default or NONE
            return content, default if default is not None else Fault("KeyError")
        return content, Apply("method:get", (content, key, default or NONE))
    if name == "clear":
        return Dictionary(()), NONE
    if name == "popitem":
        return Dictionary((), Apply("mix", (content,))), Symbol(("popped",))
    return None


# --- iteration -------------------------------------------------------------------------------------------------------


def elements(value: Abstract) -> Abstract:
    """What iterating over a value goes through: a tuple or range where that is known, else the value."""
    if isinstance(value, Dictionary) and value.rest is None:
        return Sequence("tuple", tuple([k for k, _ in value.items]))
    if isinstance(value, Sequence):
        return Sequence("tuple", value.items)
    if type(value) is Const and isinstance(value.value, str) and len(value.value) <= EXACT_TURNS:
        return Sequence("tuple", tuple([Const(c) for c in value.value]))
    return value


def endless(start: int = 0, step: int = 1) -> Const:
    """`itertools.count()`: a range that no program reaches the end of."""
    return Const(range(start, start + step * _ENDLESS, step))


def advance(iterator: Elements, middle: Abstract) -> list[tuple[Abstract | None, Elements]]:
    """The next element (None: exhausted) with the iterator behind it, for each possibility.

    `middle` stands for an element that is not followed one by one.
    """
    source, position = iterator.source, iterator.position
    length = _length(source)
    if length is None:
        number = _number(source, position)
        if number is None:
            return [(middle, Elements(source, -1) if position > 0 else iterator), (None, iterator)]
        element = Sequence("tuple", (number, middle)) if _is_enumeration(source) else number
        return [(element, Elements(source, position + 1)), (None, iterator)]
    if length <= EXACT_TURNS:
        if position >= length:
            return [(None, iterator)]
        return [(_element(source, position), Elements(source, position + 1))]
    if position >= 0:
        # What counts without an end is mostly left early.
        if position < (EXACT_TURNS if length >= _ENDLESS else 2):
            return [(_element(source, position), Elements(source, position + 1))]
        return [(middle, Elements(source, -1))]
    if position == -1:
        ways: list[tuple[Abstract | None, Elements]] = [(middle, iterator)]
        if length < _ENDLESS:
            ways.append((_element(source, length - 1), Elements(source, -2)))
        return ways
    return [(None, iterator)]


_NUMBERED = 4
"""So many elements of a `range` or `enumerate` without a known end are numbered: waits show what they grow by."""


def _number(source: Abstract, position: int) -> Abstract | None:
    """The number that a turn of a loop over a `range` or `enumerate` without a known end has."""
    if not isinstance(source, Apply) or not 0 <= position < _NUMBERED:
        return None
    if _is_enumeration(source):
        return Const(position)
    if source.operator != "call:range":
        return None
    start = source.operands[0] if len(source.operands) > 1 else Const(0)
    step = source.operands[2] if len(source.operands) > 2 else Const(1)
    scaled = apply("*", (step, Const(position)))
    number = scaled if isinstance(scaled, Raised) else apply("+", (start, scaled))
    return number if type(number) is Const else None


def _is_enumeration(source: Abstract) -> bool:
    return isinstance(source, Apply) and source.operator == "enumerate"


def is_counted(iterator: Elements) -> bool:
    """Whether an iterator ends by itself, after a number of turns that is known."""
    length = _length(iterator.source)
    return length is not None and length < _ENDLESS


def _length(source: Abstract) -> int | None:
    if isinstance(source, Sequence):
        return len(source.items)
    if type(source) is Const and isinstance(source.value, (range, str, bytes)):
        try:
            return len(source.value)
        except OverflowError:
            return _ENDLESS
    return None


def _element(source: Abstract, position: int) -> Abstract:
    if isinstance(source, Sequence):
        return source.items[position]
    assert type(source) is Const
    element: object = source.value[position]  # type: ignore[index]
    return Const(element)
