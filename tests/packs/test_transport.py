"""What is derived from a transport policy's pack is what the transport does, seen at a server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.util.retry import Retry

from errlint import outcomes
from errlint.packs.effects import Sends
from errlint.packs.knowledge import Knowledge
from errlint.packs.repeating import Exponential, Operand
from errlint.packs.resending import Resending, construct, construct_from_integer, resend, shown
from errlint.packs.schema import Class
from errlint.packs.signature import Plain
from errlint.packs.transport import Adapter, TransportPolicy
from packs.installed import canonical
from packs.serving import Server

POLICIES: list[dict[str, Any]] = [
    {},
    {"total": 3},
    {"total": True},
    {"total": 0},
    {"total": False},
    {"total": 0, "status_forcelist": (500,)},
    {"total": False, "status_forcelist": (500,)},
    {"total": 2, "status_forcelist": (500, 503)},
    {"total": 2, "status_forcelist": (500, 503), "raise_on_status": False},
    {"total": 2, "status_forcelist": (500,), "allowed_methods": None},
    {"total": 2, "status_forcelist": (500,), "allowed_methods": False},
    {"total": 2, "status_forcelist": (500,), "allowed_methods": ("POST",)},
    {"total": 3, "status": 1, "status_forcelist": (500,)},
    {"total": 3, "status": 1},
    {"total": 3, "status": 1, "raise_on_status": False},
    {"total": 1, "status": 3},
    {"total": 3, "read": 1, "connect": 2},
    {"total": 3, "read": False, "connect": False},
    {"total": 3, "read": 0, "connect": 0},
    {"total": None, "connect": 2, "read": 1, "status": 1, "status_forcelist": (500,)},
    {"total": 2, "respect_retry_after_header": False},
    {"total": 4, "status_forcelist": (500, 503), "backoff_factor": 1},
    {"total": 4, "status_forcelist": (500,), "backoff_factor": 50},
    {"total": 4, "status_forcelist": (500,), "backoff_factor": 1, "backoff_max": 3},
]
ENDS: dict[str, tuple[int, bool]] = {
    "500": (outcomes.status(500), False),
    "500 with Retry-After": (outcomes.status(500), True),
    "503": (outcomes.status(503), False),
    "503 with Retry-After": (outcomes.status(503), True),
    "timeout": (outcomes.TIMEOUT, False),
    "connection": (outcomes.CONNECTION, False),
    "protocol": (outcomes.PROTOCOL, False),
}


def delays(policy: TransportPolicy, arguments: dict[str, Plain], times: int) -> list[float]:
    """The waits above 0 that the pack's formula gives."""
    wait = policy.wait
    assert isinstance(wait, Exponential)

    def value(operand: Operand | None, otherwise: float) -> float:
        found = arguments[operand] if isinstance(operand, str) else operand
        return float(found) if isinstance(found, (int, float)) else otherwise

    low, high = value(wait.minimum, 0), value(wait.maximum, float("inf"))
    factor, base = value(wait.exponential, 0), value(wait.base, 0)
    computed = [min(max(low, factor * base ** (k + wait.offset)), high) for k in range(1, times + 1)]
    return [delay for delay in computed[wait.immediate :] if delay]


def address(server: Server, outcome: int, retry_after: bool) -> str:
    if outcome & outcomes.STATUSES:
        return server.url(next(outcomes.codes(outcome)), {"Retry-After": "7"} if retry_after else {})
    if outcome == outcomes.CONNECTION:
        return server.refused()
    return server.url(trouble="hang" if outcome == outcomes.TIMEOUT else "drop")


def patience(outcome: int) -> float:
    """How many seconds to wait for an answer: few where none comes, many where a busy machine may be late."""
    return 0.1 if outcome == outcomes.TIMEOUT else 10


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One item for each attempt to connect."""
    tried: list[object] = []

    def counted(connect: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **keywords: Any) -> Any:
            tried.append(arguments)
            return connect(*arguments, **keywords)

        return wrapper

    monkeypatch.setattr(HTTPConnection, "_new_conn", counted(HTTPConnection._new_conn))
    monkeypatch.setattr(socket, "create_connection", counted(socket.create_connection))
    return tried


@pytest.mark.parametrize("given", [*POLICIES, 0, 1, 3, False, True], ids=str)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_policy_in_an_adapter(
    given: dict[str, Any] | int,
    end: str,
    method: str,
    server: Server,
    waits: list[float],
    connections: list[object],
    knowledge: Knowledge,
) -> None:
    adapter = pack_of("requests.adapters.HTTPAdapter", knowledge).adapter
    assert adapter
    outcome, retry_after = ENDS[end]
    policy, arguments, actual = constructed(given, adapter, knowledge)
    expected = resend(policy, arguments, outcome, method, retry_after) if arguments else None
    expected = expected or Resending(0, "as-it-came")
    times = expected.times
    assert times is not None

    url = address(server, outcome, retry_after)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=actual))
        result = attempt(lambda: session.request(method, url, timeout=patience(outcome)))
    attempts = len(server.sent(url)) if outcome & outcomes.STATUSES else len(connections)
    assert attempts == times + 1
    exception = shown(adapter, outcome, expected.ends)
    if exception:
        assert canonical(type(result)) == exception
        assert getattr(result, "response", None) is None
    elif outcome & outcomes.STATUSES:
        assert result.status_code == next(outcomes.codes(outcome))
    else:
        failures = knowledge.failures("requests")
        assert canonical(type(result)) == getattr(failures, outcomes.render(outcome)).typical
    if arguments and retry_after and arguments["respect_retry_after_header"]:
        assert waits == [7] * times
    elif arguments:
        assert waits == delays(policy, arguments, times)


def attempt(call: Callable[[], Any]) -> Any:
    """What a call returns or raises."""
    try:
        return call()
    except Exception as error:
        return error


def pack_of(path: str, knowledge: Knowledge) -> Class:
    found = knowledge.type(path)
    assert found
    return found


def constructed(
    given: dict[str, Any] | int | None, adapter: Adapter, knowledge: Knowledge
) -> tuple[TransportPolicy, dict[str, Plain] | None, Any]:
    """The policy's pack, its arguments as the packs have them, and what the library itself is given."""
    policy = pack_of("urllib3.Retry", knowledge)
    assert policy.policy
    assert policy.signature
    if isinstance(given, dict):
        return policy.policy, construct(policy.signature, given), Retry(**given)
    number = adapter.default if given is None else given
    assert number is not None
    return policy.policy, construct_from_integer(adapter, policy.signature, number), given


CALL = "urllib3.poolmanager.PoolManager.request"


@pytest.mark.parametrize("given", [*POLICIES, None, 0, 1, 3, False, True], ids=str)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_policy_of_a_request(
    given: dict[str, Any] | int | None,
    end: str,
    method: str,
    server: Server,
    waits: list[float],
    connections: list[object],
    knowledge: Knowledge,
) -> None:
    function = knowledge.function(CALL)
    assert function
    assert isinstance(function.effect, Sends)
    adapter = function.effect.adapter
    assert adapter
    assert adapter.policy
    outcome, retry_after = ENDS[end]
    policy, arguments, actual = constructed(given, adapter, knowledge)
    assert arguments
    expected = resend(policy, arguments, outcome, method, retry_after)
    assert expected.times is not None

    # In the call or in the client.
    own = {adapter.policy: actual}
    for client, call in [({}, own)] if isinstance(given, dict) else [({}, own), (own, {})]:
        waits.clear()
        connections.clear()
        url = address(server, outcome, retry_after)
        with urllib3.PoolManager(**client) as manager:
            result = attempt(lambda: manager.request(method, url, timeout=patience(outcome), **call))  # noqa: B023
        attempts = len(server.sent(url)) if outcome & outcomes.STATUSES else len(connections)
        assert attempts == expected.times + 1
        exception = shown(adapter, outcome, expected.ends)
        if exception:
            assert canonical(type(result)) == exception
        elif outcome & outcomes.STATUSES:
            assert result.status == next(outcomes.codes(outcome))
        else:
            failures = knowledge.failures("urllib3")
            assert canonical(type(result)) == getattr(failures, outcomes.render(outcome)).typical
        if retry_after and arguments["respect_retry_after_header"]:
            assert waits == [7] * expected.times
        else:
            assert waits == delays(policy, arguments, expected.times)


@pytest.mark.parametrize("retries", [0, 1, 3, 5])
@pytest.mark.parametrize("end", ENDS)
def test_transport_with_its_own_policy(
    retries: int, end: str, server: Server, waits: list[float], connections: list[object], knowledge: Knowledge
) -> None:
    adapter = pack_of("httpx.HTTPTransport", knowledge)
    assert adapter.signature
    assert adapter.adapter
    assert adapter.adapter.own
    arguments = construct(adapter.signature, {"retries": retries})
    outcome, retry_after = ENDS[end]
    expected = resend(adapter.adapter.own, arguments, outcome, "POST", retry_after)
    assert expected.times is not None

    url = address(server, outcome, retry_after)
    with httpx.Client(
        transport=httpx.HTTPTransport(retries=retries, verify=False), timeout=patience(outcome)
    ) as client:
        result = attempt(lambda: client.post(url))
    attempts = len(server.sent(url)) if outcome & outcomes.STATUSES else len(connections)
    assert attempts == expected.times + 1
    assert [wait for wait in waits if wait] == delays(adapter.adapter.own, arguments, expected.times)
    assert shown(adapter.adapter, outcome, expected.ends) is None
    if outcome & outcomes.STATUSES:
        assert result.status_code == next(outcomes.codes(outcome))
    else:
        failures = knowledge.failures("httpx")
        assert canonical(type(result)) == getattr(failures, outcomes.render(outcome)).typical


def test_asynchronous_transport_is_like_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(delay: float) -> None:
        slept.append(delay)

    monkeypatch.setattr("anyio.sleep", sleep)

    async def send() -> None:
        transport = httpx.AsyncHTTPTransport(retries=4, verify=False)
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get(server.refused())

    with pytest.raises(httpx.ConnectError):
        asyncio.run(send())
    assert slept == [0, 0.5, 1, 2]


def test_longest_prefix_wins(server: Server, waits: list[float]) -> None:
    once, thrice = server.url(503), server.url(503)
    policy = Retry(2, status_forcelist=[503], raise_on_status=False)
    with requests.Session() as session:
        session.mount(thrice.replace("http", "HTTP"), HTTPAdapter(max_retries=policy))
        session.get(once)
        session.get(thrice)
    assert (len(server.sent(once)), len(server.sent(thrice))) == (1, 3)
