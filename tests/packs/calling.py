"""Sends requests through any function that a pack says sends one."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from errlint.packs.effects import Sends, Shape
from errlint.packs.locate import load_builtin
from errlint.packs.schema import Class, Function
from packs.installed import find


def sending() -> list[Any]:
    """Every function and method that sends and gives the answer, with what its effect says."""
    found: dict[str, Any] = {}
    for pack in load_builtin().packs:
        for definition in pack.definitions.values():
            methods = definition.methods.values() if isinstance(definition, Class) else [definition]
            found |= {
                method.path: pytest.param(method, method.effect.sends, id=method.path)
                for method in methods
                if isinstance(method, Function) and isinstance(method.effect, Sends) and method.effect.answer is None
            }
    return [*found.values()]


def arguments_for(function: Function, shape: Shape, url: str, method: str = "GET") -> dict[str, Any]:
    """What must be given to send a request to an address."""
    if shape.prepared and not shape.url:
        root = function.path.split(".")[0]
        request = find(f"{root}.Request")(method, url)
        return {shape.prepared: request.prepare() if hasattr(request, "prepare") else request}
    assert shape.url
    return {shape.url: url, **({shape.method_parameter: method} if shape.method_parameter else {})}


def call(function: Function, arguments: Mapping[str, Any], client: Mapping[str, Any] | None = None) -> Any:
    """The response; for a method, of a client that is constructed with, or gets as attributes, what `client` holds."""
    owner = load_builtin().type(function.path.rpartition(".")[0])
    # Loading the certificates would take most of the time.
    if owner and owner.signature and owner.signature.find("verify"):
        client = {"verify": False, **(client or {})}
    arguments = {name: fitting(function.path, name, value) for name, value in arguments.items()}
    if owner and owner.signature and owner.signature.find("verify"):
        pass
    elif function.signature.find("verify"):
        arguments = {"verify": False, **arguments}
    if function.form in ("awaitable", "async-context", "awaitable-context"):
        return asyncio.run(_call_async(function, owner, arguments, client or {}))
    if owner is None:
        return _enter(function, find(function.path)(**arguments))
    if owner.signature and owner.signature.find("host"):
        # A client of one host, whose requests name a path of it.
        address = urlsplit(arguments["url"])
        client = {"host": address.hostname, "port": address.port, **(client or {})}
        arguments = {**arguments, "url": address.path}
    with _construct(owner, client or {}) as instance:
        return _enter(function, getattr(instance, function.path.rpartition(".")[2])(**arguments))


def fitting(path: str, name: str, value: Any) -> Any:
    """A value in the type that the library at a path wants."""
    if name == "data" and path.startswith("urllib."):
        return str(value).encode()
    library = importlib.import_module(path.split(".")[0])
    wanted = {"auth": getattr(library, "BasicAuth", None), "timeout": getattr(library, "ClientTimeout", None)}.get(name)
    if wanted is None or not hasattr(library, "ClientTimeout"):
        return value
    return wanted(*value) if isinstance(value, tuple) else wanted(value)


def _enter(function: Function, value: Any) -> Any:
    if function.form == "plain":
        # Some have been read when they are returned.
        if not hasattr(value, "content") and not hasattr(value, "data"):
            with value:
                value.read()
        return value
    with value as response:
        response.read()
        return response


async def _call_async(
    function: Function, owner: Class | None, arguments: Mapping[str, Any], client: Mapping[str, Any]
) -> Any:
    if owner is None:
        return await _enter_async(function, find(function.path)(**arguments))
    async with _construct(owner, client) as instance:
        return await _enter_async(function, getattr(instance, function.path.rpartition(".")[2])(**arguments))


async def _enter_async(function: Function, value: Any) -> Any:
    if function.form == "awaitable":
        return await value
    if function.form == "awaitable-context":
        response = await value
        await response.read()
        return response
    async with value as response:
        await (response.aread() if hasattr(response, "aread") else response.read())
        return response


def _construct(owner: Class, client: Mapping[str, Any]) -> Any:
    accepted = {name: value for name, value in client.items() if owner.signature and owner.signature.find(name)}
    instance = find(owner.path)(**{name: fitting(owner.path, name, value) for name, value in accepted.items()})
    for name in client.keys() - accepted.keys():
        if hasattr(getattr(instance, name), "update"):
            getattr(instance, name).update(client[name])
        else:
            setattr(instance, name, client[name])
    return instance
