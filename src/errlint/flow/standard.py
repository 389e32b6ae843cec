"""What belongs to Python itself, or to a logger: calling it changes nothing about requests."""

from __future__ import annotations

import builtins
import sys

import libcst as cst

from errlint.flow.callables import External, Partial
from errlint.flow.code import Code
from errlint.flow.engine import Engine
from errlint.flow.lower.tree import children
from errlint.flow.values import Abstract, Apply

LOGGING = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success"]
)


def is_standard(name: str, function: Abstract) -> bool:
    """Whether a function belongs to Python itself."""
    if not isinstance(function, External):
        return False
    return "." not in function.path or function.path.partition(".")[0] in sys.stdlib_module_names


def only_shows(code: Code) -> bool:
    """Whether a lambda calls nothing but Python's own functions and loggers."""
    stack: list[cst.CSTNode] = [code.node] if code.kind == "lambda" else []
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Call):
            function = node.func
            plain = isinstance(function, cst.Name) and hasattr(builtins, function.value)
            if not plain and not (isinstance(function, cst.Attribute) and function.attr.value in LOGGING):
                return False
        stack.extend(children(node))
    return code.kind == "lambda"


_TRANSPARENT = frozenset(
    {
        "functools.wraps",
        "functools.lru_cache",
        "functools.cache",
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "typing.no_type_check",
        "staticmethod",
    }
)


def is_transparent_decorator(engine: Engine, decorator: Abstract) -> bool:
    """A decorator of Python's own that leaves what a call does as it is."""
    if isinstance(decorator, Partial):
        decorator = decorator.function
    if isinstance(decorator, Apply) and decorator.operator == "call":
        decorator = decorator.operands[0]
    return isinstance(decorator, External) and decorator.path in _TRANSPARENT
