"""Styles in which one attempt raises what went wrong, and a handler decides."""

from collections.abc import Callable
from dataclasses import dataclass

from .draft import Lines, classes_text, suite
from .ends import Situation, api_error
from .site import Site
from .statuses import OK, RETRY, Test


@dataclass(frozen=True)
class Operation:
    """One attempt that raises: its lines, its success, the classes that may be tried again, and when.

    `condition` looks at the caught exception, by the name it is given. `answer` is the
    expression by which the exception leads to its response, where it does. `everything`
    says that the classes include what is raised where no response came.
    """

    body: Lines
    done: Lines
    classes: tuple[str, ...]
    condition: Callable[[str], Test] | None = None
    answer: Callable[[str], str] | None = None
    everything: bool = False


def write(site: Site, style: str) -> Lines:
    """The body of one attempt, in a `try`, with the handlers that decide."""
    operation = OPERATIONS[style](site)
    name = site.draft.pick("exc", "e", "error")
    classes = list(operation.classes)
    handlers: Lines = []
    transport = site.transport
    if transport and not operation.everything:
        if site.row["transport"] != "fail" and operation.condition is None and site.draft.chance(0.5):
            classes += transport
        else:
            at = Situation(None, name)
            lines = site.fail(at) if site.row["transport"] == "fail" else site.again(at, tail=True)
            handlers = suite(f"except {classes_text(transport)} as {name}:", lines)
    at = Situation(operation.answer(name) if operation.answer and not _widened(classes, operation) else None, name)
    decision: Lines = []
    if operation.condition is not None:
        test = operation.condition(name)
        decision = [*test.prelude, *suite(f"if {test.negated()}:", site.fail(at))]
    handled = suite(f"except {classes_text(classes)} as {name}:", decision + site.again(at, tail=True))
    both = [handled, handlers]
    site.draft.rng.shuffle(both)
    handled = both[0] + both[1]
    if site.row["noise"] == "else":
        return suite("try:", operation.body) + handled + suite("else:", operation.done)
    attempt = suite("try:", operation.body + operation.done) + handled
    return attempt + suite("finally:", ['print("attempted")']) if site.row["noise"] == "finally" else attempt


def _widened(classes: list[str], operation: Operation) -> bool:
    """Whether the handler catches more than what the operation raises for a status."""
    return len(classes) > len(operation.classes)


def _send(site: Site) -> Lines:
    return [f"{site.response} = {site.send}"]


def _special(site: Site) -> Lines:
    return site.special(f"{site.response}.status_code", site.response, site.here)


def _narrow(site: Site) -> Operation:
    """`raise_for_status()`, and a handler that looks at the status of the error."""
    body = [*_send(site), *_special(site), f"{site.response}.raise_for_status()"]
    # Only where the handler is in the same function as the variable.
    by_variable = bool(site.loop.onward) and site.draft.chance(0.2)

    def condition(name: str) -> Test:
        if by_variable:
            return site.test(RETRY, f"{site.response}.status_code")
        if site.draft.chance(0.4):
            test = site.test(RETRY, "status")
            return Test([f"status = {name}.response.status_code", *test.prelude], test.text)
        return site.test(RETRY, f"{name}.response.status_code")

    return Operation(body, site.done(), (site.client.errors.status,), condition, lambda name: f"{name}.response")


def _broad(site: Site) -> Operation:
    """`raise_for_status()`, and every failure is tried again."""
    body = [*_send(site), *_special(site), f"{site.response}.raise_for_status()"]
    caught = site.draft.pick(site.client.errors.base, site.client.errors.base, "Exception")
    return Operation(body, site.done(), (caught,), everything=True)


def _guarded(site: Site) -> Operation:
    """One broad handler that asks whether there was a response."""
    body = [*_send(site), *_special(site), f"{site.response}.raise_for_status()"]
    errors = site.client.errors

    def condition(name: str) -> Test:
        test = site.test(RETRY, "status")
        found = f"{name}.response.status_code if isinstance({name}, {errors.status}) else None"
        if site.client.library == "requests":
            guard = f"{name}.response.status_code if {name}.response is not None else None"
            found = site.draft.pick(found, guard, guard, f'getattr({name}.response, "status_code", None)')
        inner = [*test.prelude, f"worth = {test.text}"]
        return Test([f"status = {found}", "worth = True", *suite("if status is not None:", inner)], "worth")

    return Operation(body, site.done(), (errors.base,), condition, everything=True)


def _error_class(site: Site) -> Operation:
    """A helper raises the program's own classes; one of them may be tried again."""
    draft = site.draft
    parent = api_error(draft)
    draft.define(suite(f"class Transient({parent}):", ['"""Worth another try."""']))
    retry, ok = site.test(RETRY, "answer.status_code"), site.test(OK, "answer.status_code", "answer")
    body = [*retry.prelude, *suite(f"if {retry.text}:", ['raise Transient(f"busy: {answer.status_code}")'])]
    body += [*ok.prelude, *suite(f"if {ok.negated()}:", ['raise ApiError(f"refused: {answer.status_code}")'])]
    draft.define(suite("def check(answer):", body))
    body = [*_send(site), *_special(site), f"check({site.response})"]
    return Operation(body, site.done(), ("Transient",))


def _error_attribute(site: Site) -> Operation:
    """The program's own exception says whether it may be tried again."""
    draft = site.draft
    ok = site.test(OK, "answer.status_code", "answer")
    if draft.chance(0.5):
        retry = site.test(RETRY, "self.status")
        init = suite("def __init__(self, status):", ["super().__init__(status)", "self.status = status"])
        decides = ["@property", *suite("def retryable(self):", [*retry.prelude, f"return {retry.text}"])]
        draft.define(suite("class ServiceError(Exception):", [*init, "", *decides]))
        raised = ["raise ServiceError(answer.status_code)"]
    else:
        retry = site.test(RETRY, "answer.status_code", "answer")
        draft.define(suite("class ServiceError(Exception):", ["retryable = False"]))
        draft.define(suite("class BusyError(ServiceError):", ["retryable = True"]))
        raised = [*retry.prelude, *suite(f"if {retry.text}:", ["raise BusyError()"]), "raise ServiceError()"]
    draft.define(suite("def check(answer):", [*ok.prelude, *suite(f"if {ok.negated()}:", raised)]))
    body = [*_send(site), *_special(site), f"check({site.response})"]
    return Operation(body, site.done(), ("ServiceError",), lambda name: Test([], f"{name}.retryable"))


def _error_status(site: Site) -> Operation:
    """The program's own exception carries the status."""
    draft = site.draft
    init = ["super().__init__(message)", "self.status = status"]
    draft.define(suite("class StatusError(Exception):", suite("def __init__(self, message, status=None):", init)))
    ok = site.test(OK, f"{site.response}.status_code", site.response)
    raised = [f'raise StatusError("refused", {draft.pick("", "status=")}{site.response}.status_code)']
    body = [*_send(site), *_special(site), *ok.prelude, *suite(f"if {ok.negated()}:", raised)]
    return Operation(body, site.done(), ("StatusError",), lambda name: site.test(RETRY, f"{name}.status"))


def _error_map(site: Site) -> Operation:
    """A table says which class to raise."""
    draft = site.draft
    parent = api_error(draft)
    for name in ("RateLimited", "Overloaded", "NotFound"):
        draft.define(suite(f"class {name}({parent}):", [f'"""{name}."""']))
    entries = draft.pick(
        "404: NotFound, 429: RateLimited, 503: Overloaded", "429: RateLimited, 502: Overloaded, 503: Overloaded"
    )
    draft.define([f"ERRORS = {{{entries}}}"])
    ok = site.test(OK, f"{site.response}.status_code", site.response)
    raised = [f"raise ERRORS.get({site.response}.status_code, ApiError)({site.response}.status_code)"]
    body = [*_send(site), *_special(site), *ok.prelude, *suite(f"if {ok.negated()}:", raised)]
    return Operation(body, site.done(), draft.pick(("RateLimited", "Overloaded"), ("RateLimited",)))


OPERATIONS: dict[str, Callable[[Site], Operation]] = {
    "narrow": _narrow,
    "broad": _broad,
    "guarded": _guarded,
    "error_class": _error_class,
    "error_attribute": _error_attribute,
    "error_status": _error_status,
    "error_map": _error_map,
}
KINDS = tuple(OPERATIONS)
# What tenacity decides from the returned response, nothing being raised for a status.
BY_RESULT = "result"
