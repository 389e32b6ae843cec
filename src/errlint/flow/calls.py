"""Calls: into functions, methods and classes of the project; everything else is handed to its module."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from errlint import outcomes
from errlint.flow import access, containers, library, repetition, texts, witness
from errlint.flow.budget import TooLong
from errlint.flow.engine import Attach, Engine, Step
from errlint.flow.evaluate import Raised, abstract, decisive_attempts
from errlint.flow.held import Attribute, annotation_path
from errlint.flow.ir import Code, Const, Parameter
from errlint.flow.record import Called, Mark
from errlint.flow.state import DETACHED, Attempt, Pending, State, content_of
from errlint.flow.values import (
    NONE,
    Abstract,
    Among,
    Answer,
    Apply,
    Built,
    Class,
    Dictionary,
    External,
    Fault,
    Function,
    Instance,
    Member,
    Method,
    Partial,
    Ref,
    Retried,
    Sequence,
    Symbol,
    Value,
    ids_of,
    ids_of_all,
    leaves,
    rename,
)

MAX_SPLIT = 24


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call; `rest` stands for `*` and `**` arguments that are not known."""

    positional: tuple[Abstract, ...] = ()
    keywords: tuple[tuple[str, Abstract], ...] = ()
    rest: Abstract | None = None

    def all(self) -> tuple[Abstract, ...]:
        tail = () if self.rest is None else (self.rest,)
        return (*self.positional, *[v for _, v in self.keywords], *tail)

    def get(self, name: str) -> Abstract | None:
        return next((v for n, v in self.keywords if n == name), None)

    def after(self, *first: Abstract) -> Arguments:
        return Arguments((*first, *self.positional), self.keywords, self.rest)


def settled(engine: Engine, state: State, value: Abstract) -> list[Step] | None:
    """Split the state so that a value which an outcome decides becomes known; None where none decides it."""
    if not isinstance(value, (Apply, Among)):
        return None
    attempts = decisive_attempts(value)
    if len(attempts) != 1:
        return None
    attempt = attempts.pop()
    groups = engine.partitions.by_value(value, attempt, state.masks[attempt])
    if None in groups or len(groups) > MAX_SPLIT:
        return None
    steps: list[Step] = []
    for result, mask in groups.items():
        branch = state.copy()
        branch.narrow(attempt, mask)
        if isinstance(result, Raised):
            steps.append((branch, Fault(result.path), True))
        else:
            assert result is not None
            steps.append((branch, result, False))
    return steps


def call(engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """`function(*arguments)`, with everything that it does to the state."""
    engine.spend()
    engine.record.mark(node, Mark.CALLED)
    if state.last:
        followed = isinstance(function, (Function, Class, Retried))
        name = function.code.name if isinstance(function, Function) else _name(function)
        for site, attempt in state.last.items():
            engine.record.note(Called(node, name, site, followed), state.masks[attempt])
        texts.note_call(engine, state, node, function, arguments.positional)
    if isinstance(function, Function):
        return call_function(engine, state, function, arguments, node)
    if isinstance(function, Class):
        return instantiate(engine, state, function, arguments, node)
    if isinstance(function, External):
        return library.call_external(engine, state, function, arguments, node)
    if isinstance(function, Method):
        return _call_method(engine, state, function, arguments, node)
    if isinstance(function, Partial):
        keywords = dict(function.keywords) | dict(arguments.keywords)
        merged = Arguments((*function.arguments, *arguments.positional), tuple(keywords.items()), arguments.rest)
        return call(engine, state, function.function, merged, node)
    if isinstance(function, Retried):
        return repetition.call_repeated(engine, state, function.policy, function.function, arguments, node)
    if isinstance(function, Built):
        return library.call_instance(engine, state, function, arguments, node)
    if isinstance(function, Ref):
        method = special_method(engine, state, function, "__call__", node)
        if method is not None:
            return call(engine, state, method, arguments, node)
    if type(function) is Const:
        return [(state, Fault("TypeError"), True)]
    split = settled(engine, state, function)
    if split is not None:
        return [
            step
            for s, v, raised in split
            for step in ([(s, v, True)] if raised else call(engine, s, v, arguments, node))
        ]
    return call_unknown(engine, state, function, arguments, node)


def apart(engine: Engine, state: State, function: Abstract, argument: Abstract, node: cst.CSTNode) -> list[Step]:
    """Call something with one argument outside any function."""
    return [s for s in call(engine, state, function, Arguments((argument,)), node) if not s[0].phantom]


# --- functions of the project ----------------------------------------------------------------------------------------


def bind(engine: Engine, state: State, function: Function, arguments: Arguments) -> dict[str, Abstract] | None:
    """The parameters' values; None where the arguments do not fit (a TypeError)."""
    code = function.code
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, function.receiver)
    keywords = dict(arguments.keywords)
    defaults = dict(function.defaults)
    env: dict[str, Abstract] = {}
    for p in code.parameters:
        if p.kind == "var-positional":
            env[p.name] = Sequence("tuple", tuple(positional))
            positional = []
        elif p.kind == "var-keyword":
            number = state.allocate(Dictionary(tuple([(Const(n), v) for n, v in keywords.items()]), arguments.rest))
            env[p.name] = Ref(number)
            keywords = {}
        elif p.kind != "keyword-only" and positional:
            env[p.name] = positional.pop(0)
        elif p.name in keywords and p.kind != "positional-only":
            env[p.name] = keywords.pop(p.name)
        elif arguments.rest is not None:
            env[p.name] = Apply("item", (arguments.rest, Const(p.name)))
        elif p.name in defaults:
            env[p.name] = defaults[p.name]
        elif p.has_default:
            env[p.name] = Symbol(("default", code.qualname, p.name))
        else:
            return None
    return None if positional or keywords else env


def parameter_value(code: Code, parameter: Parameter) -> Abstract:
    """What is known of a parameter that nobody has given a value."""
    path = annotation_path(code.module, parameter.annotation)
    return Symbol(("parameter", code.qualname, parameter.name), path, "annotated" if path else "assumed")


def call_function(
    engine: Engine, state: State, function: Function, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A function of the project, followed into with the actual arguments."""
    code = function.code
    env = bind(engine, state, function, arguments)
    if env is None:
        return [(state, Fault("TypeError"), True)]
    if function.frames:
        env["%frames"] = Sequence("tuple", function.frames)
    if code.is_generator:
        engine.record.mark(node, Mark.STRANGE)
        return [(state, Symbol(("generator", id(node))), False)]
    if code in engine.budget.too_large and engine.frames[1:]:
        return _pass_by(engine, state, function, arguments, node)
    if _concerns_requests(engine, state, code, env):
        return [_as_annotated(engine, code, step) for step in enter(engine, state, code, env, node)]
    if not engine.budget.is_economical() and code not in engine.budget.passed_by:
        try:
            with engine.budget.errand():
                return enter(engine, state, code, env, node)
        except TooLong:
            engine.budget.passed_by.add(code)
    return _pass_by(engine, state, function, arguments, node)


def _as_annotated(engine: Engine, code: Code, step: Step) -> Step:
    """Where it is not known what a function returned, its annotation may say that it is a client."""
    state, value, raised = step
    if raised or not isinstance(value, (Symbol, Apply)) or (isinstance(value, Symbol) and value.type is not None):
        return step
    path = annotation_path(code.module, code.returns)
    pack = None if path is None else engine.knowledge.type(path)
    if pack is None or pack.client is None:
        return step
    return state, Symbol(("returned", value), path, "annotated"), raised


def _concerns_requests(engine: Engine, state: State, code: Code, env: dict[str, Abstract]) -> bool:
    """Whether a function may send, or is given anything of an attempt."""
    if code.parent is not None or code.kind != "function":
        return True
    if engine.budget.constructing:
        return engine.survey.gives_client(code) or code.name == "__init__"
    if engine.survey.matters(code):
        return True
    if any(isinstance(value, (Function, Method, Partial, Retried)) for value in env.values()):
        return True
    return any(isinstance(state.heap[number], Attempt) for number in state.reachable(ids_of_all(env.values())))


def _pass_by(engine: Engine, state: State, function: Function, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """A call that is not followed: its result is unknown, and the objects it is given may change."""
    code = function.code
    engine.inexact(f"{code.qualname} is not followed")
    for value in (*arguments.all(), *([] if function.receiver is None else [function.receiver])):
        if isinstance(value, Ref):
            content = state.heap[value.id]
            if isinstance(content, Instance):
                state.put(value.id, Instance(content.cls, content.fields, True))
            else:
                access.forget(state, value)
    if state.pending:
        # It may wait; a moment of the clock is a delay of which nothing is known.
        engine.wait(state, Symbol(("clock", "passed by", code.qualname)))
    data = tuple([_content(state, v) for v in arguments.all()])
    name = Symbol(("function", code.module.name, code.qualname))
    return [(state, _outcome_of_call(engine, state, name, data, node), False)]


def circumstances(state: State) -> tuple[object, ...]:
    """What of a state tells one turn of a loop from another: everything in it that names no object."""
    plain = [(n, v) for n, v in state.env.items() if not ids_of(v)]
    fields = [
        (i, n, v)
        for i, content in state.heap.items()
        if isinstance(content, Instance)
        for n, v in content.fields
        if type(v) is Const
    ]
    return (state.context, frozenset(plain), tuple(v for _, _, v in sorted(fields, key=lambda f: (f[0], f[1]))))


_CALLERS = Const("%callers")
"""Stands for the callers' pending requests in a detached call: collects decisions and waits for them."""


def enter(engine: Engine, state: State, code: Code, env: dict[str, Abstract], node: cst.CSTNode) -> list[Step]:
    """Run `code` with these parameters on the part of the state that it can see, and put the results back."""
    if id(code) not in engine.attached:
        try:
            return _enter(engine, state, code, env, DETACHED)
        except Attach:
            if state.context == DETACHED:
                raise
    if state.context == DETACHED:
        raise Attach
    where = circumstances(state)
    # A recursive call stands for all deeper ones with the same arguments: only the first one's callers tell it apart.
    first = next((f for f in engine.frames[1:] if f.code is code and f.context != DETACHED), None)
    context = engine.token(id(node), where if first is None else (first.context, *where[1:]))
    return _enter(engine, state, code, env, context)


def _enter(engine: Engine, state: State, code: Code, env: dict[str, Abstract], context: int) -> list[Step]:
    callee = State(env=env, context=context, phantom=state.phantom, next_id=state.next_id)
    callee.globals = dict(state.globals)
    if context != DETACHED:
        callee.pending, callee.last = dict(state.pending), dict(state.last)
    numbers = state.reachable([*ids_of_all(env.values()), *callee.roots()])
    callee.heap = {i: state.heap[i] for i in numbers}
    callee.masks = {i: state.masks[i] for i in numbers if i in state.masks}
    callee.anchors = tuple(numbers)
    if context == DETACHED:
        callee.pending = {_CALLERS: Pending(callee.allocate(Attempt(-1, ""), outcomes.FAILURES))}
    steps: list[Step] = []
    for exit_ in engine.run(code, callee):
        after = state.copy()
        inner = exit_.state
        renaming = dict(zip(inner.anchors, numbers, strict=True))
        during = inner.pending.get(_CALLERS)
        for number in inner.heap:
            if number not in renaming and not (during is not None and number == during.attempt):
                renaming[number] = after.next_id
                after.next_id += 1
        for number, into in renaming.items():
            after.heap[into] = inner.heap[number].renamed(renaming)
            if number in inner.masks:
                after.masks[into] = inner.masks[number]
        if during is not None:
            waits = tuple([rename(w, renaming) for w in during.waits])
            after.pending = {
                request: Pending(p.attempt, (*p.waits, *waits), p.decisions | during.decisions, p.sends)
                for request, p in after.pending.items()
            }
        else:
            inner_copy = inner.copy()
            inner_copy.env = {}
            _rename_requests(inner_copy, renaming)
            after.pending, after.last = inner_copy.pending, inner_copy.last
        after.globals = {n: rename(v, renaming) for n, v in inner.globals.items()}
        after.phantom = inner.phantom
        steps.append((after, rename(exit_.value, renaming), exit_.raised))
    return steps


def _rename_requests(state: State, renaming: dict[int, int]) -> None:
    state.pending = {
        rename(identity, renaming): Pending(
            renaming[p.attempt], tuple([rename(w, renaming) for w in p.waits]), p.decisions, p.sends
        )
        for identity, p in state.pending.items()
    }
    state.last = {site: renaming[attempt] for site, attempt in state.last.items()}


# --- classes of the project ------------------------------------------------------------------------------------------


def is_enum(engine: Engine, cls: Class) -> Literal["", "opaque", "transparent"]:
    """Whether a class is an enumeration, and whether its members equal their values."""
    lineage = engine.names.lineage(engine, cls)
    paths = {base.path for base in lineage if isinstance(base, External)}
    if paths & {"enum.IntEnum", "enum.StrEnum", "enum.IntFlag"}:
        return "transparent"
    if paths & {"enum.Enum", "enum.Flag"}:
        return "transparent" if paths & {"int", "str"} else "opaque"
    return ""


def exception_base(engine: Engine, cls: Class) -> str | None:
    """The outside exception class that a project class derives from; None where it is no exception class."""
    for base in engine.names.lineage(engine, cls):
        if isinstance(base, External) and engine.knowledge.exception(base.path) is not None:
            return base.path
    return None


def instantiate(engine: Engine, state: State, cls: Class, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    """`cls(*arguments)`."""
    if is_enum(engine, cls):
        return [(state, _member_of(engine, state, cls, arguments), False)]
    number = state.allocate(Instance(cls))
    ref = Ref(number)
    if exception_base(engine, cls) is not None:
        _set(state, ref, "args", Sequence("tuple", arguments.positional))
    return [(s, v if raised else ref, raised) for s, v, raised in construct(engine, state, cls, ref, arguments, node)]


def _member_of(engine: Engine, state: State, cls: Class, arguments: Arguments) -> Abstract:
    if len(arguments.positional) == 1:
        wanted = arguments.positional[0]
        for name in cls.definition.bindings:
            steps = access.get_attribute(engine, state, cls, name, cls.definition.node)
            member = steps[0][1] if steps else None
            if isinstance(member, Member) and member.value == wanted:
                return member
    return Symbol(("member", cls.definition.qualname, *arguments.positional))


def construct(
    engine: Engine,
    state: State,
    cls: Class,
    ref: Ref,
    arguments: Arguments | None = None,
    node: cst.CSTNode | None = None,
) -> list[Step]:
    """Run the constructor on a new instance; without `arguments` with defaults and unknown values."""
    where = node or cls.definition.node
    found = engine.names.attribute(engine, cls, "__init__")
    if isinstance(found, Attribute):
        value = found.held.put_into(state)
        if isinstance(value, Function):
            bound = Function(value.code, value.frames, value.defaults, ref)
            given = arguments or _unknown_arguments(value)
            return call_function(engine, state, bound, given, where)
        return [(state, NONE, False)]
    if arguments is None:
        return [(state, NONE, False)]
    if any(isinstance(c, Class) and c.definition.is_dataclass for c in engine.names.lineage(engine, cls)):
        _set_dataclass_fields(engine, state, cls, ref, arguments)
    elif isinstance(found, External):
        library.initialise(engine, state, found.path, ref, arguments)
    return [(state, NONE, False)]


def _unknown_arguments(function: Function) -> Arguments:
    given = dict(function.defaults)
    keywords = [
        (p.name, parameter_value(function.code, p))
        for p in function.code.parameters[1:]
        if p.kind in ("positional", "keyword-only") and p.name not in given
    ]
    return Arguments((), tuple(keywords))


def _set(state: State, ref: Ref, name: str, value: Abstract) -> None:
    access.set_attribute(None, state, ref, name, value)  # type: ignore[arg-type]


def _set_dataclass_fields(engine: Engine, state: State, cls: Class, ref: Ref, arguments: Arguments) -> None:
    names: dict[str, Abstract | None] = {}
    for base in reversed([c for c in engine.names.lineage(engine, cls) if isinstance(c, Class)]):
        for name, bindings in base.definition.bindings.items():
            if bindings[-1].annotation is not None:
                has_default = bindings[-1].code is not None
                found = engine.names.attribute(engine, base, name) if has_default else None
                names[name] = found.held.put_into(state) if isinstance(found, Attribute) else None
    positional = list(arguments.positional)
    for name, default in names.items():
        value = positional.pop(0) if positional else arguments.get(name)
        if value is None:
            value = default if default is not None else Symbol(("field", cls.definition.qualname, name))
        _set(state, ref, name, value)


def special_method(engine: Engine, state: State, value: Abstract, name: str, node: cst.CSTNode) -> Abstract | None:
    """A `__method__` that the class of an instance defines in the project, bound to it."""
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, Instance) and isinstance(content.cls, Class):
            found = engine.names.attribute(engine, content.cls, name)
            if isinstance(found, Attribute):
                function = found.held.put_into(state)
                if isinstance(function, Function):
                    return Function(function.code, function.frames, function.defaults, value)
    return None


# --- what is not followed --------------------------------------------------------------------------------------------


def _call_method(engine: Engine, state: State, method: Method, arguments: Arguments, node: cst.CSTNode) -> list[Step]:
    receiver = method.receiver
    if isinstance(receiver, Ref) and not isinstance(state.heap[receiver.id], Instance):
        return containers.call_method(engine, state, receiver, method.name, arguments, node)
    if type(receiver) is Const or isinstance(receiver, (Sequence, Dictionary, Apply)):
        return containers.call_method(engine, state, receiver, method.name, arguments, node)
    return library.call_method(engine, state, method, arguments, node)


LOGGING = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success"]
)


def call_unknown(
    engine: Engine, state: State, function: Abstract, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A call of something errlint cannot see into: the result is unknown, and what it is given may be changed."""
    name = _name(function)
    client = engine.survey.client_assumed(node)
    if client is not None:
        return _call_assumed(engine, state, client, function, arguments, node)
    if not name.endswith(_EXCEPTIONAL):
        witness.unseen(engine, state, function, name, arguments.all(), node)
    given = arguments.all()
    for value in given:
        _hand_over(engine, state, function, name, value)
    if isinstance(function, External) and _looks_like_class(function.path):
        fields = (("args", Sequence("tuple", arguments.positional)),)
        return [(state, Ref(state.allocate(Instance(function, fields, True))), False)]
    data = [_content(state, v) for v in given]
    return [(state, _outcome_of_call(engine, state, function, tuple(data), node), False)]


_EXCEPTIONAL = ("Error", "Exception", "Failure")
"""How outside classes are called that only tell of what has been decided."""


def _call_assumed(
    engine: Engine, state: State, client: str, function: Abstract, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """A call that is taken for one of a client's method, from its name and what is made of its result."""
    origin = function.operands[0] if isinstance(function, Apply) else function
    receiver = Symbol(("assumed", _content(state, origin)), client, "assumed")
    return library.call_method(engine, state, Method(receiver, _name(function).rpartition(".")[2]), arguments, node)


def _looks_like_class(path: str) -> bool:
    """Whether an outside name is written as classes are; those of Python itself are left to their own rules."""
    name = path.rpartition(".")[2]
    return name[:1].isupper() and not name.isupper() and path.partition(".")[0] not in sys.stdlib_module_names


def _outcome_of_call(
    engine: Engine, state: State, function: Abstract, data: tuple[Abstract, ...], node: cst.CSTNode
) -> Abstract:
    """The same value for the same operands, unless the call is made only after a failure (see `dominance`)."""
    from errlint.flow.dominance import only_after_failure
    from errlint.flow.evaluate import apply
    from errlint.flow.widen import fresh

    if state.pending and only_after_failure(engine, node):
        return fresh(state, "call", id(node))
    result = apply("call", (_content(state, function), *data))
    return Symbol(("call", id(node))) if isinstance(result, Raised) else result


def _content(state: State, value: Abstract) -> Abstract:
    content = content_of(state, value)
    if isinstance(content, Ref):
        return Symbol(("object", content.id))
    if isinstance(content, (Function, Method, Partial, Retried)):
        return Symbol(("callable",))
    return content


def _name(function: Abstract) -> str:
    if isinstance(function, External):
        return function.path
    if isinstance(function, Method):
        return function.name
    if isinstance(function, Apply) and function.operator == "attribute":
        last = function.operands[1]
        return str(last.value) if type(last) is Const else ""
    return ""


def _hand_over(engine: Engine, state: State, function: Abstract, name: str, value: Abstract) -> None:
    harmless = name.rpartition(".")[2] in LOGGING or is_standard(name, function)
    content = content_of(state, value)
    if isinstance(value, (Function, Retried)) and not (harmless and _is_lambda(value)):
        engine.inexact(f"a function is handed to {name or 'something unknown'}")
    if harmless:
        return
    if any(isinstance(leaf, (Answer, Fault)) and ids_of(leaf) for leaf in leaves(content)):
        engine.inexact(f"a response or its failure is handed to {name or 'something unknown'}")
    if isinstance(value, Ref) and not isinstance(state.heap[value.id], Instance):
        access.forget(state, value)


def _is_lambda(value: Abstract) -> bool:
    return isinstance(value, Function) and value.code.kind == "lambda"


def is_standard(name: str, function: Abstract) -> bool:
    """Whether a function belongs to Python itself."""
    if not isinstance(function, External):
        return False
    return "." not in function.path or function.path.partition(".")[0] in sys.stdlib_module_names


_TRANSPARENT = frozenset(
    {
        "functools.wraps",
        "functools.lru_cache",
        "functools.cache",
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "typing.no_type_check",
        "staticmethod",
    }
)


def is_transparent_decorator(engine: Engine, decorator: Abstract) -> bool:
    """A decorator of Python's own that leaves what a call does as it is."""
    if isinstance(decorator, Partial):
        decorator = decorator.function
    if isinstance(decorator, Apply) and decorator.operator == "call":
        decorator = decorator.operands[0]
    return isinstance(decorator, External) and decorator.path in _TRANSPARENT


def attempt_of(state: State, value: Abstract) -> int | None:
    """The attempt whose answer or failure a value is."""
    if isinstance(value, (Answer, Fault)):
        return value.attempt
    return None


__all__ = ["Arguments", "Attempt", "Member", "Value", "abstract", "call"]
