"""Programs whose attempts are repeated by something that takes the attempt as a whole."""

from . import decide
from .clients import Client, write_client
from .draft import Draft, Lines, classes_text, suite
from .ends import Situation
from .features import BY_LIBRARY, Row
from .frame import define, enclose, make_site, surround
from .limits import write_limit
from .loops import single, write_loop
from .raising import OPERATIONS, Operation
from .sends import write_send
from .site import Site
from .tenacious import keywords
from .transports import session_factory

WRAPPER_LOOPS = ("for", "for_from_one", "while", "while_true", "count", "enumerate")


def write_driven(draft: Draft, row: Row, function: str, owner: str) -> Lines:
    """The function under test, or the class that holds it."""
    kind = row["loop"]
    factory = session_factory(draft, row) if kind in BY_LIBRARY or row["send"] == "in_adapter" else None
    client = write_client(draft, row["client"], row["method"], factory)
    site = make_site(draft, row, client, single())
    if kind in BY_LIBRARY:
        return enclose(draft, row, client, owner, define(row, function, surround(site, _plain)))
    writer = {
        "tenacity": _decorated,
        "tenacity_loop": _tenacity_loop,
        "tenacity_call": _tenacity_call,
        "decorator": _own_decorator,
        "callable": _own_callable,
    }[kind]
    return enclose(draft, row, client, owner, writer(site, function))


def _within(client: Client, before: Lines, lines: Lines) -> Lines:
    return suite(client.wrap, before + lines) if client.wrap else before + lines


def _plain(site: Site) -> Lines:
    """One attempt, as the transport does the rest."""
    site.send, before = write_send(site.draft, site.client, site.row["send"])
    return _within(site.client, before, decide.write(site, site.row["style"]))


def _attempt(site: Site) -> tuple[Lines, Operation]:
    """The statements of one attempt, which raise what went wrong."""
    site.send, before = write_send(site.draft, site.client, site.row["send"])
    if site.row["style"] not in OPERATIONS:
        lines = [f"return {site.send}"]
        operation = Operation([], lines, ())
    else:
        operation = OPERATIONS[site.row["style"]](site)
        lines = operation.body + operation.done
    if site.row["transport"] == "fail" and site.row["style"] in OPERATIONS:
        errors = site.transport
        handler = site.fail(Situation(None, "exc"))
        lines = suite("try:", lines) + suite(f"except {classes_text(errors)} as exc:", handler)
    return _within(site.client, before, lines), operation


def _options(site: Site, operation: Operation) -> str:
    return ", ".join(keywords(site, operation))


def _decorated(site: Site, function: str) -> Lines:
    lines, operation = _attempt(site)
    site.draft.use("import tenacity")
    return [f"@tenacity.retry({_options(site, operation)})", *define(site.row, function, lines)]


def _tenacity_loop(site: Site, function: str) -> Lines:
    lines, operation = _attempt(site)
    site.draft.use("from tenacity import Retrying")
    options = _options(site, operation)
    body = suite(f"for attempt in Retrying({options}):", suite("with attempt:", lines))
    return define(site.row, function, body)


def _tenacity_call(site: Site, function: str) -> Lines:
    lines, operation = _attempt(site)
    site.draft.use("from tenacity import Retrying")
    site.draft.define(suite("def attempt_once():", lines))
    options = _options(site, operation)
    if site.draft.chance(0.5):
        return define(site.row, function, [f"return Retrying({options})(attempt_once)"])
    site.draft.define([f"retrying = Retrying({options})"])
    return define(site.row, function, ["return retrying(attempt_once)"])


def _repeater(site: Site, operation: Operation, call: str) -> Lines:
    """A loop around `call`, by the program itself."""
    draft = site.draft
    kind = draft.rng.choice(WRAPPER_LOOPS)
    row = {**site.row, "loop": kind, "leave": "return", "fail_end": "reraise"}
    outer = Site(
        draft,
        row,
        site.client,
        call,
        write_loop(draft, kind, call, write_limit(draft, site.row["limit"])),
        site.response,
    )
    classes = [*operation.classes]
    if not operation.everything and site.row["transport"] in ("retry", "retry_timeout", "retry_connection"):
        classes += [name for name in site.transport if name not in classes]
    at = Situation(None, "exc")
    decision: Lines = []
    if operation.condition is not None:
        # Transport failures carry no status, so they must not reach the test of one.
        test = operation.condition("exc")
        stop = suite(f"if {test.negated()}:", ["raise"])
        decision = [*test.prelude, *stop]
        if len(classes) > len(operation.classes):
            decision = suite(f"if isinstance(exc, {operation.classes[0]}):", decision)
    handler = suite(f"except {classes_text(classes)} as exc:", decision + outer.again(at, tail=True))
    return outer.wrap(suite("try:", [f"return {call}"]) + handler, outlives=False)


def _own_decorator(site: Site, function: str) -> Lines:
    lines, operation = _attempt(site)
    draft = site.draft
    body = _repeater(site, operation, "function(*args, **kwargs)")
    wrapper = suite("def wrapper(*args, **kwargs):", body)
    draft.use("import functools")
    draft.define(suite("def retrying(function):", ["@functools.wraps(function)", *wrapper, "", "return wrapper"]))
    return ["@retrying", *define(site.row, function, lines)]


def _own_callable(site: Site, function: str) -> Lines:
    lines, operation = _attempt(site)
    draft = site.draft
    draft.define(suite("def with_retries(operation):", _repeater(site, operation, "operation()")))
    draft.define(suite("def attempt_once():", lines))
    argument = draft.pick("attempt_once", "lambda: attempt_once()")
    return define(site.row, function, [f"return with_retries({argument})"])
