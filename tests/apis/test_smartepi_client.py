"""The two SmartEPI clients in `examples`, run against a server that answers as SmartEPI documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from .examples import growing, load
from .server import Api

API = "smartepi"
WRONG = load("wrong", API)
RIGHT = load("right", API)
EMPLOYEE = {"id": "e1", "name": "Ada", "_version": 3}


@pytest.fixture
def clients(api: Api) -> Iterator[tuple[Any, Any]]:
    databases = []
    clients = []
    for module, key in ((WRONG, "sk_1"), (RIGHT, "sk_1\n")):
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE employees (id TEXT PRIMARY KEY, name TEXT, version INTEGER)")
        db.execute("INSERT INTO employees VALUES ('e1', 'Ada', 3)")
        databases.append(db)
        clients.append(module.SmartEpiClient(key, db, api.url))
    yield clients[0], clients[1]
    for db in databases:
        db.close()


def rows(client: Any) -> list[Any]:
    return list(client.db.execute("SELECT id, name, version FROM employees"))


def test_the_gateways_text_may_change(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    text = "User is not authorized to access this resource with an explicit deny in an identity-based policy"
    api.says(api.error(403, text=text))
    with pytest.raises(WRONG.KeyNotActive):
        wrong.check_key()
    api.says(api.error(403, text="Forbidden"))
    with pytest.raises(WRONG.SmartEpiError, match="address"):
        wrong.check_key()
    for reply in (api.error(403, text=text), api.error(403, text="Forbidden"), api.page(403)):
        api.says(reply)
        with pytest.raises(RIGHT.KeyRefused):
            right.check_key()
    assert waits == []


def test_a_new_key_gets_its_minute(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    _, right = clients
    api.says(api.error(403), api.ok({"items": []}))
    right.check_key(new=True)
    assert waits == [60]
    api.says(api.error(403))
    with pytest.raises(RIGHT.KeyRefused):
        right.check_key(new=True)
    assert len(api.seen) == 2


def test_retry_after_may_be_missing(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    api.says(api.error(429), api.ok({"items": [EMPLOYEE], "next": None}))
    with pytest.raises(KeyError):
        wrong.employees()
    api.says(api.error(429), api.error(429), api.ok({"items": [EMPLOYEE], "next": None}))
    assert right.employees() == [EMPLOYEE]
    assert len(waits) == 2
    assert growing(waits)


def test_refusals_have_two_shapes(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    api.says(api.error(401))
    with pytest.raises(KeyError):
        wrong.employees()
    for status in (400, 401, 403, 404, 405, 409, 422, 502):
        api.says(api.page(502) if status == 502 else api.error(status))
        with pytest.raises(RIGHT.SmartEpiError) as caught:
            right.employees()
        assert caught.value.status == status
        assert len(api.seen) == 1
        assert ("req_1" in str(caught.value)) == api.contract.promises_error_body(status)


def test_404_does_not_delete(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    api.says(api.error(404))
    wrong.sync("e1")
    assert rows(wrong) == []
    assert right.sync("e1") is False
    assert rows(right) == [("e1", "Ada", 3)]
    api.says(api.ok({**EMPLOYEE, "_version": 4}))
    assert right.sync("e1") is True
    assert rows(right) == [("e1", "Ada", 4)]


def test_the_title_may_change(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    taken = api.error(409, "urn:smartepi:error:duplicate_name", text="The name is taken")
    api.says(taken)
    with pytest.raises(WRONG.SmartEpiError, match="somebody else"):
        wrong.rename("e1", "Ada", 3)
    api.says(api.ok(EMPLOYEE), to="GET")
    api.says(taken, to="PUT")
    with pytest.raises(RIGHT.NameTaken):
        right.rename("e1", "Ada")
    assert [request.method for request in api.seen] == ["GET", "PUT"]


def test_a_conflict_needs_the_new_version(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    _, right = clients
    api.says(api.ok(EMPLOYEE), api.ok({**EMPLOYEE, "_version": 4}), to="GET")
    api.says(api.error(409, "urn:smartepi:error:conflict"), api.ok(EMPLOYEE), to="PUT")
    right.rename("e1", "Ada")
    assert [request.method for request in api.seen] == ["GET", "PUT", "GET", "PUT"]
    assert [request.json["_version"] for request in api.seen if request.body] == [3, 4]


def test_waits_grow(api: Api, clients: tuple[Any, Any], waits: list[float]) -> None:
    wrong, right = clients
    api.says(api.error(500))
    with pytest.raises(Exception, match="500"):
        wrong.rename("e1", "Ada", 3)
    assert waits == [3, 3, 3, 3]
    waits.clear()
    with pytest.raises(RIGHT.SmartEpiError, match="req_1"):
        right.employees()
    assert len(waits) == 4
    assert growing(waits)


def test_what_works(api: Api, clients: tuple[Any, Any]) -> None:
    for client in clients:
        first, last = {"items": [1], "next": "c2"}, {"items": [2], "next": None}
        api.says(api.ok(first), api.ok(last))
        assert client.employees() == [1, 2]
        assert api.seen[1].path == "/employees?cursor=c2"
        assert api.seen[0].headers["authorization"] == "Bearer sk_1"
