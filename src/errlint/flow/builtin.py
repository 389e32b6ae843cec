"""Python's own functions, as far as they matter to which outcome goes where."""

from __future__ import annotations

import libcst as cst

from errlint.flow import access, calls, iteration
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, Class, External, Function, Method, Partial, Retried
from errlint.flow.classes import special_method
from errlint.flow.composition import leaves
from errlint.flow.concrete import Raised
from errlint.flow.containers import endless
from errlint.flow.described import generic_sender
from errlint.flow.engine import Engine, Step
from errlint.flow.evaluate import apply
from errlint.flow.headers import note_conversion
from errlint.flow.instances import is_instance, is_subclass, lineage_of
from errlint.flow.ir import Const
from errlint.flow.iteration import Call
from errlint.flow.record import Converted
from errlint.flow.splitting import settled, truth_value
from errlint.flow.state import Attempt, State, content_of
from errlint.flow.storing import set_attribute
from errlint.flow.values import (
    FALSE,
    NONE,
    TRUE,
    Abstract,
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

_IDENTITY = "%identity"


def call(engine: Engine, state: State, name: str, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    """A call of a builtin; None where it is none of those that are modelled."""
    if name == _IDENTITY:
        return [(state, arguments.positional[0] if arguments.positional else NONE, False)]
    special = _FUNCTIONS.get(name)
    if special is not None:
        result = special(engine, state, arguments, node)
        if result is not None:
            return result
    if name not in _PURE or arguments.rest is not None:
        return None
    given = tuple([content_of(state, v) for v in arguments.positional])
    if arguments.keywords:
        return [(state, Apply("mix", (*given, *[v for _, v in arguments.keywords])), False)]
    result_ = apply(f"call:{name}", given)
    if isinstance(result_, Raised):
        return [(state, Fault(result_.path), True)]
    if isinstance(result_, Sequence) and result_.kind in ("list", "set"):
        return [(state, Ref(state.allocate(result_)), False)]
    if isinstance(result_, Dictionary):
        return [(state, Ref(state.allocate(result_)), False)]
    return [(state, result_, False)]


_PURE = frozenset(
    [
        "abs",
        "any",
        "all",
        "bytes",
        "chr",
        "complex",
        "dict",
        "divmod",
        "float",
        "format",
        "frozenset",
        "int",
        "len",
        "list",
        "max",
        "min",
        "ord",
        "pow",
        "range",
        "repr",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
    ]
)


def _is_instance(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 2:
        return None
    value, cls = arguments.positional
    split = settled(engine, state, value)
    if split is not None and not any(raised for _, _, raised in split):
        return [step for s, v, _ in split for step in (_tested_instance(engine, s, v, cls),)]
    known = is_instance(engine, state, value, cls)
    if known is None:
        return [(state, Apply("isinstance", (content_of(state, value), content_of(state, cls))), False)]
    return [(state, TRUE if known else FALSE, False)]


def _tested_instance(engine: Engine, state: State, value: Abstract, cls: Abstract) -> Step:
    known = is_instance(engine, state, value, cls)
    if known is None:
        return (state, Apply("isinstance", (content_of(state, value), content_of(state, cls))), False)
    return (state, TRUE if known else FALSE, False)


def _is_subclass(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 2:
        return None
    known = is_subclass(engine, state, *arguments.positional)
    return None if known is None else [(state, TRUE if known else FALSE, False)]


def _getattr(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    given = arguments.positional
    if len(given) not in (2, 3):
        return None
    if type(given[1]) is not Const or not isinstance(given[1].value, str):
        generic = generic_sender(engine, state, given[0])
        return None if generic is None else [(state, Partial(generic, (given[1],), ()), False)]
    steps = access.get_attribute(engine, state, given[0], given[1].value, node)
    if len(given) == 2:
        return steps
    missing = Fault("AttributeError")
    return [(s, given[2], False) if raised and v == missing else (s, v, raised) for s, v, raised in steps]


def _hasattr(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    given = arguments.positional
    if len(given) != 2 or type(given[1]) is not Const or not isinstance(given[1].value, str):
        return None
    steps = access.get_attribute(engine, state, given[0], given[1].value, node)
    result: list[Step] = []
    for s, v, raised in steps:
        unsure = (isinstance(v, Apply) and v.operator == "attribute") or isinstance(v, Symbol)
        answer: Abstract = (
            FALSE if raised else (Apply("hasattr", (content_of(s, given[0]), given[1])) if unsure else TRUE)
        )
        result.append((s, answer, False))
    return result


def _setattr(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    given = arguments.positional
    if len(given) == 3 and type(given[1]) is Const and isinstance(given[1].value, str):
        set_attribute(state, given[0], given[1].value, given[2])
    return [(state, NONE, False)]


def _super(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    code = engine.frames[-1].code if engine.frames else None
    while code is not None and code.owner is None:
        code = code.parent
    if code is None or code.owner is None or len(arguments.positional) != 2:
        return None
    owner = engine.names.class_value(engine, code.owner)
    return [(state, Built("super", (("class", owner), ("self", arguments.positional[1]))), False)]


def _type(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 1:
        return None
    lineage = lineage_of(engine, state, arguments.positional[0])
    if not lineage:
        return None
    return [(state, lineage[0], False)]


def _str(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 1:
        return None
    value = arguments.positional[0]
    method = special_method(engine, state, value, "__str__", node)
    if method is not None:
        return calls.call(engine, state, method, Arguments(), node)
    if isinstance(value, Ref):
        instance = state.heap[value.id]
        if isinstance(instance, Instance):
            args = instance.get("args")
            if isinstance(args, Sequence) and len(args.items) == 1:
                return _str(engine, state, Arguments(args.items), node) or call(
                    engine, state, "str", Arguments(args.items), node
                )
            return [(state, Apply("call:str", (value,)), False)]
    if isinstance(value, (Fault, Answer)):
        return [(state, Apply("call:str", (value,)), False)]
    return None


def _bool(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) != 1:
        return None
    return [
        (s, v if raised else truth_value(engine, s, v), raised)
        for s, v, raised in calls.tested(engine, state, arguments.positional[0], node)
    ]


def _number(name: str) -> Call:
    def convert(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
        if len(arguments.positional) != 1:
            return None
        value = content_of(state, arguments.positional[0])
        for leaf in leaves(value):
            if isinstance(leaf, Part) and leaf.kind in ("header", "body", "text"):
                info = state.heap[leaf.attempt]
                assert isinstance(info, Attempt)
                about = frozenset({f"{leaf.kind}:{leaf.name}" if leaf.name else leaf.kind})
                required = value == leaf
                fact = Converted(node, info.site, name, about, required)
                engine.record.note(fact, state.masks[leaf.attempt])
                ghost = state.copy()
                ghost.phantom = True
                note_conversion(engine, state, node, name, value)
                steps: list[Step] = [(ghost, Fault("ValueError", origin=node), True)]
                if required:
                    other = state.copy()
                    other.phantom = True
                    steps.append((other, Fault("TypeError", origin=node), True))
                result = apply(f"call:{name}", (value,))
                assert not isinstance(result, Raised)
                return [*steps, (state, result, False)]
        return None

    return convert


def _dict(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    if len(arguments.positional) > 1:
        return None
    items: dict[Abstract, Abstract] = {}
    rest = arguments.rest
    for source in arguments.positional:
        given = content_of(state, source)
        if isinstance(given, Part) and given.kind == "headers" and not arguments.keywords:
            return [(state, given, False)]
        if not isinstance(given, Dictionary):
            return [(state, Ref(state.allocate(Dictionary((), Apply("mix", (given,))))), False)]
        items |= dict(given.items)
        rest = given.rest or rest
    items |= {Const(n): v for n, v in arguments.keywords}
    return [(state, Ref(state.allocate(Dictionary(tuple(items.items()), rest))), False)]


def _callable(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    value = arguments.positional[0] if arguments.positional else NONE
    if isinstance(value, (Function, Class, Method, Partial, Retried)):
        return [(state, TRUE, False)]
    return [(state, FALSE, False)] if type(value) is Const else None


def _harmless(engine: Engine, state: State, arguments: Arguments, node: cst.CSTNode) -> list[Step] | None:
    return [(state, NONE, False)]


_FUNCTIONS: dict[str, Call] = {
    "isinstance": _is_instance,
    "issubclass": _is_subclass,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "super": _super,
    "type": _type,
    "str": _str,
    "bool": _bool,
    "int": _number("int"),
    "float": _number("float"),
    "dict": _dict,
    "callable": _callable,
    "print": _harmless,
    **iteration.FUNCTIONS,
}


# --- the standard library --------------------------------------------------------------------------------------------


def call_standard(
    engine: Engine, state: State, path: str, arguments: Arguments, node: cst.CSTNode
) -> list[Step] | None:
    """A call into the standard library that passes its argument on, or builds what the engine follows."""
    given = arguments.positional
    if path in _PASS_ON and len(given) > _PASS_ON[path]:
        return [(state, given[_PASS_ON[path]], False)]
    if path == "functools.partial" and given:
        return [(state, Partial(given[0], given[1:], arguments.keywords), False)]
    if path in _DECORATORS:
        direct = bool(given) and isinstance(given[0], Function) and path != "functools.wraps"
        return [(state, given[0] if direct else External(_IDENTITY), False)]
    if path == "itertools.count":
        numbers = [v.value for v in given if type(v) is Const and isinstance(v.value, int)]
        return [(state, endless(*numbers[:2]), False)] if len(numbers) == len(given) and len(given) < 2 else None
    if path == "contextlib.suppress":
        return [(state, Built(path, (("types", Sequence("tuple", given)),)), False)]
    if path in ("json.loads", "copy.copy", "copy.deepcopy") and len(given) == 1:
        value = content_of(state, given[0])
        if path == "json.loads":
            return [(state, Part("body", value.attempt), False)] if isinstance(value, Part) else None
        return [
            (state, Ref(state.allocate(value)) if isinstance(given[0], Ref) and value != given[0] else value, False)
        ]
    if path.startswith("math.") and not arguments.keywords:
        result = apply(f"call:{path}", tuple([content_of(state, v) for v in given]))
        return [(state, Fault(result.path), True)] if isinstance(result, Raised) else [(state, result, False)]
    if path == "dataclasses.field":
        default, factory = arguments.get("default"), arguments.get("default_factory")
        if factory is not None:
            return calls.call(engine, state, factory, Arguments(), node)
        return [(state, default or NONE, False)]
    return None


_PASS_ON = {
    "asyncio.run": 0,
    "asyncio.wait_for": 0,
    "asyncio.create_task": 0,
    "asyncio.ensure_future": 0,
    "asyncio.shield": 0,
    "typing.cast": 1,
    "types.MappingProxyType": 0,
    "contextlib.closing": 0,
}
_DECORATORS = frozenset({"functools.wraps", "functools.lru_cache", "functools.cache"})
