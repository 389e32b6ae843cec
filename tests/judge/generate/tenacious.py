"""What tenacity is told: when to try again, how long to wait, when to stop."""

import re

from .draft import classes_text, suite
from .raising import Operation
from .site import Site
from .statuses import RETRY

WAITS = {
    "none": ("wait_none()",),
    "unused": ("wait_none()",),
    "constant": ("wait_fixed(2)",),
    "linear": ("wait_incrementing(start=1, increment=2)",),
    "exponential": ("wait_exponential()", "wait_exponential(multiplier=0.5)"),
    "capped": ("wait_exponential(multiplier=1, max=10)", "wait_exponential(min=1, max=4)"),
    "jitter": ("wait_fixed(1) + wait_random(0, 1)", "wait_exponential_jitter()"),
    "full_jitter": ("wait_random_exponential(max=30)", "wait_random(min=1, max=3)"),
}
VALUES = {"none": "None", "false": "False", "empty": "[]", "constant": '"unavailable"'}


def keywords(site: Site, operation: Operation) -> list[str]:
    """The keyword arguments of `tenacity.retry` or `Retrying`."""
    draft = site.draft
    stop = draft.pick(
        "stop_after_attempt(3)", "stop_after_attempt(3)", "stop_after_attempt(2)", "stop_after_attempt(MAX_ATTEMPTS)"
    )
    if "MAX_ATTEMPTS" in stop:
        draft.constant("MAX_ATTEMPTS", "4")
    if draft.chance(0.1):
        stop += " | stop_after_delay(600)"
    given = [f"stop={stop}", f"wait={draft.rng.choice(WAITS[site.row['wait']])}"]
    if site.row["wait"] in ("none", "unused") and draft.chance(0.7):
        del given[1]
    if draft.chance(0.05):
        del given[0]
    if draft.chance(0.1):
        given.append("before_sleep=lambda state: print(state.attempt_number)")
    given.append(f"retry={_predicate(site, operation)}")
    kind = site.row["exhausted_end"]
    if kind in ("reraise", "last_error"):
        given.append("reraise=True")
    elif kind in VALUES:
        given.append(f"retry_error_callback=lambda state: {VALUES[kind]}")
    for name in re.findall(r"\b((?:stop|wait|retry_if)_\w+)\(", " ".join(given)):
        draft.use(f"from tenacity import {name}")
    return given


def _predicate(site: Site, operation: Operation) -> str:
    draft = site.draft
    transport = site.transport if site.row["transport"] != "fail" and not operation.everything else ()
    also = f" | retry_if_exception_type({classes_text(transport)})" if transport else ""
    if not operation.classes:
        test = site.test(RETRY, "answer.status_code", "answer")
        if test.prelude or draft.chance(0.4):
            draft.define(suite("def busy(answer):", [*test.prelude, f"return {test.text}"]))
            return f"retry_if_result(busy){also}"
        return f"retry_if_result(lambda answer: {test.text}){also}"
    if operation.condition is None:
        classes = [*operation.classes]
        if transport and draft.chance(0.5):
            return f"retry_if_exception_type({classes_text((*classes, *transport))})"
        if not also and site.row["style"] != "broad" and draft.chance(0.2):
            return f"retry_if_not_exception_type({draft.pick('ValueError', site.client.errors.base)})"
        return f"retry_if_exception_type({classes_text(classes)}){also}"
    condition = operation.condition("exc")
    guard = suite(f"if not isinstance(exc, {classes_text(operation.classes)}):", ["return False"])
    draft.define(suite("def worth_another(exc):", [*guard, *condition.prelude, f"return {condition.text}"]))
    return f"retry_if_exception(worth_another){also}"
