"""The transfer function: what each operation and terminator does to a state."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from errlint import outcomes
from errlint.flow import access, calls, containers, control, instances, ir, repetition, texts, witness
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Function
from errlint.flow.classes import special_method
from errlint.flow.composition import decisive_attempts
from errlint.flow.concrete import Raised
from errlint.flow.engine import Engine, Frame, Step, Unbound, operand, unknown
from errlint.flow.evaluate import apply
from errlint.flow.held import Attribute
from errlint.flow.ir import Const
from errlint.flow.record import Caught, Changed, Ended, Mark, Rescued, Thrown
from errlint.flow.splitting import settled, truth_value, truths
from errlint.flow.state import Arrivals, Attempt, Decision, State, content_of
from errlint.flow.storing import forget, set_attribute, set_item
from errlint.flow.values import (
    FALSE,
    NONE,
    TRUE,
    Abstract,
    Answer,
    Apply,
    Dictionary,
    Elements,
    Fault,
    Instance,
    Ref,
    Sequence,
    Symbol,
)
from errlint.flow.widen import MAX_ALIKE, fresh, unite_alike

UNBOUND = Fault("UnboundLocalError")


def transfer(engine: Engine, frame: Frame, index: int, states: list[State]) -> None:
    """Run one block from these states, and send the results on."""
    block = frame.graph.blocks[index]
    frame.block = index
    dying = frame.graph.dying[index]
    for position, op in enumerate(block.ops):
        before = len(states)
        states = _step(engine, frame, index, op, states)
        for name in dying[position]:
            for state in states:
                state.env.pop(name, None)
        if len(states) > max(before, MAX_ALIKE):
            arrivals = Arrivals()
            for state in states:
                arrivals.add(state)
            states = unite_alike(engine, (frame.code.qualname, index, position), arrivals.take(), arrivals)
    for state in states:
        engine.spend()
        try:
            _ENDS[type(block.end)](engine, frame, index, state, block.end)
        except Unbound:
            frame.throw(index, state, UNBOUND)


def _step(engine: Engine, frame: Frame, index: int, op: ir.Op, states: list[State]) -> list[State]:
    """One operation from each state; what raises goes to the handler."""
    run = _OPS[type(op)]
    target = getattr(op, "target", None)
    after: list[State] = []
    for state in states:
        engine.spend()
        try:
            results = run(engine, state, op)
        except Unbound:
            frame.throw(index, state, UNBOUND)
            continue
        if results is None:
            after.append(state)
            continue
        for result, value, raised in results:
            if raised:
                frame.throw(index, result, value)
                continue
            if target is not None:
                result.env[target] = value
            after.append(result)
    return after


# --- operations ------------------------------------------------------------------------------------------------------


def _move(engine: Engine, state: State, op: ir.Move) -> None:
    state.env[op.target] = operand(state, op.value)


def _load_global(engine: Engine, state: State, op: ir.LoadGlobal) -> None:
    module = engine.frames[-1].code.module
    state.env[op.target] = engine.names.read(engine, state, module, op.name)


def _load_name(engine: Engine, state: State, op: ir.LoadName) -> None:
    owner = engine.frames[-1].code.owner
    assert owner is not None
    found = engine.names.attribute(engine, engine.names.class_value(engine, owner), op.name)
    state.env[op.target] = found.held.put_into(state) if isinstance(found, Attribute) else unknown(op.node)


def _store_global(engine: Engine, state: State, op: ir.StoreGlobal) -> None:
    module = engine.frames[-1].code.module
    state.globals[f"{module.name}:{op.name}"] = operand(state, op.value)


def _cell_frame(engine: Engine, state: State, depth: int) -> int | None:
    if depth == 0:
        own = state.env.get("%cells")
        if own is None:
            own = state.env["%cells"] = Ref(state.allocate(Instance(None)))
        assert isinstance(own, Ref)
        return own.id
    frames = state.env.get("%frames")
    if isinstance(frames, Sequence) and depth <= len(frames.items):
        frame = frames.items[depth - 1]
        return frame.id if isinstance(frame, Ref) else None
    return None


def _load_cell(engine: Engine, state: State, op: ir.LoadCell) -> list[Step] | None:
    number = _cell_frame(engine, state, op.depth)
    if number is None:
        state.env[op.target] = Symbol(("cell", op.name))
        return None
    content = state.heap[number]
    assert isinstance(content, Instance)
    value = content.get(op.name)
    if value is None:
        return [(state, Fault("UnboundLocalError" if op.depth == 0 else "NameError"), True)]
    state.env[op.target] = value
    return None


def _store_cell(engine: Engine, state: State, op: ir.StoreCell) -> None:
    number = _cell_frame(engine, state, op.depth)
    if number is not None:
        content = state.heap[number]
        assert isinstance(content, Instance)
        state.put(number, content.with_field(op.name, operand(state, op.value)))


def _get_attr(engine: Engine, state: State, op: ir.GetAttr) -> list[Step]:
    return access.get_attribute(engine, state, operand(state, op.object), op.name, op.node)


def _get_item(engine: Engine, state: State, op: ir.GetItem) -> list[Step]:
    return access.get_item(engine, state, operand(state, op.object), operand(state, op.index), op.node)


def _unary(engine: Engine, state: State, op: ir.Unary) -> list[Step] | None:
    value = operand(state, op.operand)
    if op.operator == "not":
        tested = truth_value(engine, state, value)
        result = apply("not", (tested,))
    else:
        result = apply(op.operator if op.operator == "~" else f"{op.operator}u", (content_of(state, value),))
    return _result(state, op.target, result)


def _result(state: State, target: str, result: Abstract | Raised) -> list[Step] | None:
    if isinstance(result, Raised):
        return [(state, Fault(result.path), True)]
    state.env[target] = result
    return None


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
    if isinstance(left, (Ref, Answer)) and right == NONE and op.operator in ("is", "is not", "==", "!="):
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


def _yield(engine: Engine, state: State, op: ir.Yield) -> None:
    operand(state, op.value)
    state.pending = {}
    state.env[op.target] = unknown(op.node)


def _note_change(engine: Engine, state: State, node: cst.CSTNode, how: str, name: str) -> None:
    for site, attempt in state.last.items():
        engine.record.note(Changed(node, how, name, site), state.masks[attempt])


def _set_attr(engine: Engine, state: State, op: ir.SetAttr) -> None:
    _note_change(engine, state, op.node, "set", op.name)
    set_attribute(state, operand(state, op.object), op.name, operand(state, op.value))


def _set_item(engine: Engine, state: State, op: ir.SetItem) -> None:
    index = content_of(state, operand(state, op.index))
    _note_change(engine, state, op.node, "set", str(index.value) if type(index) is Const else "")
    set_item(state, operand(state, op.object), index, operand(state, op.value))


def _delete(engine: Engine, state: State, op: ir.Delete) -> None:
    state.env.pop(op.name, None)


def _delete_item(engine: Engine, state: State, op: ir.DeleteItem) -> None:
    target, index = operand(state, op.object), operand(state, op.index)
    _note_change(engine, state, op.node, "delete", "")
    if isinstance(target, Ref):
        content = state.heap[target.id]
        if isinstance(content, Dictionary) and type(index) is Const:
            state.put(target.id, Dictionary(tuple([(k, v) for k, v in content.items if k != index]), content.rest))
        elif not isinstance(content, Instance):
            forget(state, target)


def _make_function(engine: Engine, state: State, op: ir.MakeFunction) -> None:
    frames: list[Abstract] = []
    number = _cell_frame(engine, state, 0)
    assert number is not None
    frames.append(Ref(number))
    outer = state.env.get("%frames")
    if isinstance(outer, Sequence):
        frames += outer.items
    defaults = tuple([(name, operand(state, value)) for name, value in op.defaults])
    state.env[op.target] = Function(op.code, tuple(frames), defaults)


def _make_class(engine: Engine, state: State, op: ir.MakeClass) -> None:
    state.env[op.target] = engine.names.class_value(engine, op.definition)


def _import(engine: Engine, state: State, op: ir.Import) -> None:
    state.env[op.target] = engine.names.imported(engine, state, engine.frames[-1].code.module, op)


def _get_iter(engine: Engine, state: State, op: ir.GetIter) -> list[Step] | None:
    source = operand(state, op.iterable)
    if isinstance(source, Built):
        loop = repetition.iterate(engine, state, source)
        state.env[op.target] = Elements(loop or source)
        return None
    content = content_of(state, source)
    if content == NONE:
        return [(state, Fault("TypeError"), True)]
    state.env[op.target] = Elements(containers.elements(content))
    return None


def _unpack(engine: Engine, state: State, op: ir.Unpack) -> list[Step] | None:
    value = containers.elements(content_of(state, operand(state, op.value)))
    if isinstance(value, Sequence):
        items = list(value.items)
        if op.starred is None:
            if len(items) != len(op.targets):
                return [(state, Fault("ValueError"), True)]
            state.env.update(zip(op.targets, items, strict=True))
            return None
        after = len(op.targets) - op.starred - 1
        if len(items) >= len(op.targets) - 1:
            middle = Sequence("list", tuple(items[op.starred : len(items) - after]))
            taken = [*items[: op.starred], Ref(state.allocate(middle)), *items[len(items) - after :]]
            state.env.update(zip(op.targets, taken, strict=True))
            return None
        return [(state, Fault("ValueError"), True)]
    if value == NONE:
        return [(state, Fault("TypeError"), True)]
    split = settled(engine, state, value)
    if split is not None and all(not raised for _, _, raised in split):
        steps: list[Step] = []
        for branch, known, _ in split:
            if isinstance(known, Sequence) and len(known.items) == len(op.targets) and op.starred is None:
                branch.env.update(zip(op.targets, known.items, strict=True))
                steps.append((branch, NONE, False))
        return steps
    for position, target in enumerate(op.targets):
        result = apply("item", (value, Const(position)))
        state.env[target] = unknown(op.node, position) if isinstance(result, Raised) else result
    return None


def _enter(engine: Engine, state: State, op: ir.Enter) -> list[Step] | None:
    manager = operand(state, op.manager)
    method = special_method(engine, state, manager, "__aenter__" if op.is_async else "__enter__", op.node)
    if method is not None:
        return calls.call(engine, state, method, Arguments(), op.node)
    state.env[op.target] = manager
    return None


def _exit(engine: Engine, state: State, op: ir.Exit) -> list[Step] | None:
    manager, exception = operand(state, op.manager), operand(state, op.exception)
    if repetition.leave_attempt(state, manager, exception):
        state.env[op.target] = TRUE if exception != NONE else FALSE
        return None
    method = special_method(engine, state, manager, "__aexit__" if op.is_async else "__exit__", op.node)
    if method is not None:
        cls = instances.lineage_of(engine, state, exception) if exception != NONE else None
        given = Arguments((cls[0] if cls else NONE, exception, NONE))
        steps = calls.call(engine, state, method, given, op.node)
        return [(s, v if raised else truth_value(engine, s, v), raised) for s, v, raised in steps]
    if isinstance(manager, Built) and manager.path == "contextlib.suppress" and exception != NONE:
        known = instances.is_instance(engine, state, exception, manager.get("types") or NONE)
        if known is not False:
            _note_rescue(engine, exception, op.node)
        state.env[op.target] = FALSE if known is False else TRUE
        return None
    if exception != NONE and not isinstance(manager, Answer):
        witness.leaving(engine, manager, op.node)
    state.env[op.target] = FALSE
    return None


def _match_sequence(engine: Engine, state: State, op: ir.MatchSequence) -> None:
    value = content_of(state, operand(state, op.subject))
    if isinstance(value, Sequence) and value.kind in ("tuple", "list"):
        length = len(value.items)
        state.env[op.target] = Const(length >= op.length if op.at_least else length == op.length)
    elif type(value) is Const or isinstance(value, (Dictionary, Fault, Answer)):
        state.env[op.target] = FALSE
    else:
        state.env[op.target] = Apply("match", (value, Const(op.length)))


def _match_keys(engine: Engine, state: State, op: ir.MatchKeys) -> None:
    value = content_of(state, operand(state, op.subject))
    keys = tuple([operand(state, k) for k in op.keys])
    if isinstance(value, Dictionary) and value.rest is None:
        known = {k for k, _ in value.items}
        state.env[op.target] = Const(all(k in known for k in keys))
    elif type(value) is Const or isinstance(value, Sequence):
        state.env[op.target] = FALSE
    else:
        state.env[op.target] = Apply("match", (value, *keys))


def _match_class(engine: Engine, state: State, op: ir.MatchClass) -> None:
    value, cls = operand(state, op.subject), operand(state, op.type)
    known = instances.is_instance(engine, state, value, cls)
    if known is None:
        state.env[op.target] = Apply("isinstance", (content_of(state, value), content_of(state, cls)))
    else:
        state.env[op.target] = Const(known)


def _match_positional(engine: Engine, state: State, op: ir.MatchPositional) -> list[Step] | None:
    value, cls = operand(state, op.subject), operand(state, op.type)
    if isinstance(cls, External) and "." not in cls.path and op.index == 0:
        state.env[op.target] = value
        return None
    if isinstance(cls, Class):
        found = engine.names.attribute(engine, cls, "__match_args__")
        names = found.held.value if isinstance(found, Attribute) else None
        if isinstance(names, Sequence) and op.index < len(names.items):
            name = names.items[op.index]
            if type(name) is Const:
                return access.get_attribute(engine, state, value, str(name.value), op.node)
    state.env[op.target] = unknown(op.node, op.index)
    return None


def _delete_cell(engine: Engine, state: State, op: ir.DeleteCell) -> None:
    number = _cell_frame(engine, state, op.depth)
    if number is not None:
        content = state.heap[number]
        assert isinstance(content, Instance)
        kept = tuple([(n, v) for n, v in content.fields if n != op.name])
        state.put(number, Instance(content.cls, kept, content.opaque))


def _delete_global(engine: Engine, state: State, op: ir.DeleteGlobal) -> None:
    state.globals.pop(f"{engine.frames[-1].code.module.name}:{op.name}", None)


def _opaque(engine: Engine, state: State, op: ir.Opaque) -> None:
    state.env[op.target] = unknown(op.node)


_OPS: dict[type[ir.Op], Callable[..., list[Step] | None]] = {
    ir.Move: _move,
    ir.LoadGlobal: _load_global,
    ir.LoadName: _load_name,
    ir.StoreGlobal: _store_global,
    ir.LoadCell: _load_cell,
    ir.StoreCell: _store_cell,
    ir.GetAttr: _get_attr,
    ir.GetItem: _get_item,
    ir.Unary: _unary,
    ir.Binary: _binary,
    ir.Compare: _compare,
    ir.Build: _build,
    ir.Append: _append,
    ir.Format: _format,
    ir.MakeSlice: _slice,
    ir.Call: _call,
    ir.Await: _await,
    ir.Yield: _yield,
    ir.SetAttr: _set_attr,
    ir.SetItem: _set_item,
    ir.Delete: _delete,
    ir.DeleteItem: _delete_item,
    ir.MakeFunction: _make_function,
    ir.MakeClass: _make_class,
    ir.Import: _import,
    ir.GetIter: _get_iter,
    ir.Unpack: _unpack,
    ir.Enter: _enter,
    ir.Exit: _exit,
    ir.MatchSequence: _match_sequence,
    ir.MatchKeys: _match_keys,
    ir.MatchClass: _match_class,
    ir.MatchPositional: _match_positional,
    ir.DeleteCell: _delete_cell,
    ir.DeleteGlobal: _delete_global,
    ir.Opaque: _opaque,
}


# --- tests -----------------------------------------------------------------------------------------------------------


CAUGHT = frozenset({"caught"})


# --- terminators -----------------------------------------------------------------------------------------------------


def _jump(engine: Engine, frame: Frame, index: int, state: State, end: control.Jump) -> None:
    frame.arrive(end.block, state)


def _branch(engine: Engine, frame: Frame, index: int, state: State, end: control.Branch) -> None:
    value = operand(state, end.test)
    ways = truths(engine, state, value, end.node)
    sides = frozenset([side for _, side in ways])
    witness.test(engine, state, value, truth_value(engine, state, value), end.node, sides)
    for after, side in ways:
        frame.arrive(end.then if side else end.otherwise, after)


def _next(engine: Engine, frame: Frame, index: int, state: State, end: control.Next) -> None:
    iterator = state.env[end.iterator]
    if not isinstance(iterator, Elements):
        iterator = Elements(iterator)
    content = repetition.loop_content(state, iterator.source)
    if content is not None:
        assert isinstance(iterator.source, Ref)
        for after, attempt, raised in repetition.next_attempt(engine, state, iterator.source, content, end.node):
            if raised and attempt is not None:
                frame.throw(index, after, attempt)
            elif attempt is None:
                frame.arrive(end.done, after)
            else:
                after.env[end.target] = attempt
                frame.arrive(end.body, after)
        return
    middle = fresh(state, "element", id(end.node))
    ways = containers.advance(iterator, middle)
    for i, (element, following) in enumerate(ways):
        after = state if i == len(ways) - 1 else state.copy()
        after.env[end.iterator] = following
        if len(ways) > 1:
            kind = "counted" if containers.is_counted(following) else "elements"
            engine.decide(after, end.node, element is not None, frozenset({kind}))
        if element is None:
            frame.arrive(end.done, after)
        else:
            after.env[end.target] = element
            frame.arrive(end.body, after)


def _return(engine: Engine, frame: Frame, index: int, state: State, end: control.Return) -> None:
    for site, last in state.last.items():
        engine.record.note(Ended(site, end.node), state.masks[last])
    frame.leave(state, operand(state, end.value), False)


def _raise(engine: Engine, frame: Frame, index: int, state: State, end: control.Raise) -> None:
    value = operand(state, end.exception)
    ways = settled(engine, state, value) or [(state, value, False)]
    for after, exception, raised in ways:
        if raised:
            frame.throw(index, after, exception)
            continue
        if isinstance(exception, Class) or _is_class(engine, exception):
            for made, instance, _ in calls.call(engine, after, exception, Arguments(), end.node):
                frame.throw(index, made, instance)
        elif exception == NONE:
            frame.throw(index, after, Fault("RuntimeError") if end.again else Fault("TypeError"))
        elif type(exception) is Const:
            frame.throw(index, after, Fault("TypeError"))
        else:
            if not end.again:
                _note_thrown(engine, after, exception, end.node)
            frame.throw(index, after, exception)


def _note_thrown(engine: Engine, state: State, exception: Abstract, node: cst.CSTNode) -> None:
    lineage = instances.lineage_of(engine, state, exception)
    first = lineage[0] if lineage else None
    path = first.path if isinstance(first, External) else (first.definition.name if isinstance(first, Class) else "")
    for site, last in state.last.items():
        engine.record.note(Thrown(node, site, path), state.masks[last])


def _is_class(engine: Engine, value: Abstract) -> bool:
    return isinstance(value, External) and engine.knowledge.exception(value.path) is not None


def _catches_all(types: Abstract) -> bool:
    """Whether a handler is for `Exception`, from which nearly all classes derive that are not known."""
    if isinstance(types, Sequence):
        return any(_catches_all(each) for each in types.items)
    return types in (External("Exception"), External("BaseException"))


def _catch(engine: Engine, frame: Frame, index: int, state: State, end: control.Catch) -> None:
    exception = state.env[end.exception]
    known = True if end.types is None else instances.is_instance(engine, state, exception, operand(state, end.types))
    if known is None and _catches_all(operand(state, end.types or NONE)):
        known = True
    if known is None and not _plausible(engine, state, exception, operand(state, end.types or NONE)):
        known = False
    if known is not False:
        _note_caught(engine, state, exception, end.node)
        _note_rescue(engine, exception, end.node)
    if known is not False:
        state.decide(Decision(end.node, True, CAUGHT))
    if known is None:
        engine.record.mark(end.node, Mark.GUESSED)
        engine.inexact("a handler's class is not known")
        other = state.copy()
        frame.arrive(end.matched, state)
        frame.arrive(end.otherwise, other)
    else:
        frame.arrive(end.matched if known else end.otherwise, state)


def _plausible(engine: Engine, state: State, exception: Abstract, types: Abstract) -> bool:
    """Whether a handler whose classes are not known may be meant for an exception."""
    return not (isinstance(exception, Fault) and "." not in exception.path and exception.attempt is None)


def _note_rescue(engine: Engine, exception: Abstract, node: cst.CSTNode) -> None:
    if isinstance(exception, Fault) and exception.origin is not None:
        engine.record.note(Rescued(node, exception.origin, exception.path), outcomes.EVERYTHING)


def _note_caught(engine: Engine, state: State, exception: Abstract, node: cst.CSTNode) -> None:
    lineage = instances.lineage_of(engine, state, exception)
    first = lineage[0] if lineage else None
    path = first.path if isinstance(first, External) else (first.definition.name if isinstance(first, Class) else "")
    attempt = calls.attempt_of(state, exception)
    if attempt is None:
        for site, last in state.last.items():
            engine.record.note(Caught(node, path, site), state.masks[last])
        return
    info = state.heap[attempt]
    assert isinstance(info, Attempt)
    engine.record.note(Caught(node, path, info.site), state.masks[attempt])


_ENDS: dict[type[ir.Op], Callable[..., None]] = {
    control.Jump: _jump,
    control.Branch: _branch,
    control.Next: _next,
    control.Return: _return,
    control.Raise: _raise,
    control.Catch: _catch,
}
