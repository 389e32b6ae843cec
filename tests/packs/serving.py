"""A local server on real sockets that answers as it is told, address by address, and remembers what it was sent."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal

Trouble = Literal["drop", "hang", "hang in body", "drop in body"]


@dataclass
class Address:
    """What happens at one address, and the requests that came: method, target, headers and body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: Trouble | None = None
    received: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body += self.rfile.readline()
        # What lies below an address is that address.
        name = self.path.partition("?")[0].split("/")[1]
        address = self.server.addresses[f"/{name}"]
        address.received.append((self.command, self.path, dict(self.headers), body))
        if address.trouble == "drop":
            self.close_connection = True
            return
        if address.trouble == "hang":
            self.server.released.wait(10)
            self.close_connection = True
            return
        bodiless = self.command == "HEAD" or address.status in (204, 304)
        self.send_response_only(address.status, "Reason")
        for name, value in address.headers.items():
            self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(address.body) + (10 if address.trouble else 0)))
        self.end_headers()
        self.wfile.write(b"" if bodiless else address.body)
        self.wfile.flush()
        if address.trouble == "hang in body":
            self.server.released.wait(10)
        if address.trouble:
            self.close_connection = True

    def log_request(self, *_: object) -> None:
        """Say nothing."""


for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{method}", _Handler.answer)


class Server(ThreadingHTTPServer):
    """Answers until it is left."""

    daemon_threads = True
    # A closed connection is an answer like any other here.
    handle_error: ClassVar[Callable[..., None]] = lambda *_: None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.addresses: dict[str, Address] = {}
        self.released = threading.Event()
        self._numbers = itertools.count(1)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def url(
        self,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: str | bytes = b"",
        trouble: Trouble | None = None,
    ) -> str:
        """A new address that always answers like this."""
        path = f"/{next(self._numbers)}"
        data = body.encode() if isinstance(body, str) else body
        self.addresses[path] = Address(status, headers or {}, data, trouble)
        return f"http://127.0.0.1:{self.server_port}{path}"

    def refused(self) -> str:
        """An address where nobody listens."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{free.getsockname()[1]}/"

    def sent(self, url: str) -> list[str]:
        """The methods of the requests that an address has got."""
        return [method for method, *_ in self.received(url)]

    def received(self, url: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        """The requests that an address has got, whole."""
        return self.addresses["/" + url.rpartition("/")[2]].received
