"""How the call that sends stands in the program: in line, in a helper, in a helper that retries."""

from collections.abc import Callable

from .clients import Client
from .draft import Draft, Lines, suite
from .ends import api_error

KINDS = (
    "inline",
    "helper",
    "nested",
    "method",
    "lambda",
    "in_for",
    "in_while",
    "in_while_true",
    "in_for_else",
    "in_recursion",
    "in_tenacity",
    "in_tenacity_loop",
    "in_adapter",
    "in_narrow",
    "in_broad",
    "in_custom",
)


def write_send(draft: Draft, client: Client, kind: str) -> tuple[str, Lines]:
    """An expression that sends the request and is its response, and statements before it."""
    if kind in ("inline", "in_adapter"):
        return client.send, []
    if kind == "method":
        draft.methods.append(suite("def _send(self):", [f"return {client.send}"]))
        return "self._send()", []
    if kind == "lambda":
        return "send()", [f"send = lambda: {client.send}"]
    helper = HELPERS[kind](draft, client) if kind in HELPERS else suite("def send():", [f"return {client.send}"])
    if client.on_self or client.wrap or kind == "nested":
        return "send()", helper
    draft.define(helper)
    return "send()", []


def _caught(draft: Draft, client: Client) -> str:
    return draft.pick(client.errors.timeout, client.errors.connection)


def _pause(draft: Draft) -> Lines:
    if draft.chance(0.5):
        return []
    draft.use("import time")
    return ["time.sleep(0.25)"]


def _try(draft: Draft, client: Client, handler: Lines) -> Lines:
    return suite("try:", [f"return {client.send}"]) + suite(f"except {_caught(draft, client)}:", handler)


def _in_for(draft: Draft, client: Client) -> Lines:
    handler = [*suite("if turn == 1:", ["raise"]), *_pause(draft)]
    return suite("def send():", suite("for turn in range(2):", _try(draft, client, handler)))


def _in_while(draft: Draft, client: Client) -> Lines:
    handler = [*suite("if turn == 2:", ["raise"]), *_pause(draft)]
    body = ["turn = 0", *suite("while turn < 2:", ["turn += 1", *_try(draft, client, handler)])]
    return suite("def send():", body)


def _in_while_true(draft: Draft, client: Client) -> Lines:
    handler = [*suite("if not left:", ["raise"]), "left -= 1", *_pause(draft)]
    return suite("def send():", ["left = 1", *suite("while True:", _try(draft, client, handler))])


def _in_for_else(draft: Draft, client: Client) -> Lines:
    test = draft.pick("answer.status_code != 503", "answer.status_code < 502", "answer.status_code not in (502, 503)")
    attempt = [f"answer = {client.send}", *suite(f"if {test}:", ["break"]), *_pause(draft)]
    otherwise = draft.pick(
        ["print('still busy')"], ["return answer"], [f'raise {api_error(draft, "Busy")}("still busy")']
    )
    body = suite("for _ in range(2):", attempt) + suite("else:", otherwise) + ["return answer"]
    return suite("def send():", body)


def _in_recursion(draft: Draft, client: Client) -> Lines:
    handler = [*suite("if not left:", ["raise"]), *_pause(draft), "return send(left - 1)"]
    return suite("def send(left=1):", _try(draft, client, handler))


def _in_tenacity(draft: Draft, client: Client) -> Lines:
    draft.use("import tenacity")
    options = [
        "stop=tenacity.stop_after_attempt(2)",
        f"retry=tenacity.retry_if_exception_type({_caught(draft, client)})",
        *draft.pick([], ["wait=tenacity.wait_fixed(1)"]),
        *draft.pick([], ["reraise=True"], ["reraise=True"]),
    ]
    return [f"@tenacity.retry({', '.join(options)})", *suite("def send():", [f"return {client.send}"])]


def _in_tenacity_loop(draft: Draft, client: Client) -> Lines:
    draft.use("import tenacity")
    caught = f"retry=tenacity.retry_if_exception_type({_caught(draft, client)})"
    head = f"for turn in tenacity.Retrying(stop=tenacity.stop_after_attempt(2), {caught}, reraise=True):"
    return suite("def send():", suite(head, suite("with turn:", [f"return {client.send}"])))


def _in_narrow(draft: Draft, client: Client) -> Lines:
    """Turns the error back into its response, but for one status."""
    attempt = [f"answer = {client.send}", "answer.raise_for_status()"]
    gone = suite("if exc.response.status_code == 410:", [f'raise {api_error(draft, "Gone")}("gone") from exc'])
    handler = [*gone, "return exc.response"]
    body = suite("try:", attempt) + suite(f"except {client.errors.status} as exc:", handler) + ["return answer"]
    return suite("def send():", body)


def _in_broad(draft: Draft, client: Client) -> Lines:
    """Turns what the library raises into the program's own class."""
    lines = suite("try:", [f"return {client.send}"])
    raised = f'raise {api_error(draft, "Unreachable")}("no answer")'
    if draft.chance(0.5):
        return suite("def send():", lines + suite("except:", [raised]))
    return suite("def send():", lines + suite(f"except {client.errors.base} as exc:", [f"{raised} from exc"]))


def _in_custom(draft: Draft, client: Client) -> Lines:
    """Raises the program's own class for one kind of answer."""
    test = draft.pick("answer.status_code == 402", "answer.status_code in (402, 451)", "answer.status_code // 100 == 3")
    raised = suite(f"if {test}:", [f"raise {api_error(draft, 'Refused')}(answer.status_code)"])
    return suite("def send():", [f"answer = {client.send}", *raised, "return answer"])


HELPERS: dict[str, Callable[[Draft, Client], Lines]] = {
    "in_for": _in_for,
    "in_while": _in_while,
    "in_while_true": _in_while_true,
    "in_for_else": _in_for_else,
    "in_recursion": _in_recursion,
    "in_tenacity": _in_tenacity,
    "in_tenacity_loop": _in_tenacity_loop,
    "in_narrow": _in_narrow,
    "in_broad": _in_broad,
    "in_custom": _in_custom,
}
