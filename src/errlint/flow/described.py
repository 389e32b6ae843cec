"""What packs say of values: attributes, constants, parameters, and what an object is an instance of."""

from __future__ import annotations

from errlint import outcomes
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Method
from errlint.flow.concrete import abstract
from errlint.flow.engine import Engine
from errlint.flow.evaluate import apply_or_unknown
from errlint.flow.ir import Const
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.values import (
    FALSE,
    NONE,
    TRUE,
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
from errlint.packs import effects, repeating, schema, values
from errlint.packs.knowledge import sends_any
from errlint.packs.signature import Signature

CONDITIONS = (values.MakesCondition, values.MakesStop, values.MakesWait)
Bound = dict[str, Abstract]


# --- values ----------------------------------------------------------------------------------------------------------


def fact(
    engine: Engine, state: State, spec: values.Value, receiver: Abstract, attempt: int | None, name: str
) -> Abstract:
    """What a pack says an attribute or a result is, for this receiver and the attempt it carries."""
    if isinstance(spec, str):
        return _plain_fact(engine, state, spec, receiver, attempt, name)
    if isinstance(spec, values.Instance):
        pack = engine.knowledge.type(spec.instance)
        if attempt is not None and pack is not None and pack.items is not None:
            return Part("headers", attempt, spec.instance)
        if attempt is not None and spec.instance == _kind(state, attempt):
            return Answer(attempt)
        if pack is not None and pack.part:
            return Built(spec.instance, ((_WHOLE, receiver),))
        if pack is not None and (pack.client is not None or pack.items is not None):
            return _member_object(state, receiver, name, spec.instance)
        return Symbol(("instance", spec.instance, name), spec.instance)
    if isinstance(spec, values.Among):
        if attempt is None:
            return apply_or_unknown("attribute", receiver, Const(name))
        among = Among(attempt, spec.outcomes)
        return Apply("perhaps", (among,)) if spec.perhaps else among
    if isinstance(spec, values.Literally):
        return abstract(spec.literally)
    if isinstance(spec, values.Argument):
        given = receiver.get(spec.argument) if isinstance(receiver, Built) else None
        return given or apply_or_unknown("attribute", receiver, Const(name))
    if isinstance(spec, values.Clock):
        return Symbol(("clock", spec.clock))
    if isinstance(spec, values.Random):
        return Symbol(("random", *spec.random))
    if isinstance(spec, values.ManyOf):
        return Apply("each", (receiver, Const(name)))
    return apply_or_unknown("attribute", receiver, Const(name))


def _plain_fact(
    engine: Engine, state: State, spec: str, receiver: Abstract, attempt: int | None, name: str
) -> Abstract:
    if spec in ("none", "true", "false"):
        return {"none": NONE, "true": TRUE, "false": FALSE}[spec]
    if spec == "self":
        return receiver
    if spec in _OF_RUNS and (run := last_run(state, receiver)) is not None:
        return _of_run(run[1], spec)
    if attempt is not None:
        answered = bool(state.masks[attempt] & outcomes.STATUSES)
        if spec == "response":
            return Answer(attempt) if answered else NONE
        if spec == "status":
            return Part("status", attempt) if answered else NONE
        kinds = {"text": "text", "bytes": "text", "data": "body", "reason": "reason", "url": "other"}
        if spec in kinds:
            return Part(kinds[spec], attempt, name if kinds[spec] == "other" else "")  # type: ignore[arg-type]
    if spec == "response":
        return NONE
    return apply_or_unknown("attribute", receiver, Const(name))


_OF_RUNS = frozenset({"failed", "exception", "attempt-number"})


def last_run(state: State, receiver: Abstract | None) -> tuple[Ref, Instance] | None:
    """The loop over attempts that a retry state is part of, and what it holds of its last run."""
    manager = whole(receiver)
    loop = manager.get("loop") if isinstance(manager, Built) else None
    content = state.heap[loop.id] if isinstance(loop, Ref) else None
    return (loop, content) if isinstance(loop, Ref) and isinstance(content, Instance) else None


def _of_run(run: Instance, spec: str) -> Abstract:
    raised = run.get("exception")
    if spec == "failed":
        return FALSE if raised is None else TRUE
    return raised or NONE if spec == "exception" else run.get("number") or NONE


def _kind(state: State, attempt: int) -> str:
    info = state.heap[attempt]
    assert isinstance(info, Attempt)
    return info.kind


def _member_object(state: State, receiver: Abstract, name: str, path: str) -> Abstract:
    """A mutable part of a client (its default headers), made when it is first looked at."""
    origin = Symbol(("default", path, name))
    ref = Ref(state.allocate(Dictionary((), origin)))
    if isinstance(receiver, Ref):
        content = state.heap[receiver.id]
        if isinstance(content, Instance):
            state.put(receiver.id, content.with_field(name, ref))
    return ref


_WHOLE = "%whole"


def whole(value: Abstract | None) -> Abstract | None:
    """The client that a value is a part of; any other value itself."""
    while isinstance(value, Built) and (owner := value.get(_WHOLE)) is not None:
        value = owner
    return value


def pack_path(engine: Engine, state: State, receiver: Abstract) -> str | None:
    """The outside class that a value is an instance of, directly or through project classes."""
    if isinstance(receiver, Answer):
        return _kind(state, receiver.attempt)
    if isinstance(receiver, (Fault, Built)):
        return receiver.path
    if isinstance(receiver, Symbol):
        return receiver.type
    if isinstance(receiver, Part) and receiver.kind == "headers":
        return receiver.name
    if isinstance(receiver, Ref):
        content = state.heap[receiver.id]
        if isinstance(content, Instance):
            if isinstance(content.cls, External):
                return content.cls.path
            if isinstance(content.cls, Class):
                for base in engine.names.lineage(engine, content.cls):
                    if isinstance(base, External) and engine.knowledge.type(base.path) is not None:
                        return base.path
    return None


# --- constants -------------------------------------------------------------------------------------------------------


def lacks_constant(engine: Engine, path: str, name: str) -> bool:
    """Whether `path.name` is an AttributeError: the object's names are all known and this is none of them."""
    definition = engine.knowledge.get(path)
    if not isinstance(definition, schema.Constants):
        return False
    return name not in definition.members and name not in definition.methods and not name.startswith("__")


def constant_item(engine: Engine, path: str, index: Abstract) -> Abstract | None:
    definition = engine.knowledge.get(path)
    if isinstance(definition, schema.Constants) and type(index) is Const:
        member = definition.members.get(str(index.value))
        return None if member is None else Const(member)
    return None


def constant_value(engine: Engine, path: str) -> Abstract | None:
    """A module-level object of a library that has a value of its own."""
    definition = engine.knowledge.get(path)
    if isinstance(definition, schema.ConstantValue):
        if isinstance(definition.value, CONDITIONS):
            return Built(definition.path, ())
        if isinstance(definition.value, values.Literally):
            return abstract(definition.value.literally)
    return None


# --- arguments -------------------------------------------------------------------------------------------------------


def bind(engine: Engine, state: State, signature: Signature | None, arguments: Arguments) -> Bound:
    """Arguments by parameter name; `*args` as a tuple, `**kwargs` entries under their own names.

    Parameters that are left out are missing.
    """
    bound: Bound = {}
    positional = list(arguments.positional)
    for p in () if signature is None else signature.parameters:
        if p.kind == "var-positional":
            bound[p.name] = Sequence("tuple", tuple([content_of(state, v) for v in positional]))
            positional = []
        elif p.kind in ("positional-only", "positional") and positional:
            bound[p.name] = positional.pop(0)
    for name, value in arguments.keywords:
        bound[name] = value
    if arguments.rest is not None:
        content = content_of(state, arguments.rest)
        bound["**"] = content
    return bound


def retrier_of(engine: Engine, path: str) -> repeating.Retrier:
    """The retrier that a decorator function or retrier class configures; raises KeyError for anything else."""
    definition = engine.knowledge.get(path)
    name = None
    if isinstance(definition, schema.Class):
        name = definition.retrier
    elif isinstance(definition, schema.Function) and isinstance(definition.effect, effects.Repeats):
        name = definition.effect.repeats
    elif isinstance(definition, schema.Function) and isinstance(definition.effect, effects.Runs):
        name = definition.effect.by
    retrier = None if name is None else engine.knowledge.retrier(path, name)
    if retrier is None:
        raise KeyError(path)
    return retrier


def generic_sender(engine: Engine, state: State, receiver: Abstract) -> Abstract | None:
    """What sends with any method through a client or a library's module: `getattr(client, method)` stands for that."""
    if isinstance(receiver, External):
        found = engine.knowledge.generic_sender(receiver.path)
        return None if found is None else External(found)
    path = pack_path(engine, state, receiver)
    pack = None if path is None else engine.knowledge.type(path)
    for name, method in pack.methods.items() if pack is not None else ():
        if sends_any(method):
            return Method(receiver, name)
    return None
