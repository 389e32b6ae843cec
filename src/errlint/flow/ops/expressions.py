"""Operations that expressions consist of: reading, computing, building, calling."""

from __future__ import annotations

from collections.abc import Callable

from errlint.flow import access, calls, containers, ir, texts
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built
from errlint.flow.classes import is_exception_class
from errlint.flow.composition import decisive_attempts
from errlint.flow.concrete import Raised
from errlint.flow.engine import Engine, Step, operand, unknown
from errlint.flow.evaluate import apply, apply_or_unknown
from errlint.flow.ir import Const
from errlint.flow.splitting import settled, truth_value
from errlint.flow.state import State, content_of
from errlint.flow.storing import set_item
from errlint.flow.values import FALSE, NONE, TRUE, Abstract, Answer, Apply, Dictionary, Fault, Ref, Sequence, Symbol


def _get_attr(engine: Engine, state: State, op: ir.GetAttr) -> list[Step]:
    return access.get_attribute(engine, state, operand(state, op.object), op.name, op.node)


def _get_item(engine: Engine, state: State, op: ir.GetItem) -> list[Step]:
    return access.get_item(engine, state, operand(state, op.object), operand(state, op.index), op.node)


def _slice(engine: Engine, state: State, op: ir.MakeSlice) -> None:
    bounds = [operand(state, b) for b in (op.lower, op.upper, op.step)]
    state.env[op.target] = Apply("slice", tuple(bounds))


def _call(engine: Engine, state: State, op: ir.Call) -> list[Step]:
    positional: list[Abstract] = []
    keywords: list[tuple[str, Abstract]] = []
    rest: Abstract | None = None
    for argument in op.arguments:
        value = operand(state, argument.value)
        if argument.star == 1:
            source = containers.elements(content_of(state, value))
            if isinstance(source, Sequence):
                positional += source.items
            else:
                rest = source
        elif argument.star == 2:
            content = content_of(state, value)
            if isinstance(content, Dictionary) and all(type(k) is Const for k, _ in content.items):
                keywords += [(str(k.value), v) for k, v in content.items if type(k) is Const]
                rest = content.rest if content.rest is not None else rest
            else:
                rest = content
        elif argument.name is not None:
            keywords.append((argument.name, value))
        else:
            positional.append(value)
    arguments = Arguments(tuple(positional), tuple(keywords), rest)
    return calls.call(engine, state, operand(state, op.function), arguments, op.node)


def _await(engine: Engine, state: State, op: ir.Await) -> None:
    state.env[op.target] = operand(state, op.value)


def _opaque(engine: Engine, state: State, op: ir.Opaque) -> None:
    state.env[op.target] = unknown(op.node)


# --- operators -------------------------------------------------------------------------------------------------------


def _unary(engine: Engine, state: State, op: ir.Unary) -> list[Step] | None:
    value = operand(state, op.operand)
    if op.operator != "not":
        result = apply(op.operator if op.operator == "~" else f"{op.operator}u", (content_of(state, value),))
        return _result(state, op.target, result)
    return [
        (s, v if raised else apply_or_unknown("not", truth_value(engine, s, v)), raised)
        for s, v, raised in calls.tested(engine, state, value, op.node)
    ]


_INFIX = frozenset("+|&")


def _binary(engine: Engine, state: State, op: ir.Binary) -> list[Step] | None:
    left, right = operand(state, op.left), operand(state, op.right)
    if isinstance(left, Built) and op.operator in _INFIX:
        state.env[op.target] = Built(f"%{op.operator}", (("a", left), ("b", right)))
        return None
    one, other = content_of(state, left), content_of(state, right)
    if op.operator == "|" and isinstance(one, Dictionary) and isinstance(other, Dictionary):
        merged = Dictionary(tuple((dict(one.items) | dict(other.items)).items()), one.rest or other.rest)
        state.env[op.target] = Ref(state.allocate(merged))
        return None
    if op.operator == "+" and isinstance(one, Sequence) and isinstance(other, Sequence) and one.kind == other.kind:
        joined = Sequence(one.kind, (*one.items, *other.items))
        state.env[op.target] = joined if one.kind == "tuple" else Ref(state.allocate(joined))
        return None
    if op.operator in "|&-" and isinstance(one, Sequence) and isinstance(other, Sequence):
        state.env[op.target] = Ref(state.allocate(_set_operation(op.operator, one, other)))
        return None
    return _result(state, op.target, apply(op.operator, (one, other)))


def _set_operation(operator: str, one: Sequence, other: Sequence) -> Sequence:
    if operator == "|":
        items = tuple(dict.fromkeys((*one.items, *other.items)))
    elif operator == "&":
        items = tuple([v for v in one.items if v in other.items])
    else:
        items = tuple([v for v in one.items if v not in other.items])
    return Sequence(one.kind, items)


def _compare(engine: Engine, state: State, op: ir.Compare) -> list[Step] | None:
    left, right = operand(state, op.left), operand(state, op.right)
    if op.operator not in ("is", "is not") or not isinstance(left, Ref):
        left = content_of(state, left)
    if not isinstance(right, Ref) or op.operator not in ("is", "is not"):
        right = content_of(state, right)
    if (
        right == NONE
        and (isinstance(left, (Ref, Answer)) or is_exception_class(engine, left))
        and op.operator in ("is", "is not", "==", "!=")
    ):
        state.env[op.target] = FALSE if op.operator in ("is", "==") else TRUE
        return None
    if isinstance(left, Apply) and op.operator in ("is", "is not", "==", "!=") and not isinstance(right, Apply):
        split = settled(engine, state, left) if decisive_attempts(left) else None
        if split is not None:
            steps: list[Step] = []
            for after, value, raised in split:
                result = apply(op.operator, (value, right))
                failed = isinstance(result, Raised)
                shown = Fault(result.path) if isinstance(result, Raised) else result
                steps.append((after, value if raised else shown, raised or failed))
            return steps
    texts.note_comparison(engine, state, op.node, op.operator, left, right)
    return _result(state, op.target, apply(op.operator, (left, right)))


def _result(state: State, target: str, result: Abstract | Raised) -> list[Step] | None:
    if isinstance(result, Raised):
        return [(state, Fault(result.path), True)]
    state.env[target] = result
    return None


# --- displays and texts ----------------------------------------------------------------------------------------------


def _build(engine: Engine, state: State, op: ir.Build) -> None:
    if op.kind == "dict":
        state.env[op.target] = Ref(state.allocate(_build_dictionary(state, op)))
        return
    items: list[Abstract] = []
    unsure = False
    for element in op.elements:
        value = operand(state, element.value)
        if element.starred:
            source = containers.elements(content_of(state, value))
            if isinstance(source, Sequence):
                items += source.items
            elif (
                type(source) is Const
                and isinstance(source.value, range)
                and len(source.value) <= containers.MOST_ELEMENTS
            ):
                items += [Const(n) for n in source.value]
            else:
                items.append(source)
                unsure = True
        else:
            items.append(value)
    if op.kind == "set":
        items = list(dict.fromkeys(items))
    made: Abstract = Apply("mix", tuple(items)) if unsure else Sequence(op.kind, tuple(items))
    if op.kind == "tuple":
        state.env[op.target] = made
    else:
        assert not isinstance(made, Const)
        state.env[op.target] = Ref(state.allocate(made))


def _build_dictionary(state: State, op: ir.Build) -> Dictionary:
    items: dict[Abstract, Abstract] = {}
    rest: Abstract | None = None
    for element in op.elements:
        value = operand(state, element.value)
        if element.starred:
            source = content_of(state, value)
            if isinstance(source, Dictionary):
                items |= dict(source.items)
                rest = source.rest if rest is None else rest
            elif source != NONE:
                rest = source if rest is None else Apply("mix", (rest, source))
        elif element.key is not None:
            items[operand(state, element.key)] = value
    return Dictionary(tuple(items.items()), rest)


def _append(engine: Engine, state: State, op: ir.Append) -> None:
    collection, value = state.env[op.collection], operand(state, op.value)
    if isinstance(collection, Ref):
        if op.key is not None:
            set_item(state, collection, operand(state, op.key), value)
            return
        content = state.heap[collection.id]
        given = Arguments((value,))
        name = "add" if isinstance(content, Sequence) and content.kind == "set" else "append"
        containers.call_method(engine, state, collection, name, given, op.node)


def _format(engine: Engine, state: State, op: ir.Format) -> list[Step] | None:
    parts: list[Abstract] = []
    for part in op.parts:
        if isinstance(part, str):
            parts.append(Const(part))
            continue
        value = content_of(state, operand(state, part.value))
        if part.conversion or part.spec is not None:
            spec = NONE if part.spec is None else operand(state, part.spec)
            value = Apply("formatted", (value, Const(part.conversion), spec))
        elif isinstance(value, Ref):
            value = Symbol(("object",))
        parts.append(value)
    return _result(state, op.target, apply("format", tuple(parts)))


OPERATIONS: dict[type[ir.Op], Callable[..., list[Step] | None]] = {
    ir.GetAttr: _get_attr,
    ir.GetItem: _get_item,
    ir.MakeSlice: _slice,
    ir.Call: _call,
    ir.Await: _await,
    ir.Opaque: _opaque,
    ir.Unary: _unary,
    ir.Binary: _binary,
    ir.Compare: _compare,
    ir.Build: _build,
    ir.Append: _append,
    ir.Format: _format,
}
