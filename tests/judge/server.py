"""A local HTTP server that answers each connection as it was told to.

Real sockets, one request to a connection, raw bytes: a program makes hundreds of
requests, and the answers need nothing of an HTTP framework.
"""

import contextlib
import socket
import threading
from collections import deque
from dataclasses import dataclass

from .outcomes import without_body

HANGING_KEPT = 16


@dataclass(frozen=True)
class Answer:
    """What a connection gets: an outcome, with the body and header of a status."""

    outcome: str
    body: bytes = b""
    retry_after: str | None = None

    def render(self, method: bytes) -> bytes:
        """The bytes of the response to a request of this method."""
        lines = [f"HTTP/1.1 {self.outcome} Judged", "Content-Type: application/json", "Connection: close"]
        if self.retry_after is not None:
            lines.append(f"Retry-After: {self.retry_after}")
        bare = without_body(self.outcome)
        if not bare:
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        return head if bare or method == b"HEAD" else head + self.body


class Server:
    """Serves one client of this process, in a thread of its own.

    The client announces, by its own port, what the connection is to be answered,
    before it sends the first byte: so no answer can meet the wrong request.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))
        # Bound and not listening: nobody else gets the port, and connecting is refused.
        self.refusing_port: int = self._closed.getsockname()[1]
        self._answers: dict[int, Answer] = {}
        self._hanging: deque[socket.socket] = deque()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def announce(self, client_port: int, answer: Answer) -> None:
        """Say what the connection that comes from this port is answered."""
        self._answers[client_port] = answer

    def close(self) -> None:
        """Stop listening and drop what hangs."""
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._closed.close()
        for connection in self._hanging:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, (_, client_port) = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._respond(connection, client_port)

    def _respond(self, connection: socket.socket, client_port: int) -> None:
        connection.settimeout(5)
        method = _read_request(connection)
        answer = self._answers.pop(client_port, None)
        if method and answer is not None and answer.outcome == "timeout":
            self._hanging.append(connection)
            if len(self._hanging) > HANGING_KEPT:
                self._hanging.popleft().close()
            return
        if method and answer is not None and answer.outcome != "protocol":
            connection.sendall(answer.render(method))
        connection.close()


def _read_request(connection: socket.socket) -> bytes:
    """Read one whole request; its method, or nothing if the client went away."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    expected = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            expected = int(line.partition(b":")[2])
    while len(body) < expected:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        body += chunk
    return head.partition(b" ")[0]
