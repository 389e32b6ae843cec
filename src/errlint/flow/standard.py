"""What belongs to Python itself, or to a logger: calling it changes nothing about requests."""

from __future__ import annotations

import sys

from errlint.flow.callables import External, Partial
from errlint.flow.engine import Engine
from errlint.flow.values import Abstract, Apply

LOGGING = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success"]
)


def is_standard(name: str, function: Abstract) -> bool:
    """Whether a function belongs to Python itself."""
    if not isinstance(function, External):
        return False
    return "." not in function.path or function.path.partition(".")[0] in sys.stdlib_module_names


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
