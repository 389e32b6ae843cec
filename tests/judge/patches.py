"""Puts a world in the place of sockets, clocks and sleeps, and takes it back."""

import functools
import io
import os
import random
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import httpx
import requests
import urllib3
import urllib3.connection

from .outcomes import without_body
from .world import World

# Headers that make two requests different ones; the others are no part of what is asked.
ASKING_HEADERS = ("authorization", "x-api-key", "cookie", "if-match", "if-none-match")


@contextmanager
def installed(world: World) -> Iterator[None]:
    """While this lasts, programs in this process see `world`."""
    state = random.getstate()
    with ExitStack() as stack:
        for target, name, substitute in _substitutes(world):
            stack.enter_context(patch.object(target, name, substitute))
        # No proxy of the machine's, and little to search for one at every request.
        stack.enter_context(patch.dict(os.environ, {}, clear=True))
        try:
            yield
        finally:
            random.setstate(state)


def _substitutes(world: World) -> list[tuple[Any, str, Any]]:
    def connect(sock: socket.socket, address: Any) -> None:
        world.connect(sock, address)

    def settimeout(sock: socket.socket, seconds: float | None) -> None:
        world.settimeout(sock, seconds)

    return [
        (socket.socket, "connect", connect),
        (socket.socket, "settimeout", settimeout),
        (socket, "getaddrinfo", world.resolve),
        (time, "sleep", world.sleep),
        (time, "time", world.time),
        (time, "monotonic", world.monotonic),
        (time, "perf_counter", world.monotonic),
        # Every httpx.get() reads all certificates again, for thirty times what a request costs.
        (ssl, "create_default_context", functools.cache(ssl.create_default_context)),
        (urllib3.connection.HTTPConnection, "request", _asking_urllib3(world)),
        (httpx.HTTPTransport, "handle_request", _asking_httpx(world)),
        (requests.adapters.HTTPAdapter, "send", _filling_requests(world)),
    ]


def _identity(method: str, url: str, body: object, headers: Mapping[Any, Any] | None) -> object:
    chosen = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    return method, url, body, tuple(chosen.get(name) for name in ASKING_HEADERS)


def _asking_urllib3(world: World) -> Any:
    """Requests that urllib3 sends, and requests through it."""
    original: Any = urllib3.connection.HTTPConnection.request

    def request(
        self: urllib3.connection.HTTPConnection,
        method: str,
        url: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        world.ask(_identity(method, f"{self.host}{url}", body, headers))
        original(self, method, url, body, headers, **options)

    return request


def _asking_httpx(world: World) -> Any:
    original = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        world.ask(_identity(request.method, str(request.url), request.read(), request.headers))
        response = original(self, request)
        if not _bare(request.method, response.status_code):
            return response
        response.close()
        stream = httpx.ByteStream(world.body)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
        )

    return handle_request


def _filling_requests(world: World) -> Any:
    original = requests.adapters.HTTPAdapter.send

    def send(self: Any, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        response = original(self, request, *arguments, **options)
        if _bare(str(request.method), response.status_code):
            response.raw = urllib3.HTTPResponse(body=io.BytesIO(world.body), preload_content=False)
        return response

    return send


def _bare(method: str, status: int) -> bool:
    """Whether HTTP keeps the body from this answer.

    A table assumes a body as the code expects, whatever the status: so it is put
    into the response once it has come.
    """
    return method == "HEAD" or without_body(str(status))
