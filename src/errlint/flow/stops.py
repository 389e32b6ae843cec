"""When a retry library stops: after which run none follows."""

from __future__ import annotations

from errlint.flow import delays
from errlint.flow.callables import Built
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.values import NONE, Abstract, Sequence
from errlint.packs import repeating, schema, values


def stops(engine: Engine, stop: repeating.Stop, built: Built, number: int) -> bool | None:
    """Whether no run follows run `number`; None where time decides."""
    if isinstance(stop, str):
        return False if stop == "never" else None
    if isinstance(stop, repeating.AfterAttempts):
        limit = delays.amount(engine, built, stop.attempts)
        if type(limit) is Const and isinstance(limit.value, (int, float)):
            return number >= limit.value
        return False if limit == NONE else None
    if isinstance(stop, repeating.AfterDelay):
        seconds = delays.amount(engine, built, stop.seconds)
        return False if seconds == NONE else None
    if isinstance(stop, repeating.GivenStop):
        return _given_stop(engine, delays.parameter(engine, built, stop.given), number)
    answers = [
        _given_stop(engine, part, number) if isinstance(part, Built) else stops(engine, part, built, number)
        for part in _stop_parts(engine, stop.all if isinstance(stop, repeating.AllStops) else stop.any, built)
    ]
    return _combined(answers, isinstance(stop, repeating.AnyStop))


def _stop_parts(engine: Engine, source: str | tuple[repeating.Stop, ...], built: Built) -> list[Built | repeating.Stop]:
    if isinstance(source, str):
        held = delays.parameter(engine, built, source)
        return [v for v in held.items if isinstance(v, Built)] if isinstance(held, Sequence) else []
    return list(source)


def _combined(answers: list[bool | None], any_: bool) -> bool | None:
    if any_ in answers:
        return any_
    return None if None in answers or not answers else not any_


def _given_stop(engine: Engine, value: Abstract | None, number: int) -> bool | None:
    if value is None or value == NONE:
        return False
    if isinstance(value, Built):
        if value.path in delays.COMBINED:
            return _combined([_given_stop(engine, v, number) for _, v in value.arguments], value.path == "%|")
        made = made_by(engine, value)
        if isinstance(made, values.MakesStop):
            return stops(engine, made.stop, value, number)
    return None


def most_runs(engine: Engine, stop: repeating.Stop, built: Built) -> int | None:
    """The number of runs that a stop allows at most; None where it does not count them."""
    if built not in engine.most_runs:
        engine.most_runs[built] = next((n for n in range(1, 200) if stops(engine, stop, built, n)), None)
    return engine.most_runs[built]


def made_by(engine: Engine, value: Built) -> values.Value | None:
    """What a pack says that building this object makes: a condition, a stop or a wait."""
    definition = engine.knowledge.get(value.path)
    if isinstance(definition, schema.Function):
        return definition.returns
    return definition.value if isinstance(definition, schema.ConstantValue) else None
