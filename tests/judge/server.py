"""A local HTTP server that answers each connection as it was told to.

Real sockets, one request to a connection, raw bytes: a program makes hundreds of
requests, and the answers need nothing of an HTTP framework.
"""

import contextlib
import socket
from collections import deque
from dataclasses import dataclass

from .outcomes import without_body

# More than one run of a program opens: none is closed while its client may still read.
CONNECTIONS_KEPT = 64


@dataclass(frozen=True)
class Answer:
    """What a connection gets: an outcome, with the body and header of a status."""

    outcome: str
    body: bytes = b""
    retry_after: str | None = None

    def render(self, method: str) -> bytes:
        """The bytes of the response to a request of this method."""
        lines = [f"HTTP/1.1 {self.outcome} Judged", "Content-Type: application/json", "Connection: close"]
        if self.retry_after is not None:
            lines.append(f"Retry-After: {self.retry_after}")
        bare = without_body(self.outcome)
        if not bare:
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        return head if bare or method == "HEAD" else head + self.body


class Server:
    """Serves one client of this process, in the client's own thread.

    What is asked is known before the connection is made, so the answer is written as
    soon as it stands, and the client finds it once it has sent its request: nobody
    waits for a second thread.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))
        # Bound and not listening: nobody else gets the port, and connecting is refused.
        self.refusing_port: int = self._closed.getsockname()[1]
        self._connections: deque[socket.socket] = deque()

    def respond(self, client_port: int, method: str, answer: Answer) -> None:
        """Answer the connection that comes from this port."""
        connection = self._accept(client_port)
        if answer.outcome == "protocol":
            connection.shutdown(socket.SHUT_WR)
        elif answer.outcome != "timeout":
            connection.sendall(answer.render(method))
        self._connections.append(connection)
        if len(self._connections) > CONNECTIONS_KEPT:
            self._connections.popleft().close()

    def close(self) -> None:
        """Stop listening and drop all connections."""
        self._listener.close()
        self._closed.close()
        for connection in self._connections:
            connection.close()

    def _accept(self, client_port: int) -> socket.socket:
        while True:
            connection, (_, port) = self._listener.accept()
            if port == client_port:
                return connection
            # Nobody of this process: it gets nothing.
            with contextlib.suppress(OSError):
                connection.close()
