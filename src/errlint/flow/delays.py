"""How long a retry waits: the waits that packs describe, and what a row of waits amounts to.

A delay is a value like any other. What kind of backoff a loop has is read off the numbers it waits, turn by turn, so
`delay *= 2`, `2 ** attempt`, `DELAYS[attempt]` and `for delay in (1, 2, 4)` are one thing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from errlint.flow.callables import Built, External
from errlint.flow.composition import leaves, replace_leaves
from errlint.flow.concrete import Raised, abstract
from errlint.flow.described import retrier_of
from errlint.flow.evaluate import apply
from errlint.flow.ir import Const
from errlint.flow.values import NONE, Abstract, Apply, Part, Sequence, Symbol
from errlint.flow.widen import first_values
from errlint.packs import repeating, schema, values
from errlint.packs.signature import Given, Reference, Signature
from errlint.packs.transport import TransportPolicy

if TYPE_CHECKING:
    from errlint.flow.engine import Engine

Kind = Literal["none", "constant", "linear", "exponential", "server", "other", "unknown"]
COMBINED = {"%|", "%&", "%+"}
"""Paths of policies that were combined with an operator."""


def signature_of(engine: Engine, path: str) -> Signature | None:
    """The parameters that an object at this path was built with."""
    definition = engine.knowledge.get(path)
    try:
        return retrier_of(engine, path).signature
    except KeyError:
        return definition.signature if isinstance(definition, (schema.Class, schema.Function)) else None


def parameter(engine: Engine, built: Built, name: str) -> Abstract | None:
    """What a parameter of a built object holds: the argument, or the default that its pack states."""
    given = built.get(name)
    if given is not None:
        return given
    signature = signature_of(engine, built.path)
    found = None if signature is None else signature.find(name)
    if found is None or found.default is None:
        return None
    if isinstance(found.default, Given):
        return abstract(found.default.value)
    if isinstance(found.default, Reference):
        definition = engine.knowledge.get(found.default.path)
        if found.default.called or isinstance(definition, schema.ConstantValue):
            return Built(found.default.path, ())
        return External(found.default.path)
    return None


def amount(engine: Engine, built: Built, operand: repeating.Operand | None) -> Abstract:
    """What a number in a pack comes to: itself, or what the parameter of this name holds; None where there is none."""
    if operand is None:
        return NONE
    if isinstance(operand, str):
        return parameter(engine, built, operand) or Symbol(("parameter", built.path, operand))
    return Const(operand)


def _computed(operator: str, *operands: Abstract) -> Abstract:
    result = apply(operator, operands)
    return Symbol(("delay",)) if isinstance(result, Raised) else result


def wait_of(engine: Engine, wait: repeating.Wait, built: Built, run: int, computed: Abstract | None = None) -> Abstract:
    """The wait in seconds after run number `run`, as `built` configures it; `computed` is what its callable said."""
    if wait == "none":
        return Const(0)
    if wait == "opaque":
        return Symbol((_OPAQUE,))
    if isinstance(wait, repeating.Constant):
        return amount(engine, built, wait.constant)
    if isinstance(wait, repeating.Uniform):
        return _drawn(*[amount(engine, built, bound) for bound in wait.uniform])
    if isinstance(wait, repeating.Linear):
        step = _computed("*", amount(engine, built, wait.increment), Const(run - 1))
        value = _computed("+", amount(engine, built, wait.linear), step)
        return _bounded(value, NONE, amount(engine, built, wait.maximum))
    if isinstance(wait, repeating.Exponential):
        return _exponential(engine, wait, built, run)
    if isinstance(wait, repeating.Fibonacci):
        value = _computed("*", amount(engine, built, wait.fibonacci), Const(_fibonacci(run)))
        return _bounded(value, NONE, amount(engine, built, wait.maximum))
    if isinstance(wait, (repeating.Chain, repeating.Sum)):
        parts = _parts(engine, wait.chain if isinstance(wait, repeating.Chain) else wait.sum, built)
        if not parts:
            return Symbol(("delay",))
        if isinstance(wait, repeating.Chain):
            return _given(engine, parts[min(run, len(parts)) - 1], run)
        total = _given(engine, parts[0], run)
        for part in parts[1:]:
            total = _computed("+", total, _given(engine, part, run))
        return total
    if isinstance(wait, repeating.GivenWait):
        given = parameter(engine, built, wait.given)
        return _given(engine, unmade(engine, given, built) or given, run, computed)
    if isinstance(wait, repeating.Jittered):
        value = wait_of(engine, wait.jittered, built, run, computed)
        return _jittered(engine, value, parameter(engine, built, wait.by), run)
    return Symbol(("delay",)) if computed is None else computed


def unmade(engine: Engine, given: Abstract | None, configured: Built) -> Built | None:
    """The wait that a function would make that is given instead of called; None for anything else."""
    if not isinstance(given, External) or _makes(engine, given.path) is None:
        return None
    definition = engine.knowledge.function(given.path)
    assert definition is not None
    accepted = tuple([(n, v) for n, v in configured.arguments if definition.signature.find(n) is not None])
    return Built(definition.path, accepted)


def _makes(engine: Engine, path: str) -> repeating.Wait | None:
    """The wait that a call of a function gives, or that an object is."""
    definition = engine.knowledge.get(path)
    made = None
    if isinstance(definition, schema.Function):
        made = definition.returns
    elif isinstance(definition, schema.ConstantValue):
        made = definition.value
    return made.wait if isinstance(made, values.MakesWait) else None


def callable_of(engine: Engine, wait: repeating.Wait, built: Built) -> Abstract | None:
    """The callable that is asked for the wait after a run, with what the run ended in."""
    if isinstance(wait, repeating.Jittered):
        return callable_of(engine, wait.jittered, built)
    if isinstance(wait, repeating.ComputedWait):
        return parameter(engine, built, wait.from_exception)
    if isinstance(wait, repeating.GivenWait):
        given = parameter(engine, built, wait.given)
        held = given if isinstance(given, Built) else unmade(engine, given, built)
        made = None if held is None else _makes(engine, held.path)
        return callable_of(engine, made, held) if held is not None and made is not None else None
    return None


def _jittered(engine: Engine, value: Abstract, by: Abstract | None, run: int) -> Abstract:
    if by == NONE:
        return value
    made = _makes(engine, by.path) if isinstance(by, External) else None
    definition = engine.knowledge.function(by.path) if isinstance(by, External) else None
    if made is None or definition is None or not definition.signature.positional:
        return Symbol(("delay",))
    return wait_of(engine, made, Built(definition.path, ((definition.signature.positional[0], value),)), run)


def _drawn(low: Abstract, high: Abstract) -> Abstract:
    """Drawn evenly between two bounds; what is not known of them is kept in sight."""
    if low == Const(0) and isinstance(high, (Part, Apply)):
        return _computed("*", high, Symbol(("random", Const(0), Const(1))))
    return Symbol(("random", low, high))


def _fibonacci(number: int) -> int:
    one, other = 1, 1
    for _ in range(number - 1):
        one, other = other, one + other
    return one


def _parts(engine: Engine, source: str | tuple[repeating.Wait, ...], built: Built) -> list[Abstract]:
    if isinstance(source, str):
        held = parameter(engine, built, source)
        return list(held.items) if isinstance(held, Sequence) else []
    return [wait_of(engine, part, built, 1) for part in source]


def _given(engine: Engine, value: Abstract | None, run: int, computed: Abstract | None = None) -> Abstract:
    if value is None or value == NONE:
        return Const(0)
    if isinstance(value, Built):
        if value.path in COMBINED:
            return _computed("+", *[_given(engine, v, run) for _, v in value.arguments])
        made = _makes(engine, value.path)
        return Symbol(("delay",)) if made is None else wait_of(engine, made, value, run, computed)
    return value if type(value) is Const or isinstance(value, (Symbol, Apply)) else Symbol(("delay",))


def _exponential(engine: Engine, wait: repeating.Exponential, built: Built, run: int) -> Abstract:
    if run <= wait.immediate:
        return Const(0)
    power = _computed("**", amount(engine, built, wait.base), Const(run + wait.offset))
    value = _computed("*", amount(engine, built, wait.exponential), power)
    low, high = amount(engine, built, wait.minimum), amount(engine, built, wait.maximum)
    if wait.jitter is not None:
        jitter = amount(engine, built, wait.jitter)
        if not (type(jitter) is Const and not jitter.value):
            value = _computed("+", value, Symbol(("random", Const(0), jitter)))
    if wait.spread is not None:
        spread = amount(engine, built, wait.spread)
        if not (type(spread) is Const and not spread.value) and spread != NONE:
            share = Symbol(("random", _computed("-", Const(0), spread), spread))
            value = _computed("+", value, _computed("*", share, power))
    if wait.full_jitter:
        return Symbol(("random", Const(0) if low == NONE else low, _bounded(value, NONE, high)))
    return _bounded(value, low, high)


def _bounded(value: Abstract, low: Abstract, high: Abstract) -> Abstract:
    if isinstance(value, Apply) and any(
        isinstance(leaf, Symbol) and leaf.origin[0] == "random" for leaf in leaves(value)
    ):
        return value
    if high != NONE:
        value = _computed("call:min", value, high)
    if low != NONE:
        value = _computed("call:max", value, low)
    return value


def policy_waits(
    engine: Engine, policy: TransportPolicy, arguments: Built, attempts: int | None, most: int
) -> tuple[Abstract, ...]:
    """The waits between the sends of a transport policy, in order."""
    count = most if attempts is None else min(attempts - 1, most)
    return tuple([wait_of(engine, policy.wait, arguments, run) for run in range(1, count + 1)])


# --- what a row of waits amounts to ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Backoff:
    """The shape of the waits between equal sends; `header` names the answer's header that decides them."""

    kind: Kind
    jitter: bool = False
    header: str | None = None


NO_WAIT = Backoff("none")


def header(waits: Iterable[Abstract]) -> str | None:
    """The answer's header that decides how long waits take, if one does."""
    parts = [leaf for wait in waits for leaf in leaves(wait)]
    return next((p.name for p in parts if isinstance(p, Part) and p.kind == "header"), None)


def classify(turns: list[tuple[Abstract, ...]]) -> Backoff:
    """What the waits of consecutive turns amount to; each turn is the waits between two sends."""
    parts = [leaf for turn in turns for wait in turn for leaf in leaves(wait)]
    named = header([wait for turn in turns for wait in turn])
    jitter = any(isinstance(p, Symbol) and p.origin[0] == "random" for p in parts)
    if named is not None:
        return Backoff("server", jitter, named)
    numbers = [_total(turn) for turn in turns if not _is_beyond(turn)]
    if len(numbers) < _TELLING:
        # Beside two waits that are known, what stands for any turn tells nothing.
        numbers = _first_of(turns) or (numbers if len(numbers) > 1 else [_total(turn) for turn in turns])
    if any(n is None for n in numbers):
        return Backoff("unknown", jitter)
    return Backoff(_shape([n for n in numbers if n is not None]), jitter)


_TELLING = 3
"""So many waits show what later ones will be like."""


def _is_beyond(turn: tuple[Abstract, ...]) -> bool:
    """Whether a turn stands for all that are not followed one by one."""
    return any(_is_any_turn(part) for wait in turn for part in leaves(wait))


def _is_any_turn(part: Abstract) -> bool:
    """Whether a value stands for those of many turns, or was drawn from a range that does."""
    if not isinstance(part, Symbol):
        return False
    if part.origin[0] == "random":
        bounds = [bound for bound in part.origin[1:] if isinstance(bound, (Symbol, Apply))]
        return any(_is_any_turn(leaf) for bound in bounds for leaf in leaves(bound))
    if part.origin[0] == "either":
        return part.origin[-1] != "wait"
    return part.origin[0] in ("widened", "element")


def _first_of(turns: list[tuple[Abstract, ...]]) -> list[float | None]:
    """What the first values of a variable that a loop changes give for its later turns: they show how it goes on.

    Nothing where such values are not known.
    """
    beyond = next((turn for turn in turns if _is_beyond(turn)), ())
    changed = {part for wait in beyond for part in leaves(wait) if _is_any_turn(part)}
    if not changed or any(len(first_values(part)) < _TELLING for part in changed):
        return []

    def at(number: int) -> tuple[Abstract, ...]:
        first = {part: first_values(part)[number] for part in changed}
        return tuple([replace_leaves(wait, lambda leaf: first.get(leaf, leaf)) for wait in beyond])

    return [_total(at(number)) for number in range(_TELLING)]


def _shape(numbers: list[float]) -> Kind:
    if not any(n > 0 for n in numbers):
        return "none"
    positive = numbers[1:] if numbers[0] <= 0 < len(numbers[1:]) else numbers
    steps = [b - a for a, b in itertools.pairwise(positive)]
    while len(steps) > 1 and abs(steps[-1]) < 1e-9 and any(s > 1e-9 for s in steps):
        steps.pop()
    if not any(abs(s) > 1e-9 for s in steps):
        return "constant"
    if any(s < -1e-9 for s in steps):
        return "other"
    if len(steps) > 1 and all(abs(s - steps[0]) < 1e-6 for s in steps):
        return "linear"
    ratios = [b / a for a, b in itertools.pairwise(positive) if a > 0][: len(steps)]
    # A cap may cut the last growing step short, whatever the shape before it was.
    if len(ratios) > 1 and all(abs(r - ratios[0]) < 1e-6 for r in ratios[:-1]) and ratios[-1] <= ratios[0] + 1e-6:
        return "exponential"
    if len(steps) > 1 and all(abs(s - steps[0]) < 1e-6 for s in steps[:-1]) and steps[-1] <= steps[0] + 1e-6:
        return "linear"
    if len(steps) == 1:
        return "exponential" if positive[1] >= 2 * positive[0] - 1e-9 else "linear"
    return "other"


def _total(turn: tuple[Abstract, ...]) -> float | None:
    total = 0.0
    for wait in turn:
        number = sample(wait)
        if number is None:
            return None
        total += max(number, 0.0)
    return total


_OPAQUE = "opaque"
"""A wait that may be another one each time."""
_STAND_IN = 1.375
"""What an unknown number counts as: equal unknowns give equal waits, and growth shows in the ratio."""


def sample(delay: Abstract) -> float | None:
    """A number that a delay may come to: the middle of a random range, a stand-in for what is not known."""

    def stand_in(leaf: Abstract) -> Abstract:
        if isinstance(leaf, Symbol):
            if leaf.origin[0] == "random":
                bounds = [sample(b) for b in leaf.origin[1:] if type(b) is Const or isinstance(b, (Symbol, Apply))]
                known = [b for b in bounds if b is not None]
                return Const(sum(known) / len(known) if known else 0.5)
            if leaf.origin[0] in ("clock", _OPAQUE):
                return leaf
            return Const(_STAND_IN)
        return leaf

    return _number(_evaluated(replace_leaves(delay, stand_in)))


def _evaluated(value: Abstract) -> Abstract:
    if not isinstance(value, Apply):
        return value
    operator = "mix" if value.operator in ("attribute", "call") else value.operator
    if operator in ("or-default",):
        return value
    result = apply(operator, tuple([_evaluated(o) for o in value.operands]))
    return Symbol(("delay",)) if isinstance(result, Raised) else result


def _number(value: Abstract) -> float | None:
    if type(value) is Const and isinstance(value.value, (int, float)):
        return float(value.value)
    if isinstance(value, Symbol) and value.origin == ("delay",):
        return _STAND_IN
    return _STAND_IN if isinstance(value, Apply) and value.operator in ("mix", "attribute", "call") else None
