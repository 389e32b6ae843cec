"""The server says what the contracts say: otherwise a proof would prove nothing."""

from __future__ import annotations

import pytest
import requests

from errlint import outcomes
from errlint.packs.contract_files import builtin_contracts

from .server import REQUEST_ID, RETRY_AFTER, TEXT, Api

CONTRACTS = builtin_contracts().named
DOCUMENTED = [
    (name, status, code)
    for name, contract in CONTRACTS.items()
    for status in contract.answers
    for code in [*sorted(contract.codes(status)), None]
]


@pytest.mark.parametrize(("name", "status", "code"), DOCUMENTED)
def test_every_documented_error(monkeypatch: pytest.MonkeyPatch, name: str, status: int, code: str | None) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    contract = CONTRACTS[name]
    with Api(contract) as api:
        api.says(api.error(status, code))
        response = requests.get(api.url, timeout=5)
    assert response.status_code == status
    assert (response.headers.get("Retry-After") == RETRY_AFTER) == (contract.retry_after(status).presence == "sent")
    for header in contract.pack.rate_limit:
        assert (header.header in response.headers) == bool(header.on & outcomes.status(status))
    shown = {contract.member(path): value for path, value in leaves(response.json())}
    assert shown["text"] == TEXT
    assert ("code" in shown) == contract.promises_error_body(status) == (contract.layer(status) == "application")
    if code is not None:
        assert shown["code"] == code
    where = contract.request_id(status)
    assert (where.presence == "sent") == (REQUEST_ID in (shown.get("request-id"), response.headers.get("X-Request-Id")))


def leaves(value: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    """Every member that is no object, with the keys that lead to it."""
    if not isinstance(value, dict):
        return [(path, value)]
    return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
