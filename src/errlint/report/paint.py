"""Colour, as a parameter: reports name the role of a text, the caller knows what the terminal can show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Role = Literal["code", "path", "line", "mark", "step", "help", "removed", "added"]
Paint = Callable[[str, Role], str]


def plain(text: str, role: Role) -> str:
    """No colour."""
    return text
