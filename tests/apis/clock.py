"""Time that does not pass: what a client would have waited is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Within it `time.sleep` returns at once, and the seconds asked for are in the list."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        waits.append(seconds)

    with monkeypatch.context() as patched:
        patched.setattr("time.sleep", sleep)
        yield waits
