"""Ways back to a request: loops and recursion."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .draft import Draft, Lines
from .ends import Situation
from .limits import Limit

KINDS = (
    "for",
    "for_from_one",
    "delays",
    "enumerate",
    "for_else",
    "while",
    "while_true",
    "countdown",
    "flag_loop",
    "deadline",
    "count",
    "recursion",
    "unbounded",
    "once",
    "tail",
)
Ending = Callable[[Situation], Lines]


@dataclass
class Loop:
    """One way back, as the pieces of text that it consists of.

    `last` holds once no attempt is left. `after` says that the loop can end by
    itself, so what happens on exhaustion stands behind it. `onward` is the statement
    that goes back to the request.
    """

    head: str | None
    index: str = "0"
    before: Lines = field(default_factory=list)
    top: Lines = field(default_factory=list)
    advance: Lines = field(default_factory=list)
    last: str | None = None
    after: bool = False
    wait: Lines | None = None
    onward: str = "continue"
    parameters: list[str] = field(default_factory=list)
    otherwise: bool = False
    by_result: bool = False


def single() -> Loop:
    """No way back: what would be tried again is given up at once."""
    return Loop(None, onward="")


def write_loop(draft: Draft, kind: str, function: str, limit: Limit) -> Loop:
    """The loop of this kind; `function` is what a recursion calls."""
    loop = WRITERS[kind](draft, function, limit.text)
    if limit.parameter:
        loop.parameters.append(limit.parameter)
    return loop


def _for(draft: Draft, _: str, limit: str) -> Loop:
    name = draft.pick("attempt", "i", "n")
    last = draft.pick(None, f"{name} == {limit} - 1", f"{name} + 1 == {limit}")
    return Loop(f"for {name} in range({limit}):", name, last=last, after=True)


def _tail(_draft: Draft, _: str, limit: str) -> Loop:
    """A loop that has one more attempt after it."""
    return Loop(f"for attempt in range({limit}):", "attempt", after=True)


def _for_from_one(draft: Draft, _: str, limit: str) -> Loop:
    last = draft.pick(None, f"attempt == {limit}", f"attempt >= {limit}")
    return Loop(f"for attempt in range(1, {limit} + 1):", "attempt - 1", last=last, after=True)


def _delays(draft: Draft, _: str, _limit: str) -> Loop:
    draft.use("import time")
    delays = draft.pick("(1, 2, 4)", "[0.5, 1, 2]", "(1, 1, 1)", "(1, 5)")
    if draft.chance(0.5):
        delays = draft.constant("DELAYS", delays)
    return Loop(f"for delay in {delays}:", after=True, wait=["time.sleep(delay)"])


def _enumerate(draft: Draft, _: str, _limit: str) -> Loop:
    draft.use("import time")
    delays = draft.constant("DELAYS", draft.pick("(1, 2, 4)", "[1, 2, 3, 4]"))
    head = f"for attempt, delay in enumerate({delays}, start=1):"
    last = draft.pick(None, f"attempt == len({delays})")
    return Loop(head, "attempt - 1", last=last, after=True, wait=["time.sleep(delay)"])


def _for_else(draft: Draft, _: str, limit: str) -> Loop:
    return Loop(f"for attempt in range({limit}):", "attempt", after=True, otherwise=True, by_result=True)


def _while(draft: Draft, _: str, limit: str) -> Loop:
    name = draft.pick("attempt", "attempts", "retries")
    step = f"{name} += 1"
    head = f"while {name} < {limit}:"
    if draft.chance(0.5):
        return Loop(head, f"{name} - 1", before=[f"{name} = 0"], top=[step], after=True)
    return Loop(head, f"{name} - 1", before=[f"{name} = 0"], advance=[step], after=True)


def _while_true(draft: Draft, _: str, limit: str) -> Loop:
    name = draft.pick("attempt", "attempts", "tries")
    last = draft.pick(f"{name} >= {limit}", f"{name} == {limit}")
    loop = Loop("while True:", f"{name} - 1", before=[f"{name} = 0"], last=last)
    draft.pick(loop.top, loop.advance).append(f"{name} += 1")
    return loop


def _countdown(draft: Draft, _: str, limit: str) -> Loop:
    loop = Loop(
        draft.pick("while remaining:", "while remaining > 0:"),
        f"{limit} - remaining - 1",
        before=[f"remaining = {limit}"],
        after=True,
    )
    draft.pick(loop.top, loop.advance).append("remaining -= 1")
    return loop


def _flag_loop(draft: Draft, _: str, limit: str) -> Loop:
    before = ["done = False", "tries = 0"]
    head = f"while not done and tries < {limit}:"
    return Loop(head, "tries - 1", before=before, top=["tries += 1"], after=True, by_result=True)


def _deadline(draft: Draft, _: str, _limit: str) -> Loop:
    draft.use("import time")
    clock = draft.pick("time.monotonic()", "time.time()")
    before = [f"deadline = {clock} + {draft.pick('8', '10')}"]
    if draft.chance(0.5):
        return Loop(f"while {clock} < deadline:", before=before, after=True, wait=["time.sleep(2)"])
    return Loop("while True:", before=before, last=f"{clock} > deadline", wait=["time.sleep(1.5)"])


def _count(draft: Draft, _: str, limit: str) -> Loop:
    draft.use("import itertools")
    return Loop("for attempt in itertools.count(1):", "attempt - 1", last=f"attempt >= {limit}")


def _recursion(draft: Draft, function: str, limit: str) -> Loop:
    if draft.chance(0.5):
        return Loop(
            None,
            "attempt",
            last=f"attempt >= {limit}",
            parameters=["attempt=0"],
            onward=f"return {function}(attempt + 1)",
        )
    return Loop(
        None,
        f"{limit} - retries",
        last=draft.pick("retries <= 0", "not retries", "retries == 0"),
        parameters=[f"retries={limit}"],
        onward=f"return {function}(retries - 1)",
    )


def _unbounded(_draft: Draft, _: str, _limit: str) -> Loop:
    return Loop("while True:", "attempt", before=["attempt = 0"], advance=["attempt += 1"])


def _once(_draft: Draft, _: str, _limit: str) -> Loop:
    return single()


WRITERS: dict[str, Callable[[Draft, str, str], Loop]] = {
    "for": _for,
    "for_from_one": _for_from_one,
    "delays": _delays,
    "enumerate": _enumerate,
    "for_else": _for_else,
    "while": _while,
    "while_true": _while_true,
    "countdown": _countdown,
    "flag_loop": _flag_loop,
    "deadline": _deadline,
    "count": _count,
    "recursion": _recursion,
    "unbounded": _unbounded,
    "once": _once,
    "tail": _tail,
}
