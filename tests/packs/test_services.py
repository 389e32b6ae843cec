"""Clients of one service: no address is given, and statuses are exceptions of many classes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import reduce
from typing import Any

import anthropic
import openai
import pytest

from errlint import outcomes
from errlint.packs.effects import Sends
from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from errlint.packs.schema import Class, Function
from errlint.packs.values import Instance
from packs.installed import canonical, find
from packs.serving import Server, Trouble

LIBRARIES = {"openai": openai.OpenAI, "anthropic": anthropic.Anthropic}
JSON = {"Content-Type": "application/json"}
BODY = '{"choices": [], "data": [{"embedding": [1]}], "output": [], "content": []}'
"""Something for each parser to look at."""


def clients(library: str) -> list[Class]:
    """The client classes that need no more than a key."""
    knowledge = load_builtin()
    names = [LIBRARIES[library].__name__, f"Async{LIBRARIES[library].__name__}"]
    return [cls for name in names if (cls := knowledge.type(f"{library}.{name}"))]


def below(chain: tuple[str, ...], cls: Class) -> list[tuple[tuple[str, ...], Function]]:
    """Every method of a client's parts that sends, with the names that lead to it."""
    found = [((*chain, name), method) for name, method in cls.methods.items() if isinstance(method.effect, Sends)]
    for name, value in cls.attributes.items():
        part = load_builtin().type(value.instance) if isinstance(value, Instance) else None
        if part and part.part:
            found += below((*chain, name), part)
    return found


METHODS = [
    pytest.param(cls, chain, method, id=f"{cls.path}.{'.'.join(chain)}")
    for library in LIBRARIES
    for cls in clients(library)
    for chain, method in below((), cls)
]


def raised(cls: Class, chain: tuple[str, ...], method: Function, address: str, **more: Any) -> BaseException | None:
    """What becomes of a request."""
    required = [p.name for p in method.signature.parameters if p.kind == "keyword-only" and p.default is None]
    arguments: Mapping[str, Any] = {name: 1 if name.startswith("max") else "some" for name in required}
    settings = {"api_key": "key", "base_url": address, "max_retries": 0, **more}
    # Loading the certificates would take most of the time.
    root = cls.path.split(".")[0]
    positional = ["some"] * len(method.signature.positional)

    async def wait() -> None:
        below = find(f"{root}.DefaultAsyncHttpxClient")(verify=False)
        async with find(cls.path)(**settings, http_client=below) as client:
            await reduce(getattr, chain, client)(*positional, **arguments)

    try:
        if method.form == "awaitable":
            asyncio.run(wait())
        else:
            below = find(f"{root}.DefaultHttpxClient")(verify=False)
            with find(cls.path)(**settings, http_client=below) as client:
                reduce(getattr, chain, client)(*positional, **arguments)
    except (openai.OpenAIError, anthropic.AnthropicError) as error:
        return error
    return None


@pytest.mark.parametrize("library", LIBRARIES)
def test_parts_are_what_they_are_said_to_be(library: str, knowledge: Knowledge) -> None:
    for described in clients(library):
        waiting = [(find(described.path)(api_key="key"), described)]
        while waiting:
            instance, cls = waiting.pop()
            assert canonical(type(instance)) == cls.path
            for name, value in cls.attributes.items():
                part = knowledge.type(value.instance) if isinstance(value, Instance) else None
                if part:
                    waiting.append((getattr(instance, name), part))


@pytest.mark.parametrize(("cls", "chain", "method"), METHODS)
def test_statuses(cls: Class, chain: tuple[str, ...], method: Function, server: Server) -> None:
    effect = method.effect
    assert isinstance(effect, Sends)
    assert effect.raising
    fine = server.url(200, JSON, BODY)
    assert raised(cls, chain, method, fine) is None
    assert server.sent(fine) == [effect.sends.method]
    for status in (304, 400, 401, 402, 403, 404, 408, 409, 412, 413, 418, 422, 429, 431, 499, 500, 501, 503, 504, 529):
        error = raised(cls, chain, method, server.url(status))
        own = (each.exception for each in effect.raising.particular if each.outcomes & outcomes.status(status))
        assert canonical(type(error)) == next(own, effect.raising.exception)
        assert getattr(error, "status_code", None) == status
        assert canonical(type(getattr(error, "response", None))) == effect.answer


@pytest.mark.parametrize(("cls", "chain", "method"), METHODS)
@pytest.mark.parametrize("outcome", [outcomes.TIMEOUT, outcomes.CONNECTION, outcomes.PROTOCOL], ids=outcomes.render)
def test_failures(
    cls: Class, chain: tuple[str, ...], method: Function, outcome: int, server: Server, knowledge: Knowledge
) -> None:
    troubles: dict[int, Trouble] = {outcomes.TIMEOUT: "hang", outcomes.PROTOCOL: "drop"}
    address = server.url(trouble=troubles[outcome]) if outcome in troubles else server.refused()
    error = raised(cls, chain, method, address, timeout=0.2)
    failures = knowledge.failures(cls.path)
    assert failures
    assert canonical(type(error)) == getattr(failures, outcomes.render(outcome)).typical
    assert not hasattr(error, "response")


@pytest.mark.parametrize("library", LIBRARIES)
def test_outcomes_of_exceptions(library: str, knowledge: Knowledge) -> None:
    """What stands for a status is raised for that status, and no other class is."""
    pack = knowledge.pack(library)
    assert pack
    [raising] = {
        method.effect.raising for _, method in below((), clients(library)[0]) if isinstance(method.effect, Sends)
    }
    assert raising
    for each in raising.particular:
        described = knowledge.exception(each.exception)
        assert described
        assert not each.outcomes & ~described.outcomes
    assert not outcomes.STATUSES & ~outcomes.parse("200-299") & ~raising.raises_on
