from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from packs.serving import Server


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_builtin()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays that were slept, without sleeping them."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept
