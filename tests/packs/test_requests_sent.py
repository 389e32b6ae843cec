"""What packs say about sending is held against the bytes that arrive, and the exceptions that come out."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from errlint import outcomes
from errlint.packs.effects import Sends, Shape
from errlint.packs.knowledge import Knowledge
from errlint.packs.schema import Class, Client, Function
from errlint.packs.values import Instance
from packs.calling import arguments_for, call, sending
from packs.installed import canonical, find
from packs.serving import Server, Trouble

# What some library is about to give up is still what code uses.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

SAMPLES: dict[str, Any] = {
    "params": {"a": "1"},
    "data": {"a": "1"},
    "json": {"a": 1},
    "content": b"abc",
    "body": b"abc",
    "fields": {"a": "1"},
    "files": {"file": b"abc"},
    "headers": {"X-Version": "2"},
    "auth": ("me", "secret"),
    "cookies": {"session": "1"},
    # No part of the request.
    "timeout": 9,
    "allow_redirects": False,
    "follow_redirects": True,
    "verify": True,
    "trust_env": False,
    "stream": True,
    "proxies": {},
    "hooks": {},
    "extensions": {},
}


TRANSPORT = set(
    "cert proxy proxy_auth proxy_headers skip_auto_headers max_redirects compress chunked expect100 raise_for_status "
    "read_until_eof verify_ssl fingerprint ssl_context ssl server_hostname trace_request_ctx read_bufsize "
    "auto_decompress max_line_size max_field_size max_headers middlewares upload_tracker version connector loop "
    "redirect retries encode_multipart multipart_boundary assert_same_host pool_timeout release_conn body_pos "
    "preload_content decode_content".split()
)
"""How a request is sent, which is no part of what the server is asked."""


def seen(server: Server, url: str) -> object:
    """What of the one request to an address could make a difference to a server."""
    [(method, target, headers, body)] = server.received(url)
    return method, target.partition("?")[2], {n: v for n, v in headers.items() if n.lower() != "host"}, body


def parameters(shape: Shape) -> set[str]:
    return {*shape.identity, *shape.headers}


@pytest.mark.parametrize(("function", "shape"), sending())
def test_method_and_result(function: Function, shape: Shape, server: Server) -> None:
    url = server.url(200)
    response = call(function, arguments_for(function, shape, url, "PUT"))
    assert server.sent(url) == [shape.method or "PUT"]
    assert isinstance(function.returns, Instance)
    assert canonical(type(response)) == function.returns.instance


@pytest.mark.parametrize(("function", "shape"), sending())
def test_identity(function: Function, shape: Shape, server: Server) -> None:
    if shape.prepared and not shape.url:
        return
    plain = server.url(200)
    call(function, arguments_for(function, shape, plain))
    named = {p.name for p in function.signature.parameters if p.kind != "var-keyword"}
    names = named - {shape.url, shape.method_parameter, "context"}
    assert parameters(shape) <= names
    for name in sorted(names & SAMPLES.keys()):
        url = server.url(200)
        call(function, {**arguments_for(function, shape, url), name: SAMPLES[name]})
        assert (seen(server, url) != seen(server, plain)) == (name in parameters(shape)), name
    assert names - SAMPLES.keys() <= TRANSPORT


@pytest.mark.parametrize(("function", "shape"), sending())
def test_identity_of_clients(function: Function, shape: Shape, server: Server, knowledge: Knowledge) -> None:
    owner = knowledge.type(function.path.rpartition(".")[0])
    if owner is None or shape.prepared:
        return
    client = owner.client
    assert isinstance(client, Client)
    plain = server.url(200)
    call(function, arguments_for(function, shape, plain))
    for name in (*client.identity, *client.headers):
        if name in ("host", "port"):
            continue
        url = server.url(200)
        call(function, arguments_for(function, shape, url), {name: SAMPLES[name]})
        assert seen(server, url) != seen(server, plain)
    if client.base_url:
        url = server.url(200)
        base, _, path = url.rpartition("/")
        call(function, arguments_for(function, shape, path), {client.base_url: base})
        assert seen(server, url) == seen(server, plain)


@pytest.mark.parametrize(("function", "shape"), sending())
@pytest.mark.parametrize("status", [200, 204, 302, 304, 404, 429, 500, 599])
def test_statuses_reach_the_caller(function: Function, shape: Shape, status: int, server: Server) -> None:
    assert isinstance(function.effect, Sends)
    raising = function.effect.raising
    if raising and not raising.parameter and status in outcomes.codes(raising.raises_on):
        with pytest.raises(find(raising.exception)) as caught:
            call(function, arguments_for(function, shape, server.url(status)))
        with caught.value as error:
            assert error.status == error.code == error.getcode() == status
        return
    response = call(function, arguments_for(function, shape, server.url(status)))
    assert (response.status_code if hasattr(response, "status_code") else response.status) == status


@pytest.mark.parametrize(("function", "shape"), sending())
@pytest.mark.parametrize("status", [200, 302, 304, 400, 404, 503, 599])
def test_statuses_that_raise(
    function: Function, shape: Shape, status: int, server: Server, knowledge: Knowledge
) -> None:
    """The parameter decides, and where it is None that of the client."""
    assert isinstance(function.effect, Sends)
    raising = function.effect.raising
    if raising is None or raising.parameter is None:
        return
    owner = knowledge.type(function.path.rpartition(".")[0])
    client = owner.client.raising if owner and owner.client else None
    for asked, usual in itertools.product((None, True, False), (True, False) if client else (False,)):
        arguments = {**arguments_for(function, shape, server.url(status)), raising.parameter: asked}
        settings = {client: usual} if client else {}
        if (usual if asked is None else asked) and status in outcomes.codes(raising.raises_on):
            with pytest.raises(find(raising.exception)) as caught:
                call(function, arguments, settings)
            assert canonical(type(caught.value)) == raising.exception
            assert caught.value.status == status
        else:
            assert call(function, arguments, settings).status == status


# Every verb goes the same way as these.
WAYS = [case for case in sending() if case.values[0].path.rpartition(".")[2] in ("request", "get", "send", "stream")]
TROUBLES: dict[int, Trouble | None] = {outcomes.TIMEOUT: "hang", outcomes.CONNECTION: None, outcomes.PROTOCOL: "drop"}


def failing(function: Function, shape: Shape, url: str, knowledge: Knowledge) -> BaseException:
    """The exception that comes out of a request that cannot succeed."""
    assert isinstance(function.effect, Sends)
    owner = knowledge.type(function.path.rpartition(".")[0])
    arguments = arguments_for(function, shape, url)
    client: dict[str, Any] = {}
    if function.effect.adapter:
        # What it would otherwise end in, `test_transport` tells.
        arguments[str(function.effect.adapter.policy)] = False
    if function.effect.timeout:
        arguments[function.effect.timeout] = 0.2
    elif isinstance(owner, Class) and owner.client and owner.client.timeout:
        client[owner.client.timeout] = 0.2
        if shape.prepared:
            # It was built by itself, so the client's timeout is not in it.
            arguments[shape.prepared].extensions["timeout"] = dict.fromkeys(["connect", "read", "write", "pool"], 0.2)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is the question
        call(function, arguments, client)
    return caught.value


@pytest.mark.parametrize(("function", "shape"), WAYS)
@pytest.mark.parametrize("outcome", TROUBLES, ids=outcomes.render)
def test_transport_failures(
    function: Function, shape: Shape, outcome: int, server: Server, knowledge: Knowledge
) -> None:
    url = server.url(trouble=TROUBLES[outcome]) if TROUBLES[outcome] else server.refused()
    error = failing(function, shape, url, knowledge)
    failures = knowledge.failures(function.path)
    assert failures is not None
    assert canonical(type(error)) == getattr(failures, outcomes.render(outcome)).typical
    described = knowledge.exception(canonical(type(error)))
    assert described is not None
    # Python's own exceptions are no outcome by themselves.
    assert described.outcomes & outcome or "." not in described.path
    # The response is None, or is not even an attribute.
    assert getattr(error, "response", None) is None
    assert hasattr(error, "response") == ("response" in described.attributes)


BODY_TROUBLES: dict[int, Trouble] = {outcomes.TIMEOUT: "hang in body", outcomes.PROTOCOL: "drop in body"}


@pytest.mark.parametrize(("function", "shape"), WAYS)
@pytest.mark.parametrize("outcome", BODY_TROUBLES, ids=outcomes.render)
def test_failures_in_the_body(
    function: Function, shape: Shape, outcome: int, server: Server, knowledge: Knowledge
) -> None:
    error = failing(function, shape, server.url(body="abc", trouble=BODY_TROUBLES[outcome]), knowledge)
    failures = knowledge.failures(function.path)
    assert failures is not None
    failure = getattr(failures, outcomes.render(outcome))
    assert canonical(type(error)) in (failure.typical, *failure.also)


def replaceable() -> list[Any]:
    """Every method that sends by another one of its object."""
    return [
        case
        for case in sending()
        if case.values[0].through and isinstance(find(case.values[0].path.rpartition(".")[0]), type)
    ]


@pytest.mark.parametrize(("function", "shape"), replaceable())
def test_a_subclass_may_replace_the_method_by_which_others_send(function: Function, shape: Shape) -> None:
    class Replaced(Exception):
        pass

    def replacement(_client: object, *arguments: object, **_options: object) -> None:
        raise Replaced(*arguments)

    async def send() -> None:
        sent = getattr(client, name)("http://api.example.com")
        if function.form == "awaitable":
            await sent

    assert function.through is not None
    owner, _, name = function.path.rpartition(".")
    client = type("Client", (find(owner),), {function.through: replacement})()
    with pytest.raises(Replaced) as raised:
        asyncio.run(send())
    assert raised.value.args == (shape.method, "http://api.example.com")
