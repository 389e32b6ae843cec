"""Ways in which a function ends: what it returns or raises, and from where."""

from dataclasses import dataclass

from .draft import Draft, Lines, suite

OK = ("data", "item", "built", "text", "response", "true", "nothing")
FAIL = ("raise", "builtin", "status", "reraise", "none", "false", "empty", "constant", "response", "break")
SPECIAL = ("absent", "raise", "none", "false", "empty", "constant", "response")
EXHAUSTED = ("raise", "builtin", "status", "reraise", "last_error", "none", "false", "empty", "constant", "response")
NAMED_ERRORS = ("ApiError", "Unavailable", "NotThere")


@dataclass(frozen=True)
class Situation:
    """What is at hand where a function ends: the response, the exception being handled."""

    response: str | None = None
    error: str | None = None


def value(kind: str, response: str) -> str:
    """The expression that a success returns."""
    return {
        "data": f"{response}.json()",
        "item": f'{response}.json()["items"]',
        "built": f'{{"id": {response}.json()["id"], "ok": True}}',
        "text": f"{response}.text",
        "response": response,
        "true": "True",
        "nothing": "None",
    }[kind]


def api_error(draft: Draft, name: str = "ApiError") -> str:
    """A plain exception class of the program's own."""
    draft.define(suite(f"class {name}(Exception):", [f'"""{name}: the service did not do as asked."""']))
    return name


def end(draft: Draft, kind: str, at: Situation, error_class: str = "ApiError") -> Lines:
    """Statements that end the function so, or in the nearest way that is possible here."""
    cause = f" from {at.error}" if at.error and draft.chance(0.7) else ""
    if kind == "status" and at.response:
        return [f"{at.response}.raise_for_status()", f'raise {api_error(draft, error_class)}("unexpected answer")']
    if kind == "reraise" and at.error:
        return [draft.pick("raise", "raise", f"raise {at.error}")]
    if kind == "response" and at.response:
        return [f"return {at.response}"]
    if kind == "builtin":
        return [f'raise {draft.pick("RuntimeError", "RuntimeError", "OSError")}("no luck"){cause}']
    if kind in ("none", "response"):
        return [draft.pick("return None", "return None", "return")]
    if kind == "false":
        return ["return False"]
    if kind == "empty":
        return [f"return {draft.pick('[]', '{}', '()', chr(34) * 2)}"]
    if kind == "constant":
        return [f"return {draft.pick('-1', chr(34) + 'unavailable' + chr(34), '0')}"]
    message = f'f"failed with {{{at.response}.status_code}}"' if at.response else '"failed"'
    return [f"raise {api_error(draft, error_class)}({message}){cause}"]
