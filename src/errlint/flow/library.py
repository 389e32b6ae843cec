"""Calls and attributes of libraries, as packs describe them; and Python's own functions."""

from __future__ import annotations

import libcst as cst

from errlint import outcomes
from errlint.flow import builtin, calls, construction, described, identity, repetition, sending
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, External, Method
from errlint.flow.classes import special_method
from errlint.flow.described import CONDITIONS, Bound, pack_path, retrier_of
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import apply_or_unknown
from errlint.flow.ir import Const
from errlint.flow.reading import note_member, note_read
from errlint.flow.splitting import truth_value
from errlint.flow.state import State, content_of
from errlint.flow.values import (
    NONE,
    Abstract,
    Among,
    Answer,
    Apply,
    Dictionary,
    Fault,
    Instance,
    Part,
    Ref,
    Sequence,
    Symbol,
)
from errlint.packs import effects, schema, values

# --- calls -----------------------------------------------------------------------------------------------------------


def call_external(
    engine: Engine, state: State, function: External, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """A call of something outside the project; None where nothing is known of it."""
    if "." not in function.path:
        result = builtin.call(engine, state, function.path, arguments, node)
        if result is not None:
            return result
    standard = builtin.call_standard(engine, state, function.path, arguments, node)
    if standard is not None:
        return standard
    definition = engine.knowledge.get(function.path)
    if isinstance(definition, schema.Function):
        return call_pack(engine, state, definition, None, arguments, node)
    if isinstance(definition, schema.Class):
        return [(state, _make(engine, state, definition, arguments, node), False)]
    if isinstance(definition, schema.ExceptionClass):
        return [(state, _make_exception(engine, state, definition, arguments), False)]
    if isinstance(definition, schema.Constants) and definition.enum and len(arguments.positional) == 1:
        return [(state, arguments.positional[0], False)]
    return None


def _make(engine: Engine, state: State, definition: schema.Class, arguments: Arguments, node: cst.CSTNode) -> Abstract:
    """Construct an instance of a library's class."""
    signature = definition.signature
    if definition.retrier is not None:
        signature = retrier_of(engine, definition.path).signature
    bound = described.bind(engine, state, signature, arguments)
    if definition.client is not None or definition.mutable:
        return Ref(state.allocate(Instance(External(definition.path), tuple(sorted(bound.items())))))
    built = Built(definition.path, tuple(sorted((n, _content(state, v)) for n, v in bound.items())))
    engine.note_origin(built, node)
    return built


def _content(state: State, value: Abstract) -> Abstract:
    content = content_of(state, value)
    if isinstance(content, Sequence):
        return Sequence(content.kind, tuple([content_of(state, v) for v in content.items]))
    return content


def _make_exception(engine: Engine, state: State, definition: schema.ExceptionClass, arguments: Arguments) -> Abstract:
    """An exception of an outside class that the project's own code constructs."""
    attempt = None
    if definition.response_parameter is not None:
        bound = described.bind(engine, state, definition.signature, arguments)
        response = bound.get(definition.response_parameter)
        attempt = response.attempt if isinstance(response, Answer) else None
    if attempt is not None:
        return Fault(definition.path, attempt)
    fields = (("args", Sequence("tuple", arguments.positional)),)
    return Ref(state.allocate(Instance(External(definition.path), fields)))


def call_instance(
    engine: Engine, state: State, instance: Built, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """Call an instance of a library's class; None where its pack says nothing of that."""
    pack = engine.knowledge.type(instance.path)
    method = None if pack is None else pack.methods.get("__call__")
    if method is not None:
        return call_pack(engine, state, method, instance, arguments, node)
    function = engine.knowledge.function(instance.path)
    if function is not None and isinstance(function.effect, effects.Repeats) and len(arguments.positional) == 1:
        return [(state, repetition.wrap(engine, instance, arguments.positional[0], node), False)]
    return None


def call_method(
    engine: Engine, state: State, method: Method, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """A method of an instance of a library's class, of a part of an answer, or of a class through `super()`.

    None where nothing is known of it.
    """
    receiver = method.receiver
    path = pack_path(engine, state, receiver)
    if path == "object" or (isinstance(receiver, Built) and receiver.path == "super"):
        return _call_super(engine, state, receiver, method.name, arguments, node)
    pack = None if path is None else engine.knowledge.type(path)
    definition = None
    if pack is not None:
        definition = pack.methods.get(method.name)
    elif path is not None:
        exception = engine.knowledge.exception(path)
        definition = None if exception is None else exception.methods.get(method.name)
    if definition is not None:
        replaced = _replaced(engine, state, definition, receiver, node)
        if replaced is not None:
            return calls.call(engine, state, replaced[0], arguments.after(replaced[1]), node)
        return call_pack(engine, state, definition, receiver, arguments, node)
    if isinstance(receiver, Part) and receiver.kind == "headers":
        return sending.call_headers(engine, state, receiver, method.name, arguments, node)
    if isinstance(receiver, Part):
        given = tuple([_content(state, a) for a in arguments.positional])
        result = apply_or_unknown(f"method:{method.name}", receiver, *given)
        note_member(engine, state, result, node, "default" if len(given) > 1 else "get")
        return [(state, result, False)]
    return None


def _replaced(
    engine: Engine, state: State, definition: schema.Function, receiver: Abstract, node: cst.CSTNode
) -> tuple[Abstract, Const] | None:
    """The method of the project by which a library's method sends, and the HTTP method that it is given."""
    effect = definition.effect
    if definition.through is None or not isinstance(effect, effects.Sends):
        return None
    method = special_method(engine, state, receiver, definition.through, node)
    return None if method is None else (method, Const(effect.sends.method))


def _call_super(
    engine: Engine, state: State, receiver: Abstract, name: str, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    assert isinstance(receiver, Built)
    base, instance = receiver.get("base"), receiver.get("self")
    path = base.path if isinstance(base, External) else "object"
    if name == "__init__" and isinstance(instance, Ref):
        construction.initialise(engine, state, path, instance, arguments)
        return [(state, NONE, False)]
    pack = engine.knowledge.type(path)
    if pack is not None and name in pack.methods and instance is not None:
        return call_pack(engine, state, pack.methods[name], instance, arguments, node)
    return None


def call_pack(
    engine: Engine,
    state: State,
    definition: schema.Function,
    receiver: Abstract | None,
    arguments: Arguments,
    node: cst.CSTNode,
) -> list[Step]:
    """A function or method that a pack describes."""
    bound = described.bind(engine, state, definition.signature, arguments)
    effect = definition.effect
    if isinstance(effect, effects.Sends):
        return sending.send(engine, state, definition, effect, receiver, bound, node)
    if isinstance(effect, effects.Sleeps):
        delay = bound.get(effect.sleeps)
        engine.wait(state, delay if delay is not None else Symbol(("delay", id(node))))
        return [(state, NONE, False)]
    if isinstance(effect, effects.ChecksStatus):
        return sending.check_status(engine, state, definition, effect, receiver, node)
    if isinstance(effect, effects.SetsEntry):
        _set_entry(state, receiver, effect.sets_entry, bound.get(effect.key), bound.get(effect.value))
        return [(state, NONE, False)]
    if isinstance(effect, effects.SetsResult):
        run = described.last_run(state, receiver)
        if run is not None:
            state.put(run[0].id, run[1].with_field("result", bound.get(effect.sets_result, NONE)))
        return [(state, NONE, False)]
    if isinstance(effect, effects.Mounts):
        sending.mount(state, receiver, bound.get(effect.prefix), bound.get(effect.mounts))
        return [(state, NONE, False)]
    if isinstance(effect, effects.Describes):
        return [(state, identity.describe(engine, state, definition, effect, receiver, bound), False)]
    if isinstance(effect, (effects.Repeats, effects.Wraps, effects.Runs, effects.Reconfigures)):
        return repetition.call_pack(engine, state, definition, effect, receiver, bound, arguments, node)
    return _result(engine, state, definition, receiver, bound, node)


def _set_entry(
    state: State, receiver: Abstract | None, name: str, key: Abstract | None, value: Abstract | None
) -> None:
    """Put an entry into a mapping that an object holds by itself; an unknown key blurs it."""
    content = state.heap[receiver.id] if isinstance(receiver, Ref) else None
    if not isinstance(receiver, Ref) or not isinstance(content, Instance) or key is None or value is None:
        return
    held = _content(state, content.get(name) or Dictionary(()))
    if isinstance(held, Dictionary) and type(key) is Const:
        items = tuple([(k, v) for k, v in held.items if k != key])
        changed: Abstract = Dictionary((*items, (key, value)), held.rest)
    else:
        changed = Dictionary((), Apply("mix", (held, key, value)))
    state.put(receiver.id, content.with_field(name, changed))


def _result(
    engine: Engine,
    state: State,
    definition: schema.Function,
    receiver: Abstract | None,
    bound: Bound,
    node: cst.CSTNode,
) -> list[Step]:
    """The value of a call without an effect; parsing may raise on paths that only a malformed body takes."""
    spec = definition.returns
    name = definition.path.rpartition(".")[2]
    attempt = sending.attempt_of(receiver)
    steps: list[Step] = []
    if isinstance(spec, CONDITIONS):
        given = tuple(sorted((n, _content(state, v)) for n, v in bound.items()))
        return [(state, Built(definition.path, given), False)]
    if isinstance(spec, values.Among) and spec.argument is not None:
        status = bound.get(spec.argument)
        if isinstance(status, Part) and status.kind == "status":
            return [(state, Among(status.attempt, spec.outcomes), False)]
        if type(status) is Const and isinstance(status.value, int) and 100 <= status.value <= 599:
            return [(state, Const(bool(outcomes.status(status.value) & spec.outcomes)), False)]
        return [(state, apply_or_unknown(f"call:{definition.path}", status or NONE), False)]
    if isinstance(spec, values.Truth):
        truth = truth_value(engine, state, bound.get(spec.truth, NONE))
        return [(state, apply_or_unknown("not", truth) if spec.negated else truth, False)]
    if isinstance(spec, values.Instance) and attempt is None:
        cls = engine.knowledge.type(spec.instance)
        if cls is not None and cls.client is not None:
            return [(state, _make(engine, state, cls, Arguments((), tuple(bound.items())), node), False)]
    if spec == "derived" or (attempt is None and spec in ("unknown", "data")):
        operands = [_content(state, v) for v in bound.values()]
        result = apply_or_unknown(f"call:{definition.path}", *([] if receiver is None else [receiver]), *operands)
    elif isinstance(spec, values.Argument) and receiver is None:
        result = bound.get(spec.argument, Symbol(("argument", id(node))))
    elif isinstance(spec, values.Random):
        bounds = [bound.get(b, NONE) if isinstance(b, str) else Const(b) for b in spec.random]
        result = Symbol(("random", *bounds))
    else:
        result = described.fact(engine, state, spec, receiver or NONE, attempt, name)
    if attempt is not None and isinstance(result, Part) and result.kind in ("body", "text"):
        note_read(engine, state, node, attempt, result.kind, "", "attribute")
    if definition.raises and attempt is not None:
        ghost = state.copy()
        ghost.phantom = True
        steps.append((ghost, Fault(definition.raises[0], attempt), True))
    steps.append((state, result, False))
    return steps
