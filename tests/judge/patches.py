"""Puts a world in the place of sockets, clocks and sleeps, and takes it back."""

import asyncio
import functools
import io
import os
import random
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import anyio._backends._asyncio
import httpcore2
import httpx
import httpx2
import urllib3
import urllib3.connection

from .outcomes import without_body
from .world import HANG_SECONDS, Request, World

# Headers that make two requests different ones; the others are no part of what is asked.
ASKING_HEADERS = ("authorization", "x-api-key", "cookie", "if-match", "if-none-match")


@contextmanager
def installed(world: World) -> Iterator[None]:
    """While this lasts, programs in this process see `world`."""
    state = random.getstate()
    with ExitStack() as stack:
        for target, name, substitute in _substitutes(world):
            stack.enter_context(patch.object(target, name, substitute))
        # No proxy and no password of the machine's, and little to search for them at every request.
        stack.enter_context(patch.dict(os.environ, {"HOME": os.devnull}, clear=True))
        try:
            yield
        finally:
            random.setstate(state)


def _substitutes(world: World) -> list[tuple[Any, str, Any]]:
    def connect(sock: socket.socket, address: Any) -> None:
        world.connect(sock, address)

    def settimeout(sock: socket.socket, seconds: float | None) -> None:
        world.settimeout(sock, seconds)

    async def resolve(_: object, host: object, port: object, **__: object) -> list[Any]:
        return world.resolve(host, port)

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
        (httpcore2, "default_ssl_context", functools.cache(httpcore2.default_ssl_context)),
        (asyncio, "sleep", world.sleep_asynchronously),
        # It keeps the function that stands in asyncio when it is imported.
        (anyio._backends._asyncio.AsyncIOBackend, "sleep", staticmethod(world.sleep_asynchronously)),
        (asyncio.BaseEventLoop, "getaddrinfo", resolve),
        # An event loop waits for sockets, which know nothing of the patched clock.
        (asyncio.BaseEventLoop, "time", _real_time()),
        (urllib3.connection.HTTPConnection, "request", _asking_urllib3(world)),
        (urllib3.connection.HTTPConnection, "getresponse", _filling_urllib3(world)),
        (urllib.request.AbstractHTTPHandler, "do_open", _asking_urllib(world)),
        *((module.HTTPTransport, "handle_request", _asking_httpx(world, module)) for module in (httpx, httpx2)),
        *(
            (module.AsyncHTTPTransport, "handle_async_request", _asking_httpx_asynchronously(world, module))
            for module in (httpx, httpx2)
        ),
    ]


def _real_time() -> Any:
    real = time.monotonic
    return lambda _loop: real()


def _request(method: str, url: str, body: object, headers: Mapping[Any, Any] | None) -> Request:
    chosen = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    return Request(method, url, body, tuple(chosen.get(name) for name in ASKING_HEADERS))


def _bare(method: str, status: int) -> bool:
    """Whether HTTP keeps the body from this answer.

    A table assumes a body as the code expects, whatever the status: so it is put
    into the response once it has come.
    """
    return method == "HEAD" or without_body(str(status))


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
        world.ask(_request(method, f"{self.host}{url}", body, headers))
        original(self, method, url, body, headers, **options)

    return request


def _filling_urllib3(world: World) -> Any:
    original = urllib3.connection.HTTPConnection.getresponse

    def getresponse(self: urllib3.connection.HTTPConnection) -> urllib3.HTTPResponse:
        response = original(self)
        if not _bare(world.request.method, response.status):
            return response
        return urllib3.HTTPResponse(
            io.BytesIO(world.body),
            headers=response.headers,
            status=response.status,
            reason=response.reason,
            preload_content=False,
            enforce_content_length=False,
        )

    return getresponse


def _asking_urllib(world: World) -> Any:
    original: Any = urllib.request.AbstractHTTPHandler.do_open

    def do_open(self: object, connection: object, request: urllib.request.Request, **options: Any) -> Any:
        method = request.get_method()
        world.ask(_request(method, request.full_url, request.data, dict(request.header_items())))
        response = original(self, connection, request, **options)
        if _bare(method, response.status):
            response.fp = io.BytesIO(world.body)
            response.length = len(world.body)
        return response

    return do_open


def _asking_httpx(world: World, module: Any) -> Any:
    """Requests that httpx sends, or what has its shape."""
    original = module.HTTPTransport.handle_request

    def handle_request(self: Any, request: Any) -> Any:
        world.ask(_request(request.method, str(request.url), request.read(), request.headers))
        response = original(self, request)
        if not _bare(request.method, response.status_code):
            return response
        response.close()
        return _filled_httpx(world, module, response)

    return handle_request


def _asking_httpx_asynchronously(world: World, module: Any) -> Any:
    original = module.AsyncHTTPTransport.handle_async_request

    async def handle_async_request(self: Any, request: Any) -> Any:
        # httpx gives the body up to a stream; reading it once keeps it in the request.
        body = await request.aread()
        limits = request.extensions.setdefault("timeout", {})
        asked = _request(request.method, str(request.url), body, request.headers)
        world.ask(asked, lambda: limits.update(read=HANG_SECONDS))
        response = await original(self, request)
        if not _bare(request.method, response.status_code):
            return response
        await response.aclose()
        return _filled_httpx(world, module, response)

    return handle_async_request


def _filled_httpx(world: World, module: Any, response: Any) -> Any:
    stream = module.ByteStream(world.body)
    return module.Response(
        response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
    )
