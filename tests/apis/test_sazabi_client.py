"""The two Sazabi clients in `examples`, run against a server that answers as Sazabi documents."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import tenacity

from .examples import load
from .server import Api

API = "sazabi"
WRONG = load("wrong", API)
RIGHT = load("right", API)
THREAD = {"id": "t1", "content": "Text"}


def clients(api: Api) -> tuple[Any, Any]:
    return (
        WRONG.SazabiClient("pk_1", "sk_1", api.url),
        RIGHT.SazabiClient("pk_1", "sk_1\n", api.url),
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_parameter"),
        (400, "invalid_json"),
        (401, "expired_api_key"),
        (403, "insufficient_permissions"),
        (404, "not_found"),
        (413, "payload_too_large"),
    ],
)
def test_refusals_are_final(api: Api, waits: list[float], status: int, code: str) -> None:
    wrong, right = clients(api)
    api.says(api.error(status, code))
    with pytest.raises(requests.HTTPError):
        wrong.list_threads()
    assert len(api.seen) == 5
    api.says(api.error(status, code))
    with pytest.raises(RIGHT.SazabiError) as caught:
        right.list_threads()
    assert len(api.seen) == 1
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_sending_ends(api: Api, waits: list[float], status: int) -> None:
    wrong, right = clients(api)
    api.says(*[api.error(status)] * 40, api.ok({"data": {}}))
    wrong.send({"id": "e1"})
    assert len(api.seen) == 41, "as long as the server fails"
    api.says(api.error(status))
    waits.clear()
    with pytest.raises(RIGHT.SazabiError):
        right.send({"id": "e1"})
    assert len(api.seen) == 5
    assert len(waits) == 4
    assert status != 429 or min(waits) >= 7


def test_waits_grow(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(503))
    with pytest.raises(tenacity.RetryError):
        wrong.get_thread("t1")
    assert waits == [2, 2, 2, 2, 2]
    waits.clear()
    with pytest.raises(RIGHT.SazabiError):
        right.get_thread("t1")
    assert len(waits) == 4
    assert len(set(waits)) == 4


def test_404_does_not_delete(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    for client in (wrong, right):
        client.threads["t1"] = THREAD
    api.says(api.error(404))
    assert wrong.mirror("t1") is None
    assert wrong.threads == {}
    assert right.mirror("t1") is None
    assert right.threads == {"t1": THREAD}


def test_the_message_may_change(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(409, "already_exists", text="There is such a thread."), to="POST")
    api.says(api.ok({"data": THREAD}), to="PUT")
    with pytest.raises(WRONG.SazabiError):
        wrong.create_thread("t1", "Text")
    assert right.create_thread("t1", "Text") == THREAD
    api.says(api.error(409, "conflict", text="It already exists in another state."), to="POST")
    api.says(api.ok({"data": THREAD}), to="PUT")
    assert wrong.create_thread("t1", "Text") == THREAD, "overwritten for the sake of two words"
    api.says(api.error(409, "conflict", text="It already exists in another state."), to="POST")
    with pytest.raises(RIGHT.SazabiError) as caught:
        right.create_thread("t1", "Text")
    assert caught.value.code == "conflict"


def test_a_success_may_hold_an_error(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    failed = api.ok({"data": None, "error": {"code": "internal_error", "message": "No."}})
    api.says(failed)
    assert wrong.mirror("t1") is None
    assert wrong.threads == {"t1": None}
    api.says(failed)
    with pytest.raises(RIGHT.SazabiError):
        right.mirror("t1")
    assert right.threads == {}


def test_what_works(api: Api) -> None:
    for client in clients(api):
        api.says(api.ok({"data": THREAD}))
        assert client.get_thread("t1") == client.mirror("t1") == client.update_thread("t1", "Text") == THREAD
        client.send({"id": "e1"})
        assert [request.headers.get("x-sazabi-secret-key") for request in api.seen] == ["sk_1"] * 3 + [None]
        assert api.seen[-1].headers["x-sazabi-key"] == "pk_1"
