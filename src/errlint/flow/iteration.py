"""Python's own functions that make iterators, go through them, and gather what they give."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from errlint.flow import generators
from errlint.flow.arguments import Arguments
from errlint.flow.containers import MOST_ELEMENTS, advance, elements
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.state import State, content_of
from errlint.flow.values import NONE, Abstract, Apply, Elements, Fault, Ref, Sequence
from errlint.flow.widen import fresh

Call = Callable[["Engine", State, "Arguments", cst.CSTNode], "list[Step] | None"]


def _iter(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 1:
        return None
    source = content_of(state, arguments.positional[0])
    if isinstance(source, Elements) or generators.is_generator(source, state):
        return [(state, arguments.positional[0], False)]
    return [(state, Ref(state.allocate(Elements(_written_out(source)))), False)]


def _next(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    iterator = arguments.positional[0] if arguments.positional else NONE
    content = content_of(state, iterator)
    if generators.is_generator(iterator, state):
        given = [(s, v, raised) for s, v, raised in generators.resume(engine, state, iterator, node)]
        default = arguments.positional[1:]
        return [(s, default[0], False) if default and v == generators.END else (s, v, raised) for s, v, raised in given]
    element = fresh(state, "next", id(node))
    if isinstance(content, Sequence):
        # What a generator expression gives was all computed where it stands.
        content = Elements(elements(content))
    if not isinstance(iterator, Ref) or not isinstance(content, Elements):
        return [(state, element, False)]
    steps: list[Step] = []
    for found, following in advance(content, element):
        after = state.copy()
        after.put(iterator.id, following)
        if found is not None:
            steps.append((after, found, False))
        elif len(arguments.positional) > 1:
            steps.append((after, arguments.positional[1], False))
        else:
            steps.append((after, Fault("StopIteration"), True))
    return steps


def _written_out(value: Abstract) -> Abstract:
    """What iterating over a value goes through; ranges that are not too long are written out."""
    source = elements(value)
    if type(source) is Const and isinstance(source.value, range) and _is_short(source.value):
        return Sequence("tuple", tuple([Const(n) for n in source.value]))
    return source


def _is_short(numbers: range) -> bool:
    # The length of what never ends is more than len() can say.
    return not numbers[MOST_ELEMENTS:]


def _enumerate(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if not arguments.positional:
        return None
    start_value = arguments.get("start") or (arguments.positional[1] if len(arguments.positional) > 1 else Const(0))
    source = _written_out(content_of(state, arguments.positional[0]))
    if isinstance(source, Sequence) and type(start_value) is Const and isinstance(start_value.value, int):
        first = start_value.value
        pairs = [Sequence("tuple", (Const(first + i), v)) for i, v in enumerate(source.items)]
        return [(state, Sequence("tuple", tuple(pairs)), False)]
    return [(state, Apply("enumerate", (source,)), False)]


def _zip(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    sources = _as_long([_written_out(content_of(state, v)) for v in arguments.positional])
    if sources and all(isinstance(s, Sequence) for s in sources):
        rows = zip(*[s.items for s in sources if isinstance(s, Sequence)], strict=False)
        return [(state, Sequence("tuple", tuple([Sequence("tuple", row) for row in rows])), False)]
    return [(state, Apply("zip", tuple(sources)), False)]


def _as_long(sources: list[Abstract]) -> list[Abstract]:
    """The sources with long ranges cut to the length of the shortest known one."""
    shortest = min([len(s.items) for s in sources if isinstance(s, Sequence)], default=0)
    return [
        Sequence("tuple", tuple([Const(n) for n in s.value[:shortest]]))
        if type(s) is Const and isinstance(s.value, range)
        else s
        for s in sources
    ]


def _reversed(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 1:
        return None
    source = elements(content_of(state, arguments.positional[0]))
    if type(source) is Const and isinstance(source.value, range):
        return [(state, Const(source.value[::-1]), False)]
    if isinstance(source, Sequence):
        return [(state, Sequence("tuple", source.items[::-1]), False)]
    return [(state, Apply("reversed", (source,)), False)]


def _collection(kind: str) -> Call:
    def build(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
        if arguments.keywords or len(arguments.positional) > 1:
            return None
        source = _written_out(
            content_of(state, arguments.positional[0]) if arguments.positional else Sequence("tuple", ())
        )
        if not isinstance(source, Sequence):
            return None
        items = tuple(dict.fromkeys(source.items)) if kind in ("set", "frozenset") else source.items
        made = Sequence(kind, items)  # type: ignore[arg-type]
        return [(state, made if kind in ("tuple", "frozenset") else Ref(state.allocate(made)), False)]

    return build


FUNCTIONS: dict[str, Call] = {
    "iter": _iter,
    "next": _next,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    **{kind: _collection(kind) for kind in ("list", "tuple", "set", "frozenset")},
}
