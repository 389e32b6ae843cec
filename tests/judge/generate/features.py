"""What a program may be made of, and which choices go together.

A row chooses one value of each feature. The first rows of every seed cover every
pair of values that can stand in one program; the rest are drawn at random.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from . import clients, decide, ends, forms, limits, loops, pauses, raising, sends

Row = Mapping[str, str]
Value = tuple[str, str]
Domains = Mapping[str, list[str]]
# In what order the values of a feature are tried: its name, the values, what is chosen already.
Order = Callable[[str, list[str], Row], Sequence[str]]

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
    "style": (*decide.KINDS, *raising.KINDS),
    "retry_test": forms.FORMS,
    "ok_test": (*forms.FORMS, "attribute", "truth"),
    "special_test": forms.FORMS,
    "ok_end": ends.OK,
    "fail_end": ends.FAIL,
    "special_end": ends.SPECIAL,
    "exhausted_end": ends.EXHAUSTED,
    "transport": ("propagate", "retry", "retry_timeout", "retry_connection", "fail"),
    "wait": pauses.KINDS,
    "client": clients.KINDS,
    "method": ("get", "post", "put", "patch", "delete", "head"),
    "send": sends.KINDS,
    "leave": ("return", "break", "result"),
    "limit": limits.KINDS,
    "around": ("none", "swallow", "translate", "finally"),
    "modules": ("one", "two"),
    "mode": ("blocking", "async"),
    "structure": ("function", "method"),
    "noise": ("none", "log", "finally", "else"),
}
# How much more often than once a value is drawn at random.
WEIGHTS = {
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
}


def allowed(row: Row) -> bool:
    """Whether no rule forbids these choices; features may be missing.

    Every rule is about two features at a time, so that pairs tell all.
    """
    return all(rule(row) for rule in RULES)


def _driver(row: Row) -> bool:
    """What a library drives is one attempt; what it raises or returns decides."""
    loop, style = row.get("loop"), row.get("style")
    if loop not in DRIVERS or style is None:
        return True
    if loop in BY_LIBRARY:
        return style in ("ok_first", "retry_first", "nested", "elif", "match")
    return style in raising.KINDS or (style == "retry_first" and loop == "tenacity")


def _library(row: Row) -> bool:
    loop, client = row.get("loop"), row.get("client")
    if loop in ("adapter", "adapter_number"):
        return client is None or client in clients.SESSIONS
    if loop == "transport_retries":
        return client is None or client in clients.HTTPX_CLIENTS
    return True


def _inner(row: Row) -> bool:
    """A session that repeats requests by itself needs to be a session, and only one thing repeats them."""
    if row.get("send") != "in_adapter":
        return True
    client = row.get("client")
    return (client is None or client in clients.SESSIONS) and row.get("loop") not in BY_LIBRARY


def _structure(row: Row) -> bool:
    if row.get("client") in clients.ON_SELF and row.get("structure") == "function":
        return False
    return not (row.get("structure") == "method" and row.get("loop") in ("decorator", "callable", "tenacity_call"))


def _break(row: Row) -> bool:
    """There must be a loop to leave."""
    without = ("recursion", "once", *DRIVERS)
    if row.get("fail_end") == "break" and (row.get("loop") in without or row.get("style") in ("sentinel", "pair")):
        return False
    if row.get("leave") == "result" and row.get("loop") in (*without, "for_else", "flag_loop", "tail"):
        return False
    return not (row.get("leave") == "break" and row.get("loop") not in (None, "while_true", "count", "deadline"))


def _limit(row: Row) -> bool:
    limit, loop = row.get("limit"), row.get("loop")
    if limit in limits.OUTSIDE or limit is None:
        return True
    if limit == "attribute" and row.get("structure") == "function":
        return False
    return loop not in ("recursion", *DRIVERS)


def _mode(row: Row) -> bool:
    """Only httpx has an asynchronous client, and what repeats a call must await it."""
    if row.get("mode") != "async":
        return True
    return (
        row.get("client") in (None, *clients.HTTPX_CLIENTS)
        and row.get("loop") not in ("decorator", "callable", "tenacity_call")
        and row.get("send") != "lambda"
    )


def _around(row: Row) -> bool:
    """What repeats the whole attempt must see what it raises."""
    around, loop = row.get("around"), row.get("loop")
    return around in (None, "none") or loop not in DRIVERS or loop in BY_LIBRARY


def _last_error(row: Row) -> bool:
    """A variable for the last error needs attempts that share it, and that there was one."""
    if row.get("exhausted_end") != "last_error":
        return True
    return row.get("loop") not in ("recursion", "once", "tail", "deadline", *DRIVERS)


def _helper(row: Row) -> bool:
    """A helper that returns None for "again" cannot return None for anything else."""
    if row.get("style") == "sentinel":
        return row.get("ok_end") not in ("nothing",) and row.get("fail_end") != "none"
    return True


def _truth(row: Row) -> bool:
    client = row.get("client")
    return not (row.get("ok_test") == "truth" and client is not None and not client.startswith("requests"))


def _without_response(row: Row) -> bool:
    """Where the response stays inside a helper, nothing outside can return it."""
    return not (
        row.get("style") in ("sentinel", "pair") and row.get("exhausted_end") in ("response", "status")
    ) and not (row.get("loop") in DRIVERS and row.get("exhausted_end") in ("status", "response", "builtin"))


def _wait(row: Row) -> bool:
    if row.get("loop") in ("tenacity", "tenacity_loop", "tenacity_call"):
        return row.get("wait") not in ("helper", "header", "header_helper", "variable")
    if row.get("loop") in DRIVERS:
        return row.get("wait") in (None, "none", "constant", "exponential")
    return True


def _head(row: Row) -> bool:
    """The answer to a HEAD has no body to return."""
    return row.get("method") != "head" or row.get("ok_end") not in ("data", "item", "built", "text")


RULES = (
    _driver,
    _library,
    _inner,
    _structure,
    _break,
    _last_error,
    _helper,
    _truth,
    _without_response,
    _wait,
    _head,
    _limit,
    _around,
    _mode,
)


def row(seed: int, index: int) -> Row:
    """The choices of program `index` of a seed."""
    covering = covering_rows(seed)
    if index < len(covering):
        return covering[index]
    rng = Random(f"row {seed} {index}")
    drawn = _complete({}, list(FEATURES), lambda name, options, _: _weighted(rng, name, options))
    assert drawn is not None
    return drawn


def pairs_of(chosen: Row) -> Iterator[tuple[Value, Value]]:
    """All pairs of values that a row holds."""
    return itertools.combinations(sorted(chosen.items()), 2)


@functools.cache
def possible_pairs() -> frozenset[tuple[Value, Value]]:
    """Every pair of values of two features that can stand in one program."""
    values = [(name, value) for name in sorted(FEATURES) for value in FEATURES[name]]
    return frozenset(
        (one, other)
        for one, other in itertools.combinations(values, 2)
        if one[0] != other[0]
        and (domains := _narrowed(_narrowed(_all_domains(), one), other))
        and all(domains.values())
    )


@functools.lru_cache(maxsize=4)
def covering_rows(seed: int) -> list[Row]:
    """Rows that between them hold every possible pair, made greedily."""
    rng = Random(f"covering {seed}")
    missing = set(possible_pairs())
    order = sorted(missing)
    rng.shuffle(order)

    def by_gain(name: str, options: list[str], chosen: Row) -> list[str]:
        rng.shuffle(options)
        return sorted(options, key=lambda value: -_gain((name, value), chosen, missing))

    rows: list[Row] = []
    for pair in order:
        if pair in missing:
            names = [name for name in FEATURES if name not in dict(pair)]
            rng.shuffle(names)
            chosen = _complete(dict(pair), names, by_gain)
            assert chosen is not None
            rows.append(chosen)
            missing.difference_update(pairs_of(chosen))
    return rows


def _complete(chosen: dict[str, str], names: list[str], order: Order) -> Row | None:
    """Choose a value of each of these features too, if that is possible, the first in `order`."""
    domains = _all_domains()
    for item in chosen.items():
        domains = _narrowed(domains, item)
    return _complete_within(chosen, domains, names, order)


def _complete_within(chosen: dict[str, str], domains: Domains, names: list[str], order: Order) -> Row | None:
    if not names:
        return chosen
    name, *rest = names
    for value in order(name, list(domains[name]), chosen):
        narrowed = _narrowed(domains, (name, value))
        if all(narrowed.values()):
            completed = _complete_within({**chosen, name: value}, narrowed, rest, order)
            if completed is not None:
                return completed
    return None


def _all_domains() -> Domains:
    return {name: list(values) for name, values in FEATURES.items()}


def _narrowed(domains: Domains, item: Value) -> Domains:
    """What is left of each feature's values once `item` is chosen."""
    fitting = _fitting()[item]
    return {
        name: [item[1]] if name == item[0] else [value for value in values if (name, value) in fitting]
        for name, values in domains.items()
    }


@functools.cache
def _fitting() -> dict[Value, frozenset[Value]]:
    """For each value, those of other features that no rule forbids beside it."""
    values = [(name, value) for name in FEATURES for value in FEATURES[name]]
    return {
        one: frozenset(other for other in values if one[0] != other[0] and allowed(dict((one, other))))
        for one in values
    }


def _weighted(rng: Random, name: str, options: list[str]) -> list[str]:
    """The options in random order, where those of more weight tend to come first."""
    keys = {value: rng.random() ** (1 / WEIGHTS.get((name, value), 1)) for value in options}
    return sorted(options, key=lambda value: -keys[value])


def _gain(item: Value, chosen: Row, missing: set[tuple[Value, Value]]) -> int:
    return sum((min(item, other), max(item, other)) in missing for other in chosen.items())
