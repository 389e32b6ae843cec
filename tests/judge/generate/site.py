"""The place in a program where a request is sent and its outcome decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from .clients import Client
from .draft import Draft, Lines, suite
from .ends import Situation, api_error, end, value
from .forms import PLAIN, write_test
from .loops import Loop
from .pauses import pause, setup
from .statuses import OK, RETRY, SPECIAL, Probe, Role, Test


@dataclass
class Site:
    """Everything that a style of deciding needs to know to write its lines."""

    draft: Draft
    row: Mapping[str, str]
    client: Client
    send: str
    loop: Loop
    response: str

    @property
    def here(self) -> Situation:
        """Right after the response has come."""
        return Situation(self.response)

    @property
    def transport(self) -> tuple[str, ...]:
        """The exception classes that the program catches around the request."""
        errors = self.client.errors
        kind = self.row["transport"]
        if kind in ("propagate", "unused"):
            return ()
        if kind == "retry_timeout":
            return (errors.timeout,)
        if kind == "retry_connection":
            return (errors.connection,)
        return errors.transport

    def test(self, role: Role, status: str, response: str | None = None) -> Test:
        """A test of the status, in the form chosen for this role."""
        feature = {id(RETRY): "retry_test", id(OK): "ok_test", id(SPECIAL): "special_test"}[id(role)]
        form = self.row[feature]
        if role is OK and response is not None:
            by_attribute = _success_attribute(form, self.client.library, response)
            if by_attribute:
                return by_attribute
        if form in ("attribute", "truth", "unused"):
            form = self.draft.rng.choice(list(PLAIN))
        return write_test(self.draft, form, Probe(status, response), role, self.client.library)

    def done(self, expression: str | None = None) -> Lines:
        """The function has succeeded, with this value or that of the response."""
        result = expression or value(self.row["ok_end"], self.response)
        if not self.leaves_by_break:
            if expression is None and "." in result and self.draft.chance(0.2):
                return [f"data = {result}", "return data"]
            return [f"return {result}"]
        if self.row["loop"] == "flag_loop":
            return [f"result = {result}", "done = True", "continue"]
        return [f"result = {result}", "break"]

    @property
    def leaves_by_break(self) -> bool:
        """Whether success leaves the loop first, and returns behind it."""
        if self.loop.by_result:
            return True
        if self.loop.head is None:
            return False
        # A loop that also ends by itself needs the result to tell why it ended.
        return self.row["leave"] == "result" or (self.row["leave"] == "break" and self.loop.last is not None)

    def fail(self, at: Situation) -> Lines:
        """A failure that is not tried again."""
        kind = self.row["fail_end"]
        if kind == "break" and self.loop.head is not None:
            return ["break"]
        return [*self._log(), *end(self.draft, kind, at)]

    def special(self, status: str, response: str | None, at: Situation) -> Lines:
        """The test and the end of a status that means something of its own, if there is one."""
        if self.row["special_end"] == "absent":
            return []
        test = self.test(SPECIAL, status, response)
        return [*test.prelude, *suite(f"if {test.text}:", self.special_end(at))]

    def special_end(self, at: Situation) -> Lines:
        """The end of that status."""
        return end(self.draft, self.row["special_end"], at, "NotThere")

    def exhausted(self, at: Situation) -> Lines:
        """No attempt is left."""
        if self.row["exhausted_end"] == "last_error":
            return [self.draft.pick("raise last_error", 'raise RuntimeError("gave up") from last_error')]
        return end(self.draft, self.row["exhausted_end"], at, "Unavailable")

    def again(self, at: Situation, *, tail: bool) -> Lines:
        """Count, wait and go back to the request; `tail` if nothing would follow anyway."""
        lines = []
        if self.row["exhausted_end"] == "last_error":
            lines.append(f"last_error = {at.error or self._fresh_error()}")
        lines += self.loop.advance
        if not self.loop.onward:
            return lines + self.exhausted(at)
        if self.loop.last is not None:
            lines += suite(f"if {self.loop.last}:", self.exhausted(at))
        lines += self._log()
        lines += self.loop.wait or pause(self.draft, self.row["wait"], self.loop.index, at)
        if not tail or self.loop.head is None:
            lines.append(self.loop.onward)
        return lines

    def wrap(self, body: Lines, outlives: bool) -> Lines:
        """The loop around the body, and what comes before and after it.

        `outlives`: the response stays in a variable of the function.
        """
        lines = [*self.loop.before]
        if self.loop.wait is None and any("time.sleep(delay)" in line for line in body):
            lines += setup(self.row["wait"])
        if self.row["exhausted_end"] == "last_error":
            lines.append("last_error = None")
        if self.leaves_by_break:
            lines.append("result = None")
        if self.loop.head is None:
            return lines + self.loop.top + body
        after = self._after(outlives)
        if outlives and any(self.response in line for line in after):
            lines.append(f"{self.response} = None")
        lines += suite(self.loop.head, [*self.loop.top, *body])
        return lines + after

    def _after(self, outlives: bool) -> Lines:
        """What stands behind the loop."""
        ended = self._exhausted_outside(outlives)
        if self.loop.otherwise:
            return [*suite("else:", ended), "return result"]
        if self.row["loop"] == "flag_loop":
            return [*suite("if done:", ["return result"]), *ended]
        if self.row["loop"] == "tail":
            sent = [f"{self.response} = {self.send}", f"{self.response}.raise_for_status()"]
            return [*sent, f"return {value(self.row['ok_end'], self.response)}"]
        if self.row["leave"] == "result" and (self.loop.after or self.row["fail_end"] == "break"):
            return [*suite("if result is not None:", ["return result"]), *ended]
        if self.leaves_by_break:
            return ["return result"]
        needed = self.loop.after or self.row["fail_end"] == "break"
        return ended if needed else []

    def _exhausted_outside(self, outlives: bool) -> Lines:
        at = Situation(self.response if outlives else None)
        kind = self.row["exhausted_end"]
        if kind == "last_error":
            always = self.row["fail_end"] != "break" and self.row["leave"] != "result"
            return ["raise last_error"] if always else self._last_error_or_new()
        if kind == "status" and outlives:
            lines = suite(f"if {self.response} is not None:", [f"{self.response}.raise_for_status()"])
            return [*lines, *end(self.draft, "raise", Situation(), "Unavailable")]
        if outlives and kind != "response":
            at = Situation()
        return end(self.draft, kind, at, "Unavailable")

    def _last_error_or_new(self) -> Lines:
        lines = suite("if last_error is not None:", ["raise last_error"])
        return [*lines, *end(self.draft, "raise", Situation(), "Unavailable")]

    def _fresh_error(self) -> str:
        return f'{api_error(self.draft)}("the service is busy")'

    def _log(self) -> Lines:
        """Perhaps a line that logs, in a program that does."""
        if self.row["noise"] != "log" or self.draft.chance(0.4):
            return []
        self.draft.use("import logging")
        self.draft.constant("logger", "logging.getLogger(__name__)")
        return ['logger.warning("attempt failed")']


def _success_attribute(form: str, library: str, response: str) -> Test | None:
    """A success test that asks the response object, if that is the form."""
    if form == "truth" and library == "requests":
        return Test([], response)
    if form not in ("attribute", "truth"):
        return None
    return Test([], f"{response}.{'ok' if library == 'requests' else 'is_success'}")
