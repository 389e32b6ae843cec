"""What the code relies on a header for: that it is there, that it holds a number.

A header is text that may be missing, and some headers are dates at times. Whether an operation stands that, and whether
a test has ruled it out before, is told by evaluating both with the header supposed to be so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import libcst as cst

from errlint.flow.composition import leaves
from errlint.flow.concrete import Raised
from errlint.flow.engine import Attach
from errlint.flow.evaluate import apply, truth
from errlint.flow.ir import Const
from errlint.flow.record import Relied
from errlint.flow.state import DETACHED, Attempt, State
from errlint.flow.values import FALSE, NONE, TRUE, Abstract, Apply, Part, Sequence

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

When = Literal["missing", "dated"]
_SAMPLES: dict[When, Const] = {"missing": NONE, "dated": Const("Fri, 31 Dec 1999 23:59:59 GMT")}


def membership(value: Abstract) -> str | None:
    """The lower-case name of the header whose presence `"Name" in response.headers` tests; None for anything else."""
    if not (isinstance(value, Apply) and value.operator in ("in", "not in")):
        return None
    name, container = value.operands
    if isinstance(container, Apply) and container.operator == "method:keys":
        container = container.operands[0]
    if isinstance(container, Part) and container.kind == "headers":
        return name.value.lower() if type(name) is Const and isinstance(name.value, str) else None
    return None


def ruled_out(tested: Abstract, side: bool) -> frozenset[str]:
    """What cannot be on this side of a test, as `missing:name` and `dated:name`.

    A test that is not understood rules out everything: what it was meant for is not known.
    """
    words: set[str] = set()
    for name in _names(tested):
        for when in _SAMPLES:
            result = supposed(tested, name, when)
            answer = None if isinstance(result, Raised) else truth(result)
            if answer is None or answer is not side:
                words.add(f"{when}:{name}")
    return frozenset(words)


def _names(value: Abstract) -> set[str]:
    names: set[str] = set()
    stack = [value]
    while stack:
        current = stack.pop()
        tested = membership(current)
        if tested is not None:
            names.add(tested)
        elif isinstance(current, Apply):
            stack.extend(current.operands)
        elif isinstance(current, Sequence):
            stack.extend(current.items)
        elif isinstance(current, Part) and current.kind == "header":
            names.add(current.name)
    return names


def supposed(value: Abstract, name: str, when: When) -> Abstract | Raised:
    """What a value comes to where the header is missing, or holds a date."""
    if isinstance(value, Part) and value.kind == "header" and value.name == name:
        return _SAMPLES[when]
    if not isinstance(value, Apply):
        return value
    if membership(value) == name:
        return TRUE if (value.operator == "in") is (when != "missing") else FALSE
    operator, given = value.operator, value.operands
    method = attribute(given[0]) if operator == "call" else None
    if method is not None:
        operator, given = f"method:{method[1]}", (method[0], *given[1:])
    operands: list[Abstract] = []
    for operand in given:
        part = supposed(operand, name, when)
        if isinstance(part, Raised):
            return part
        operands.append(part)
    if operator == "or-default":
        return operands[1] if operands[0] == NONE else operands[0]
    if operator.startswith("method:") and operands[0] == NONE:
        return Raised("AttributeError")
    return apply(operator, tuple(operands))


def attribute(value: Abstract) -> tuple[Abstract, str] | None:
    """What `x.name` is an attribute of, and its name; None for anything else."""
    if isinstance(value, Apply) and value.operator == "attribute":
        name = value.operands[1]
        if type(name) is Const and isinstance(name.value, str):
            return value.operands[0], name.value
    return None


def note_conversion(engine: Engine, state: State, node: cst.CSTNode, function: str, value: Abstract) -> None:
    """Record what `int(value)` and the like rely on."""
    for leaf in dict.fromkeys(leaves(value)):
        if isinstance(leaf, Part) and leaf.kind == "header":
            for when in _SAMPLES:
                result = supposed(Apply(f"call:{function}", (value,)), leaf.name, when)
                if isinstance(result, Raised):
                    note(engine, state, node, leaf.attempt, leaf.name, when, result.path)


def note(engine: Engine, state: State, node: cst.CSTNode, attempt: int, name: str, when: When, exception: str) -> None:
    """Record that something raises where a header is missing or dated, unless a test on the way has ruled that out."""
    if state.context == DETACHED:
        raise Attach  # The test may be the caller's.
    ways = [p for p in state.pending.values() if p.attempt == attempt]
    if ways and not any(f"{when}:{name}" in d.rules_out for p in ways for d in p.decisions):
        info = state.heap[attempt]
        assert isinstance(info, Attempt)
        engine.record.note(Relied(node, info.site, name, when, exception), state.masks[attempt])
