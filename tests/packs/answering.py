"""Responses as if they had come."""

from __future__ import annotations

import asyncio
import http.client
import socket
from typing import Any

import aiohttp
import urllib3
from aiohttp.client_reqrep import ClientResponse, RequestInfo
from aiohttp.helpers import TimerNoop
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from errlint.packs.schema import Class
from packs.installed import find


def answer(cls: Class, status: int, headers: dict[str, str] | None = None) -> Any:
    """A response of this class."""
    root = cls.path.split(".")[0]
    if root == http.__name__:
        return standard_answer(status, headers)
    if root == aiohttp.__name__:
        return async_answer(status, headers)
    if root == urllib3.__name__:
        return urllib3.HTTPResponse(b"{}", headers, status, reason="Reason", request_url="http://x")
    if cls.signature and cls.signature.positional:
        request = find(f"{root}.Request")("GET", "http://x")
        return find(cls.path)(status, headers=headers, request=request, content=b"{}")
    response = find(cls.path)()
    response.status_code, response.url = status, "http://x"
    response.headers.update(headers or {})
    return response


def async_answer(status: int, headers: dict[str, str] | None = None) -> ClientResponse:
    """One whose class has no public constructor."""
    url = URL("http://x")
    fields: CIMultiDict[str] = CIMultiDict(headers or {})
    loop = asyncio.new_event_loop()
    loop.close()
    response = ClientResponse(
        "GET",
        url,
        writer=None,
        continue100=None,
        timer=TimerNoop(),
        request_info=RequestInfo(url, "GET", CIMultiDictProxy(fields), url),
        traces=[],
        loop=loop,
        session=None,  # type: ignore[arg-type]
        stream_writer=_Written(),  # type: ignore[arg-type]
    )
    response.status, response.reason = status, "Reason"
    response._headers = CIMultiDictProxy(fields)
    response._body = b"{}"
    return response


def standard_answer(status: int, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """One of the standard library, which reads it from a socket."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(f"HTTP/1.1 200 Reason\r\n{lines}Content-Length: 0\r\n\r\n".encode())
        response = http.client.HTTPResponse(ours)
        response.begin()
    response.status = response.code = status  # type: ignore[attr-defined]
    # As the function that sends does.
    response.url = "http://x"
    return response


class _Written:
    """What a request was written with."""

    output_size = 0
