"""Programs that send more than one request, or whose answer's body or header decides."""

from collections.abc import Callable
from random import Random

from .clients import HOST
from .draft import Draft, Lines, indent, suite
from .ends import api_error
from .forms import PLAIN, write_test
from .program import Program, Source
from .statuses import OK, RETRY, Probe, Test

LIBRARIES = {
    "requests": ("requests.HTTPError", "(requests.ConnectionError, requests.Timeout)", "requests.RequestException"),
    "httpx": ("httpx.HTTPStatusError", "httpx.TransportError", "httpx.HTTPError"),
}


class Kit:
    """What these programs share: a draft, a library, and a way to write a test."""

    def __init__(self, rng: Random) -> None:
        self.draft = Draft(rng)
        self.library = rng.choice(list(LIBRARIES))
        self.status_error, self.transport, self.base = LIBRARIES[self.library]
        self.draft.use(f"import {self.library}")
        self.draft.constant("BASE", f'"{HOST}"')

    def test(self, role: object, response: str) -> Test:
        """A test of the response's status, in any form."""
        form = self.draft.rng.choice(list(PLAIN))
        probe = Probe(f"{response}.status_code", response)
        return write_test(self.draft, form, probe, RETRY if role is RETRY else OK, self.library)

    def checked(self, response: str) -> Lines:
        """Statements after which the response is a success."""
        if self.draft.chance(0.5):
            return [f"{response}.raise_for_status()"]
        test = self.test(OK, response)
        ended = self.draft.pick([f'raise {api_error(self.draft)}("refused")'], ["return None"], ["return False"])
        return [*test.prelude, *suite(f"if {test.negated()}:", ended)]

    def pause(self) -> Lines:
        """Perhaps a wait."""
        self.draft.use("import time")
        return self.draft.pick([], ["time.sleep(1)"])

    def guarded(self, lines: Lines) -> Lines:
        """The lines, perhaps with the transport's failures handled."""
        if self.draft.chance(0.5):
            return lines
        handler = self.draft.pick(["return None"], [f'raise {api_error(self.draft)}("no answer") from exc'])
        return suite("try:", lines) + suite(f"except {self.transport} as exc:", handler)


def _refresh(kit: Kit) -> Lines:
    """A 401 is answered by a new token, once."""
    renew = [f'answer = {kit.library}.post(f"{{BASE}}/token", json={{"grant": "refresh"}})', *kit.checked("answer")]
    kit.draft.define(suite("def renew():", [*renew, 'return answer.json()["token"]']))
    call = f'r = {kit.library}.get(f"{{BASE}}/items", headers={{"Authorization": f"Bearer {{token}}"}})'
    stale = kit.draft.pick("r.status_code == 401", "r.status_code in (401, 403)")
    if kit.draft.chance(0.5):
        again = suite(f"if {stale} and attempt == 0:", ["token = renew()", "continue"])
        body = [call, *again, *kit.checked("r"), "return r.json()"]
        ended = kit.draft.pick([], ["return None"])
        return ['token = "first"', *suite("for attempt in range(2):", body), *ended]
    again = suite(f"if {stale}:", ["token = renew()", call])
    return ['token = "first"', call, *again, *kit.checked("r"), "return r.json()"]


def _renewed(kit: Kit) -> Lines:
    """The token is the module's, and so is its renewal; an answer that is still 401 is no success."""
    kit.draft.constant("TOKEN", '"first"')
    renew = [
        f'answer = {kit.library}.post(f"{{BASE}}/token", json={{"grant": "refresh"}})',
        "answer.raise_for_status()",
    ]
    kit.draft.define(suite("def renew():", ["global TOKEN", *renew, 'TOKEN = answer.json()["token"]']))
    call = f'r = {kit.library}.get(f"{{BASE}}/items", headers={{"Authorization": f"Bearer {{TOKEN}}"}})'
    again = suite("if r.status_code == 401:", ["renew()", "continue"])
    ended = kit.draft.pick([f'raise {api_error(kit.draft)}("refused")'], ["return None"])
    return ["renew()", *suite("for attempt in range(2):", [call, *again, *kit.checked("r"), "return r.json()"]), *ended]


def _mirrors(kit: Kit) -> Lines:
    """The next host is tried where one fails."""
    kit.draft.constant("MIRRORS", f'("{HOST}", "http://backup.example.com")')
    call = f'r = {kit.library}.get(f"{{base}}/items", timeout=5)'
    attempt = suite("try:", [call]) + suite(f"except {kit.transport}:", ["continue"])
    test = kit.test(OK, "r")
    done = [*test.prelude, *suite(f"if {test.text}:", ["return r.json()"])]
    stop = kit.draft.pick([], suite("if r.status_code == 404:", ["return None"]))
    ended = kit.draft.pick([f'raise {api_error(kit.draft)}("all mirrors failed")'], ["return None"], ["return []"])
    return suite("for base in MIRRORS:", [*attempt, *done, *stop]) + ended


def _pages(kit: Kit) -> Lines:
    """Three pages, where each may be tried again."""
    call = f'r = {kit.library}.get(f"{{BASE}}/items", params={{"page": page}})'
    if kit.draft.chance(0.5):
        loop = suite("for page in range(1, 4):", [call, *kit.checked("r"), 'items.extend(r.json()["items"])'])
        return ["items = []", *loop, "return items"]
    test = kit.test(RETRY, "r")
    inner = [call, *test.prelude, *suite(f"if {test.negated()}:", ["break"]), *kit.pause()]
    body = [*suite("for attempt in range(2):", inner), *kit.checked("r"), 'items.extend(r.json()["items"])']
    return ["items = []", *suite("for page in (1, 2):", body), "return items"]


def _reread(kit: Kit) -> Lines:
    """A write is sent again with the version read after the conflict."""
    read = [f'current = {kit.library}.get(f"{{BASE}}/items/1")', *kit.checked("current")]
    write = f'r = {kit.library}.put(f"{{BASE}}/items/1", json={{"name": "x", "version": current.json()["version"]}})'
    conflict = kit.draft.pick("r.status_code == 409", "r.status_code in (409, 412)")
    body = [*read, write, *suite(f"if {conflict}:", ["continue"]), *kit.checked("r"), "return r.json()"]
    ended = kit.draft.pick([f'raise {api_error(kit.draft)}("conflict")'], ["return None"])
    return suite("for attempt in range(3):", body) + ended


def _fallback(kit: Kit) -> Lines:
    """What is live is preferred to what is stored."""
    live = [f'r = {kit.library}.get(f"{{BASE}}/live")', "r.raise_for_status()", "return r.json()"]
    caught = kit.draft.pick(kit.base, kit.status_error, kit.transport)
    stored = [f'stored = {kit.library}.get(f"{{BASE}}/stored")', *kit.checked("stored"), "return stored.json()"]
    return suite("try:", live) + suite(f"except {caught}:", kit.draft.pick(["pass"], ['print("stale")'])) + stored


def _confirm(kit: Kit) -> Lines:
    """A deletion is looked after."""
    delete = [f'r = {kit.library}.delete(f"{{BASE}}/items/1")']
    gone = suite("if r.status_code == 404:", ["return False"]) + kit.checked("r")
    look = [f'left = {kit.library}.get(f"{{BASE}}/items/1")', "return left.status_code in (404, 410)"]
    return kit.guarded([*delete, *gone]) + kit.guarded(look)


def _poll(kit: Kit) -> Lines:
    """A job is started, and looked at until it is done."""
    kit.draft.use("import time")
    start = [f'started = {kit.library}.post(f"{{BASE}}/jobs", json={{"size": 3}})', *kit.checked("started")]
    look = [f'r = {kit.library}.get(f"{{BASE}}/jobs/1")', *kit.checked("r")]
    done = suite('if r.json()["status"] == "done":', ["return r.json()"])
    loop = suite("for _ in range(3):", [*look, *done, "time.sleep(2)"])
    return start + loop + kit.draft.pick(["return None"], ['raise TimeoutError("still running")'])


def _error_code(kit: Kit) -> Lines:
    """The code in the error's body says whether trying again can help."""
    call = f'r = {kit.library}.get(f"{{BASE}}/items")'
    code = kit.draft.pick('r.json()["error"]["code"]', 'r.json().get("error", {}).get("code")')
    test = kit.draft.pick("r.status_code == 429", "r.status_code in (403, 429)", "r.status_code >= 400")
    again = suite(f'if {test} and {code} == "rate_limited":', [*kit.pause(), "continue"])
    ended = kit.draft.pick([f'raise {api_error(kit.draft)}("busy")'], ["return None"])
    return suite("for attempt in range(3):", [call, *again, *kit.checked("r"), "return r.json()"]) + ended


def _header(kit: Kit) -> Lines:
    """Only where the server says when is it worth another try."""
    kit.draft.use("import time")
    call = f'r = {kit.library}.get(f"{{BASE}}/items")'
    test = kit.draft.pick("r.status_code == 429", "r.status_code in (429, 503)", "r.status_code >= 400")
    wait = 'time.sleep(int(r.headers["Retry-After"]))'
    again = suite(f'if {test} and "Retry-After" in r.headers:', [wait, "continue"])
    ended = kit.draft.pick([f'raise {api_error(kit.draft)}("busy")'], ["return None"])
    return suite("for attempt in range(3):", [call, *again, *kit.checked("r"), "return r.json()"]) + ended


def _second(kit: Kit) -> Lines:
    """The same request a second time, without a loop."""
    call = f'r = {kit.library}.get(f"{{BASE}}/items")'
    test = kit.test(RETRY, "r")
    again = [*test.prelude, *suite(f"if {test.text}:", [*kit.pause(), call])]
    return [call, *again, *kit.checked("r"), "return r.json()"]


def _while_busy(kit: Kit) -> Lines:
    """A first attempt before the loop, whose condition looks at the response."""
    call = f'r = {kit.library}.get(f"{{BASE}}/items")'
    test = kit.draft.pick("r.status_code == 429", "r.status_code in (429, 503)", "r.status_code >= 500")
    if kit.draft.chance(0.5):
        loop = suite(f"while {test} and tries < 3:", [*kit.pause(), call, "tries += 1"])
        return [call, "tries = 1", *loop, *kit.checked("r"), "return r.json()"]
    sent = f"({call.replace('=', ':=', 1)})"
    head = f"while {test.replace('r.', f'{sent}.', 1)}:"
    bound = suite("if tries == 3:", ["return None"])
    return ["tries = 0", *suite(head, ["tries += 1", *bound, *kit.pause()]), *kit.checked("r"), "return r.json()"]


KINDS: dict[str, Callable[[Kit], Lines]] = {
    "refresh": _refresh,
    "renewed": _renewed,
    "mirrors": _mirrors,
    "pages": _pages,
    "reread": _reread,
    "fallback": _fallback,
    "confirm": _confirm,
    "poll": _poll,
    "error_code": _error_code,
    "header": _header,
    "second": _second,
    "while_busy": _while_busy,
}
BODIES = {
    "poll": ('{"status": "done"}', '{"status": "running"}'),
    "error_code": ('{"error": {"code": "rate_limited"}}', '{"error": {"code": "quota_used_up"}}'),
}


def write_several(kind: str, name: str, rng: Random) -> Program:
    """A program of this kind."""
    kit = Kit(rng)
    body = KINDS[kind](kit)
    bodies = BODIES.get(kind, ("{}",))
    header = ["# judge: call fetch()", *(f"# judge: body {body}" for body in BODIES.get(kind, ()))]
    text = kit.draft.render(header, ["def fetch():", *indent(body)])
    return Program((Source(name, text),), "fetch()", bodies, frozenset({f"several:{kind}"}))
