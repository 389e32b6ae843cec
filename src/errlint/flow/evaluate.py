"""Pure operations on values, with Python's own semantics and bounded in size.

`compute` gives the result of an operation on known operands, the builtin exception it raises, or None where it cannot
tell. `Partitions` evaluates a value that depends on a status for each outcome that is possible, so that conditions need
no list of idioms. Nothing of the code under analysis is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator

from errlint import outcomes
from errlint.flow.callables import Built, Class, Function, Member, Method, Partial, Retried
from errlint.flow.composition import decisive_attempts, leaves, shallow
from errlint.flow.concrete import NotConcrete, Raised, Result, python_value, run
from errlint.flow.ir import Const
from errlint.flow.partly_known import OPEN, RULES
from errlint.flow.values import (
    FALSE,
    TRUE,
    Abstract,
    Among,
    Apply,
    Dictionary,
    Fault,
    Instance,
    Part,
    Sequence,
    Symbol,
    rename,
)


def truth(value: Abstract) -> bool | None:
    """`bool(value)` where the value alone tells; answers and instances are the interpreter's business."""
    if type(value) is Const:
        return bool(value.value)
    if isinstance(value, Sequence):
        return bool(value.items)
    if isinstance(value, Dictionary):
        return True if value.items else (False if value.rest is None else None)
    if isinstance(value, Member):
        return truth(value.value) if value.transparent else True
    if isinstance(value, (Function, Class, Method, Partial, Built, Retried, Fault)):
        return True
    if isinstance(value, Instance) and value.cls is None:
        return True
    return None


def compute(operator: str, operands: tuple[Abstract, ...]) -> Result:
    """The result of `operator` (see `values.Apply`) on `operands`, as far as it can be known."""
    if operator == "not":
        known = truth(operands[0])
        if known is not None:
            return FALSE if known else TRUE
        operand = operands[0]
        if isinstance(operand, Among):
            return Among(operand.attempt, outcomes.EVERYTHING & ~operand.mask)
        return None
    special = RULES.get(operator)
    if special is not None:
        result = special(operands)
        if result is not OPEN:
            return result  # type: ignore[return-value]
    try:
        arguments = [python_value(o) for o in operands]
    except (NotConcrete, TypeError, ValueError):
        return None
    return run(operator, arguments)


_PLAIN_DEPTH = 5
"""What no status decides is not worth remembering in detail."""


def apply(operator: str, operands: tuple[Abstract, ...]) -> Abstract | Raised:
    """The result of an operation: computed, raised, or an `Apply` that remembers what it depends on."""
    result = compute(operator, operands)
    if result is not None:
        return result
    made = Apply(operator, operands)
    if made.depth > _PLAIN_DEPTH and not decisive_attempts(made):
        return Apply("mix", tuple(dict.fromkeys(leaves(made)))[:_PLAIN_DEPTH])
    return shallow(made)


def apply_or_unknown(operator: str, *operands: Abstract) -> Abstract:
    """The result of an operation, as a value about which nothing is known where it raises."""
    result = apply(operator, operands)
    return Symbol(("raised", operator)) if isinstance(result, Raised) else result


# --- dependence on an outcome ----------------------------------------------------------------------------------------


def under(value: Abstract, attempt: int, bit: int) -> Result:
    """The value where the attempt ended in the one outcome `bit`."""
    if isinstance(value, Part):
        if value.kind == "status" and value.attempt == attempt:
            return Const(next(outcomes.codes(bit))) if bit & outcomes.STATUSES else None
        return value
    if isinstance(value, Among):
        return Const(bool(value.mask & bit)) if value.attempt == attempt else value
    if not isinstance(value, (Apply, Sequence, Dictionary)) or attempt not in value.ids:
        return value
    if isinstance(value, Apply):
        parts: list[Abstract] = []
        for operand in value.operands:
            part = under(operand, attempt, bit)
            if part is None or isinstance(part, Raised):
                return part
            parts.append(part)
        return apply(value.operator, tuple(parts))
    if isinstance(value, Sequence):
        items = [under(v, attempt, bit) for v in value.items]
        if any(i is None or isinstance(i, Raised) for i in items):
            return None
        return Sequence(value.kind, tuple(items))  # type: ignore[arg-type]
    return value


class Partitions:
    """Evaluates values for each possible outcome, once for each distinct expression."""

    def __init__(self) -> None:
        self._cache: dict[Abstract, dict[int, Result]] = {}

    def by_value(self, value: Abstract, attempt: int, mask: int) -> dict[Result, int]:
        """The outcomes in `mask` grouped by what `value` comes to; None stands for unknown."""
        groups: dict[Result, int] = {}
        for part, result in self._results(value, attempt, mask):
            groups[result] = groups.get(result, 0) | part
        return groups

    def few(self, value: Abstract, attempt: int, mask: int, most: int) -> dict[Abstract | Raised, int] | None:
        """The outcomes in `mask` grouped by what `value` comes to; None where that is unknown for one of them, or comes
        to more than so many things."""
        groups: dict[Abstract | Raised, int] = {}
        for part, result in self._results(value, attempt, mask):
            if result is None:
                return None
            groups[result] = groups.get(result, 0) | part
            if len(groups) > most:
                return None
        return groups

    def _results(self, value: Abstract, attempt: int, mask: int) -> Iterator[tuple[int, Result]]:
        """What `value` comes to for each outcome, or several at once."""
        if isinstance(value, Among):
            yield from [(p, r) for p, r in ((mask & value.mask, TRUE), (mask & ~value.mask, FALSE)) if p]
            return
        table = self._cache.setdefault(rename(value, {attempt: -1}), {})
        for bit in outcomes.members(mask):
            if bit not in table:
                result = under(value, attempt, bit)
                is_open = result is not None and not isinstance(result, Raised) and attempt in result.ids
                table[bit] = None if is_open else result
            yield bit, table[bit]
