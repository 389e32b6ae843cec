"""The two Semji clients in `examples`, run against a server that answers as Semji documents."""

from __future__ import annotations

from typing import Any

import pytest

from .examples import load
from .server import Api

API = "semji"
WRONG = load("wrong", API)
RIGHT = load("right", API)
CONTENT = {"id": "c1", "title": "Mine", "body": "Text", "version": 3}


def clients(api: Api) -> tuple[Any, Any]:
    return (
        WRONG.SemjiClient("sk_1", {"c1": dict(CONTENT)}, api.url),
        RIGHT.SemjiClient("sk_1\n", {"c1": dict(CONTENT)}, api.url),
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_refusals_are_final(api: Api, waits: list[float], status: int) -> None:
    wrong, right = clients(api)
    api.says(api.error(status))
    with pytest.raises(WRONG.SemjiError):
        wrong.me()
    assert len(api.seen) == 5
    api.says(api.error(status))
    with pytest.raises(RIGHT.SemjiError) as caught:
        right.me()
    assert len(api.seen) == 1
    assert caught.value.status == status
    assert {caught.value.code} == api.contract.codes(status)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_passing_failures_are_waited_out(api: Api, waits: list[float], status: int) -> None:
    _, right = clients(api)
    api.says(api.error(status), api.error(status), api.ok({"id": "me"}))
    assert right.me() == {"id": "me"}
    assert len(waits) == 2
    assert status != 429 or min(waits) >= 7, "at least as long as Retry-After says"
    api.says(api.error(status))
    waits.clear()
    with pytest.raises(RIGHT.SemjiError):
        right.me()
    assert len(api.seen) == 5
    assert len(waits) == 4


def test_a_wait_that_is_too_long_is_left_to_the_caller(api: Api, waits: list[float]) -> None:
    _, right = clients(api)
    api.says(api.error(429, retry_after="3000"))
    with pytest.raises(RIGHT.SemjiError):
        right.me()
    assert (len(api.seen), waits) == (1, [])


def test_404_does_not_delete(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(404))
    assert wrong.pull("c1") is None
    assert wrong.drafts == {}, "a draft is lost since a workspace was closed to the key"
    assert right.pull("c1") is None
    assert right.drafts == {"c1": CONTENT}
    api.says(api.ok({**CONTENT, "version": 4}))
    assert right.pull("c1")["version"] == 4


def test_retry_after_may_be_missing(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(503), api.ok({**CONTENT, "version": 4}))
    with pytest.raises(KeyError):
        wrong.push("c1")
    api.says(api.error(503, retry_after="Fri, 21 Nov 2025 07:28:00 GMT"), api.ok({**CONTENT, "version": 4}))
    with pytest.raises(ValueError, match="invalid literal"):
        wrong.push("c1")
    api.says(api.error(503), api.ok({**CONTENT, "version": 4}))
    right.push("c1")
    assert right.drafts["c1"]["version"] == 4


def test_a_conflict_needs_the_new_version(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    theirs = {"id": "c1", "title": "Theirs", "body": "Theirs", "version": 8, "tags": ["new"]}
    api.says(api.error(409))
    with pytest.raises(WRONG.SemjiError):
        wrong.push("c1")
    assert [request.json["version"] for request in api.seen] == [3, 3, 3, 3]
    api.says(api.ok(theirs), to="GET")
    api.says(api.error(409), api.ok({**theirs, "version": 9}), to="PUT")
    right.push("c1")
    assert [request.method for request in api.seen] == ["PUT", "GET", "PUT"]
    assert api.seen[-1].json == {**theirs, "title": "Mine", "body": "Text"}


def test_the_message_may_change(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(422, text="title: String must contain at least 1 character(s)"))
    assert wrong.publish("c1") == "empty title"
    api.says(api.error(422, text="title: must not be empty"))
    with pytest.raises(WRONG.SemjiError):
        wrong.publish("c1")
    with pytest.raises(RIGHT.SemjiError, match="title: must not be empty") as caught:
        right.publish("c1")
    assert caught.value.code == "validation_error"


def test_a_publication_is_repeated_only_when_it_was_not_carried_out(api: Api, waits: list[float]) -> None:
    _, right = clients(api)
    api.says(api.error(429), api.ok({}))
    right.publish("c1")
    assert len(api.seen) == 2
    api.says(api.error(500))
    with pytest.raises(RIGHT.SemjiError):
        right.publish("c1")
    assert len(api.seen) == 1


def test_what_works(api: Api) -> None:
    for client in clients(api):
        api.says(api.ok({"items": [CONTENT]}))
        assert client.contents("w1") == [CONTENT]
        assert api.seen[0].path == "/workspaces/w1/contents"
        assert api.seen[0].headers["authorization"] == "Bearer sk_1"
