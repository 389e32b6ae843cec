"""Retry libraries: functions that are run again, and loops over attempts, as packs describe them."""

from __future__ import annotations

import libcst as cst

from errlint.flow import calls, conditions, described, turns
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, External, Function, Partial, Retried
from errlint.flow.described import retrier_of
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Limit
from errlint.flow.state import RUN, Arrivals, State, content_of
from errlint.flow.values import NONE, Abstract, Dictionary, Instance, Ref, Sequence, Symbol
from errlint.packs import effects, schema


def wrap(engine: Engine, policy: Built, function: Abstract, node: cst.CSTNode) -> Retried:
    """The repeating version of a function; `node` is where it is made."""
    if isinstance(function, Function):
        engine.note_origin(policy, node, function.code)
    return Retried(policy, function)


def call_pack(
    engine: Engine,
    state: State,
    definition: schema.Function,
    effect: effects.Repeats | effects.Wraps | effects.Runs | effects.Reconfigures,
    receiver: Abstract | None,
    bound: dict[str, Abstract],
    arguments: Arguments,
    node: cst.CSTNode,
) -> list[Step]:
    """Configuring and using a retrier."""
    if isinstance(effect, effects.Repeats):
        first = arguments.positional[0] if len(arguments.positional) == 1 and not arguments.keywords else None
        if effect.bare and isinstance(first, (Function, Partial, Retried)):
            return [(state, wrap(engine, Built(definition.path, ()), first, node), False)]
        signature = retrier_of(engine, definition.path).signature
        given = described.bind(engine, state, signature, arguments)
        built = Built(definition.path, _plain(state, given))
        engine.note_origin(built, node)
        return [(state, built, False)]
    if isinstance(effect, effects.Runs) and effect.by is not None:
        return _run(engine, state, definition, effect, bound, node)
    policy = receiver.policy if isinstance(receiver, Retried) else receiver
    if not isinstance(policy, Built):
        return [(state, Symbol(("retrier", id(node))), False)]
    if isinstance(effect, effects.Reconfigures):
        merged = Built(policy.path, tuple(sorted((dict(policy.arguments) | dict(_plain(state, bound))).items())))
        again = Retried(merged, receiver.function) if isinstance(receiver, Retried) else merged
        return [(state, again, False)]
    name = effect.wraps if isinstance(effect, effects.Wraps) else effect.runs
    function = bound.get(name)
    if function is None:
        return [(state, Symbol(("retrier", id(node))), False)]
    if isinstance(effect, effects.Wraps):
        return [(state, wrap(engine, policy, function, node), False)]
    rest = tuple([v for v in arguments.positional if v is not function])
    keywords = tuple([(n, v) for n, v in arguments.keywords if n != name])
    return call_repeated(engine, state, policy, function, Arguments(rest, keywords, arguments.rest), node)


def _run(
    engine: Engine,
    state: State,
    definition: schema.Function,
    effect: effects.Runs,
    bound: dict[str, Abstract],
    node: cst.CSTNode,
) -> list[Step]:
    """A function that calls another one, repeating: its other arguments say how, some of them with what."""
    known = retrier_of(engine, definition.path).signature
    built = Built(definition.path, _plain(state, {n: v for n, v in bound.items() if known.find(n)}))
    engine.note_origin(built, node)
    function = bound.get(effect.runs)
    if function is None:
        return [(state, Symbol(("retrier", id(node))), False)]
    given = content_of(state, bound.get(effect.arguments or "", _NO_ARGUMENTS))
    named = content_of(state, bound.get(effect.keywords or "", _NO_KEYWORDS))
    positional, rest = (given.items, None) if isinstance(given, Sequence) else ((), given)
    keywords: list[tuple[str, Abstract]] = []
    if isinstance(named, Dictionary) and named.rest is None:
        keywords = [(n.value, v) for n, v in named.items if type(n) is Const and isinstance(n.value, str)]
    else:
        rest = named
    arguments = Arguments(positional, tuple(keywords), rest)
    return call_repeated(engine, state, built, function, arguments, node)


_NO_ARGUMENTS, _NO_KEYWORDS = Sequence("tuple", ()), Dictionary(())


def _plain(state: State, given: dict[str, Abstract]) -> tuple[tuple[str, Abstract], ...]:
    return tuple(sorted((n, content_of(state, v)) for n, v in given.items()))


# --- running a function again ----------------------------------------------------------------------------------------


def call_repeated(
    engine: Engine, state: State, policy: Built, function: Abstract, arguments: Arguments, node: cst.CSTNode
) -> list[Step]:
    """Call a function and run it again as its policy says."""
    retrier = retrier_of(engine, policy.path)
    # A policy may repeat what another one repeats at the same call.
    depth = sum(name.startswith(_FUNCTION) for name in state.env)
    register = f"{RUN}{id(node)}-{depth}"
    names = (f"{_FUNCTION}{depth}", f"{_ARGUMENTS}{depth}", f"{_POLICY}{depth}")
    origin = engine.origin(policy, function.code) if isinstance(function, Function) else None
    results: list[Step] = []
    arrivals: dict[int, Arrivals] = {}
    state.env[register] = Const(1)
    waiting = {1: [state]}
    while waiting:
        number = min(waiting)
        point = arrivals.setdefault(number, Arrivals())
        for arriving in waiting.pop(number):
            if names[0] not in arriving.env:
                _carry(arriving, names, function, arguments, policy)
            point.add(arriving)
        for current in point.take():
            engine.spend()
            carried, given, by = _carried(current, names, arguments)
            for after, value, raised in calls.call(engine, current, carried, given, node):
                # What another policy repeats may have been renumbered.
                carried, given, by = _carried(after, names, arguments)
                run = conditions.Run(engine, retrier, by, value, raised, number, node)
                for end, again, next_number in turns.turn(run, after, origin):
                    if again:
                        end.env[register] = Const(next_number)
                        _carry(end, names, carried, given, by)
                        waiting.setdefault(next_number, []).append(end)
                    else:
                        results += turns.finish(run, end, next_number)
    for end, _, _ in results:
        end.env = {n: v for n, v in end.env.items() if n not in (register, *names)}
    return results


_FUNCTION, _ARGUMENTS, _POLICY = "%function", "%arguments", "%policy"
_Names = tuple[str, str, str]


def _carry(state: State, names: _Names, function: Abstract, arguments: Arguments, policy: Built) -> None:
    """Keep what is called, and how, in the state's variables, so that renumbering keeps it right."""
    rest = () if arguments.rest is None else (arguments.rest,)
    packed = (*arguments.positional, *[v for _, v in arguments.keywords], *rest)
    state.env.update(zip(names, (function, Sequence("tuple", packed), policy), strict=True))


def _carried(state: State, names: _Names, arguments: Arguments) -> tuple[Abstract, Arguments, Built]:
    packed, policy = state.env[names[1]], state.env[names[2]]
    assert isinstance(packed, Sequence)
    assert isinstance(policy, Built)
    count = len(arguments.positional)
    given = [n for n, _ in arguments.keywords]
    keywords = tuple(zip(given, packed.items[count : count + len(given)], strict=True))
    rest = packed.items[-1] if arguments.rest is not None else None
    return state.env[names[0]], Arguments(packed.items[:count], keywords, rest), policy


# --- loops over attempts ---------------------------------------------------------------------------------------------

_LOOP = "%attempts"
MANY_RUNS, MOST_RUNS = 24, 1_000
"""A loop that has run so often is taken to go on as long as its policy ever allows."""


def iterate(engine: Engine, state: State, policy: Built) -> Ref | None:
    """The iterator of `for attempt in retrier`; None where iterating means something else."""
    definition = engine.knowledge.get(policy.path)
    if not (isinstance(definition, schema.Class) and definition.retrier is not None):
        return None
    fields = (("number", Const(0)), ("policy", policy))
    return Ref(state.allocate(Instance(External(_LOOP), fields)))


def loop_content(state: State, value: Abstract) -> Instance | None:
    """The content of an iterator over attempts; None for anything else."""
    content = state.heap[value.id] if isinstance(value, Ref) else None
    return content if isinstance(content, Instance) and content.cls == External(_LOOP) else None


def next_attempt(
    engine: Engine, state: State, ref: Ref, content: Instance, node: cst.CSTNode
) -> list[tuple[State, Abstract | None, bool]]:
    """The next turn of a loop over attempts: the attempt; None where the loop ends; or an exception, raised."""
    policy, number = content.get("policy"), content.get("number")
    assert isinstance(policy, Built)
    if type(number) is not Const or not isinstance(number.value, int):
        raise Limit("the turns of a retry loop are too many to follow")
    retrier = retrier_of(engine, policy.path)
    manager = Built(retrier.attempt or _LOOP, (("loop", ref),))
    if number.value == 0:
        _begin(state, ref, 1)
        return [(state, manager, False)]
    count = number.value if number.value < MANY_RUNS else MOST_RUNS
    raised = content.get("exception")
    value = raised if raised is not None else content.get("result") or NONE
    ended = conditions.Run(engine, retrier, policy, value, raised is not None, count, node)
    ways: list[tuple[State, Abstract | None, bool]] = []
    for after, again, following in turns.turn(ended, state):
        if again:
            _begin(after, ref, following)
            ways.append((after, manager, False))
            continue
        for end, result, failed in turns.finish(ended, after, following):
            ways.append((end, result if failed else None, failed))
    return ways


def _begin(state: State, ref: Ref, number: int) -> None:
    content = state.heap[ref.id]
    assert isinstance(content, Instance)
    policy = content.get("policy")
    assert policy is not None
    run = Const(min(number, MANY_RUNS))
    state.heap[ref.id] = Instance(content.cls, (("number", run), ("policy", policy)))


def leave_attempt(state: State, manager: Abstract, exception: Abstract) -> bool:
    """Leave `with attempt:`; true where `manager` is an attempt, which keeps the exception to itself."""
    loop = manager.get("loop") if isinstance(manager, Built) else None
    if loop is None or loop_content(state, loop) is None:
        return False
    assert isinstance(loop, Ref)
    content = state.heap[loop.id]
    assert isinstance(content, Instance)
    if exception != NONE:
        state.heap[loop.id] = content.with_field("exception", exception)
    return True
