"""Rows of choices: the first ones of every seed cover every pair of values that can stand in one program.

The others are drawn at random. Sets of values are integers, a bit for each value of each feature.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from random import Random

from .features import FEATURES, WEIGHTS, Row, Value
from .listed import PAIRS, listed_pairs
from .rules import allowed

VALUES: list[Value] = [(name, value) for name, values in FEATURES.items() for value in values]
BITS = {item: 1 << number for number, item in enumerate(VALUES)}
EVERYTHING = (1 << len(VALUES)) - 1
OF_FEATURE = {name: sum(BITS[name, value] for value in values) for name, values in FEATURES.items()}
# Puts the values of a feature in the order in which they are tried, given what is chosen already.
Order = Callable[[list[Value], int], list[Value]]


def row(seed: int, index: int) -> Row:
    """The choices of program `index` of a seed."""
    covering = covering_rows(seed)
    if index < len(covering):
        return covering[index]
    rng = Random(f"row {seed} {index}")

    def weighted(options: list[Value], _: int) -> list[Value]:
        keys = {item: rng.random() ** (1 / WEIGHTS.get(item, 1)) for item in options}
        return sorted(options, key=lambda item: -keys[item])

    drawn = _complete([], list(FEATURES), weighted)
    assert drawn is not None
    return dict(drawn)


def pairs_of(chosen: Row) -> Iterator[tuple[Value, Value]]:
    """All pairs of values that a row holds."""
    return itertools.combinations(sorted(chosen.items()), 2)


@functools.cache
def possible_pairs() -> frozenset[tuple[Value, Value]]:
    """Every pair of values of two features that can stand in one program."""
    fitting = _fitting()
    found = set()
    for one, other in itertools.combinations(sorted(VALUES), 2):
        if one[0] != other[0] and fitting[one] & BITS[other] and _leaves_all(fitting[one] & fitting[other], one, other):
            found.add((one, other))
    return frozenset(found)


def _leaves_all(domain: int, *chosen: Value) -> bool:
    """Whether every feature that is not chosen has a value left."""
    names = {name for name, _ in chosen}
    return all(domain & bits for name, bits in OF_FEATURE.items() if name not in names)


@functools.lru_cache(maxsize=4)
def covering_rows(seed: int) -> list[Row]:
    """Rows that between them hold every possible pair, made greedily."""
    rng = Random(f"covering {seed}")
    missing = dict.fromkeys(VALUES, 0)
    order = sorted(possible_pairs())
    for one, other in order:
        missing[one] |= BITS[other]
        missing[other] |= BITS[one]
    rng.shuffle(order)

    def by_gain(options: list[Value], chosen: int) -> list[Value]:
        rng.shuffle(options)
        return sorted(options, key=lambda item: -(missing[item] & chosen).bit_count())

    rows: list[Row] = []
    for pair in order:
        if missing[pair[0]] & BITS[pair[1]]:
            names = [name for name in FEATURES if name not in dict(pair)]
            rng.shuffle(names)
            items = _complete(list(pair), names, by_gain)
            assert items is not None
            rows.append(dict(items))
            held = sum(BITS[item] for item in items)
            for item in items:
                missing[item] &= ~held
    return _promised_first(rows)


def _promised_first(rows: list[Row]) -> list[Row]:
    """The rows in an order in which a few of the first ones hold all pairs of promised features."""
    missing = set(PAIRS)
    rest = [(row, listed_pairs({f"{name}:{value}" for name, value in row.items()})) for row in rows]
    first: list[Row] = []
    while missing and rest:
        best = max(range(len(rest)), key=lambda number: len(rest[number][1] & missing))
        row, held = rest.pop(best)
        first.append(row)
        missing -= held
    return first + [row for row, _ in rest]


def _complete(chosen: list[Value], names: list[str], order: Order) -> list[Value] | None:
    """Choose a value of each of these features too, if that is possible, the first in `order`."""
    domain = EVERYTHING
    for item in chosen:
        domain &= _fitting()[item]
    return _complete_within(chosen, domain, names, order)


def _complete_within(chosen: list[Value], domain: int, names: list[str], order: Order) -> list[Value] | None:
    if not names:
        return chosen
    name, *rest = names
    options = [(name, value) for value in FEATURES[name] if domain & BITS[name, value]]
    for item in order(options, sum(BITS[each] for each in chosen)):
        narrowed = domain & _fitting()[item]
        if all(narrowed & OF_FEATURE[each] for each in rest):
            completed = _complete_within([*chosen, item], narrowed, rest, order)
            if completed is not None:
                return completed
    return None


@functools.cache
def _fitting() -> dict[Value, int]:
    """For each value, those of other features that no rule forbids beside it."""
    return {
        one: sum(BITS[other] for other in VALUES if one[0] != other[0] and allowed(dict((one, other))))
        for one in VALUES
    }
