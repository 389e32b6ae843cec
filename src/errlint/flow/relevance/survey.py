"""Which functions of a module count, and what else the walk over it tells the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.held import annotation_path
from errlint.flow.lower.tree import below
from errlint.flow.relevance.carriers import Carriers
from errlint.flow.relevance.deciding import Decisions, Sender, worth_running
from errlint.flow.relevance.expectations import Expectations, Expected
from errlint.flow.relevance.exports import Exports, Others
from errlint.flow.relevance.likeness import (
    Chain,
    clients_among,
    has_address,
    is_called_like,
    parts_among,
    tests_with_stand_ins,
)
from errlint.flow.relevance.mentions import Mentions, Use
from errlint.flow.relevance.names import Key, Member, Variable, callable_names, is_of_data
from errlint.flow.relevance.vocabulary import vocabulary
from errlint.flow.relevance.wrappers import guarding_wrappers, wrappers
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode
    from errlint.packs import schema
    from errlint.packs.knowledge import Knowledge


class Survey:
    """What names alone tell of a module: nothing of it was run."""

    def __init__(self, module: ModuleCode, knowledge: Knowledge, others: Others) -> None:
        words = self._words = vocabulary(knowledge)
        self._module = module
        self._others = others
        self._knowledge = knowledge
        self._mentions = Mentions(module, words)
        self._carriers = Carriers(module, self._mentions, words, others)
        self._assumed = self._assume()
        self._called = self._calls()
        self._sending_uses = [use for use in self._mentions.uses if self._sends(use)]
        self._sending = frozenset(use.code for use in self._sending_uses)
        self._names = self._names_that_count()
        self.functions = tuple(code for code in module.functions if self._counts(code, self._names))
        """The functions that count, in source order."""
        self.body_counts = self._counts(None, self._names)
        """Whether the module's own statements may send."""
        self._expectations = Expectations(module, self._mentions.tries, knowledge, self._is_request)
        self.expecting = tuple(self._expectations.functions)
        """The functions in which calls of something unknown are expected to fail as requests do, in source order."""
        self.mutated = frozenset(self._mentions.mutated)
        """Names and attributes of containers that are changed somewhere."""

    @cached_property
    def deciding(self) -> frozenset[Code]:
        """Those of the functions that count in which it matters how a request ends."""
        telling = wrappers(self._mentions) | self._carriers.guarding
        sending = frozenset([use.value for use in self._sending_uses])
        decisions = Decisions(self._module, self._mentions, self._names, sending, self._words.of_answers, telling)
        handing_on = {use.code for use in self._sending_uses if self._hands_on(use)}
        return frozenset(code for code in self.functions if code in handing_on or decisions.made_in(code))

    @cached_property
    def worth_running(self) -> tuple[Code, ...]:
        """Those that decide, some that call them, and some of each way of sending."""
        senders: dict[Code | None, set[Sender]] = {}
        for use in self._sending_uses:
            if isinstance(use.value, cst.Call) and self._is_last(use):
                senders.setdefault(use.code, set()).add(self._sender(use))
        return tuple(worth_running(self.functions, self.deciding, senders, self._called))

    def _is_last(self, use: Use) -> bool:
        """Whether what is called sends itself: what another function sends is looked at there."""
        name = last_name(use.function)
        return name in self._words.sending or name not in self._names

    def _hands_on(self, use: Use) -> bool:
        """Whether what sends is given to something that may call it more than once; results are nothing that sends."""
        name = last_name(use.function)
        if isinstance(use.value, cst.Call):
            return name in self._words.repeating
        is_local = isinstance(use.value, cst.Name) and self._mentions.variable(use.code, use.value.value).function
        return not is_local and (name in self._words.sending or name in self._names)

    def _sender(self, use: Use) -> Sender:
        """How a request is sent; what is made for it, and may be made in another way elsewhere, is another one."""
        is_made = any(isinstance(node, cst.Call) and node.args for node in below(use.function))
        return (use.code if is_made else None, *self._mentions.chain(use.code, use.function))

    def callees_first(self, functions: Sequence[Code]) -> list[Code]:
        """The functions, each after those of them that it calls; else in the same order."""
        callees: dict[str, list[Code]] = {}
        for code in functions:
            for name in callable_names(code):
                callees.setdefault(name, []).append(code)
        found: dict[Code, None] = {}
        met: set[Code] = set()
        stack = [(code, False) for code in reversed(functions)]
        while stack:
            code, is_left = stack.pop()
            if is_left:
                found[code] = None
            elif code not in met:
                met.add(code)
                stack.append((code, True))
                names = sorted(self._called.get(code, ()), reverse=True)
                stack += [(callee, False) for name in names for callee in reversed(callees.get(name, ()))]
        return list(found)

    def matters(self, code: Code) -> bool:
        """Whether a call of a function, of this module or another, may send or give a client."""
        return not self._names.isdisjoint(callable_names(code)) or self.gives_client(code)

    def gives_client(self, code: Code) -> bool:
        """Whether what a function returns may be a client, or something that sends."""
        keys = (Member(code.name), Variable(None, code.name))
        return any(key in self._carriers.clients or key in self._carriers.senders for key in keys)

    def answer_class(self) -> str | None:
        """The class of what something that looks like an answer is taken for."""
        for path in self._clients:
            for answer in self._knowledge.responses(path.partition(".")[0]):
                return answer.path
        return None

    def answers_given(self, code: Code) -> frozenset[str]:
        """The parameters of a function of which something is read that only answers have."""
        is_answer = self._mentions.likeness.is_answer
        return frozenset(p.name for p in code.parameters if is_answer(Variable(code, p.name)))

    def client_assumed(self, call: cst.CSTNode, module: ModuleCode) -> str | None:
        """The client class whose method a call of something unknown is taken for; the call stands in this module, or
        in another one of the project."""
        if module is self._module:
            return self._assumed.get(call)
        other = self._others(module.name, False)
        return None if other is None else other.assumed.get(call)

    def expected(self, call: cst.CSTNode) -> tuple[Expected, ...]:
        """The failures that a call of something unknown is expected to end in, by the handlers around it."""
        return self._expectations.calls.get(call, ())

    def exports(self) -> Exports:
        """What modules that import this one take over."""
        methods = [code for code in self._module.functions if code.owner is not None]
        calls = {(code.name, name) for code in methods for name in self._called.get(code, ())}
        return Exports(
            _shared(self._carriers.clients),
            _shared(self._carriers.senders),
            _shared(self._carriers.objects),
            frozenset(name for code in self.functions for name in callable_names(code)) | self._carriers.inherited,
            frozenset(calls | self._carriers.calls),
            self._libraries,
            self._assumed,
            guarding_wrappers(self._mentions) | self._carriers.guarding,
        )

    # --- requests of something unknown --------------------------------------------------------------------------------

    @cached_property
    def _libraries(self) -> frozenset[str]:
        """The libraries that the module imports; where it imports none, those of the modules that it imports."""
        words = self._words
        paths = [(imported.path.partition(".")[0], imported.path) for imported in self._mentions.imports]
        own = frozenset(root for root, path in paths if root in words.libraries or words.concerns(path))
        return own or frozenset(self._carriers.libraries)

    @cached_property
    def _clients(self) -> dict[str, schema.Class]:
        """The client classes of the one library that is used here."""
        if tests_with_stand_ins([imported.path for imported in self._mentions.imports]):
            return {}
        return clients_among(self._libraries, self._knowledge)

    @cached_property
    def _parts(self) -> dict[tuple[Chain, bool], str]:
        """The classes of the parts of clients, by how their methods are reached."""
        if tests_with_stand_ins([imported.path for imported in self._mentions.imports]):
            return {}
        return parts_among(self._libraries, self._knowledge)

    def _assume(self) -> dict[cst.CSTNode, str]:
        """The calls that are taken for requests, each with the client class whose method they may be."""
        found: dict[cst.CSTNode, str] = {}
        likeness = self._mentions.likeness
        answering = [call for code, call in likeness.returned if self._gives_answer(code)]
        for call in (*likeness.requests(), *answering):
            self._take(call, self._clients, found)
        for name, call in likeness.named:
            alike = {path: client for path, client in self._clients.items() if is_called_like(name, path)}
            if last_name(call.func) not in _OF_OTHERS or has_address(call):
                self._take(call, alike, found)
        for chain, call in likeness.chained if self._parts else ():
            ways = [(chain[start:], likeness.is_awaited(call)) for start in range(len(chain) - 1)]
            part = next((self._parts[way] for way in ways if way in self._parts), None)
            if part is not None:
                found.setdefault(call, part)
        return found

    def _take(self, call: cst.Call, clients: dict[str, schema.Class], found: dict[cst.CSTNode, str]) -> None:
        name = last_name(call.func)
        path = next((path for path, definition in clients.items() if name in definition.methods), None)
        if path is not None:
            found.setdefault(call, path)

    def _gives_answer(self, code: Code) -> bool:
        path = annotation_path(self._module, code.returns)
        return path is not None and self._knowledge.answers(path)

    # --- which functions count ---------------------------------------------------------------------------------------

    def _calls(self) -> dict[Code | None, set[str]]:
        """The names that each function, or the body of the module, calls or passes on."""
        called: dict[Code | None, set[str]] = {}
        for use in self._mentions.uses:
            name = last_name(use.function)
            if name is not None and (not is_of_data(name, use.function) or self._is_of_object(use)):
                called.setdefault(use.code, set()).add(name)
        return called

    def _is_of_object(self, use: Use) -> bool:
        """Whether what is called may be a method of an object of the project."""
        return self._carriers.leads_to_object(self._mentions.chain(use.code, use.function))

    def _sends(self, use: Use) -> bool:
        """Whether a use is a request by itself, or passes on what sends."""
        return use.value in self._assumed or self._carriers.sends(self._mentions.chain(use.code, use.function))

    def _is_request(self, code: Code | None, call: cst.Call) -> bool:
        """Whether a call sends by itself, calls or is given what does, or looks at an answer."""
        name = last_name(call.func)
        values = [call, *[a.value for a in call.args if isinstance(a.value, (cst.Name, cst.Attribute))]]
        return (
            name in self._words.of_answers
            or any(last_name(v.func if isinstance(v, cst.Call) else v) in self._names for v in values)
            or any(self._sends(Use(code, value)) for value in values)
        )

    def _counts(self, code: Code | None, names: set[str] | frozenset[str]) -> bool:
        """Whether a function, or the body of the module, sends or calls one of these names."""
        return code in self._sending or not names.isdisjoint(self._called.get(code, ()))

    def _names_that_count(self) -> frozenset[str]:
        """What calls of functions that count are named like, in this module and those that it imports."""
        callers: dict[str, list[str]] = {}
        for caller, called in self._carriers.calls:
            callers.setdefault(called, []).append(caller)
        for code in self._module.functions:
            for called in self._called.get(code, ()):
                callers.setdefault(called, []).extend(callable_names(code))
        names: set[str] = set()
        waiting = [*self._carriers.functions]
        waiting += [name for code in self._module.functions if code in self._sending for name in callable_names(code)]
        while waiting:
            name = waiting.pop()
            if name not in names:
                names.add(name)
                waiting += callers.get(name, ())
        return frozenset(names)


def _shared(keys: set[Key]) -> frozenset[Key]:
    """Those of the keys that mean something in other modules, too."""
    return frozenset(key for key in keys if isinstance(key, Member) or key.function is None)


_OF_OTHERS = frozenset({"get", "delete", "head", "options"})
"""What sessions of databases may have, too."""
