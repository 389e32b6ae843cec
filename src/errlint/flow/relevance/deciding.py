"""Which functions do anything about how a request ends.

Most functions of a client library only pass on what another one gives them. Whatever is wrong about their requests is
wrong where those are sent, repeated, tested or handled, and is found there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from errlint.flow.lower.tree import below
from errlint.flow.relevance.names import Key, callable_names, decorators
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode
    from errlint.flow.relevance.mentions import Mentions

Told = TypeVar("Told", bound=Hashable)
Called = Mapping["Code | None", "set[str]"]
Sender = tuple["Code | Key | None", ...]
MOST_CALLERS = 2
"""So many functions that only pass on are looked at for each that they call and that decides, and so many of those that
only send for each way in which they send: what they give may tell more than defaults, and what sends may repeat."""


def worth_running(
    functions: Sequence[Code], deciding: Set[Code], senders: Mapping[Code | None, set[Sender]], called: Called
) -> Iterator[Code]:
    """Those of the functions, which may all send, in which it matters how a request ends, and some others.

    `deciding` are those in which it matters, `senders` the ways in which functions send by themselves, `called` the
    names that they call.
    """
    sending = set(_some(functions, deciding, {sender: 0 for ways in senders.values() for sender in ways}, senders))
    callers = {name: 0 for code in sending for name in callable_names(code)}
    return _some(functions, sending, callers, called)


def _some(
    functions: Sequence[Code], chosen: Set[Code], times: dict[Told, int], told: Mapping[Code | None, set[Told]]
) -> Iterator[Code]:
    """What is chosen, and others for what is `told` of them, a few for each thing that counts."""
    for code in functions:
        if code not in chosen:
            telling = [thing for thing in told.get(code, ()) if times.get(thing, MOST_CALLERS) < MOST_CALLERS]
            for thing in telling:
                times[thing] += 1
            if not telling:
                continue
        yield code


class Decisions:
    """What the functions of a module do about the ends of requests, as far as syntax tells."""

    def __init__(
        self,
        module: ModuleCode,
        mentions: Mentions,
        names: frozenset[str],
        sending: frozenset[cst.CSTNode],
        of_answers: frozenset[str],
        wrappers: frozenset[str],
    ) -> None:
        self._mentions = mentions
        self._sending = sending
        """What sends by itself."""
        self._names = names
        """What calls of functions that send are named like."""
        self._of_answers = of_answers
        """The attributes that only answers have."""
        self._wrappers = wrappers
        """Decorators of the project for which it may matter how what they decorate ends."""
        self._classes = frozenset(definition.name for definition in module.classes)
        self._properties = {code.name for code in module.functions if not _PROPERTIES.isdisjoint(decorators(code))}

    def made_in(self, code: Code) -> bool:
        """Whether a function loops, handles exceptions, tests what comes back, configures or hands on what sends."""
        if not isinstance(code.node, cst.FunctionDef) or any(map(self._is_telling_decorator, decorators(code))):
            return True
        nodes = list(below(code.node.body))
        given = {name for node in nodes if isinstance(node, cst.Assign) for name in self._given(node)}
        return any(self._tells(code, node, given) for node in nodes)

    def _is_telling_decorator(self, name: str) -> bool:
        # What an object keeps and calls later is not followed by name.
        return name in self._wrappers or name in self._classes or name[:1].isupper()

    def _given(self, assignment: cst.Assign) -> list[str]:
        """The variables that hold what a call that sends has given."""
        targets = [target.target for target in assignment.targets] if self._sends(assignment.value) else []
        return [target.value for target in targets if isinstance(target, cst.Name)]

    def _tells(self, code: Code, node: cst.CSTNode, given: set[str]) -> bool:
        kind = type(node)
        if isinstance(node, cst.Call):
            return self._is_telling_call(code, node)
        if isinstance(node, cst.Attribute):
            return node.attr.value in self._of_answers
        if kind in _TESTS:
            test = node.test if isinstance(node, (cst.If, cst.IfExp, cst.Assert)) else node
            return any((isinstance(n, cst.Name) and n.value in given) or self._sends(n) for n in below(test))
        if isinstance(node, cst.With):
            # `with self._quiet():` may swallow what is raised; what has a name is mostly a client.
            return any(item.asname is None and isinstance(item.item, cst.Call) for item in node.items)
        return kind in _TELLING or (kind in _GUARDING and any(self._may_send(code, inner) for inner in below(node)))

    def _may_send(self, code: Code, node: cst.CSTNode) -> bool:
        """Whether a node sends, or calls what a variable holds."""
        if node in self._sending or self._sends(node):
            return True
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name):
            return False
        return self._mentions.variable(code, node.func.value).function is not None

    def _sends(self, node: cst.CSTNode) -> bool:
        return isinstance(node, cst.Call) and last_name(node.func) in self._names

    def _is_telling_call(self, code: Code, call: cst.Call) -> bool:
        name = last_name(call.func)
        is_method = isinstance(call.func, cst.Attribute) and not isinstance(call.func.value, cst.Name)
        if name == "partial" or (name == code.name and not is_method):
            return True
        given = [argument.value for argument in call.args]
        return any(self._is_sender(code, value) for value in given) or (
            name in self._names and any(self._configures(code, value) for value in given)
        )

    def _is_sender(self, code: Code, argument: cst.BaseExpression) -> bool:
        """Whether an argument is a function of the module, or one that it imports, that sends: who gets it may call it
        more than once."""
        if not isinstance(argument, cst.Name) or argument.value not in self._names or not argument.value.islower():
            return False
        return self._mentions.variable(code, argument.value).function is None

    def _configures(self, code: Code, argument: cst.BaseExpression) -> bool:
        """Whether an argument may say what is repeated, how often or what is called: a number, a constant of the
        module, a method."""
        if isinstance(argument, cst.Name):
            return argument.value.isupper() and self._mentions.variable(code, argument.value).function is None
        if isinstance(argument, cst.Attribute):
            return argument.attr.value in self._names and argument.attr.value not in self._properties
        if isinstance(argument, (cst.Tuple, cst.List, cst.Set)):
            return any(self._configures(code, element.value) for element in argument.elements)
        return isinstance(argument, (cst.Integer, cst.Float))


_TELLING = frozenset({cst.Match, cst.Lambda, cst.FunctionDef})
_GUARDING = frozenset({cst.Try, cst.TryStar, cst.For, cst.While})
_TESTS = frozenset({cst.If, cst.IfExp, cst.Assert, cst.Comparison, cst.BooleanOperation})
_PROPERTIES = frozenset({"property", "cached_property"})
