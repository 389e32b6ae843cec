"""The two sessions clients in `examples`, run against a server that answers as sessions documents."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .examples import growing, load
from .server import Api

API = "sessions"
WRONG = load("wrong", API)
RIGHT = load("right", API)


def clients(api: Api) -> tuple[Any, Any]:
    return WRONG.SessionsClient("key", api.url), RIGHT.SessionsClient("key\n", api.url)


def test_starting_ends(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(*[api.error(500)] * 40, api.ok({"id": "s1"}))
    assert wrong.start("r1") == {"id": "s1"}
    assert len(api.seen) == 41, "as long as the server fails"
    api.says(api.error(500, details={"request_id": "req_2"}))
    with pytest.raises(RIGHT.SessionsError, match="req_2"):
        right.start("r1")
    assert len(api.seen) == 1
    assert right.running == {}


def test_429_is_recognized(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(429), api.ok({"id": "s1"}))
    with pytest.raises(Exception, match="429"):
        wrong.start("r1")
    assert (len(api.seen), waits) == (1, [])
    api.says(api.error(429), api.ok({"id": "s1"}))
    assert right.start("r1") == {"id": "s1"}
    assert right.running == {"s1": "r1"}
    assert waits == [7]


def test_the_reset_is_a_time(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(429), api.ok({"id": "s1"}))
    wrong.fetch("s1")
    assert waits[0] > time.time() - 1, "about the age of Unix"
    waits.clear()
    limited = api.error(429)
    without = type(limited)(429, limited.body, {k: v for k, v in limited.headers.items() if k != "Retry-After"})
    api.says(without, api.ok({"id": "s1"}))
    right.fetch("s1")
    assert 0 < waits[0] < 10


def test_it_waits(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    for status in (502, 503):
        waits.clear()
        api.says(api.error(status))
        with pytest.raises(RuntimeError):
            wrong.fetch("s1")
        assert (len(api.seen), waits) == (5, [])
        api.says(api.error(status))
        with pytest.raises(RIGHT.SessionsError):
            right.fetch("s1")
        assert len(api.seen) == 5
        assert len(waits) == 4
        assert growing(waits)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_refusals_are_final(api: Api, waits: list[float], status: int) -> None:
    wrong, right = clients(api)
    api.says(api.error(status))
    with pytest.raises(RuntimeError):
        wrong.rename("s1", "x")
    assert len(api.seen) == 5
    api.says(api.error(status))
    with pytest.raises(RIGHT.SessionsError) as caught:
        right.rename("s1", "x")
    assert len(api.seen) == 1
    assert caught.value.status == status
    assert caught.value.request_id is None


def test_404_does_not_delete(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    for client in (wrong, right):
        client.running.update({"s1": "r1", "s2": "r2"})
    api.says(api.ok({"id": "s1"}), to="GET /sessions/s1")
    api.says(api.error(404), to="GET /sessions/s2")
    wrong.sweep()
    assert wrong.running == {"s1": "r1"}
    assert right.sweep() == ["s2"]
    assert right.running == {"s1": "r1", "s2": "r2"}


def test_what_works(api: Api) -> None:
    for client in clients(api):
        api.says(api.ok({"id": "s1"}))
        assert client.start("r1") == client.fetch("s1") == client.rename("s1", "x") == {"id": "s1"}
        assert api.seen[0].headers["x-api-key"] == "key"
