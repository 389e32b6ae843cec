"""Which functions can send requests: the others are neither lowered nor run.

Names only are looked at, once for each module. What an import, an assignment, an annotation or a factory makes of a
library's clients and functions is followed from name to name, locals by function, attributes by their name alone. A
function counts where it calls or passes on what sends, is repeated by a retry library, or calls a function that counts.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import libcst as cst

from errlint.flow.code import Code, ModuleCode
from errlint.flow.held import import_path
from errlint.flow.lower.tree import alias_name, children, dotted_name
from errlint.packs import effects, schema, values

if TYPE_CHECKING:
    from errlint.packs.knowledge import Knowledge

_SENDING = (effects.Sends, effects.Repeats, effects.Wraps, effects.Runs)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What of the packs names can tell: last names of what sends or repeats, the modules they live in, the names of
    libraries, the attributes that only answers have."""

    sending: frozenset[str]
    paths: frozenset[str]
    libraries: frozenset[str]
    of_answers: frozenset[str]


@lru_cache(maxsize=8)
def vocabulary(knowledge: Knowledge) -> Vocabulary:
    """The vocabulary of all packs."""
    sending: set[str] = set()
    paths: set[str] = set()
    of_answers: set[str] = set()
    for pack in knowledge.packs:
        for path, definition in pack.definitions.items():
            module, _, name = path.rpartition(".")
            if isinstance(definition, schema.Function) and isinstance(definition.effect, _SENDING):
                sending.add(name)
                paths.add(module)
            elif isinstance(definition, schema.Class):
                methods = {n for n, m in definition.methods.items() if isinstance(m.effect, _SENDING)}
                sending |= methods
                if definition.retrier is not None:
                    sending.add(name)
                if methods or definition.retrier is not None:
                    paths.add(module)
                of_answers |= {n for n, m in definition.methods.items() if isinstance(m.effect, effects.ChecksStatus)}
                of_answers |= {
                    n for n, spec in definition.attributes.items() if spec == "status" or isinstance(spec, values.Among)
                }
    libraries = {root for pack in knowledge.packs for root in pack.roots if root not in sys.stdlib_module_names}
    return Vocabulary(frozenset(sending - {"__call__"}), frozenset(paths), frozenset(libraries), frozenset(of_answers))


Key = tuple[int, str]
"""A name: the function that it is local to (by identity; 0 for module names, 1 for attributes), and the name."""
_MODULE, _ATTRIBUTE = 0, 1
_ANY: Key = (_ATTRIBUTE, "*")
"""An attribute whose name is computed."""


@dataclass(slots=True)
class _Flow:
    """An assignment: what is assigned, and what the value may be made of."""

    code: Code | None
    targets: list[cst.CSTNode | str]
    value: cst.BaseExpression
    annotation: bool = False
    returned: bool = False


@dataclass(slots=True)
class _Use:
    """A call, decorator or argument: something that runs, or may be run by what it is given to."""

    code: Code | None
    value: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Exports:
    """What a module gives to those that import it: names that hold clients or send, by key, the names of the functions
    that count, and which names its methods call, since what a base class calls a derived class may define."""

    clients: frozenset[Key]
    senders: frozenset[Key]
    functions: frozenset[str]
    calls: frozenset[tuple[str, str]]


class Others(Protocol):
    """Finds what other modules of the project give."""

    def __call__(self, name: str, always: bool) -> Exports | None:
        """None where there is no such module; unless `always`, also where nothing in it concerns packs."""


def no_others(name: str, always: bool) -> Exports | None:
    """There is no other module."""
    return None


class Survey:
    """One walk over a module, and what follows from it."""

    def __init__(self, module: ModuleCode, words: Vocabulary, others: Others = no_others) -> None:
        self._others = others
        self._borrowed: set[str] = set()
        self._borrowed_calls: set[tuple[str, str]] = set()
        self._bases = {
            dotted_name(base.node).partition(".")[0] for definition in module.classes for base in definition.bases
        }
        self._module = module
        self._words = words
        self._locals: dict[int, set[str]] = {}
        self._flows: list[_Flow] = []
        self._uses: list[_Use] = []
        self._clients: set[Key] = set()
        self._senders: set[Key] = set()
        self._called: dict[int, set[str]] = {}
        self._answers: dict[tuple[int, str], list[cst.Call]] = {}
        self._awaited: set[cst.Call] = set()
        self._answer_like: dict[tuple[int, str], set[str]] = {}
        self.assumed: set[cst.Call] = set()
        """Calls named like those that send, of whose result something is read that only answers have."""
        self.mutated: set[str] = set()
        """Names and attributes of containers that are changed somewhere."""
        self.imports: set[str] = set()
        self.names: frozenset[str] = frozenset()
        self.body_counts = False
        """Whether the module's own statements may send. After `functions`."""
        self._walk()
        self._propagate()

    # --- the walk ----------------------------------------------------------------------------------------------------

    def _walk(self) -> None:
        codes = {id(code.node): code for code in self._module.functions}
        stack: list[tuple[cst.CSTNode, Code | None]] = [(self._module.tree, None)]
        while stack:
            node, code = stack.pop()
            kind = type(node)
            if kind is cst.FunctionDef:
                code = codes.get(id(node), code)
                if code is not None:
                    self._enter(code, node)
            elif kind in _LOOKED_AT:
                self._look(node, code)
            elif kind in _LEAVES:
                continue
            stack.extend([(child, code) for child in children(node)])

    def _enter(self, code: Code, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.FunctionDef)
        self._locals[id(code)] = {parameter.name for parameter in code.parameters}
        for parameter in code.parameters:
            if parameter.annotation is not None:
                annotation = parameter.annotation
                inner = annotation.annotation if isinstance(annotation, cst.Annotation) else annotation
                self._flows.append(_Flow(code, [parameter.name], inner, annotation=True))
        self._uses += [_Use(code, decorator.decorator) for decorator in node.decorators]
        if code.parent is not None:
            self._locals.setdefault(id(code.parent), set()).add(code.name)

    def _look(self, node: cst.CSTNode, code: Code | None) -> None:
        if isinstance(node, cst.Call):
            self._uses.append(_Use(code, node))
            if isinstance(node.func, cst.Attribute) and node.func.attr.value in _MUTATING:
                self.mutated.add(_last_name(node.func.value) or "")
            self._uses += [_Use(code, a.value) for a in node.args if isinstance(a.value, (cst.Name, cst.Attribute))]
        elif isinstance(node, cst.Attribute):
            if node.attr.value in self._words.of_answers:
                self._read_of_answer(node.value, node.attr.value, code)
        elif isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.Del)):
            if isinstance(node.target, cst.Subscript):
                self.mutated.add(_last_name(node.target.value) or "")
        elif isinstance(node, cst.Assign):
            self._assign([t.target for t in node.targets], node.value, code)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                self._assign([node.target], node.value, code)
            self._flows.append(_Flow(code, [node.target], node.annotation.annotation, annotation=True))
        elif isinstance(node, cst.NamedExpr):
            self._assign([node.target], node.value, code)
        elif isinstance(node, cst.With):
            for item in node.items:
                if node.asynchronous is not None and isinstance(item.item, cst.Call):
                    self._awaited.add(item.item)
                if item.asname is not None:
                    self._assign([item.asname.name], item.item, code)
        elif isinstance(node, cst.Await):
            if isinstance(node.expression, cst.Call):
                self._awaited.add(node.expression)
        elif isinstance(node, (cst.For, cst.CompFor)):
            self._assign([node.target], node.iter, code)
        elif isinstance(node, (cst.Return, cst.Yield)):
            value = node.value
            if code is not None and isinstance(value, cst.BaseExpression):
                self._flows.append(_Flow(code, [_defined_name(code)], value, returned=True))
        elif isinstance(node, cst.ClassDef):
            self._flows += [_Flow(None, [node.name.value], base.value) for base in node.bases]
        elif isinstance(node, (cst.Import, cst.ImportFrom)):
            self._import(node, code)

    def _assign(self, targets: list[cst.BaseExpression], value: cst.BaseExpression, code: Code | None) -> None:
        parts: list[cst.CSTNode | str] = []
        for target in targets:
            parts += _bound(target)
        if code is not None:
            self._locals[id(code)] |= {p.value for p in parts if isinstance(p, cst.Name)}
        self._flows.append(_Flow(code, parts, value))
        call = _stripped(value)
        if isinstance(call, cst.Call) and self._may_send(call):
            for part in parts:
                if isinstance(part, cst.Name):
                    self._answers.setdefault((id(code), part.value), []).append(call)

    def _read_of_answer(self, value: cst.BaseExpression, attribute: str, code: Code | None) -> None:
        value = _stripped(value)
        if isinstance(value, cst.Name):
            self._answer_like.setdefault((id(code), value.value), set()).add(attribute)
        elif isinstance(value, cst.Call) and self._may_send(value) and _is_telling(attribute):
            self.assumed.add(value)

    def _may_send(self, call: cst.Call) -> bool:
        """Whether a method is called that is named like one that sends."""
        return isinstance(call.func, cst.Attribute) and call.func.attr.value in self._words.sending

    def _import(self, node: cst.Import | cst.ImportFrom, code: Code | None) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name = alias_name(alias)
            if code is not None:
                self._locals[id(code)].add(name)
            if isinstance(node, cst.Import):
                path = dotted_name(alias.name)
            else:
                path = import_path(self._module, dotted_name(node.module), len(node.relative))
                path = f"{path}.{dotted_name(alias.name)}"
            if path.rpartition(".")[2] in self._words.libraries:
                path = path.rpartition(".")[2]
            self.imports.add(path)
            key = (_MODULE if code is None else id(code), name)
            if self._concerns(path):
                self._clients.add(key)
                if isinstance(node, cst.ImportFrom) and path.rpartition(".")[2] in self._words.sending:
                    self._senders.add(key)
            else:
                self._borrow(path, key, whole=isinstance(node, cst.Import))

    def _borrow(self, path: str, key: Key, whole: bool) -> None:
        """Take over what an imported module of the project, or a name of one, is known to be."""
        owner, _, name = path.rpartition(".")
        always = key[1] in self._bases
        module = self._others(path, always)
        if module is None and not whole:
            module = self._others(owner, always)
            if module is not None:
                if (_MODULE, name) in module.clients:
                    self._clients.add(key)
                if (_MODULE, name) in module.senders:
                    self._senders.add(key)
        if module is not None:
            self._clients |= {k for k in module.clients if k[0] == _ATTRIBUTE}
            self._senders |= {k for k in module.senders if k[0] == _ATTRIBUTE}
            self._borrowed |= module.functions
            self._borrowed_calls |= module.calls

    def _concerns(self, path: str) -> bool:
        root = path.partition(".")[0]
        return any(
            path == known or path.startswith(f"{known}.") or known.startswith(f"{path}.") or known == root
            for known in self._words.paths
        ) or any(known.partition(".")[0] == root for known in self._words.paths if "." not in known)

    # --- what follows ------------------------------------------------------------------------------------------------

    def _propagate(self) -> None:
        for where, calls in self._answers.items():
            read = self._answer_like.get(where, ())
            if any(map(_is_telling, read)):
                self.assumed.update(calls)
            elif read:
                self.assumed.update(self._awaited.intersection(calls))
        waiting = [(self._targets(flow), list(self._sources(flow))) for flow in self._flows]
        grew = True
        while grew:
            grew = False
            left = []
            for targets, sources in waiting:
                sends = any(self._sends(chain) for chain, _ in sources)
                holds = any(self._holds(chain) for chain, whole in sources if whole)
                if sends and not targets <= self._senders:
                    self._senders |= targets
                    grew = True
                if holds and not targets <= self._clients:
                    self._clients |= targets
                    grew = True
                if not (sends and holds):
                    left.append((targets, sources))
            waiting = left

    def _key(self, code: Code | None, name: str) -> Key:
        while code is not None:
            if name in self._locals.get(id(code), ()):
                return (id(code), name)
            code = code.parent
        return (_MODULE, name)

    def _targets(self, flow: _Flow) -> set[Key]:
        keys: set[Key] = set()
        for target in flow.targets:
            if isinstance(target, str):
                code = flow.code.parent if flow.returned and flow.code is not None else flow.code
                keys.add((_ATTRIBUTE, target[1:]) if target.startswith(".") else self._key(code, target))
            elif isinstance(target, cst.Name):
                keys.add(self._key(flow.code, target.value))
                if flow.code is None:
                    keys.add((_ATTRIBUTE, target.value))
            elif isinstance(target, cst.Attribute):
                keys.add((_ATTRIBUTE, target.attr.value))
        return keys

    def _sources(self, flow: _Flow) -> Iterator[tuple[list[Key], bool]]:
        """What a value may be made of, as chains; False with those that are called to send."""
        stack: list[cst.CSTNode] = [flow.value]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Await):
                stack.append(node.expression)
            elif isinstance(node, (cst.Name, cst.Attribute)):
                yield self._chain(flow.code, node), True
            elif isinstance(node, cst.Call):
                if _is_getattr(node):
                    yield self._chain(flow.code, node), True
                elif _last_name(node.func) not in self._words.sending:
                    yield self._chain(flow.code, node.func), True
                    stack.extend(argument.value for argument in node.args)
            elif isinstance(node, cst.SimpleString) and flow.annotation:
                text = node.evaluated_value
                if isinstance(text, str):
                    yield [self._key(flow.code, text.partition(".")[0])], True
            elif isinstance(node, _MADE_OF_PARTS):
                stack.extend(children(node))

    def _chain(self, code: Code | None, node: cst.BaseExpression) -> list[Key]:
        keys: list[Key] = []
        current: cst.CSTNode = node
        while True:
            if isinstance(current, cst.Attribute):
                keys.append((_ATTRIBUTE, current.attr.value))
                current = current.value
            elif isinstance(current, cst.Call) and _is_getattr(current):
                keys.append(_ANY)
                current = current.args[0].value
            elif isinstance(current, cst.Call):
                keys += [
                    key
                    for a in current.args
                    if isinstance(a.value, cst.Name)
                    for key in [self._key(code, a.value.value)]
                ]
                current = current.func
            elif isinstance(current, (cst.Subscript, cst.Await)):
                current = current.value if isinstance(current, cst.Subscript) else current.expression
            else:
                break
        if isinstance(current, cst.Name):
            keys.append(self._key(code, current.value))
        return keys

    def _holds(self, chain: list[Key]) -> bool:
        return not self._clients.isdisjoint(chain)

    def _sends(self, chain: list[Key]) -> bool:
        """Whether a chain names something that sends: `session.get`, or a name that stands for it."""
        if not chain:
            return False
        if chain[0] in self._senders:
            return True
        return (chain[0] == _ANY or chain[0][1] in self._words.sending) and not self._clients.isdisjoint(chain)

    # --- the answer --------------------------------------------------------------------------------------------------

    def _clients_imported(self, knowledge: Knowledge) -> list[tuple[str, schema.Class]]:
        """The client classes of the single library that the module imports; none in tests: stand-ins answer alike."""
        if any(part.startswith(_STAND_INS) for path in self.imports for part in path.split(".")):
            return []
        roots = {path.partition(".")[0] for path in self.imports}
        imported = [pack for pack in knowledge.packs if not roots.isdisjoint(pack.roots)]
        # What another one of them is built on is imported for its settings.
        below = {path.partition(".")[0] for pack in imported for path in pack.foreign}
        clients: list[tuple[str, schema.Class]] = [
            (path, definition)
            for pack in imported
            if below.isdisjoint(pack.roots)
            for path, definition in pack.definitions.items()
            if isinstance(definition, schema.Class) and definition.client is not None
        ]
        return clients if len({path.partition(".")[0] for path, _ in clients}) == 1 else []

    def answer_class(self, knowledge: Knowledge) -> str | None:
        """The class of what something that looks like an answer is taken for."""
        for path, _ in self._clients_imported(knowledge):
            for answer in knowledge.responses(path.partition(".")[0]):
                return answer.path
        return None

    def assumptions(self, knowledge: Knowledge) -> dict[int, str]:
        """The assumed calls by the identity of their nodes, with the client class whose method they are taken for."""
        clients = self._clients_imported(knowledge)
        found: dict[int, str] = {}
        for call in self.assumed:
            name = _last_name(call.func)
            path = next((path for path, definition in clients if name in definition.methods), None)
            if path is not None:
                found[id(call)] = path
        return found

    def answers_given(self, code: Code) -> frozenset[str]:
        """The parameters of a function of which something is read that only answers have."""
        return frozenset(
            p.name for p in code.parameters if any(map(_is_telling, self._answer_like.get((id(code), p.name), ())))
        )

    def exports(self) -> Exports:
        """What modules that import this one take over."""
        functions = {name for code in self.functions() for name in _callable_names(code)}
        shared = [{key for key in keys if key[0] in (_MODULE, _ATTRIBUTE)} for keys in (self._clients, self._senders)]
        methods = [code for code in self._module.functions if code.owner is not None]
        calls = {(code.name, name) for code in methods for name in self._called.get(id(code), ())}
        return Exports(
            frozenset(shared[0]), frozenset(shared[1]), frozenset(functions), frozenset(calls | self._borrowed_calls)
        )

    def functions(self) -> list[Code]:
        """The functions that count, in source order."""
        chosen: set[int] = set()
        for use in self._uses:
            value = use.value.func if isinstance(use.value, cst.Call) else use.value
            number = id(use.code)
            if use.value in self.assumed or self._sends(self._chain(use.code, value)):
                chosen.add(number)
            name = _last_name(value)
            if name is not None and not _is_of_data(name, value):
                self._called.setdefault(number, set()).add(name)
        names = {name for code in self._module.functions if id(code) in chosen for name in _callable_names(code)}
        names |= self._borrowed
        grew = True
        while grew:
            grew = False
            for caller, called in self._borrowed_calls:
                if called in names and caller not in names:
                    names.add(caller)
                    grew = True
            for code in self._module.functions:
                if id(code) not in chosen and not names.isdisjoint(self._called.get(id(code), ())):
                    chosen.add(id(code))
                    names.update(_callable_names(code))
                    grew = True
        self.names = frozenset(names)
        own = id(None)
        self.body_counts = own in chosen or not names.isdisjoint(self._called.get(own, ()))
        return [code for code in self._module.functions if id(code) in chosen]

    def matters(self, code: Code) -> bool:
        """Whether a call of a function, of this module or another, may send or give a client. After `functions`."""
        return not self.names.isdisjoint(_callable_names(code)) or self.gives_client(code)

    def gives_client(self, code: Code) -> bool:
        """Whether what a function returns may be a client, or something that sends."""
        keys = ((_ATTRIBUTE, code.name), (_MODULE, code.name))
        return any(key in self._clients or key in self._senders for key in keys)


_LOOKED_AT = frozenset(
    {
        cst.Call,
        cst.Attribute,
        cst.Assign,
        cst.AssignTarget,
        cst.AugAssign,
        cst.Del,
        cst.AnnAssign,
        cst.NamedExpr,
        cst.With,
        cst.Await,
        cst.For,
        cst.CompFor,
        cst.Return,
        cst.Yield,
        cst.ClassDef,
        cst.Import,
        cst.ImportFrom,
    }
)
_LEAVES = frozenset(
    {cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Ellipsis, cst.Pass, cst.Break, cst.Continue}
)
_MADE_OF_PARTS = (
    cst.BooleanOperation,
    cst.IfExp,
    cst.Tuple,
    cst.List,
    cst.Dict,
    cst.Element,
    cst.DictElement,
    cst.Subscript,
    cst.SubscriptElement,
    cst.Index,
    cst.BinaryOperation,
    cst.NamedExpr,
    cst.Lambda,
)


_MUTATING = frozenset(
    ["append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"]
)
_STAND_INS = ("test", "mock", "pytest", "unittest")


def _callable_names(code: Code) -> Iterable[str]:
    """What calls of a function are named like: its name, or its class's for a constructor."""
    if code.name in ("__init__", "__new__", "__call__", "__enter__", "__aenter__") and code.owner is not None:
        return (code.owner.name,)
    return (code.name,)


def _defined_name(code: Code) -> str:
    return f".{code.name}" if code.owner is not None and code.parent is None else code.name


def _bound(target: cst.CSTNode) -> list[cst.CSTNode | str]:
    found: list[cst.CSTNode | str] = []
    stack = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.Name, cst.Attribute)):
            found.append(node)
        elif isinstance(node, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in node.elements)
    return found


def _stripped(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.expression if isinstance(node, cst.Await) else node


def _last_name(node: cst.CSTNode) -> str | None:
    if isinstance(node, cst.Name):
        return node.value
    return node.attr.value if isinstance(node, cst.Attribute) else None


def _is_telling(attribute: str) -> bool:
    """Whether few other things have an attribute of this name: a plain word like `status` tells little."""
    return "_" in attribute


def _is_getattr(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == "getattr" and len(call.args) > 1


_OF_DATA = frozenset(name for kind in (dict, list, set, str, bytes, io.BytesIO, io.StringIO) for name in dir(kind))


def _is_of_data(name: str, function: cst.BaseExpression) -> bool:
    """Whether what is called is most likely a method of a dictionary, text or file: `data.get`, but not `self.get`."""
    if name not in _OF_DATA or not isinstance(function, cst.Attribute):
        return False
    receiver = function.value
    if isinstance(receiver, cst.Call):
        return _last_name(receiver.func) != "super"
    return not (isinstance(receiver, cst.Name) and receiver.value in ("self", "cls"))
