"""What the tests of the APIs share: a server for the API of the test module, and time that does not pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from errlint.packs.contract_files import builtin_contracts

from .clock import no_waiting
from .server import Api


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that clients have waited; no test waits in truth."""
    with no_waiting(monkeypatch) as waits:
        yield waits


@pytest.fixture
def api(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API that the module calls `API`, played by a local server."""
    monkeypatch.setenv("NO_PROXY", "*")
    contract = builtin_contracts().get(request.module.API)
    assert contract is not None
    with Api(contract) as api:
        yield api
