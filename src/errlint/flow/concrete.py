"""Values that Python can compute with: the operations that are evaluated, a whitelist."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from errlint.flow.callables import Member
from errlint.flow.ir import Const
from errlint.flow.values import Abstract, Dictionary, Sequence

MAX_BITS = 4096
MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Raised:
    """The operation raises this builtin exception."""

    path: str


Result = Abstract | Raised | None
"""What an operation comes to; None where that is not known."""
_CONTAINERS = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}


class NotConcrete(Exception):
    """Not all of a value is known."""


def python_value(value: Abstract) -> object:
    """The Python object that a value stands for; raises NotConcrete where that is not known."""
    if type(value) is Const:
        return value.value
    if isinstance(value, Sequence):
        try:
            return _CONTAINERS[value.kind]([python_value(v) for v in value.items])
        except TypeError:
            raise NotConcrete from None
    if isinstance(value, Dictionary) and value.rest is None:
        try:
            return {python_value(k): python_value(v) for k, v in value.items}
        except TypeError:
            raise NotConcrete from None
    if isinstance(value, Member) and value.transparent:
        return python_value(value.value)
    raise NotConcrete


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


def run(operator: str, arguments: list[object]) -> Result:
    """What a whitelisted operation comes to; None for any other, and where the result would be too large."""
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
