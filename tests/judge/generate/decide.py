"""Styles of deciding from the response itself what becomes of an outcome."""

from collections.abc import Callable

from .draft import Lines, classes_text, suite
from .ends import Situation, end, value
from .site import Site
from .statuses import OK, RETRY, Test


def write(site: Site, style: str) -> Lines:
    """The body of one attempt: send, and decide from the response."""
    if style in ("sentinel", "pair"):
        return _from_helper(site, style)
    if style == "suppressed":
        return _suppressed(site)
    decision = STYLES[style](site)
    call = [f"{site.response} = {site.send}"]
    handler = _transport_handler(site)
    if not handler:
        return call + decision
    errors = site.transport
    attempt = suite("try:", call) + suite(f"except {classes_text(errors)} as exc:", handler)
    if site.row["noise"] == "finally":
        attempt += suite("finally:", ["calls += 1"])
        return ["calls = 0", *attempt, *decision]
    if site.row["noise"] == "else":
        return [*attempt, *suite("else:", decision)]
    return attempt + decision


def _transport_handler(site: Site) -> Lines:
    if not site.transport:
        return []
    at = Situation(None, "exc")
    if site.row["transport"] == "fail":
        return site.fail(at)
    return site.again(at, tail=False)


def _when(test: Test, body: Lines) -> Lines:
    return [*test.prelude, *suite(f"if {test.text}:", body)]


def _unless(test: Test, body: Lines) -> Lines:
    return [*test.prelude, *suite(f"if {test.negated()}:", body)]


def _status(site: Site) -> tuple[Lines, str]:
    """An expression for the status, perhaps a variable that is set first."""
    direct = f"{site.response}.status_code"
    if site.draft.chance(0.4):
        name = site.draft.pick("status", "code")
        return [f"{name} = {direct}"], name
    return [], direct


def _ok_first(site: Site) -> Lines:
    lines, status = _status(site)
    lines += _when(site.test(OK, status, site.response), site.done())
    lines += site.special(status, site.response, site.here)
    lines += _when(site.test(RETRY, status, site.response), site.again(site.here, tail=False))
    return lines + site.fail(site.here)


def _retry_first(site: Site) -> Lines:
    lines, status = _status(site)
    lines += _when(site.test(RETRY, status, site.response), site.again(site.here, tail=False))
    lines += site.special(status, site.response, site.here)
    return lines + _unless(site.test(OK, status, site.response), site.fail(site.here)) + site.done()


def _rfs_last(site: Site) -> Lines:
    """What is neither tried again nor special is left to `raise_for_status()`."""
    lines, status = _status(site)
    lines += _when(site.test(RETRY, status, site.response), site.again(site.here, tail=False))
    lines += site.special(status, site.response, site.here)
    return [*lines, f"{site.response}.raise_for_status()", *site.done()]


def _retry_last(site: Site) -> Lines:
    lines, status = _status(site)
    lines += _when(site.test(OK, status, site.response), site.done())
    lines += site.special(status, site.response, site.here)
    lines += _unless(site.test(RETRY, status, site.response), site.fail(site.here))
    return lines + site.again(site.here, tail=True)


def _nested(site: Site) -> Lines:
    lines, status = _status(site)
    inner = site.special(status, site.response, site.here)
    inner += _when(site.test(RETRY, status, site.response), site.again(site.here, tail=False))
    inner += site.fail(site.here)
    return lines + _unless(site.test(OK, status, site.response), inner) + site.done()


def _elif(site: Site) -> Lines:
    lines, status = _status(site)
    tests = [(site.test(OK, status, site.response), site.done())]
    tests.append((site.test(RETRY, status, site.response), site.again(site.here, tail=True)))
    for test, _ in tests:
        lines += test.prelude
    words = ["if", "elif"]
    for word, (test, body) in zip(words, tests, strict=True):
        lines += suite(f"{word} {test.text}:", body)
    return lines + suite("else:", [*site.special(status, site.response, site.here), *site.fail(site.here)])


def _flag(site: Site) -> Lines:
    lines, status = _status(site)
    ok = site.test(OK, status, site.response)
    retry = site.test(RETRY, status, site.response)
    lines += ["again = False", *ok.prelude, *retry.prelude]
    lines += suite(f"if {ok.text}:", site.done())
    lines += suite(f"elif {retry.text}:", ["again = True"])
    lines += suite("else:", site.special(status, site.response, site.here))
    return lines + suite("if not again:", site.fail(site.here)) + site.again(site.here, tail=True)


def _match(site: Site) -> Lines:
    draft = site.draft
    again = site.again(site.here, tail=True)
    cases = suite(draft.pick("case 200 | 201:", "case 200:", "case code if 200 <= code < 300:"), site.done())
    if site.row["special_end"] != "absent":
        cases += suite(draft.pick("case 404:", "case 404 | 410:"), site.special_end(site.here))
    retried = draft.pick(
        ["case 429 | 503:"], ["case 429:", "case code if code >= 500:"], ["case 500 | 502 | 503 | 504:"]
    )
    for case in retried:
        cases += suite(case, again)
    cases += suite("case _:", site.fail(site.here))
    return suite(f"match {site.response}.status_code:", cases)


def _policy(site: Site) -> Lines:
    draft = site.draft
    entries = ['200: "ok"', '201: "ok"', '429: "retry"', '503: "retry"']
    if site.row["special_end"] != "absent":
        entries.append('404: "special"')
    table = draft.constant("POLICY", "{" + ", ".join(entries) + "}")
    status = f"{site.response}.status_code"
    default = draft.pick('"fail"', f'"retry" if {status} >= 500 else "fail"')
    lines = [f"action = {table}.get({status}, {default})"]
    lines += suite('if action == "ok":', site.done())
    if site.row["special_end"] != "absent":
        lines += suite('if action == "special":', site.special_end(site.here))
    return lines + suite('if action != "retry":', site.fail(site.here)) + site.again(site.here, tail=True)


def _action(site: Site) -> Lines:
    draft = site.draft
    draft.use("from enum import Enum")
    draft.define(["class Action(Enum):", '    DONE = "done"', '    RETRY = "retry"', '    STOP = "stop"'])
    ok, retry = site.test(OK, "status"), site.test(RETRY, "status")
    body = _when(ok, ["return Action.DONE"]) + _when(retry, ["return Action.RETRY"]) + ["return Action.STOP"]
    draft.define(suite("def classify(status):", body))
    lines = [f"action = classify({site.response}.status_code)"]
    lines += suite(f"if action {draft.pick('is', '==')} Action.DONE:", site.done())
    lines += site.special(f"{site.response}.status_code", site.response, site.here)
    lines += suite("if action is Action.STOP:", site.fail(site.here))
    return lines + site.again(site.here, tail=True)


def _conditional(site: Site) -> Lines:
    """A verdict from one conditional expression."""
    lines, status = _status(site)
    ok, retry = site.test(OK, status, site.response), site.test(RETRY, status, site.response)
    lines += [*ok.prelude, *retry.prelude]
    lines.append(f'verdict = "done" if {ok.text} else "again" if {retry.text} else "failed"')
    lines += suite('if verdict == "done":', site.done())
    lines += site.special(status, site.response, site.here)
    lines += suite('if verdict == "failed":', site.fail(site.here))
    return lines + site.again(site.here, tail=True)


STYLES: dict[str, Callable[[Site], Lines]] = {
    "ok_first": _ok_first,
    "retry_first": _retry_first,
    "rfs_last": _rfs_last,
    "retry_last": _retry_last,
    "nested": _nested,
    "elif": _elif,
    "flag": _flag,
    "match": _match,
    "policy": _policy,
    "action": _action,
    "conditional": _conditional,
}
KINDS = (*STYLES, "sentinel", "pair", "suppressed")


def _suppressed(site: Site) -> Lines:
    """Whatever is raised is passed over, and what follows is another try."""
    site.draft.use("import contextlib")
    errors = site.client.errors
    chosen = site.draft.pick([errors.base], [errors.status, *errors.transport], [errors.status])
    status = f"{site.response}.status_code"
    body = [f"{site.response} = {site.send}", *site.special(status, site.response, site.here)]
    body += [f"{site.response}.raise_for_status()", *site.done()]
    suppressed = suite(f"with contextlib.suppress({', '.join(chosen)}):", body)
    return suppressed + site.again(Situation(), tail=True)


def _from_helper(site: Site, style: str) -> Lines:
    """One attempt as a nested function that says by its value whether to go on."""
    draft = site.draft
    result = value(site.row["ok_end"], site.response)
    kind = {"none": "raise", "break": "raise"}.get(site.row["fail_end"], site.row["fail_end"])
    failed = end(draft, kind, site.here)
    if style == "pair":
        failed = [line.replace("return ", "return True, ", 1) for line in failed]
        result = f"True, {result}"
    status = f"{site.response}.status_code"
    body = [f"{site.response} = {site.send}"]
    body += _when(site.test(OK, status, site.response), [f"return {result}"])
    body += _when(site.test(RETRY, status, site.response), ["return False, None" if style == "pair" else "return None"])
    helper = suite("def try_once():", body + failed)
    at = Situation(None, None)
    if style == "pair":
        after = ["finished, outcome = try_once()", *suite("if finished:", site.done("outcome"))]
    else:
        after = ["outcome = try_once()", *suite("if outcome is not None:", site.done("outcome"))]
    errors = site.transport
    if errors and site.row["transport"] != "fail":
        caught = classes_text(errors)
        attempt = suite("try:", after[:1]) + suite(
            f"except {caught} as exc:", site.again(Situation(None, "exc"), tail=False)
        )
        after = attempt + after[1:]
    return [*helper, *after, *site.again(at, tail=True)]
