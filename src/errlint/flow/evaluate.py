"""Pure operations on values: a whitelist, evaluated with Python's own semantics and bounded in size.

`compute` gives the result of an operation on known operands, the builtin exception it raises, or None where it cannot
tell. `partition` evaluates a value that depends on a status for each outcome that is possible, so that conditions need
no list of idioms. Nothing of the code under analysis is ever run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from errlint import outcomes
from errlint.flow.callables import Built, Class, Function, Member, Method, Partial, Retried
from errlint.flow.composition import leaves, shallow
from errlint.flow.ir import Const
from errlint.flow.values import (
    FALSE,
    TRUE,
    Abstract,
    Among,
    Apply,
    Dictionary,
    Fault,
    Instance,
    Part,
    Sequence,
    Symbol,
    ids_of,
    rename,
)

MAX_BITS = 4096
MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Raised:
    """The operation raises this builtin exception."""

    path: str


Result = Abstract | Raised | None
_CONTAINERS = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}
_MISSING = object()


class _NotConcrete(Exception):
    pass


def _python(value: Abstract) -> object:
    if type(value) is Const:
        return value.value
    if isinstance(value, Sequence):
        try:
            return _CONTAINERS[value.kind]([_python(v) for v in value.items])
        except TypeError:
            raise _NotConcrete from None
    if isinstance(value, Dictionary) and value.rest is None:
        try:
            return {_python(k): _python(v) for k, v in value.items}
        except TypeError:
            raise _NotConcrete from None
    if isinstance(value, Member) and value.transparent:
        return _python(value.value)
    raise _NotConcrete


def abstract(value: object) -> Abstract:
    """The abstract value of a concrete one; raises TypeError for kinds the engine has no values for."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, range, type(...))):
        return Const(value)
    for kind, cls in _CONTAINERS.items():
        if type(value) is cls:
            return Sequence(kind, tuple([abstract(v) for v in value]))
    if isinstance(value, dict):
        return Dictionary(tuple([(abstract(k), abstract(v)) for k, v in value.items()]))
    raise TypeError(type(value).__name__)


def truth(value: Abstract) -> bool | None:
    """`bool(value)` where the value alone tells; answers and instances are the interpreter's business."""
    if type(value) is Const:
        return bool(value.value)
    if isinstance(value, Sequence):
        return bool(value.items)
    if isinstance(value, Dictionary):
        return True if value.items else (False if value.rest is None else None)
    if isinstance(value, Member):
        return truth(value.value) if value.transparent else True
    if isinstance(value, (Function, Class, Method, Partial, Built, Retried, Fault)):
        return True
    if isinstance(value, Instance) and value.cls is None:
        return True
    return None


def compute(operator: str, operands: tuple[Abstract, ...]) -> Result:
    """The result of `operator` (see `values.Apply`) on `operands`, as far as it can be known."""
    if operator == "not":
        known = truth(operands[0])
        if known is not None:
            return FALSE if known else TRUE
        operand = operands[0]
        if isinstance(operand, Among):
            return Among(operand.attempt, outcomes.EVERYTHING & ~operand.mask)
        return None
    special = _SPECIAL.get(operator)
    if special is not None:
        result = special(operands)
        if result is not _MISSING:
            return result  # type: ignore[return-value]
    try:
        arguments = [_python(o) for o in operands]
    except (_NotConcrete, TypeError, ValueError):
        return None
    return _concrete(operator, arguments)


def _concrete(operator: str, arguments: list[object]) -> Result:
    function = _OPERATIONS.get(operator)
    if function is None:
        if not operator.startswith("method:") or not arguments:
            return None
        name = operator[7:]
        allowed = _METHODS.get(type(arguments[0]))
        if allowed is None or name not in allowed:
            return None
        function = getattr(type(arguments[0]), name)
    if not _small(operator, arguments):
        return None
    try:
        result = function(*arguments)
    except Exception as error:  # the whitelisted operation's own exception is its result
        return Raised(type(error).__name__)
    try:
        if isinstance(result, (str, bytes, list, tuple, set, frozenset, dict)) and len(result) > MAX_LENGTH:
            return None
        return abstract(result)
    except TypeError:
        return None


def _small(operator: str, arguments: list[object]) -> bool:
    """Whether the operation's result is of bounded size."""
    if operator in ("**", "call:pow", "<<"):
        base, exponent = arguments[0], arguments[1]
        if isinstance(base, int) and isinstance(exponent, int):
            bits = exponent + base.bit_length() if operator == "<<" else base.bit_length() * abs(exponent)
            return bits <= MAX_BITS
    if operator == "*":
        for size, other in (arguments, reversed(arguments)):
            if isinstance(other, (str, bytes, list, tuple)) and isinstance(size, int):
                return size * len(other) <= MAX_LENGTH
        if all(isinstance(a, int) for a in arguments):
            return sum(a.bit_length() for a in arguments if isinstance(a, int)) <= MAX_BITS
    if operator in ("%", "call:format", "method:format", "format"):
        return all(not isinstance(a, str) or not any(len(d) > 3 for d in _digit_runs(a)) for a in arguments)
    if operator in ("call:tuple", "call:list", "call:set", "call:sum", "call:sorted", "call:frozenset"):
        return not any(isinstance(a, range) and len(a) > MAX_LENGTH for a in arguments)
    if operator in ("method:ljust", "method:rjust", "method:center", "method:zfill", "method:expandtabs"):
        return all(not isinstance(a, int) or a <= MAX_LENGTH for a in arguments)
    return True


def _digit_runs(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


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
    return _MISSING


def _get(operands: tuple[Abstract, ...]) -> object:
    if not isinstance(operands[0], Dictionary):
        return _MISSING
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
        return _MISSING if same is None else Const(same is not negate)

    return run


def _ordering(operator: str) -> Callable[[tuple[Abstract, ...]], object]:
    def run(operands: tuple[Abstract, ...]) -> object:
        test = _status_test(operator, operands[0], operands[1])
        return _MISSING if test is None else test

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
                return _MISSING
            items = tuple([k for k, _ in container.items])
        elif isinstance(container, Sequence):
            items = container.items
        elif type(container) is Const and isinstance(container.value, range) and container.value.step == 1:
            return _in_range(element, container.value, negate)
        else:
            return _MISSING
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
        return _MISSING if None in results else (TRUE if negate else FALSE)

    return run


def _in_range(element: Abstract, numbers: range, negate: bool) -> object:
    if not (isinstance(element, Part) and element.kind == "status"):
        return _MISSING
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
        return _MISSING

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
        parts = [_python(o) for o in operands]
    except _NotConcrete:
        return None
    if any(not isinstance(p, (str, int, float, bool, type(None))) for p in parts):
        return None
    return Const("".join(str(p) for p in parts))


_SPECIAL: dict[str, Callable[[tuple[Abstract, ...]], object]] = {
    "item": _item,
    "method:get": _get,
    "==": _equality(False),
    "!=": _equality(True),
    "in": _membership(False),
    "not in": _membership(True),
    "is": _identity(False),
    "is not": _identity(True),
    "format": _format,
    **{op: _ordering(op) for op in ("<", "<=", ">", ">=")},
}


_OPERATIONS: dict[str, Callable[..., object]] = {
    "-u": lambda a: -a,
    "+u": lambda a: +a,
    "~": lambda a: ~a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "item": lambda a, b: a[b],
    "slice": lambda a, lower, upper, step: a[lower:upper:step],
    **{
        f"call:{f.__name__}": f
        for f in (
            abs,
            bool,
            bytes,
            chr,
            divmod,
            float,
            int,
            len,
            max,
            min,
            ord,
            pow,
            repr,
            round,
            str,
            sum,
            tuple,
            list,
            set,
            frozenset,
            sorted,
            range,
            any,
            all,
            format,
            complex,
        )
    },
    **{f"call:math.{n}": getattr(math, n) for n in ("ceil", "floor", "pow", "exp", "log", "log2", "sqrt", "trunc")},
}
STRING_METHODS = frozenset(
    [
        "startswith",
        "endswith",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "isdigit",
        "isdecimal",
        "isnumeric",
        "isalpha",
        "isalnum",
        "isspace",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "replace",
        "find",
        "rfind",
        "index",
        "count",
        "join",
        "title",
        "capitalize",
        "casefold",
        "zfill",
        "format",
        "removeprefix",
        "removesuffix",
        "splitlines",
        "ljust",
        "rjust",
        "center",
        "swapcase",
        "islower",
        "isupper",
        "encode",
    ]
)
_METHODS: dict[type, frozenset[str]] = {
    str: STRING_METHODS,
    bytes: STRING_METHODS - {"format", "isdecimal", "isnumeric", "casefold", "encode"} | {"decode"},
    int: frozenset({"bit_length", "as_integer_ratio", "is_integer"}),
    float: frozenset({"is_integer"}),
    tuple: frozenset({"index", "count"}),
    list: frozenset({"index", "count", "copy"}),
    set: frozenset({"union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "copy"}),
    frozenset: frozenset({"union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "copy"}),
    dict: frozenset({"get", "keys", "values", "items", "copy"}),
}


_PLAIN_DEPTH = 5
"""What no status decides is not worth remembering in detail."""


def apply(operator: str, operands: tuple[Abstract, ...]) -> Abstract | Raised:
    """The result of an operation: computed, raised, or an `Apply` that remembers what it depends on."""
    result = compute(operator, operands)
    if result is not None:
        return result
    made = Apply(operator, operands)
    if made.depth > _PLAIN_DEPTH and not decisive_attempts(made):
        return Apply("mix", tuple(dict.fromkeys(leaves(made)))[:_PLAIN_DEPTH])
    return shallow(made)


# --- dependence on an outcome ----------------------------------------------------------------------------------------


def decisive_attempts(value: Abstract) -> set[int]:
    """The attempts whose outcome the value is computed from."""
    return {
        leaf.attempt
        for leaf in leaves(value)
        if isinstance(leaf, Among) or (isinstance(leaf, Part) and leaf.kind == "status")
    }


def under(value: Abstract, attempt: int, bit: int) -> Result:
    """The value where the attempt ended in the one outcome `bit`."""
    if isinstance(value, Part):
        if value.kind == "status" and value.attempt == attempt:
            return Const(next(outcomes.codes(bit))) if bit & outcomes.STATUSES else None
        return value
    if isinstance(value, Among):
        return Const(bool(value.mask & bit)) if value.attempt == attempt else value
    if not isinstance(value, (Apply, Sequence, Dictionary)) or attempt not in ids_of(value):
        return value
    if isinstance(value, Apply):
        parts: list[Abstract] = []
        for operand in value.operands:
            part = under(operand, attempt, bit)
            if part is None or isinstance(part, Raised):
                return part
            parts.append(part)
        return apply(value.operator, tuple(parts))
    if isinstance(value, Sequence):
        items = [under(v, attempt, bit) for v in value.items]
        if any(i is None or isinstance(i, Raised) for i in items):
            return None
        return Sequence(value.kind, tuple(items))  # type: ignore[arg-type]
    return value


class Partitions:
    """Evaluates values for each possible outcome, once for each distinct expression."""

    def __init__(self) -> None:
        self._cache: dict[Abstract, dict[int, Result]] = {}

    def by_value(self, value: Abstract, attempt: int, mask: int) -> dict[Result, int]:
        """The outcomes in `mask` grouped by what `value` comes to; None stands for unknown."""
        if isinstance(value, Among):
            groups = {TRUE: mask & value.mask, FALSE: mask & ~value.mask}
            return {k: m for k, m in groups.items() if m}
        table = self._cache.setdefault(rename(value, {attempt: -1}), {})
        groups_: dict[Result, int] = {}
        for bit in outcomes.members(mask):
            if bit in table:
                result = table[bit]
            else:
                result = table[bit] = under(value, attempt, bit)
                if result is not None and not isinstance(result, Raised) and attempt in ids_of(result):
                    result = table[bit] = None
            groups_[result] = groups_.get(result, 0) | bit
        return groups_
