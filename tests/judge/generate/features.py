"""What a program may be made of. A row chooses one value of each feature."""

from collections.abc import Mapping

from . import clients, decide, ends, forms, limits, loops, pauses, raising, sends

Row = Mapping[str, str]
Value = tuple[str, str]

# The value of a feature that has no part in the program.
UNUSED = "unused"
DRIVERS = (
    "tenacity",
    "tenacity_loop",
    "tenacity_call",
    "decorator",
    "callable",
    "adapter",
    "adapter_number",
    "transport_retries",
)
BY_LIBRARY = ("adapter", "adapter_number", "transport_retries")
FEATURES: dict[str, tuple[str, ...]] = {
    "loop": (*loops.KINDS, *DRIVERS),
    "style": (*decide.KINDS, *raising.KINDS, raising.BY_RESULT),
    "retry_test": (*forms.FORMS, UNUSED),
    "ok_test": (*forms.FORMS, "attribute", "truth", UNUSED),
    "special_test": (*forms.FORMS, UNUSED),
    "ok_end": ends.OK,
    "fail_end": (*ends.FAIL, UNUSED),
    "special_end": ends.SPECIAL,
    "exhausted_end": (*ends.EXHAUSTED, UNUSED),
    "transport": ("propagate", "retry", "retry_timeout", "retry_connection", "fail", UNUSED),
    "wait": (*pauses.KINDS, UNUSED),
    "client": clients.KINDS,
    "method": ("get", "post", "put", "patch", "delete", "head"),
    "send": sends.KINDS,
    "leave": ("return", "break", "result"),
    "limit": (*limits.KINDS, UNUSED),
    "around": ("none", "swallow", "translate", "finally"),
    "modules": ("one", "two"),
    "mode": ("blocking", "async"),
    "structure": ("function", "method"),
    "noise": ("none", "log", "finally", "else"),
}
# How much more often than once a value is drawn at random.
WEIGHTS: dict[Value, float] = {
    ("loop", "for"): 4,
    ("loop", "while"): 2,
    ("loop", "while_true"): 2,
    ("loop", "tenacity"): 3,
    ("method", "get"): 8,
    ("method", "post"): 3,
    ("send", "inline"): 12,
    ("send", "helper"): 3,
    ("send", "nested"): 2,
    ("structure", "function"): 2,
    ("client", "requests"): 2,
    ("client", "httpx"): 2,
    ("ok_end", "data"): 4,
    ("special_end", "absent"): 4,
    ("special_end", "none"): 2,
    ("noise", "none"): 2,
    ("leave", "return"): 3,
    ("limit", "literal"): 2,
    ("limit", "constant"): 2,
    ("around", "none"): 6,
    ("modules", "one"): 9,
    ("mode", "blocking"): 2,
    # Where the feature could have a part, it seldom has none.
    **{
        (feature, UNUSED): 0.1
        for feature in (
            "retry_test",
            "ok_test",
            "special_test",
            "fail_end",
            "exhausted_end",
            "transport",
            "wait",
            "limit",
        )
    },
}
