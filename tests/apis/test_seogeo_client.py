"""The two SEOGEO clients in `examples`, run against a server that answers as SEOGEO documents."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .examples import load
from .server import Api

API = "seogeo"
WRONG = load("wrong", API)
RIGHT = load("right", API)


def clients(api: Api) -> tuple[Any, Any]:
    return WRONG.SeogeoClient("sg_live_1", api.url), RIGHT.SeogeoClient("sg_live_1\n", api.url)


@pytest.mark.parametrize("status", [400, 403, 409])
def test_refusals_are_final(api: Api, waits: list[float], status: int) -> None:
    wrong, right = clients(api)
    api.says(api.error(status))
    with pytest.raises(requests.exceptions.RetryError):
        wrong.projects()
    assert len(api.seen) == 5
    api.says(api.error(status))
    with pytest.raises(RIGHT.SeogeoError, match="req_1") as caught:
        right.projects()
    assert len(api.seen) == 1
    assert {caught.value.code} == api.contract.codes(status)


def test_a_bad_key_is_recognized(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(401))
    with pytest.raises(requests.HTTPError):
        wrong.projects()
    with pytest.raises(RIGHT.BadKey):
        right.projects()


def test_404_is_no_deletion(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(404))
    with pytest.raises(WRONG.ProjectDeleted):
        wrong.project("p1")
    assert right.project("p1") is None


def test_the_exceptions_text_decides_nothing(api: Api, waits: list[float]) -> None:
    _, right = clients(api)
    api.says(api.error(404))
    here = WRONG.SeogeoClient("sg_live_1", f"{api.url}/customers/403")
    with pytest.raises(WRONG.BadKey):
        here.create_project("x")
    with pytest.raises(RIGHT.SeogeoError) as caught:
        right.create_project("x")
    assert not isinstance(caught.value, RIGHT.BadKey)


def test_retry_after_may_be_missing(api: Api, waits: list[float]) -> None:
    wrong, right = clients(api)
    api.says(api.error(429), api.ok({"id": "a1"}))
    with pytest.raises(KeyError):
        wrong.audit("p1")
    api.says(api.error(429, retry_after="Fri, 21 Nov 2025 07:28:00 GMT"), api.ok({"id": "a1"}))
    with pytest.raises(ValueError, match="could not convert"):
        wrong.audit("p1")
    for header in (None, "9", "Fri, 21 Nov 2025 07:28:00 GMT"):
        waits.clear()
        api.says(api.error(429, retry_after=header), api.ok({"id": "a1"}))
        assert right.audit("p1") == {"id": "a1"}
        assert len(waits) == 1
        assert waits[0] >= (9 if header == "9" else 2)
    api.says(api.error(429))
    with pytest.raises(RIGHT.SeogeoError):
        right.audit("p1")
    assert len(api.seen) == 4


def test_reading_is_patient(api: Api, waits: list[float]) -> None:
    _, right = clients(api)
    for status in (429, 500):
        waits.clear()
        api.says(api.error(status), api.error(status), api.ok({"projects": []}))
        assert right.projects() == []
        assert len(api.seen) == 3
    api.says(api.error(500))
    with pytest.raises(RIGHT.SeogeoError, match="req_1"):
        right.projects()
    assert len(api.seen) == 5
    api.says(api.page(504))
    with pytest.raises(RIGHT.SeogeoError, match="unknown"):
        right.projects()


def test_writing_is_not_repeated(api: Api, waits: list[float]) -> None:
    _, right = clients(api)
    api.says(api.error(500))
    with pytest.raises(RIGHT.SeogeoError):
        right.create_project("x")
    with pytest.raises(RIGHT.SeogeoError):
        right.audit("p1")
    assert [request.path for request in api.seen] == ["/projects", "/projects/p1/audits"]


def test_what_works(api: Api) -> None:
    for client in clients(api):
        api.says(api.ok({"id": "p1", "projects": ["p1"]}))
        assert client.projects() == ["p1"]
        assert client.project("p1")["id"] == client.create_project("x")["id"] == client.audit("p1")["id"] == "p1"
        assert {request.headers["authorization"] for request in api.seen} == {"Bearer sg_live_1"}
