"""What a program does between two attempts: the wait, in many forms."""

from .draft import Draft, Lines
from .ends import Situation

KINDS = (
    "none",
    "constant",
    "linear",
    "exponential",
    "capped",
    "variable",
    "jitter",
    "full_jitter",
    "helper",
    "sleeper",
    "header",
    "header_helper",
)


def setup(kind: str) -> Lines:
    """Statements before the loop that this wait needs."""
    return ["delay = 1"] if kind == "variable" else []


def pause(draft: Draft, kind: str, index: str, at: Situation) -> Lines:
    """Statements that wait, where `index` counts the attempts from nothing."""
    if kind in ("none", "unused"):
        return []
    if kind.startswith("header"):
        return _by_header(draft, kind, at)
    draft.use("import time")
    if kind == "variable":
        return ["time.sleep(delay)", draft.pick("delay *= 2", "delay = delay * 2", "delay = min(delay * 2, 60)")]
    if kind == "helper":
        body = draft.pick("return 2 ** attempt", "return min(30, 0.5 * 2 ** attempt)", "return 1 + attempt")
        name = draft.fresh("backoff")
        draft.define([f"def {name}(attempt):", f"    {body}"])
        return [f"time.sleep({name}({index}))"]
    if kind == "sleeper":
        body = draft.pick("2 ** attempt", "min(30, 2 ** attempt)", "1 + attempt", "attempt * 0.5 + 0.25", "1.5")
        name = draft.fresh("rest")
        draft.define([f"def {name}(attempt):", f"    time.sleep({body})"])
        return [f"{name}({index})"]
    if "jitter" in kind:
        draft.use("import random")
    return [f"time.sleep({_seconds(draft, kind, index)})"]


def _seconds(draft: Draft, kind: str, index: str) -> str:
    plain = index if index.isidentifier() else f"({index})"
    if kind == "constant":
        return draft.pick("1", "0.5", draft.constant("PAUSE", "2"))
    if kind == "linear":
        return draft.pick(f"{plain} + 1", f"0.5 * ({index} + 1)", f"1 + {plain} * 2")
    power = f"2 ** {plain}"
    if kind == "exponential":
        return draft.pick(power, f"0.5 * {power}", f"{draft.constant('PAUSE', '2')} * {power}", f"pow(2, {index})")
    if kind == "capped":
        return draft.pick(f"min(30, {power})", f"min({power}, 4)")
    if kind == "jitter":
        return draft.pick(f"{power} + random.random()", f"{power} * random.uniform(0.5, 1.5)", "1 + random.random()")
    return f"random.uniform(0, {power})"


def _by_header(draft: Draft, kind: str, at: Situation) -> Lines:
    draft.use("import time")
    if at.response is None:
        return ["time.sleep(1)"]
    if kind == "header_helper":
        draft.define(
            [
                "def wait_for(answer):",
                '    value = answer.headers.get("Retry-After")',
                "    if value is None:",
                "        return 1.0",
                "    return min(float(value), 60.0)",
            ]
        )
        return [f"time.sleep(wait_for({at.response}))"]
    return draft.pick(
        [f'time.sleep(int({at.response}.headers.get("Retry-After", 1)))'],
        [f'time.sleep(float({at.response}.headers.get("Retry-After", "1")))'],
        [
            f'pause = {at.response}.headers.get("Retry-After")',
            "time.sleep(int(pause) if pause else 1)",
        ],
    )
