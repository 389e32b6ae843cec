"""Programs with clients of another shape than requests' and httpx': urllib, urllib3."""

from random import Random

from . import loops
from .clients import HOST, Client, Errors
from .draft import Draft, Lines, classes_text, indent, suite
from .ends import Situation
from .forms import FORMS
from .limits import write_limit
from .program import Program, Source
from .site import Site
from .statuses import OK, RETRY

KINDS = ("urllib", "urllib3", "urllib3_default")
LOOPS = [kind for kind in loops.KINDS if kind not in ("recursion", "tail")]
ERRORS = {
    "urllib": Errors(
        "urllib.error.HTTPError", ("urllib.error.URLError", "TimeoutError"), "TimeoutError", "OSError", "OSError"
    ),
    "urllib3": Errors(
        "",
        ("urllib3.exceptions.HTTPError",),
        "urllib3.exceptions.TimeoutError",
        "urllib3.exceptions.NewConnectionError",
        "urllib3.exceptions.HTTPError",
    ),
}


def write_other(kind: str, name: str, rng: Random) -> Program:
    """A program with a client of this kind."""
    draft = Draft(rng)
    draft.constant("BASE", f'"{HOST}"')
    row = {
        "loop": rng.choice(LOOPS),
        "retry_test": rng.choice([form for form in FORMS if form != "codes"]),
        "ok_test": rng.choice([form for form in FORMS if form != "codes"]),
        "fail_end": rng.choice(("raise", "builtin", "reraise", "none", "false", "constant")),
        "exhausted_end": rng.choice(("raise", "reraise", "none", "false", "empty")),
        "transport": rng.choice(("propagate", "retry", "retry_timeout", "fail")),
        "wait": rng.choice(("none", "constant", "exponential", "jitter")),
        "ok_end": "true",
        "special_end": "absent",
        "leave": "return",
        "noise": "none",
    }
    library = kind.partition("_")[0]
    client = Client(library, _send(draft, kind), ERRORS[library])
    loop = loops.write_loop(draft, row["loop"], "fetch", write_limit(draft, "literal"))
    site = Site(draft, row, client, client.send, loop, "r")
    body = site.wrap(_urllib(site) if library == "urllib" else _urllib3(site), outlives=False)
    text = draft.render(["# judge: call fetch()"], ["def fetch():", *indent(body)])
    return Program((Source(name, text),), "fetch()", features=frozenset({f"several:{kind}"}))


def _send(draft: Draft, kind: str) -> str:
    if kind == "urllib":
        draft.use("import json", "import urllib.error", "import urllib.request")
        request = draft.pick(
            'f"{BASE}/items"', 'urllib.request.Request(f"{BASE}/items", headers={"Accept": "text/json"})'
        )
        return f"urllib.request.urlopen({request}, timeout=5)"
    draft.use("import urllib3")
    draft.define(["http = urllib3.PoolManager()"])
    options = "" if kind == "urllib3_default" else ", retries=False"
    return f'http.request("GET", f"{{BASE}}/items"{options})'


def _transport(site: Site) -> Lines:
    """The handler of failures without an answer, if there is one."""
    if not site.transport:
        return []
    at = Situation(None, "exc")
    body = site.fail(at) if site.row["transport"] == "fail" else site.again(at, tail=False)
    return suite(f"except {classes_text(site.transport)} as exc:", body)


def _urllib(site: Site) -> Lines:
    """Every status but a success is an exception."""
    opened = suite(f"with {site.send} as r:", site.done("json.loads(r.read())"))
    test = site.test(RETRY, "exc.code")
    at = Situation(None, "exc")
    stop = [*test.prelude, *suite(f"if {test.negated()}:", site.fail(at))]
    handler = suite("except urllib.error.HTTPError as exc:", [*stop, *site.again(at, tail=False)])
    return suite("try:", opened) + handler + _transport(site)


def _urllib3(site: Site) -> Lines:
    """No status is an exception, and the manager may repeat requests by itself."""
    handler = _transport(site)
    lines = [f"r = {site.send}"]
    if handler:
        lines = suite("try:", lines) + handler
    ok, retry = site.test(OK, "r.status"), site.test(RETRY, "r.status")
    lines += [*ok.prelude, *suite(f"if {ok.text}:", site.done(site.draft.pick("r.json()", "r", "r.data")))]
    lines += [*retry.prelude, *suite(f"if {retry.negated()}:", site.fail(Situation()))]
    return lines + site.again(Situation(), tail=True)
