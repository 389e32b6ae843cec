"""Retry libraries: functions that are run again, and loops over attempts, as packs describe them."""

from __future__ import annotations

import libcst as cst

from errlint import outcomes
from errlint.flow import calls, construction, delays, described, instances
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Function, Partial, Retried
from errlint.flow.described import retrier_of
from errlint.flow.engine import Engine, Step
from errlint.flow.ir import Const
from errlint.flow.record import Limit, Rerun
from errlint.flow.splitting import truths
from errlint.flow.state import Arrivals, State, content_of
from errlint.flow.values import NONE, Abstract, Fault, Instance, Ref, Sequence, Symbol
from errlint.packs import effects, repeating, schema, values

RETRIER = frozenset({"retrier"})
EXACT_RUNS = 12
_MANY = EXACT_RUNS + 1
Verdict = tuple[State, bool | None]
_CALLABLE = (Function, Partial, External)


def wrap(engine: Engine, policy: Built, function: Abstract, node: cst.CSTNode) -> Retried:
    """The repeating version of a function; `node` is where it is made."""
    if isinstance(function, Function):
        engine.wrapped[policy, id(function.code)] = node
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
        engine.origins.setdefault(built, node)
        return [(state, built, False)]
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
    register, names = f"%run{id(node)}-{depth}", (f"{_FUNCTION}{depth}", f"{_ARGUMENTS}{depth}")
    origin = engine.wrapped.get((policy, id(function.code))) if isinstance(function, Function) else None
    results: list[Step] = []
    arrivals: dict[int, Arrivals] = {}
    state.env[register] = Const(1)
    waiting = {1: [state]}
    while waiting:
        number = min(waiting)
        point = arrivals.setdefault(number, Arrivals())
        for arriving in waiting.pop(number):
            if names[0] not in arriving.env:
                _carry(arriving, names, function, arguments)
            point.add(arriving)
        for current in point.take():
            engine.spend()
            carried, given = _carried(current, names, arguments)
            for after, value, raised in calls.call(engine, current, carried, given, node):
                for end, again, next_number in turn(
                    engine, after, retrier, policy, value, raised, number, node, origin
                ):
                    if again:
                        end.env[register] = Const(next_number)
                        _carry(end, names, carried, given)
                        waiting.setdefault(next_number, []).append(end)
                    else:
                        results += finish(engine, end, retrier, policy, value, raised, next_number, node)
    for end, _, _ in results:
        end.env = {n: v for n, v in end.env.items() if n not in (register, *names)}
    return results


_FUNCTION, _ARGUMENTS = "%function", "%arguments"


def _carry(state: State, names: tuple[str, str], function: Abstract, arguments: Arguments) -> None:
    """Keep what is called in the state's variables, so that renumbering keeps it right."""
    rest = () if arguments.rest is None else (arguments.rest,)
    packed = (*arguments.positional, *[v for _, v in arguments.keywords], *rest)
    state.env[names[0]], state.env[names[1]] = function, Sequence("tuple", packed)


def _carried(state: State, names: tuple[str, str], arguments: Arguments) -> tuple[Abstract, Arguments]:
    packed = state.env[names[1]]
    assert isinstance(packed, Sequence)
    count = len(arguments.positional)
    given = [n for n, _ in arguments.keywords]
    keywords = tuple(zip(given, packed.items[count : count + len(given)], strict=True))
    rest = packed.items[-1] if arguments.rest is not None else None
    return state.env[names[0]], Arguments(packed.items[:count], keywords, rest)


def turn(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    raised: bool,
    number: int,
    node: cst.CSTNode,
    origin: cst.CSTNode | None = None,
) -> list[tuple[State, bool, int]]:
    """What follows a run: (state, whether to run again, number of the next run or -1 where it was exhausted)."""
    ways: list[tuple[State, bool, int]] = []
    for decided, wanted in _wanted(engine, state, retrier, policy, value, raised, number, node):
        for again in (True, False) if wanted is None else (wanted,):
            after = decided.copy() if wanted is None else decided
            if wanted is None:
                engine.decide(after, node, again, frozenset({"unknown"}))
            if not again:
                ways.append((after, False, 0))
                continue
            for willing, resigned in _resigned(engine, after, retrier, policy, value, raised, number, node):
                if resigned:
                    ways.append((willing, False, -1))
                    continue
                place = origin or engine.origins.get(policy, node)
                ways += _next_runs(engine, willing, retrier, policy, value, raised, number, node, place)
    return ways


def _next_runs(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    raised: bool,
    number: int,
    node: cst.CSTNode,
    place: cst.CSTNode,
) -> list[tuple[State, bool, int]]:
    """The way to another run that is wanted, and the way on where the stop forbids it."""
    ways: list[tuple[State, bool, int]] = []
    bound = _attempts(engine, retrier.stop, policy)
    stopped = _stops(engine, retrier.stop, policy, number)
    if stopped is None:
        over = state.copy()
        engine.decide(over, node, False, frozenset({"clock"}))
        engine.decide(state, node, True, frozenset({"clock"}))
        ways.append((over, False, -1))
    if stopped:
        return [(state, False, -1)]
    engine.decide(state, place, True, RETRIER)
    if state.pending:
        engine.record.note(Rerun(place, policy), outcomes.EVERYTHING)
    for after, wait in _waits(engine, state, retrier, policy, value, number, node):
        engine.wait(after, wait)
        following = _following(number, bound)
        ways += [(after if i == 0 else after.copy(), True, n) for i, n in enumerate(following)]
    return ways


def _waits(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    number: int,
    node: cst.CSTNode,
) -> list[tuple[State, Abstract]]:
    """How long it is waited before the next run; a callable of the project is asked."""
    asked = delays.callable_of(engine, retrier.wait, policy)
    answers: list[tuple[State, Abstract | None]] = [(state, None)]
    if isinstance(asked, (Function, Partial, Ref)):
        steps = calls.call(engine, state, asked, Arguments((value,)), node)
        answers = [(after, answer) for after, answer, raised in steps if not raised]
    return [(after, delays.wait_of(engine, retrier.wait, policy, number, answer)) for after, answer in answers]


def _resigned(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    raised: bool,
    number: int,
    node: cst.CSTNode,
) -> list[tuple[State, bool]]:
    """Whether the retrier gives up on an end that it would run again."""
    if retrier.gives_up == "never":
        return [(state, False)]
    judge = _Judge(engine, retrier, value, raised, number, node)
    ways: list[tuple[State, bool]] = []
    for decided, answer in judge.holds(state, retrier.gives_up, policy):
        for resigned in (True, False) if answer is None else (answer,):
            after = decided.copy() if answer is None else decided
            if answer is None:
                engine.decide(after, node, not resigned, frozenset({"unknown"}))
            ways.append((after, resigned))
    return ways


def _following(number: int, bound: int | None) -> list[int]:
    if bound is None:
        return [min(number + 1, _MANY)]
    if bound <= EXACT_RUNS or number < EXACT_RUNS:
        return [number + 1]
    return [EXACT_RUNS, bound]


def finish(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    raised: bool,
    outcome: int,
    node: cst.CSTNode,
) -> list[Step]:
    """The end of the last run: as it was, or (outcome -1) what the retrier makes of exhaustion."""
    if outcome != -1:
        return [(state, value, raised)]
    exhausted = retrier.exhausted
    if exhausted.callback is not None:
        callback = delays.parameter(engine, policy, exhausted.callback)
        if callback is not None and callback != NONE:
            given = Arguments((_retry_state(retrier, value, raised, 0),))
            return calls.call(engine, state, callback, given, node)
    reraise = (
        delays.parameter(engine, policy, exhausted.reraise)
        if isinstance(exhausted.reraise, str)
        else Const(exhausted.reraise)
    )
    if raised and type(reraise) is Const and reraise.value:
        return [(state, value, True)]
    if exhausted.result == "none":
        return [(state, NONE, False)]
    if not raised and exhausted.result == "last":
        return [(state, value, False)]
    error = exhausted.error
    cls = delays.parameter(engine, policy, error) if isinstance(error, str) else None
    if isinstance(cls, Class):
        return [(s, v, True) for s, v, _ in construction.instantiate(engine, state, cls, Arguments(), node)]
    path = cls.path if isinstance(cls, External) else str(cls.origin[1]) if isinstance(cls, Symbol) else "Exception"
    attempt = value.attempt if isinstance(value, Fault) else None
    return [
        (state, Fault(engine.knowledge.canonical(path) or path, None, value if attempt is not None else None), True)
    ]


# --- conditions ------------------------------------------------------------------------------------------------------


def _retry_state(retrier: repeating.Retrier, value: Abstract, raised: bool, number: int) -> Abstract:
    if retrier.state is None:
        return Symbol(("retry state",))
    outcome = (("exception", value),) if raised else (("result", value),)
    return Built(retrier.state, (*outcome, ("number", Const(number))))


def _wanted(
    engine: Engine,
    state: State,
    retrier: repeating.Retrier,
    policy: Built,
    value: Abstract,
    raised: bool,
    number: int,
    node: cst.CSTNode,
) -> list[Verdict]:
    """Whether the end of a run asks for another one."""
    if retrier.enabled is not None:
        enabled = delays.parameter(engine, policy, retrier.enabled)
        if type(enabled) is Const and not enabled.value:
            return [(state, False)]
    if raised and retrier.always:
        classes = Sequence("tuple", tuple([External(p) for p in retrier.always]))
        if instances.is_instance(engine, state, value, classes):
            return [(state, True)]
    if raised and instances.is_instance(engine, state, value, External("Exception")) is False:
        return [(state, False)]
    judge = _Judge(engine, retrier, value, raised, number, node)
    return judge.holds(state, retrier.condition, policy)


class _Judge:
    """Evaluates a condition for the end of one run; what it is about is carried in the state's variables."""

    def __init__(
        self, engine: Engine, retrier: repeating.Retrier, value: Abstract, raised: bool, number: int, node: cst.CSTNode
    ) -> None:
        self.engine = engine
        self.retrier = retrier
        self.value = value
        self.raised = raised
        self.number = number
        self.node = node

    def holds(self, state: State, condition: repeating.Condition, built: Built) -> list[Verdict]:
        if isinstance(condition, str):
            return [(state, {"always": True, "never": False}.get(condition))]
        if isinstance(condition, repeating.Raised):
            if not self.raised:
                return [(state, False)]
            types = self._types(condition.raised, built)
            return [(state, None if types is None else instances.is_instance(self.engine, state, self.value, types))]
        if isinstance(condition, repeating.ExceptionCheck):
            if not self.raised:
                return [(state, False)]
            if condition.otherwise is not None and built.get(condition.exception_check) is None:
                return [(state, condition.otherwise)]
            return self._check(state, condition.exception_check, built)
        if isinstance(condition, repeating.ResultCheck):
            return [(state, False)] if self.raised else self._check(state, condition.result_check, built)
        if isinstance(condition, repeating.Not):
            return [(s, None if v is None else not v) for s, v in self.holds(state, condition.not_, built)]
        if isinstance(condition, repeating.AllOf):
            return self._several(state, condition.all, built, stop_at=False)
        if isinstance(condition, repeating.AnyOf):
            return self._several(state, condition.any, built, stop_at=True)
        if isinstance(condition, repeating.GivenCondition):
            return self._given(state, delays.parameter(self.engine, built, condition.given))
        return [(state, None)]

    def _types(self, types: repeating.Types, built: Built) -> Abstract | None:
        if isinstance(types, str):
            return delays.parameter(self.engine, built, types)
        return Sequence("tuple", tuple([External(p) for p in types]))

    def _check(self, state: State, name: str, built: Built) -> list[Verdict]:
        predicate = delays.parameter(self.engine, built, name)
        return [(state, None)] if predicate is None else self._call(state, predicate, self.value)

    def _call(self, state: State, predicate: Abstract, argument: Abstract) -> list[Verdict]:
        known = isinstance(predicate, External) and self.engine.knowledge.function(predicate.path) is not None
        if not (known or isinstance(predicate, (Function, Partial, Ref))):
            return [(state, None)]
        verdicts: list[Verdict] = []
        steps = calls.call(self.engine, state, predicate, Arguments((argument,)), self.node)
        for after, answer, raised in steps:
            if not raised:
                verdicts += truths(self.engine, after, answer, self.node)
        return verdicts

    def _several(
        self, state: State, source: str | tuple[repeating.Condition, ...], built: Built, stop_at: bool
    ) -> list[Verdict]:
        if isinstance(source, str):
            held = delays.parameter(self.engine, built, source)
            parts: list[Abstract | repeating.Condition] = list(held.items) if isinstance(held, Sequence) else []
            if not parts:
                return [(state, None)]
        else:
            parts = list(source)
        open_: list[Verdict] = [(state, not stop_at)]
        done: list[Verdict] = []
        for part in parts:
            following: list[Verdict] = []
            for current, so_far in open_:
                if isinstance(part, (Built, Function, Partial, External, Symbol)):
                    answers = self._given(current, part)
                else:
                    answers = self.holds(current, part, built)  # type: ignore[arg-type]
                for after, answer in answers:
                    if answer is stop_at:
                        done.append((after, stop_at))
                    else:
                        following.append((after, None if answer is None or so_far is None else so_far))
            open_ = following
        return done + open_

    def _given(self, state: State, value: Abstract | None) -> list[Verdict]:
        if isinstance(value, Built):
            if value.path in delays.COMBINED:
                combined = Built(value.path, (("parts", Sequence("tuple", tuple([v for _, v in value.arguments]))),))
                return self._several(state, "parts", combined, stop_at=value.path == "%|")
            made = _made(self.engine, value)
            if isinstance(made, values.MakesCondition):
                return self.holds(state, made.condition, value)
            return [(state, None)]
        if isinstance(value, (Function, Partial)):
            return self._call(state, value, _retry_state(self.retrier, self.value, self.raised, self.number))
        return [(state, None)]


def _made(engine: Engine, value: Built) -> values.Value | None:
    definition = engine.knowledge.get(value.path)
    if isinstance(definition, schema.Function):
        return definition.returns
    return definition.value if isinstance(definition, schema.ConstantValue) else None


# --- stops -----------------------------------------------------------------------------------------------------------


def _stops(engine: Engine, stop: repeating.Stop, built: Built, number: int) -> bool | None:
    """Whether no run follows run `number`; None where time decides."""
    if isinstance(stop, str):
        return False if stop == "never" else None
    if isinstance(stop, repeating.AfterAttempts):
        limit = delays._operand(engine, built, stop.attempts)
        if type(limit) is Const and isinstance(limit.value, (int, float)):
            return number >= limit.value
        return False if limit == NONE else None
    if isinstance(stop, repeating.AfterDelay):
        seconds = delays._operand(engine, built, stop.seconds)
        return False if seconds == NONE else None
    if isinstance(stop, repeating.GivenStop):
        return _given_stop(engine, delays.parameter(engine, built, stop.given), number)
    answers = [
        _given_stop(engine, part, number) if isinstance(part, Built) else _stops(engine, part, built, number)
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
        made = _made(engine, value)
        if isinstance(made, values.MakesStop):
            return _stops(engine, made.stop, value, number)
    return None


def _attempts(engine: Engine, stop: repeating.Stop, built: Built) -> int | None:
    """The number of runs that a stop allows at most; None where it does not count them."""
    return next((n for n in range(1, 200) if _stops(engine, stop, built, n)), None)


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
    run = number.value if number.value < MANY_RUNS else MOST_RUNS
    raised = content.get("exception")
    value = raised if raised is not None else content.get("result") or NONE
    ways: list[tuple[State, Abstract | None, bool]] = []
    for after, again, following in turn(engine, state, retrier, policy, value, raised is not None, run, node):
        if again:
            _begin(after, ref, following)
            ways.append((after, manager, False))
            continue
        for end, result, failed in finish(engine, after, retrier, policy, value, raised is not None, following, node):
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
