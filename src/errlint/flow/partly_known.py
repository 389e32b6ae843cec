"""Operations whose operands are not all known: lookups, comparisons, tests of a status."""

from __future__ import annotations

import math
from collections.abc import Callable

from errlint import outcomes
from errlint.flow.callables import Built, Class, Function, Member, Method, Partial, Retried
from errlint.flow.concrete import NotConcrete, Raised, Result, python_value
from errlint.flow.ir import Const
from errlint.flow.values import FALSE, TRUE, Abstract, Among, Apply, Dictionary, Fault, Part, Sequence, Symbol

OPEN = object()
"""A rule has no answer: it is up to Python, where all operands are known."""


def _item(operands: tuple[Abstract, ...]) -> object:
    container, key = operands
    if isinstance(container, Dictionary):
        return _lookup(container, key, Raised("KeyError"))
    if isinstance(container, Sequence) and type(key) is Const and isinstance(key.value, int):
        try:
            return container.items[key.value] if container.kind in ("tuple", "list") else Raised("TypeError")
        except IndexError:
            return Raised("IndexError")
    if type(container) is Const and container.value is None:
        return Raised("TypeError")
    return OPEN


def _get(operands: tuple[Abstract, ...]) -> object:
    if not isinstance(operands[0], Dictionary):
        return OPEN
    default = operands[2] if len(operands) > 2 else Const(None)
    return _lookup(operands[0], operands[1], default)


def _lookup(container: Dictionary, key: Abstract, default: Result) -> object:
    unsure = container.rest is not None
    for k, v in container.items:
        same = equal(k, key)
        if same:
            return v
        unsure = unsure or same is None
    return None if unsure else default


def equal(left: Abstract, right: Abstract) -> bool | None:
    """`left == right` where it can be known."""
    if isinstance(left, Member) and left.transparent:
        left = left.value
    if isinstance(right, Member) and right.transparent:
        right = right.value
    if type(left) is Const and type(right) is Const:
        try:
            return bool(left.value == right.value)
        except Exception:  # comparing what cannot be compared is unknown, whatever it raises
            return None
    if left == right:
        return None if isinstance(left, (Apply, Symbol)) else True
    if isinstance(left, (Member, Class, Fault)) and isinstance(right, (Member, Class, Const, Fault)):
        return False
    if isinstance(right, (Member, Class)) and type(left) is Const:
        return False
    if isinstance(left, Sequence) and isinstance(right, Sequence) and left.kind in ("tuple", "list"):
        if left.kind != right.kind or len(left.items) != len(right.items):
            return False
        parts = [equal(a, b) for a, b in zip(left.items, right.items, strict=True)]
        return False if False in parts else (None if None in parts else True)
    if isinstance(left, (Sequence, Dictionary)) and type(right) is Const:
        return False
    if isinstance(right, (Sequence, Dictionary)) and type(left) is Const:
        return False
    return None


def _equality(negate: bool) -> Callable[[tuple[Abstract, ...]], object]:
    def run(operands: tuple[Abstract, ...]) -> object:
        left, right = operands
        test = _status_test("!=" if negate else "==", left, right)
        if test is not None:
            return test
        same = equal(left, right)
        return OPEN if same is None else Const(same is not negate)

    return run


def _ordering(operator: str) -> Callable[[tuple[Abstract, ...]], object]:
    def run(operands: tuple[Abstract, ...]) -> object:
        test = _status_test(operator, operands[0], operands[1])
        return OPEN if test is None else test

    return run


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _status_test(operator: str, left: Abstract, right: Abstract) -> Among | None:
    """A comparison of a status with a number, as the set of outcomes for which it holds."""
    if isinstance(right, Part) and right.kind == "status" and not isinstance(left, Part):
        left, right, operator = right, left, _FLIPPED[operator]
    if not (isinstance(left, Part) and left.kind == "status"):
        return None
    if isinstance(right, Member) and right.transparent:
        right = right.value
    if type(right) is not Const:
        return None
    number = right.value
    if not isinstance(number, (int, float)):
        if operator not in ("==", "!="):
            return None
        mask = outcomes.NOTHING
    else:
        mask = _comparison_mask(operator, number)
        return Among(left.attempt, mask)
    return Among(left.attempt, outcomes.STATUSES & ~mask if operator == "!=" else mask)


def _comparison_mask(operator: str, number: int | float) -> int:
    first, last = outcomes.FIRST_STATUS, outcomes.LAST_STATUS
    if operator in ("==", "!="):
        exact = int(number) if number == number and abs(number) < 1e6 else 0
        mask = outcomes.status(exact) if exact == number and first <= exact <= last else outcomes.NOTHING
        return outcomes.STATUSES & ~mask if operator == "!=" else mask
    if operator in (">", "<="):
        low = first if number < first else min(math.floor(number) + 1, last + 1)
    else:
        low = first if number <= first else min(math.ceil(number), last + 1)
    above = outcomes.statuses(low, last) if low <= last else outcomes.NOTHING
    return above if operator in (">", ">=") else outcomes.STATUSES & ~above


def _membership(negate: bool) -> Callable[[tuple[Abstract, ...]], object]:
    def run(operands: tuple[Abstract, ...]) -> object:
        element, container = operands
        if isinstance(container, Dictionary):
            if container.rest is not None:
                return OPEN
            items = tuple([k for k, _ in container.items])
        elif isinstance(container, Sequence):
            items = container.items
        elif type(container) is Const and isinstance(container.value, range) and container.value.step == 1:
            return _in_range(element, container.value, negate)
        else:
            return OPEN
        mask, known = outcomes.NOTHING, True
        for item in items:
            test = _status_test("==", element, item)
            if test is None:
                known = False
                break
            mask |= test.mask
        if known and isinstance(element, Part) and element.kind == "status":
            return Among(element.attempt, outcomes.STATUSES & ~mask if negate else mask)
        results = [equal(element, item) for item in items]
        if True in results:
            return FALSE if negate else TRUE
        return OPEN if None in results else (TRUE if negate else FALSE)

    return run


def _in_range(element: Abstract, numbers: range, negate: bool) -> object:
    if not (isinstance(element, Part) and element.kind == "status"):
        return OPEN
    first = max(numbers.start, outcomes.FIRST_STATUS)
    last = min(numbers.stop - 1, outcomes.LAST_STATUS)
    mask = outcomes.statuses(first, last) if first <= last else outcomes.NOTHING
    return Among(element.attempt, outcomes.STATUSES & ~mask if negate else mask)


def _identity(negate: bool) -> Callable[[tuple[Abstract, ...]], object]:
    def run(operands: tuple[Abstract, ...]) -> object:
        left, right = operands
        for one, other in ((left, right), (right, left)):
            if type(other) is Const and (other.value is None or isinstance(other.value, bool)):
                if type(one) is Const:
                    return Const((one.value is other.value) is not negate)
                if isinstance(one, Among) and isinstance(other.value, bool):
                    mask = one.mask if other.value is not negate else outcomes.STATUSES & ~one.mask
                    return Among(one.attempt, mask)
                if other.value is None and _never_none(one):
                    return Const(negate)
        if isinstance(left, (Member, Class)) and isinstance(right, (Member, Class)):
            return Const((left == right) is not negate)
        if type(left) is Const and type(right) is Const:
            return Const((left == right) is not negate)
        return OPEN

    return run


def _never_none(value: Abstract) -> bool:
    if isinstance(
        value, (Sequence, Dictionary, Function, Class, Method, Member, Partial, Built, Retried, Fault, Among)
    ):
        return True
    if isinstance(value, Part):
        # A parsed body is assumed to be what the code expects; a missing header is None.
        return value.kind in ("status", "body", "text", "headers", "reason")
    if isinstance(value, Apply):
        return value.operator in (
            "item",
            "format",
            "+",
            "-",
            "*",
            "/",
            "//",
            "%",
            "**",
            "not",
            "==",
            "!=",
            "<",
            ">",
            "<=",
            ">=",
            "in",
            "not in",
            "is",
            "is not",
        ) or value.operator.startswith(
            ("call:int", "call:str", "call:float", "call:len", "call:min", "call:max", "call:bool")
        )
    return False


def _format(operands: tuple[Abstract, ...]) -> object:
    """Join the parts of an f-string: constants print as `str` would."""
    try:
        parts = [python_value(o) for o in operands]
    except NotConcrete:
        return None
    if any(not isinstance(p, (str, int, float, bool, type(None))) for p in parts):
        return None
    return Const("".join(str(p) for p in parts))


def _length(operands: tuple[Abstract, ...]) -> object:
    """How many elements there are does not depend on what they are, but where equal ones count once."""
    container = operands[0]
    if isinstance(container, Sequence) and container.kind in ("tuple", "list"):
        return Const(len(container.items))
    if (
        isinstance(container, Dictionary)
        and container.rest is None
        and all(type(k) is Const for k, _ in container.items)
    ):
        return Const(len(container.items))
    return OPEN


RULES: dict[str, Callable[[tuple[Abstract, ...]], object]] = {
    "item": _item,
    "method:get": _get,
    "==": _equality(False),
    "!=": _equality(True),
    "in": _membership(False),
    "not in": _membership(True),
    "is": _identity(False),
    "is not": _identity(True),
    "format": _format,
    "call:len": _length,
    **{op: _ordering(op) for op in ("<", "<=", ">", ">=")},
}
