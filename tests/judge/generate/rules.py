"""Which choices cannot stand in one program.

Every rule is about two features, so that what is possible shows in pairs.
"""

from collections.abc import Collection

from . import clients, raising
from .features import BY_LIBRARY, DRIVERS, UNUSED, Row

# Loops that this program writes for itself repeat an attempt that is a whole of its own.
WHOLE = tuple(kind for kind in DRIVERS if kind not in BY_LIBRARY)
TENACITY = ("tenacity", "tenacity_loop", "tenacity_call")
WITHOUT_LOOP = ("recursion", "once", *DRIVERS)
ONE_ATTEMPT = ("ok_first", "retry_first", "rfs_last", "nested", "elif", "match")
OWN_TESTS = ("match", "policy")
HELPERS = ("sentinel", "pair")

# Where the first feature has one of these values, the second has no part in the program.
IDLE: tuple[tuple[str, Collection[str], str], ...] = (
    ("style", (*OWN_TESTS, "suppressed", "broad", "error_map"), "retry_test"),
    ("style", (*OWN_TESTS, "suppressed", "rfs_last", "narrow", "broad", "guarded", "result"), "ok_test"),
    ("style", (*OWN_TESTS, *HELPERS, "result"), "special_test"),
    ("special_end", ("absent",), "special_test"),
    ("style", ("broad", "suppressed", "rfs_last", "result"), "fail_end"),
    ("loop", WHOLE, "fail_end"),
    ("loop", ("unbounded", "tail"), "exhausted_end"),
    ("loop", ("delays", "enumerate", "deadline", "once", "adapter_number", "transport_retries"), "wait"),
    ("loop", ("delays", "enumerate", "deadline", "unbounded", "once", *BY_LIBRARY, *TENACITY), "limit"),
    ("style", ("broad", "guarded", "suppressed"), "transport"),
)

# Values that do not go together: of the first feature these, of the second those.
APART: tuple[tuple[str, Collection[str], str, Collection[str]], ...] = (
    # None is "again" to what calls these helpers, and their response stays inside.
    ("style", ("sentinel",), "ok_end", ("nothing",)),
    ("style", HELPERS, "fail_end", ("none", "break")),
    ("style", (*HELPERS, "result"), "special_end", ("raise", "none", "false", "empty", "constant", "response")),
    ("style", HELPERS, "exhausted_end", ("response", "status")),
    ("loop", DRIVERS, "exhausted_end", ("status", "response", "builtin")),
    # The response itself is what tenacity looks at.
    ("style", ("result",), "ok_end", ("data", "item", "built", "text", "true", "nothing")),
    # There must be a loop to leave, and one way to see why it was left.
    ("loop", WITHOUT_LOOP, "fail_end", ("break",)),
    ("loop", (*WITHOUT_LOOP, "for_else", "flag_loop", "tail"), "leave", ("result",)),
    # A variable for the last error needs attempts that share it, and at least one.
    ("loop", (*WITHOUT_LOOP, "tail", "deadline"), "exhausted_end", ("last_error",)),
    # What repeats the whole attempt must see what it raises.
    ("loop", WHOLE, "around", ("swallow", "translate", "finally")),
    ("loop", ("recursion", *DRIVERS), "limit", ("parameter", "attribute")),
    ("loop", TENACITY, "wait", ("helper", "sleeper", "header", "header_helper", "variable")),
    ("structure", ("function",), "client", clients.ON_SELF),
    ("structure", ("function",), "limit", ("attribute",)),
    ("structure", ("function",), "send", ("method",)),
    ("send", ("method",), "client", tuple(kind for kind in clients.KINDS if kind.endswith("_with"))),
    ("structure", ("method",), "loop", ("decorator", "callable", "tenacity_call")),
    # Only httpx has an asynchronous client, and what repeats a call must await it.
    ("mode", ("async",), "loop", ("decorator", "callable", "tenacity_call")),
    ("mode", ("async",), "send", ("lambda",)),
    # The answer to a HEAD has no body to return.
    ("method", ("head",), "ok_end", ("data", "item", "built", "text")),
    ("send", ("in_adapter",), "loop", BY_LIBRARY),
)

# Of the second feature only these go with the first.
ONLY: tuple[tuple[str, Collection[str], str, Collection[str]], ...] = (
    ("loop", BY_LIBRARY, "style", ONE_ATTEMPT),
    ("loop", ("tenacity",), "style", (*raising.KINDS, "result")),
    ("loop", ("tenacity_loop", "tenacity_call", "decorator", "callable"), "style", raising.KINDS),
    ("style", ("result",), "loop", ("tenacity",)),
    ("loop", ("adapter", "adapter_number"), "client", clients.SESSIONS),
    ("loop", ("transport_retries",), "client", clients.HTTPX_CLIENTS),
    ("loop", ("adapter",), "wait", ("none", "exponential", UNUSED)),
    ("leave", ("break",), "loop", ("while_true", "count", "deadline")),
    ("send", ("in_adapter",), "client", clients.SESSIONS),
    ("mode", ("async",), "client", clients.HTTPX_CLIENTS),
    ("ok_test", ("truth",), "client", tuple(kind for kind in clients.KINDS if kind.startswith("requests"))),
)


def allowed(row: Row) -> bool:
    """Whether no rule forbids these choices; features may be missing."""
    for feature, values, idle in IDLE:
        if row.get(feature) in values and row.get(idle, UNUSED) != UNUSED:
            return False
    for feature, values, other, excluded in APART:
        if row.get(feature) in values and row.get(other) in excluded:
            return False
    for feature, values, other, fitting in ONLY:
        if row.get(feature) in values and other in row and row[other] not in fitting:
            return False
    return True
