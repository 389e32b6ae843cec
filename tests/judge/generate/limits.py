"""How a program writes the number of its attempts."""

from dataclasses import dataclass

from .draft import Draft, suite

KINDS = ("literal", "constant", "namespace", "settings", "parameter", "attribute")
NUMBERS = ("2", "3", "3", "4", "5")


@dataclass(frozen=True)
class Limit:
    """An expression, and the parameter or the attribute that it needs."""

    text: str
    parameter: str = ""
    init: tuple[str, ...] = ()


def write_limit(draft: Draft, kind: str) -> Limit:
    """A number of attempts, written so."""
    number = draft.rng.choice(NUMBERS)
    if kind == "constant":
        return Limit(draft.constant("MAX_ATTEMPTS", number))
    if kind == "namespace":
        name = draft.fresh("Limits")
        draft.define(suite(f"class {name}:", [f"ATTEMPTS = {number}", "SECONDS = 5"]))
        return Limit(f"{name}.ATTEMPTS")
    if kind == "settings":
        draft.use("from dataclasses import dataclass")
        name = draft.fresh("RetryPolicy")
        draft.define(["@dataclass(frozen=True)", *suite(f"class {name}:", [f"attempts: int = {number}"])])
        draft.define([f"POLICY_IN_USE = {name}()"])
        return Limit("POLICY_IN_USE.attempts")
    if kind == "parameter":
        return Limit("max_attempts", parameter=f"max_attempts={number}")
    if kind == "attribute":
        return Limit("self.max_attempts", init=(f"self.max_attempts = {number}",))
    return Limit(number)
