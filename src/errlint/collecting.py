"""When Python looks for garbage in cycles.

What errlint makes in plenty, trees and abstract values, holds none, and goes when nothing refers to it any more. To
look through all of it again and again takes a fourth of a run.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MADE = 500_000
"""So many objects more than before are worth a look."""


@contextmanager
def seldom() -> Iterator[None]:
    """Let few collections happen in the meantime."""
    usual = gc.get_threshold()
    if 0 < usual[0] < _MADE:
        gc.set_threshold(_MADE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
