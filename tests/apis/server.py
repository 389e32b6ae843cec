"""A local server that answers as an API's contract documents.

Errors are made from the contract alone: the application's with its body, code and request id, the gateway's with the
gateway's body; with the headers that are promised and without those that are not.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from errlint.packs.api import Pointer
from errlint.packs.contracts import Contract

TEXT = "Text for people, which may change."
RETRY_AFTER = "7"
"""Seconds: what is sent where the contract promises the header."""
REQUEST_ID = "req_1"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `body` is sent as it is. `reason` is the phrase beside the status; None: the usual one."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; the names of the headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class _Plan:
    """Answers in turn; the last one for ever."""

    replies: list[Reply]
    given: int = 0

    def next(self) -> Reply:
        reply = self.replies[min(self.given, len(self.replies) - 1)]
        self.given += 1
        return reply


@dataclass(slots=True)
class Api:
    """The server, and the answers that it is to give. Use it in a `with`; say with `says` what comes next."""

    contract: Contract
    seen: list[Request] = field(default_factory=list)
    _plans: dict[str, _Plan] = field(default_factory=dict)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Api:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def says(self, *replies: Reply, to: str = "") -> None:
        """From now on, the answers in turn, the last one for ever. `to="GET"` or `to="GET /x"` limits them.

        Without `to` everything said before is forgotten; in any case, what was seen.
        """
        if not to:
            self._plans.clear()
        self._plans[to] = _Plan(list(replies))
        self.seen.clear()

    def respond(self, request: Request) -> Reply:
        """The answer to a request, by the narrowest plan."""
        self.seen.append(request)
        path = request.path.partition("?")[0]
        for key in (f"{request.method} {path}", request.method, ""):
            if key in self._plans:
                return self._plans[key].next()
        return Reply(501, b"nothing was said about this request", {})

    def ok(self, content: object = None, status: int = 200) -> Reply:
        """A success with JSON content."""
        return Reply(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def error(
        self, status: int, code: str | None = None, text: str = TEXT, retry_after: str | None = None, **members: object
    ) -> Reply:
        """The documented answer with this error status.

        `code` defaults to the first documented one. `retry_after` is sent where it is given, or promised. `members` are
        further members of the application's error object.
        """
        headers = {"Content-Type": "application/json", **self._promised_headers(status)}
        if retry_after is not None:
            headers["Retry-After"] = retry_after
        body: dict[str, Any] = {}
        if self.contract.promises_error_body(status):
            headers["Content-Type"] = self.contract.pack.errors.media_type
            self._fill(body, headers, status, code or next(iter(self._codes(status)), "some_code"), text)
            parent = self.contract.code_member
            (_parent(body, parent) if parent is not None else body).update(members)
        else:
            answer = self.contract.answers.get(status)
            gateway = self.contract.pack.gateway
            pointers = answer.text if answer is not None else ()
            for pointer in pointers or (gateway.body.text[:1] if gateway is not None else ()):
                _put(body, pointer, text)
        return Reply(status, json.dumps(body).encode(), headers)

    def page(self, status: int) -> Reply:
        """What a proxy on the way may answer instead: a page, and no JSON."""
        return Reply(status, b"<html><h1>Sorry</h1></html>", {"Content-Type": "text/html"})

    def _codes(self, status: int) -> Mapping[str, str]:
        answer = self.contract.answers.get(status)
        return answer.codes if answer is not None else {}

    def _promised_headers(self, status: int) -> dict[str, str]:
        answer = self.contract.answers.get(status)
        headers = dict(answer.headers) if answer is not None else {}
        if self.contract.retry_after(status).presence == "sent":
            headers["Retry-After"] = RETRY_AFTER
        values = {"limit": "100", "remaining": "0", "reset": str(int(time.time()) + int(RETRY_AFTER))}
        for header in self.contract.pack.rate_limit:
            if header.presence == "sent" and header.on >> (status - 100) & 1:
                headers[header.header] = values[header.tells]
        return headers

    def _fill(self, body: dict[str, Any], headers: dict[str, str], status: int, code: str, text: str) -> None:
        errors = self.contract.pack.errors
        for pointer in errors.null:
            _put(body, pointer, None)
        for pointer in errors.text:
            _put(body, pointer, text)
        if errors.code is not None:
            _put(body, errors.code, code)
        if errors.status is not None:
            _put(body, errors.status, status)
        where = self.contract.request_id(status)
        if where.presence == "sent" and where.pointer is not None:
            _put(body, where.pointer, REQUEST_ID)
        if where.presence == "sent" and where.header is not None:
            headers[where.header] = REQUEST_ID


def _put(body: dict[str, Any], pointer: Pointer, value: object) -> None:
    _parent(body, pointer)[pointer[-1]] = value


def _parent(body: dict[str, Any], pointer: Pointer) -> dict[str, Any]:
    for key in pointer[:-1]:
        body = body.setdefault(key, {})
    return body


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = api.respond(Request(self.command, self.path, headers, body))
            self.send_response(reply.status, reply.reason)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 (names that http.server asks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named so by http.server)
            """Say nothing."""

    return Handler
