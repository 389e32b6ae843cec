"""What is taken for a request although its receiver is unknown: something is read of its result that only answers have,
it is returned as an answer, or its receiver is called as clients are.

And which class of a library it is taken for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.code import Code
from errlint.flow.relevance.names import Variable, without_await
from errlint.packs import effects, schema, values
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from errlint.flow.relevance.vocabulary import Vocabulary
    from errlint.packs.knowledge import Knowledge

Chain = tuple[str, ...]
"""The attributes that lead to a method: `("messages", "create")`."""

_STAND_INS = ("test", "mock", "pytest", "unittest")


class Likeness:
    """Collects, while a module is walked over, what is assigned to variables and what is read of them."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._assigned: dict[Variable, list[cst.Call]] = {}
        self._read: dict[Variable, set[str]] = {}
        self._read_at_once: set[cst.Call] = set()
        self._awaited: set[cst.Call] = set()
        self.returned: list[tuple[Code, cst.Call]] = []
        """Calls named like those that send, whose result is returned."""
        self.named: list[tuple[str, cst.Call]] = []
        """Calls named like those that send, with what their receiver is called."""
        self.chained: list[tuple[Chain, cst.Call]] = []
        """Calls named like those that send, with the attributes that lead to them."""

    def assign(self, variable: Variable, value: cst.BaseExpression) -> None:
        """A variable gets a value."""
        call = without_await(value)
        if isinstance(call, cst.Call) and self._may_send(call):
            self._assigned.setdefault(variable, []).append(call)

    def wait_for(self, value: cst.BaseExpression) -> None:
        """Something is awaited, or entered asynchronously."""
        if isinstance(value, cst.Call):
            self._awaited.add(value)

    def call(self, call: cst.Call) -> None:
        """Something is called."""
        if isinstance(call.func, cst.Attribute) and self._may_send(call):
            name = last_name(call.func.value)
            if name is not None:
                self.named.append((name.strip("_").lower(), call))
            if isinstance(call.func.value, cst.Attribute):
                self.chained.append((_chain(call.func), call))

    def is_awaited(self, call: cst.Call) -> bool:
        """Whether the result of a call is awaited, or entered asynchronously."""
        return call in self._awaited

    def give_back(self, code: Code, value: cst.BaseExpression) -> None:
        """A function returns something."""
        call = without_await(value)
        if isinstance(call, cst.Call) and self._may_send(call):
            self.returned.append((code, call))

    def read(self, code: Code | None, node: cst.Attribute) -> None:
        """An attribute is read in a function, or in the body of the module."""
        attribute = node.attr.value
        if attribute not in self._words.of_answers:
            return
        value = without_await(node.value)
        if isinstance(value, cst.Name):
            self._read.setdefault(Variable(code, value.value), set()).add(attribute)
        elif isinstance(value, cst.Call) and self._may_send(value) and _is_telling(attribute):
            self._read_at_once.add(value)

    def _may_send(self, call: cst.Call) -> bool:
        """Whether a method is called that is named like one that sends."""
        return isinstance(call.func, cst.Attribute) and call.func.attr.value in self._words.sending

    def requests(self) -> frozenset[cst.Call]:
        """Calls named like those that send, of whose result something is read that only answers have."""
        found = set(self._read_at_once)
        for variable, calls in self._assigned.items():
            if self.is_answer(variable):
                found.update(calls)
            elif variable in self._read:
                found.update(self._awaited.intersection(calls))
        return frozenset(found)

    def is_answer(self, variable: Variable) -> bool:
        """Whether something is read of a variable that only answers have."""
        return any(map(_is_telling, self._read.get(variable, ())))


def _is_telling(attribute: str) -> bool:
    """Whether few other things have an attribute of this name: a plain word like `status` tells little."""
    return "_" in attribute


def tests_with_stand_ins(imports: Collection[str]) -> bool:
    """Whether a module with these imports is a test: stand-ins answer alike."""
    return any(part.startswith(_STAND_INS) for path in imports for part in path.split("."))


def clients_among(imports: Collection[str], knowledge: Knowledge) -> dict[str, schema.Class]:
    """The client classes, by path, of the single library among these imports."""
    roots = {path.partition(".")[0] for path in imports}
    # A client whose parts send has no method that a call could be taken for.
    imported = [pack for pack in knowledge.packs if not roots.isdisjoint(pack.roots) and _has_senders(pack)]
    # What another one of them is built on is imported for its settings.
    below = {path.partition(".")[0] for pack in imported for path in pack.foreign}
    clients: dict[str, schema.Class] = {
        path: definition
        for pack in imported
        if below.isdisjoint(pack.roots)
        for path, definition in pack.definitions.items()
        if isinstance(definition, schema.Class) and definition.client is not None
    }
    return clients if len({path.partition(".")[0] for path in clients}) == 1 else {}


def parts_among(imports: Collection[str], knowledge: Knowledge) -> dict[tuple[Chain, bool], str]:
    """How methods of the parts of the clients of these libraries are reached, and whether they are awaited, with the
    classes of the parts."""
    roots = {path.partition(".")[0] for path in imports}
    found: dict[tuple[Chain, bool], str] = {}
    for pack in knowledge.packs:
        for definition in () if roots.isdisjoint(pack.roots) else pack.definitions.values():
            if isinstance(definition, schema.Class) and definition.client is not None:
                _collect_parts(definition, (), knowledge, found)
    return found


def _collect_parts(
    owner: schema.Class, chain: Chain, knowledge: Knowledge, found: dict[tuple[Chain, bool], str]
) -> None:
    for name, attribute in owner.attributes.items():
        part = knowledge.type(attribute.instance) if isinstance(attribute, values.Instance) else None
        if part is not None and part.part:
            leading = (*chain, name)
            for method in part.methods.values():
                if isinstance(method.effect, effects.Sends):
                    last = method.path.rpartition(".")[2]
                    found.setdefault(((*leading, last), method.form == "awaitable"), part.path)
            _collect_parts(part, leading, knowledge, found)


def _chain(function: cst.BaseExpression) -> Chain:
    names: list[str] = []
    while isinstance(function, cst.Attribute):
        names.append(function.attr.value)
        function = function.value
    return tuple(reversed(names))


def _has_senders(pack: schema.Pack) -> bool:
    definitions = pack.definitions.values()
    return not any(isinstance(definition, schema.Class) and definition.part for definition in definitions)


_COMMON = frozenset({"client", "connection", "manager", "pool"})
"""What many other things are called, too."""
_OF_ADDRESSES = re.compile(r"ur[il]|endpoint|path|link|href", re.IGNORECASE)


def is_called_like(name: str, path: str) -> bool:
    """Whether a receiver is called as objects of a client class are: `session`, for a class whose name ends so."""
    return name not in _COMMON and path.rpartition(".")[2].lower().endswith(name) and len(name) > 3


def has_address(call: cst.Call) -> bool:
    """Whether the first argument of a call looks like an address: other sessions have a `get` and a `delete`, too."""
    first = next((a.value for a in call.args if a.keyword is None or a.keyword.value == "url"), None)
    if isinstance(first, (cst.BinaryOperation, cst.FormattedString, cst.ConcatenatedString)):
        return True
    if isinstance(first, cst.SimpleString):
        return "/" in first.value
    if isinstance(first, cst.Call):
        first = first.func
    return first is not None and bool(_OF_ADDRESSES.search(last_name(first) or ""))
