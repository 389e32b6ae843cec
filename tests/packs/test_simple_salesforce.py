"""What the pack of simple-salesforce says of each call is held against a server."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.login import SalesforceLogin

from errlint import outcomes
from errlint.packs.effects import Sends
from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from errlint.packs.schema import Class, Function
from errlint.packs.values import Instance
from packs.installed import canonical
from packs.serving import Server, Trouble

BODY = '{"records": [], "done": true}'
SESSION = "<r><sessionId>key</sessionId><serverUrl>https://na1.salesforce.com/services</serverUrl></r>"
STATUSES = (300, 304, 400, 401, 402, 403, 404, 405, 409, 410, 412, 415, 429, 500, 502, 503, 504, 599)
SAMPLES: dict[str, Any] = {
    "include_deleted": True,
    "identifier_is_url": True,
    "params": {"a": "1"},
    "data": {"a": "1"},
    "json": {"a": 1},
    "headers": {"X-Version": "2"},
    "method": "PATCH",
    # No part of the request.
    "timeout": 9,
}


def described() -> Class:
    found = load_builtin().type("simple_salesforce.Salesforce")
    assert found
    return found


METHODS = [pytest.param(method, id=name) for name, method in described().methods.items()]


class Local(requests.Session):
    """Speaks http, as the local server does, and waits for it no longer than a moment."""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, url.replace("https://", "http://"), *args, **{"timeout": 0.3, **options})


def call(method: Function, address: str, /, **more: Any) -> Any:
    """What a method of a client gives, whose instance is at an address."""
    client = Salesforce(session_id="key", instance=address.removeprefix("http://"), session=Local())
    required = [p.name for p in method.signature.parameters if p.default is None]
    return getattr(client, method.path.rpartition(".")[2])(**dict.fromkeys(required, "/some"), **more)


def raised(method: Function, address: str) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is the question
        call(method, address)
    return caught.value


def seen(server: Server, address: str) -> object:
    """What of the one request to an address could make a difference to a server."""
    [(method, target, headers, body)] = server.received(address)
    return method, target.partition("/")[2].partition("/")[2], {**headers, "Host": ""}, body


@pytest.mark.parametrize("method", METHODS)
def test_statuses(method: Function, server: Server, knowledge: Knowledge) -> None:
    effect = method.effect
    assert isinstance(effect, Sends)
    assert effect.raising
    for status in (200, 201, 299):
        assert call(method, server.url(status, body=BODY))
    for status in STATUSES:
        error: Any = raised(method, server.url(status))
        own = (each.exception for each in effect.raising.particular if each.outcomes & outcomes.status(status))
        path = next(own, effect.raising.exception)
        assert canonical(type(error)) == path
        assert error.status == status
        assert not hasattr(error, "response")
        known = knowledge.exception(path)
        assert known
        assert known.outcomes & outcomes.status(status)
    assert effect.raising.raises_on == outcomes.parse("300-599")


@pytest.mark.parametrize("method", METHODS)
def test_requests(method: Function, server: Server) -> None:
    effect = method.effect
    assert isinstance(effect, Sends)
    plain = server.url(body=BODY)
    call(method, plain)
    assert server.sent(plain) == [effect.sends.method or "GET"]
    significant = {*effect.sends.identity, *effect.sends.headers, effect.sends.method_parameter} - {None}
    for parameter in method.signature.parameters:
        if parameter.default is not None:
            address = server.url(body=BODY)
            call(method, address, **{parameter.name: SAMPLES[parameter.name]})
            assert (seen(server, address) != seen(server, plain)) == (parameter.name in significant), parameter.name
        else:
            assert parameter.name in significant


TROUBLES: dict[int, Trouble | None] = {outcomes.TIMEOUT: "hang", outcomes.CONNECTION: None, outcomes.PROTOCOL: "drop"}


def troubled(outcome: int, server: Server) -> str:
    trouble = TROUBLES[outcome]
    return server.url(trouble=trouble) if trouble else server.refused().rstrip("/")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outcome", TROUBLES, ids=outcomes.render)
def test_failures(method: Function, outcome: int, server: Server, knowledge: Knowledge) -> None:
    error = raised(method, troubled(outcome, server))
    failures = knowledge.failures(method.path)
    assert failures
    assert canonical(type(error)) == getattr(failures, outcomes.render(outcome)).typical
    assert not isinstance(error, SalesforceError)


@pytest.mark.parametrize("trouble", ["hang in body", "drop in body"])
def test_failures_in_the_body(trouble: Trouble, server: Server, knowledge: Knowledge) -> None:
    error = raised(described().methods["query"], server.url(body="abc", trouble=trouble))
    failures = knowledge.failures("simple_salesforce.Salesforce")
    assert failures
    failure = failures.timeout if trouble == "hang in body" else failures.protocol
    assert canonical(type(error)) in (failure.typical, *failure.also)


def log_in(address: str) -> tuple[str, str]:
    return SalesforceLogin("me", "secret", "token", scratch_url=address, session=Local())


def test_login(server: Server, knowledge: Knowledge) -> None:
    login = knowledge.function("simple_salesforce.SalesforceLogin")
    assert login
    assert isinstance(login.effect, Sends)
    assert login.effect.raising
    fine = server.url(200, body=SESSION)
    assert log_in(fine) == ("key", "na1.salesforce.com")
    assert server.sent(fine) == [login.effect.sends.method]
    for status in (201, 204, *STATUSES):
        with pytest.raises(SalesforceError) as caught:
            log_in(server.url(status, body=SESSION))
        assert canonical(type(caught.value)) == login.effect.raising.exception
        assert login.effect.raising.raises_on & outcomes.status(status)
    assert not login.effect.raising.raises_on & outcomes.status(200)
    for outcome in TROUBLES:
        with pytest.raises(requests.RequestException) as failed:
            log_in(troubled(outcome, server))
        failures = knowledge.failures(login.path)
        assert failures
        assert canonical(type(failed.value)) == getattr(failures, outcomes.render(outcome)).typical


def test_parts_are_what_they_are_said_to_be() -> None:
    client = Salesforce(session_id="key", instance="x")
    assert described().attributes
    for name, value in described().attributes.items():
        assert isinstance(value, Instance)
        assert canonical(type(getattr(client, name))) == value.instance
