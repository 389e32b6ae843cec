"""The analysis of one module: which functions to run, from which states, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import libcst as cst

from errlint import outcomes
from errlint.flow import binding, calls, ops, table
from errlint.flow.arguments import Arguments
from errlint.flow.budget import NothingSent
from errlint.flow.callables import Class, External, Function, Partial, Retried
from errlint.flow.code import Code, ModuleCode, TooDeep
from errlint.flow.composition import leaves
from errlint.flow.engine import Engine, Exit, Frame
from errlint.flow.facts import FunctionFacts, ModuleFacts
from errlint.flow.functions import is_off, parameter_value
from errlint.flow.held import Attribute, annotation_path
from errlint.flow.ir import Const
from errlint.flow.record import Limit, Record, Sent
from errlint.flow.relevance import Others, Survey
from errlint.flow.resolve import Names, Resolver
from errlint.flow.solve import Solver
from errlint.flow.splitting import settled
from errlint.flow.state import Attempt, Dangling, State, content_of
from errlint.flow.values import NONE, Abstract, Answer, Apply, Dictionary, Fault, Instance, Part, Ref, Sequence

if TYPE_CHECKING:
    from errlint.packs.contracts import Contracts
    from errlint.packs.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Scope:
    """Which functions to run: also those that only pass on what others give them, and which of all; and how many times
    as many steps as usual they may take."""

    passing: bool = True
    touches: Callable[[Code], bool] = lambda code: True
    scale: int = 1


def analyse(
    module: ModuleCode,
    knowledge: Knowledge,
    contracts: Contracts,
    resolver: Resolver,
    others: Others,
    scope: Scope,
) -> ModuleFacts:
    """Run the functions of a module that concern requests.

    `resolver` finds other modules of the project, `others` says which of their names concern requests.
    """
    survey = Survey(module, knowledge, others)
    engine = Engine(knowledge, survey, Names(resolver), ops.transfer, scope.scale)
    chosen = [code for code in (survey.functions if scope.passing else survey.worth_running) if scope.touches(code)]
    chosen = survey.callees_first(chosen)
    brief = frozenset() if scope.passing else frozenset(chosen) - survey.deciding
    functions = [f for code in chosen if (f := analyse_function(engine, code, brief=code in brief)) is not None]
    functions += _handlers(engine, module, scope)
    functions += _expecting(engine, scope)
    has_body = survey.body_counts and scope.touches(module.body)
    body = analyse_function(engine, module.body) if has_body else None
    if body is not None and (body.record.sends or body.limit is not None):
        functions.append(body)
    functions += _switched_on(engine, chosen, functions, brief)
    sites = tuple(engine.sites.all)
    bound = binding.bind(module, functions, sites, contracts)
    return ModuleFacts(module, tuple(functions), sites, knowledge, bound, contracts.baseline)


def _handlers(engine: Engine, module: ModuleCode, scope: Scope) -> list[FunctionFacts]:
    """The functions that nobody in the module calls, but that are given an answer or its failure."""
    assumed = engine.survey.answer_class()
    found: list[FunctionFacts] = []
    for code in module.functions:
        if code.parent is not None or id(code) in engine.entered or not scope.touches(code):
            continue
        likely = engine.survey.answers_given(code)
        given: Given = {}
        for parameter in code.parameters:
            path = annotation_path(module, parameter.annotation)
            if path is not None and (engine.knowledge.answers(path) or engine.knowledge.fails(path)):
                given[parameter.name] = path, "annotated"
            elif path is None and assumed is not None and parameter.name in likely:
                given[parameter.name] = assumed, "assumed"
        if given and (facts := analyse_function(engine, code, given)) is not None:
            found.append(facts)
    return found


def _expecting(engine: Engine, scope: Scope) -> list[FunctionFacts]:
    """The functions that nobody in the module calls, but that expect something unknown to fail as requests do."""
    codes = [code for code in engine.survey.expecting if id(code) not in engine.entered and scope.touches(code)]
    return [facts for code in codes if (facts := analyse_function(engine, code)) is not None]


def _switched_on(
    engine: Engine, chosen: list[Code], functions: list[FunctionFacts], brief: frozenset[Code]
) -> list[FunctionFacts]:
    """The functions that may send, called so that what is off by default may be on; `brief` are those that only pass
    on what others do."""
    engine.switched_on = True
    by_default = {id(f.code): bool(f.table.requests) for f in functions}
    found: list[FunctionFacts] = []
    for code in chosen:
        if engine.budget.is_spent():  # What is run coarsely tells nothing more about retries.
            break
        sends = by_default.get(id(code))
        if code.kind != "function" or code.parent is not None or code in engine.budget.too_large or sends is False:
            continue
        own, made_with = _off(engine, code), _off(engine, _constructor(engine, code))
        # Data that are left out change little about requests that are sent without them.
        switches = {n for n, v in own.items() if v != NONE or not sends or _SWITCH.search(n)}
        if switches or any(value != NONE for value in made_with.values()):
            facts = analyse_function(engine, code, switches=frozenset(switches), brief=code in brief)
            if facts is not None and facts.limit is None:
                found.append(replace(facts, switches=frozenset(own | made_with)))
    return found


_SWITCH = re.compile(
    r"retr|attempt|tries|times|backoff|wait|delay|deadline|poll|policy|status|code|ignore|allow|expect|raise|until"
    r"|callback|handler|hook|predicate|session|client|adapter|transport",
    re.IGNORECASE,
)
"""What may change how failures are handled where it is given."""


def _constructor(engine: Engine, code: Code) -> Code | None:
    """What makes the object that a function is a method of."""
    if code.owner is None:
        return None
    made = engine.names.attribute(engine, engine.names.class_value(engine, code.owner), "__init__")
    return made.held.value.code if isinstance(made, Attribute) and isinstance(made.held.value, Function) else None


def _off(engine: Engine, code: Code | None) -> dict[str, Abstract]:
    """The parameters that are off by default."""
    defaults = () if code is None else engine.names.function(engine, code).defaults
    return {name: value for name, value in defaults if is_off(value)}


Given = dict[str, tuple[str, Literal["annotated", "assumed"]]]
"""Parameters that hold an answer, or an exception that stands for one: the class, and how that is known."""


def analyse_function(
    engine: Engine,
    code: Code,
    given: Given | None = None,
    *,
    switches: frozenset[str] = frozenset(),
    coarse: bool = False,
    brief: bool = False,
) -> FunctionFacts | None:
    """One function, called with its default arguments but for `switches`; None where it has nothing to do with
    requests, or is not followed to the end though that was to be `brief`."""
    engine.budget.begin(code.module, sent=given is not None, coarse=coarse, brief=brief)
    record = Record()
    try:
        exits = _run(engine, code, record, given or {}, switches)
    except Limit as limit:
        if brief or isinstance(limit, NothingSent):
            engine.budget.give_up(code)
            return None
        if not coarse and (not engine.budget.coarse or engine.budget.costly_abroad()):
            facts = analyse_function(engine, code, given, switches=switches, coarse=True)
            if facts is not None:
                return facts
        engine.budget.give_up(code)
        return _unfinished(code, record, str(limit))
    except Dangling:
        return _unfinished(code, record, "errlint lost a value in it; please report this")
    except TooDeep:
        return _unfinished(code, record, "the code nests too deeply")
    if not record.facts:
        return None
    return FunctionFacts(code, record, _table(engine, code, record, exits))


def _unfinished(code: Code, record: Record, reason: str) -> FunctionFacts:
    """What is left of a function of which nothing is claimed."""
    return FunctionFacts(code, record, table.FunctionTable(code.qualname, code.node, (), (), False), reason)


def _run(engine: Engine, code: Code, record: Record, given: Given, switches: frozenset[str]) -> list[Exit]:
    state = State(context=engine.token("entry"))
    frame = Frame(code, code.graph, record, Solver((0,), frozenset(), lambda p, s, a: s), {}, state.context)
    engine.frames = [frame]
    try:
        function = _callable(engine, state, code)
        if code.kind == "module":
            return engine.run(code, state)
        arguments = _arguments(engine, state, code, function, given, switches)
        return [
            Exit(raised, value, s) for s, value, raised in calls.call(engine, state, function, arguments, code.node)
        ]
    finally:
        engine.frames = []


def _callable(engine: Engine, state: State, code: Code) -> Abstract:
    """The function as its callers see it: decorated, and bound to an instance where it is a method."""
    if code.owner is None or code.parent is not None:
        plain = engine.names.function(engine, code)
        if code.parent is None and code.kind == "function":
            found = engine.names.read(engine, state, code.module, code.name)
            if isinstance(found, (Retried, Partial)) or (isinstance(found, Function) and _wraps(state, found, code)):
                return found
        return plain
    cls = engine.names.class_value(engine, code.owner)
    found_attribute = engine.names.attribute(engine, cls, code.name)
    value: Abstract = engine.names.function(engine, code)
    kind = "plain"
    if isinstance(found_attribute, Attribute):
        kind = found_attribute.kind
        held = found_attribute.held.put_into(state)
        if isinstance(held, (Retried, Partial)) or (isinstance(held, Function) and _wraps(state, held, code)):
            value = held
    if kind == "static":
        return value
    receiver: Abstract = cls
    if kind != "class":
        receiver = Ref(state.allocate(Instance(cls, (), True)))
    if isinstance(value, Function):
        return Function(value.code, value.frames, value.defaults, receiver)
    return Partial(value, (receiver,), ())


def _wraps(state: State, function: Function, code: Code) -> bool:
    """Whether a function is `code`, or a closure of a decorator around it."""
    if function.code is code:
        return True
    for number in state.reachable(function.ids):
        content = state.heap[number]
        if isinstance(content, Instance):
            for _, value in content.fields:
                if isinstance(value, Function) and value.code is code:
                    return True
    return False


def _arguments(
    engine: Engine, state: State, code: Code, function: Abstract, given: Given, switches: frozenset[str]
) -> Arguments:
    """The arguments of a call with defaults only: parameters without one, and `switches`, get unknown values."""
    skip = 0
    if (isinstance(function, Function) and function.receiver is not None) or (
        isinstance(function, Partial) and isinstance(function.function, Retried)
    ):
        skip = 1
    positional: list[Abstract] = []
    keywords: list[tuple[str, Abstract]] = []
    for parameter in code.parameters[skip:]:
        if parameter.kind.startswith("var"):
            continue
        if parameter.has_default and parameter.name not in switches:
            continue
        value = parameter_value(engine, state, code, parameter)
        if parameter.name in given:
            value = _given(engine, state, code, *given[parameter.name])
        if parameter.kind == "keyword-only" or parameter.has_default:
            keywords.append((parameter.name, value))
        else:
            positional.append(value)
    return Arguments(tuple(positional), tuple(keywords))


def _given(engine: Engine, state: State, code: Code, path: str, certainty: Literal["annotated", "assumed"]) -> Abstract:
    """An answer of any status, or a failure of any outcome that its class stands for."""
    exception = engine.knowledge.exception(path)
    kind = path if exception is None else engine.knowledge.responses(path.partition(".")[0])[0].path
    node = code.node.name if isinstance(code.node, cst.FunctionDef) else code.node
    site = engine.sites.at(node, code, kind, certainty)
    mask = outcomes.ANSWERS if exception is None else exception.outcomes
    attempt = state.allocate(Attempt(site.index, kind, certainty), mask)
    state.last[site.index] = attempt
    return Answer(attempt) if exception is None else Fault(exception.path, attempt)


# --- the table -------------------------------------------------------------------------------------------------------


def _table(engine: Engine, code: Code, record: Record, exits: list[Exit]) -> table.FunctionTable:
    requests = _requests(engine, record)
    ends: dict[int, dict[table.End, int]] = {}
    for exit_ in exits:
        if exit_.state.phantom:
            continue
        for state, value, raised in _settled(engine, exit_):
            end: table.End = (
                table.Raises(raised_class(engine, state, value)) if raised else table.Returns(returned(state, value))
            )
            if end == table.Raises("?"):
                record.reasons.add("it raises something that is not known")
                end = table.Raises("Exception")
            for site, attempt in state.last.items():
                at = ends.setdefault(site, {})
                at[end] = at.get(end, 0) | state.masks[attempt]
    return table.build(code, requests, record, ends)


def _settled(engine: Engine, exit_: Exit) -> list[tuple[State, Abstract, bool]]:
    value = exit_.value
    split = settled(engine, exit_.state, value)
    if split is None:
        return [(exit_.state, value, exit_.raised)]
    return [(s, v, exit_.raised or raised) for s, v, raised in split]


def _requests(engine: Engine, record: Record) -> tuple[table.Request, ...]:
    sent: dict[int, list[Sent]] = {}
    for fact in record.facts:
        if isinstance(fact, Sent):
            sent.setdefault(fact.site, []).append(fact)
    result: list[table.Request] = []
    for index, facts in sorted(sent.items()):
        site = engine.sites.all[index]
        methods = {f.method for f in facts}
        urls = {_text(f.url) for f in facts}
        result.append(
            table.Request(
                site.node,
                site.library,
                methods.pop() if len(methods) == 1 else None,
                urls.pop() if len(urls) == 1 else None,
                index,
            )
        )
    return tuple(result)


def _text(url: Abstract) -> str | None:
    """An address as far as it is known, `{}` for what is not."""
    if type(url) is Const:
        return url.value if isinstance(url.value, str) else None
    if isinstance(url, Apply) and url.operator in ("format", "+"):
        return "".join(_text(part) or "{}" for part in url.operands)
    return None


def returned(state: State, value: Abstract) -> str:
    """What kind of value is returned, in the words of the table."""
    content = content_of(state, value)
    if isinstance(content, Answer):
        return "response"
    if type(content) is Const:
        if content.value is None or isinstance(content.value, bool):
            return str(content.value).lower()
        return "constant" if content.value != "" else "empty"
    if isinstance(content, (Sequence, Dictionary)) and not content.items and getattr(content, "rest", None) is None:
        return "empty"
    parts = list(_deep_leaves(state, content, 0))
    if any(isinstance(p, Part) and p.kind in ("body", "text") for p in parts):
        return "data"
    if isinstance(content, (Sequence, Dictionary)) and all(type(p) is Const for p in parts):
        return "constant"
    return "unknown"


def _deep_leaves(state: State, value: Abstract, depth: int) -> list[Abstract]:
    found: list[Abstract] = []
    for leaf in leaves(value):
        content: Abstract = leaf
        if isinstance(leaf, Ref) and depth < 4:
            content = state.heap[leaf.id]
        if isinstance(content, Instance):
            for _, field in content.fields:
                found += _deep_leaves(state, field, depth + 1)
        elif content is not leaf:
            found += _deep_leaves(state, content, depth + 1)
        else:
            found.append(leaf)
    return found


def raised_class(engine: Engine, state: State, value: Abstract) -> str:
    """The class of a raised exception as `module.qualname`; `?` where it is not known."""
    if isinstance(value, Fault):
        return value.path
    if isinstance(value, Ref):
        content = state.heap[value.id]
        if isinstance(content, Instance):
            if isinstance(content.cls, Class):
                definition = content.cls.definition
                return (
                    f"{definition.module.name}.{definition.qualname}" if definition.module.name else definition.qualname
                )
            if isinstance(content.cls, External):
                return engine.knowledge.canonical(content.cls.path) or content.cls.path
    if isinstance(value, Apply) and value.operator == "call" and isinstance(value.operands[0], External):
        return value.operands[0].path
    return "?"
