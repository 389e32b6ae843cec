"""Runs a program once and says what it did."""

import contextlib
import http.client
import io
import os
import random
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType
from typing import Any

import httpx
import httpx2
import requests
import urllib3

from .generate.program import MARKERS, Program
from .patches import installed
from .server import Server
from .world import Plan, Send, Setting, Stop, World

SENDS_AT_MOST = 25
SECONDS_AT_MOST = 20
# What a program raises when its text is wrong, and never on purpose.
BLUNDERS = (NameError, AttributeError, TypeError, ImportError, SyntaxError, RecursionError, AssertionError)


RESPONSES = (requests.Response, httpx.Response, httpx2.Response, urllib3.HTTPResponse, http.client.HTTPResponse)


class BrokenProgram(Exception):
    """A program that fails for a reason of its own: the generator's mistake, not a finding."""


class Stuck(BaseException):
    """A program that neither sends, sleeps nor ends."""


@dataclass(frozen=True)
class End:
    """How the function ended: `detail` is the kind of value, or the classes of what was raised."""

    do: str
    detail: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.do} {self.detail[0]}"


@dataclass(frozen=True)
class Run:
    """One execution. `end` is None if it was stopped, as it would not have ended."""

    plan: Plan
    setting: Setting
    sends: tuple[Send, ...]
    end: End | None

    @property
    def attempts(self) -> int:
        """How often the request that was sent most often was sent."""
        return max(Counter(send.identity for send in self.sends).values())

    def __str__(self) -> str:
        asked = ", ".join(f"#{send.identity}@{send.place[1]} {send.outcome}" for send in self.sends[:8])
        more = f" ... {len(self.sends)} in all" if len(self.sends) > 8 else ""
        return f"[{asked}{more}] -> {self.end or 'never ends'}"


class Observer:
    """Runs programs in this process, where a world is installed."""

    def __init__(self, world: World) -> None:
        self._world = world

    def load(self, program: Program) -> "Subject":
        """Compile the program, to run it many times.

        Raises:
            BrokenProgram: it does not compile.
        """
        try:
            codes = [(each.module, compile(each.text, each.filename, "exec")) for each in program.sources]
        except SyntaxError as error:
            raise BrokenProgram(f"{program.name}: {error}") from error
        return Subject(program, codes, self._world)


class Subject:
    """A loaded program. Every run starts from freshly executed modules."""

    def __init__(self, program: Program, codes: list[tuple[str, CodeType]], world: World) -> None:
        self.program = program
        self._codes = codes
        self._world = world
        self._call = compile(program.call, "<call>", "eval")
        self._filenames = frozenset(each.filename for each in program.sources)
        self._bodies = [program.body(index) for index in range(len(program.bodies))]

    def run(self, plan: Plan, setting: Setting) -> Run:
        """Execute the function once.

        Raises:
            BrokenProgram: it raised what only a wrong text raises, sent nothing, or hung.
        """
        self._world.begin(plan, setting, self._bodies[setting.body], self._filenames)
        tracer = sys.gettrace()
        try:
            with _quiet(), _time_limit():
                random.seed(setting.seed)
                end = self._execute()
        except Stuck as error:
            raise BrokenProgram(f"{self.program.name}: stuck\n{traceback.format_exc()}") from error
        finally:
            sys.settrace(tracer)
            self._world.running = False
            for module, _ in self._codes:
                sys.modules.pop(module, None)
        if not self._world.sends:
            raise BrokenProgram(f"{self.program.name}: sends nothing, and ends in {end}")
        return Run(plan, setting, tuple(self._world.sends), None if self._world.stopped else end)

    def _execute(self) -> End | None:
        try:
            value = eval(self._call, self._import())
        except Stop:
            return None
        except BLUNDERS as error:
            raise BrokenProgram(f"{self.program.name}: {traceback.format_exc()}") from error
        except Exception as error:
            return End("raise", tuple(_dotted(each) for each in type(error).__mro__))
        except BaseException:
            # An asynchronous program may hand on, in a group, what ended its tasks.
            if self._world.stopped:
                return None
            raise
        return End("return", (kind_of_value(value),))

    def _import(self) -> dict[str, Any]:
        """Execute the modules in order, so that no state outlives a run."""
        namespace: dict[str, Any] = {}
        for name, code in self._codes:
            module = ModuleType(name)
            sys.modules[name] = module
            namespace = module.__dict__
            exec(code, namespace)
        return namespace


def kind_of_value(value: object) -> str:
    """The name that outcome tables have for a returned value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, RESPONSES):
        return "response"
    if value in ("", b"", [], {}, ()):
        return "empty"
    return "data" if any(marker in repr(value) for marker in MARKERS) else "constant"


@contextmanager
def observer() -> Iterator[Observer]:
    """An observer with a server of its own; patches this process while it lasts."""
    server = Server()
    world = World(server, SENDS_AT_MOST)
    try:
        with installed(world):
            yield Observer(world)
    finally:
        server.close()


def _dotted(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what programs print to themselves."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raise in a program that runs for long, where the system can."""
    if os.name == "nt":
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise Stuck

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_AT_MOST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
