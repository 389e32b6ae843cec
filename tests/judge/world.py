"""What a program sees of the outside while it is judged: answers, sleeps, the clock.

Programs run unchanged against public host names. Their connections are led to the
judge's server at the socket, below every client library, so that one connection is
one attempt whoever makes it: a loop, a transport's own retries, a decorator.
"""

import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn
from weakref import WeakSet

from .generate.program import nth_body
from .server import Answer, Server

# A hanging connection hangs for good, so no program has to wait for long to find out.
HANG_SECONDS = 0.001
# What an attempt takes by the patched clock; a deadline loop without a sleep ends by it.
ANSWER_TAKES = 0.01
TIMEOUT_TAKES = 3.0
EPOCH = 1_700_000_000.0

Place = tuple[str, int]
Schedule = tuple[str, ...]
# A schedule for each different request, in the order in which they are first seen;
# the last one serves all that follow, and the last answer of each is for ever.
Plan = tuple[Schedule, ...]


class Stop(BaseException):
    """Ends a program that would go on for ever."""


@dataclass(frozen=True)
class Setting:
    """All that may differ between two runs except the outcomes."""

    retry_after: str | None = "2"
    body: int = 0
    seed: int = 0
    timeout_takes: float = TIMEOUT_TAKES


@dataclass(frozen=True)
class Request:
    """What is asked of the server; equal requests are one identity."""

    method: str
    url: str
    body: object = None
    headers: tuple[str | None, ...] = ()


NOTHING = Request("", "")


@dataclass(frozen=True)
class Send:
    """One attempt: which request, from which line, after what sleep, to what outcome."""

    identity: int
    place: Place
    outcome: str
    waited: float


def answer_to(plan: Plan, identity: int, sends: Sequence[Send]) -> str:
    """The outcome that a plan has for this request, after what has been sent before."""
    asked = sum(send.identity == identity for send in sends)
    schedule = plan[min(identity, len(plan) - 1)]
    return schedule[min(asked, len(schedule) - 1)]


class World:
    """The state of one run at a time, and the functions that take the outside's place."""

    def __init__(self, server: Server, limit: int) -> None:
        self.server = server
        self.limit = limit
        self.running = False
        self.stopped = False
        self.sends: list[Send] = []
        self._plan: Plan = ()
        self._setting = Setting()
        self._body = b""
        self._filenames: frozenset[str] = frozenset()
        self._identities: dict[Request, int] = {}
        self.request = NOTHING
        self._asked_from: Place = ("", 0)
        self._on_hang: Callable[[], None] | None = None
        self._elapsed = 0.0
        self._waited = 0.0
        self._hanging: WeakSet[socket.socket] = WeakSet()
        self._connect: Callable[[socket.socket, Any], None] = socket.socket.connect
        self._settimeout: Callable[[socket.socket, float | None], None] = socket.socket.settimeout

    @property
    def body(self) -> bytes:
        """The body of the answer to the last request."""
        return nth_body(self._body, len(self.sends))

    def begin(self, plan: Plan, setting: Setting, body: bytes, filenames: frozenset[str]) -> None:
        """Forget the last run; the program's own frames are those of `filenames`."""
        self.running, self.stopped = True, False
        self.sends = []
        self._plan, self._setting, self._body = plan, setting, body
        self._filenames = filenames
        self._identities = {}
        self.request = NOTHING
        self._elapsed = self._waited = 0.0

    def ask(self, request: Request, on_hang: Callable[[], None] | None = None) -> None:
        """Note who asks what before the connection is made.

        `on_hang` is called if the answer is not to come.
        """
        self.request = request
        self._asked_from = self._place()
        self._on_hang = on_hang

    def connect(self, sock: socket.socket, address: Any) -> None:
        """Stands for `socket.connect`: one attempt, answered as the plan says next."""
        if not self.running:
            return self._connect(sock, address)
        if len(self.sends) >= self.limit:
            self._stop()
        identity = self._identities.setdefault(self.request, len(self._identities))
        outcome = answer_to(self._plan, identity, self.sends)
        self.sends.append(Send(identity, self._asked_from, outcome, self._waited))
        self._waited = 0.0
        self._elapsed += self._setting.timeout_takes if outcome == "timeout" else ANSWER_TAKES
        if outcome == "connection":
            return self._connect(sock, ("127.0.0.1", self.server.refusing_port))
        try:
            self._connect(sock, ("127.0.0.1", self.server.port))
        finally:
            # A socket that does not block raises, and is connected all the same.
            self._answer(sock, outcome)
        return None

    def _answer(self, sock: socket.socket, outcome: str) -> None:
        answer = Answer(outcome, self.body, self._setting.retry_after)
        self.server.respond(sock.getsockname()[1], self.request.method, answer)
        if outcome != "timeout":
            return
        self._hanging.add(sock)
        if sock.gettimeout() != 0:
            self._settimeout(sock, HANG_SECONDS)
        if self._on_hang is not None:
            self._on_hang()

    def settimeout(self, sock: socket.socket, seconds: float | None) -> None:
        """Stands for `socket.settimeout`: what hangs is given up soon."""
        hangs = sock in self._hanging and seconds != 0
        self._settimeout(sock, HANG_SECONDS if hangs else seconds)

    def resolve(self, host: object, port: object, *_: object, **__: object) -> list[Any]:
        """Stands for `socket.getaddrinfo`: every host is here."""
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]

    def sleep(self, seconds: float) -> None:
        """Stands for `time.sleep`: the clock advances and nobody waits."""
        if self.stopped:
            self._stop()
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._elapsed += seconds
        self._waited += seconds

    async def sleep_asynchronously(self, seconds: float, result: object = None) -> object:
        """Stands for `asyncio.sleep`, which takes a negative time for none."""
        self.sleep(max(0.0, seconds))
        return result

    def time(self) -> float:
        """Stands for `time.time`."""
        return EPOCH + self._elapsed

    def monotonic(self) -> float:
        """Stands for `time.monotonic` and `time.perf_counter`."""
        return self._elapsed

    def _place(self) -> Place:
        """The innermost line of the program itself that is being executed."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            if frame.f_code.co_filename in self._filenames:
                return frame.f_code.co_filename, frame.f_lineno
            frame = frame.f_back
        return "", 0

    def _stop(self) -> NoReturn:
        """Raise what no reasonable handler catches, and again where one does.

        A bare `except` in a loop around the request would swallow it each time, so
        the program's frames are traced: the next line of any of them raises too.
        """
        self.stopped = True
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename in self._filenames:
                frame.f_trace = _raise_stop
            frame = frame.f_back
        sys.settrace(_trace_nothing)
        raise Stop


def _trace_nothing(_frame: FrameType, _event: str, _argument: object) -> None:
    return None


def _raise_stop(_frame: FrameType, event: str, _argument: object) -> Any:
    if event == "line":
        raise Stop
    return _raise_stop
