"""What a path leads to in the installed libraries."""

from __future__ import annotations

import importlib
from typing import Any


def find(path: str) -> Any:
    """The object at a dotted path: the longest module that can be imported, and attributes from there."""
    parts = path.split(".")
    if len(parts) == 1:
        return getattr(importlib.import_module("builtins"), path, None) or importlib.import_module(path)
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(path)


def canonical(cls: type) -> str:
    """The path that packs call a class by."""
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
