"""Which names hold clients, and which stand for something that sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.lower.tree import children, dotted_name
from errlint.flow.relevance.names import COMPUTED, Key, Member, Variable, decorators, is_data_method, is_getattr
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from errlint.flow.code import ModuleCode
    from errlint.flow.relevance.exports import Exports, Others
    from errlint.flow.relevance.mentions import Flow, Imported, Mentions
    from errlint.flow.relevance.vocabulary import Vocabulary


class Carriers:
    """The names of a module that hold clients or send: imports first, then whatever flows out of one into another."""

    def __init__(self, module: ModuleCode, mentions: Mentions, words: Vocabulary, others: Others) -> None:
        self.clients: set[Key] = set()
        self.senders: set[Key] = set()
        self.objects: set[Key] = {
            Variable(None, definition.name)
            for definition in module.classes
            if any(map(is_data_method, definition.bindings))
        }
        """Names of the project's classes that have methods called as those of data are, and of their instances."""
        self.functions: set[str] = set()
        """The names of functions of imported modules that count."""
        self.inherited: set[str] = set()
        """Those of modules that base classes come from."""
        self.calls: set[tuple[str, str]] = set()
        """What methods of imported modules call: see `Exports`."""
        self.libraries: set[str] = set()
        """The libraries that imported modules of the project use."""
        self.guarding: set[str] = set()
        """The names of decorators of imported modules for which it matters how what they decorate ends."""
        self._mentions = mentions
        self._words = words
        self._others = others
        self._bases = {
            dotted_name(base.node).partition(".")[0] for definition in module.classes for base in definition.bases
        }
        self._decorators = {name for code in module.functions for name in decorators(code)}
        for imported in mentions.imports:
            self._import(imported)
        self._spread()

    # --- imports -----------------------------------------------------------------------------------------------------

    def _import(self, imported: Imported) -> None:
        if not self._words.concerns(imported.path):
            self._borrow(imported)
            return
        self.clients.add(imported.variable)
        if not imported.is_module and imported.path.rpartition(".")[2] in self._words.sending:
            self.senders.add(imported.variable)

    def _borrow(self, imported: Imported) -> None:
        """Take over what an imported module of the project, or a name of one, is known to be."""
        always = imported.variable.name in self._bases or imported.variable.name in self._decorators
        module = self._others(imported.path, always)
        if module is None and not imported.is_module:
            owner, _, name = imported.path.rpartition(".")
            module = self._others(owner, always)
            if module is not None:
                self._alias(Variable(None, name), imported.variable, module)
        if module is not None:
            self.clients |= {key for key in module.clients if isinstance(key, Member)}
            self.senders |= {key for key in module.senders if isinstance(key, Member)}
            self.objects |= {key for key in module.objects if isinstance(key, Member)}
            self.functions |= module.functions
            self.calls |= module.calls
            self.libraries |= module.libraries
            self.guarding |= module.guarding
            if imported.variable.name in self._bases:
                self.inherited |= module.functions

    def _alias(self, theirs: Variable, ours: Variable, module: Exports) -> None:
        if theirs in module.clients:
            self.clients.add(ours)
        if theirs in module.senders:
            self.senders.add(ours)
        if theirs in module.objects:
            self.objects.add(ours)

    # --- flows -------------------------------------------------------------------------------------------------------

    def _spread(self) -> None:
        """Follow values from name to name until nothing is added any more."""
        flows = [(self._mentions.targets(flow), list(self._sources(flow))) for flow in self._mentions.flows]
        mentioning: dict[Key, list[int]] = {}
        for number, (_, sources) in enumerate(flows):
            for key in {key for chain in sources for key in chain}:
                mentioning.setdefault(key, []).append(number)
        kinds = ((self.sends, self.senders), (self._holds, self.clients), (self.leads_to_object, self.objects))
        waiting = list(range(len(flows)))
        while waiting:
            targets, sources = flows[waiting.pop()]
            for is_such, known in kinds:
                new = targets - known
                if new and any(map(is_such, sources)):
                    known |= new
                    for key in new:
                        waiting += mentioning.get(key, ())

    def _sources(self, flow: Flow) -> Iterator[list[Key]]:
        """What a value may be made of, as chains; what a request gives is left out, it is no client."""
        stack: list[cst.CSTNode] = [flow.value]
        while stack:
            node = stack.pop()
            if type(node) is cst.Await:
                stack.append(node.expression)
            elif type(node) is cst.Name or type(node) is cst.Attribute:
                yield self._mentions.chain(flow.code, node)
            elif type(node) is cst.Call:
                if is_getattr(node):
                    yield self._mentions.chain(flow.code, node)
                elif last_name(node.func) not in self._words.sending:
                    yield self._mentions.chain(flow.code, node.func)
                    stack.extend(argument.value for argument in node.args)
            elif type(node) is cst.SimpleString and flow.is_annotation:
                text = node.evaluated_value
                if isinstance(text, str):
                    yield [self._mentions.variable(flow.code, text.partition(".")[0])]
            elif type(node) in _MADE_OF_PARTS:
                stack.extend(children(node))

    def _holds(self, chain: list[Key]) -> bool:
        """Whether a chain leads through something that holds a client."""
        return not self.clients.isdisjoint(chain)

    def leads_to_object(self, chain: list[Key]) -> bool:
        """Whether a chain leads through an object of the project with methods called as those of data are."""
        return not self.objects.isdisjoint(chain)

    def sends(self, chain: list[Key]) -> bool:
        """Whether a chain names something that sends: `session.get`, or a name that stands for it."""
        if not chain:
            return False
        if chain[0] in self.senders:
            return True
        return (chain[0] == COMPUTED or chain[0].name in self._words.sending) and self._holds(chain)


_MADE_OF_PARTS = frozenset(
    {
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
    }
)
