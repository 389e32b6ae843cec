"""One walk over a module: what is imported, called, and assigned to what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from errlint.flow.code import Code, ModuleCode
from errlint.flow.held import import_path
from errlint.flow.lower.tree import alias_name, children, dotted_name, names_bound
from errlint.flow.relevance.likeness import Likeness
from errlint.flow.relevance.names import COMPUTED, Key, Member, Variable, is_getattr
from errlint.flow.relevance.vocabulary import Vocabulary
from errlint.syntax.names import last_name

Target = Key | cst.CSTNode
"""What a value goes to: a key, or a target as it is written where only the whole walk tells whose variable that is."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A value in a function (or in the body of the module) and where it goes: by an assignment, an annotation, a
    return, or as the base of a class."""

    code: Code | None
    targets: tuple[Target, ...]
    value: cst.BaseExpression
    is_annotation: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A call, decorator or argument: something that runs, or may be run by what it is given to."""

    code: Code | None
    value: cst.BaseExpression

    @property
    def function(self) -> cst.BaseExpression:
        """What runs."""
        return self.value.func if isinstance(self.value, cst.Call) else self.value


@dataclass(frozen=True, slots=True)
class Attempted:
    """A `try` in a function, or in the body of the module."""

    code: Code | None
    node: cst.Try


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that an import statement binds; `is_module` where it certainly stands for a module."""

    variable: Variable
    path: str
    is_module: bool


class Mentions:
    """What the walk over a module finds, in the order in which it comes by it."""

    def __init__(self, module: ModuleCode, words: Vocabulary) -> None:
        self.flows: list[Flow] = []
        self.uses: list[Use] = []
        self.imports: list[Imported] = []
        self.tries: list[Attempted] = []
        self.mutated: set[str] = set()
        """Names and attributes of containers that are changed somewhere."""
        self.likeness = Likeness(words)
        self._module = module
        self._words = words
        self._locals: dict[Code, set[str]] = {}
        self._walk()

    def variable(self, code: Code | None, name: str) -> Variable:
        """What a name means in a function, or in the body of the module."""
        while code is not None:
            if name in self._locals[code]:
                return Variable(code, name)
            code = code.parent
        return Variable(None, name)

    def targets(self, flow: Flow) -> set[Key]:
        """What the value of a flow goes to; class variables are attributes as well."""
        keys: set[Key] = set()
        for target in flow.targets:
            if isinstance(target, cst.Name):
                keys.add(self.variable(flow.code, target.value))
                if flow.code is None:
                    keys.add(Member(target.value))
            elif isinstance(target, cst.Attribute):
                keys.add(Member(target.attr.value))
            elif isinstance(target, (Variable, Member)):
                keys.add(target)
        return keys

    def chain(self, code: Code | None, node: cst.BaseExpression) -> list[Key]:
        """The names that an expression leads through, last first: of `a.b(c).d` the attribute `d`, the variable `c`,
        the attribute `b` and the variable `a`."""
        keys: list[Key] = []
        current = node
        while True:
            # Types are compared: to ask for an abstract base class takes long, and chains are most of a survey.
            if type(current) is cst.Attribute:
                keys.append(Member(current.attr.value))
                current = current.value
            elif type(current) is cst.Call and is_getattr(current):
                keys.append(COMPUTED)
                current = current.args[0].value
            elif type(current) is cst.Call:
                keys += [self.variable(code, a.value.value) for a in current.args if type(a.value) is cst.Name]
                current = current.func
            elif type(current) is cst.Subscript:
                current = current.value
            elif type(current) is cst.Await:
                current = current.expression
            else:
                break
        if type(current) is cst.Name:
            keys.append(self.variable(code, current.value))
        return keys

    # --- the walk ----------------------------------------------------------------------------------------------------

    def _walk(self) -> None:
        codes = {code.node: code for code in self._module.functions}
        stack: list[tuple[cst.CSTNode, Code | None]] = [(self._module.tree, None)]
        while stack:
            node, code = stack.pop()
            kind = type(node)
            if type(node) is cst.FunctionDef:
                code = codes[node]
                self._enter(code, node)
            elif kind in _LOOKED_AT:
                self._look(node, code)
            elif kind in _LEAVES:
                continue
            stack.extend([(child, code) for child in children(node)])

    def _enter(self, code: Code, node: cst.FunctionDef) -> None:
        self._locals[code] = {parameter.name for parameter in code.parameters}
        if code.parent is not None:
            self._locals[code.parent].add(code.name)
        for parameter in code.parameters:
            if parameter.annotation is not None:
                target = Variable(code, parameter.name)
                self.flows.append(Flow(code, (target,), parameter.annotation, is_annotation=True))
        self.uses += [Use(code, decorator.decorator) for decorator in node.decorators]

    def _look(self, node: cst.CSTNode, code: Code | None) -> None:
        if isinstance(node, cst.Call):
            self._call(node, code)
        elif isinstance(node, cst.Attribute):
            self.likeness.read(code, node)
        elif isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.Del)):
            if isinstance(node.target, cst.Subscript):
                self._mutate(node.target.value)
        elif isinstance(node, cst.Assign):
            self._assign([target.target for target in node.targets], node.value, code)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                self._assign([node.target], node.value, code)
            self.flows.append(Flow(code, (node.target,), node.annotation.annotation, is_annotation=True))
        elif isinstance(node, cst.NamedExpr):
            self._assign([node.target], node.value, code)
        elif isinstance(node, cst.With):
            self._with(node, code)
        elif isinstance(node, cst.Await):
            self.likeness.wait_for(node.expression)
        elif isinstance(node, (cst.For, cst.CompFor)):
            self._assign([node.target], node.iter, code)
        elif isinstance(node, (cst.Return, cst.Yield)):
            if code is not None and isinstance(node.value, cst.BaseExpression):
                self.flows.append(Flow(code, (_called_as(code),), node.value))
                self.likeness.give_back(code, node.value)
        elif isinstance(node, cst.Try):
            self.tries.append(Attempted(code, node))
        elif isinstance(node, cst.ClassDef):
            # Where the class is a local one, it is followed like one of the module.
            cls = Variable(None, node.name.value)
            self.flows += [Flow(None, (cls,), base.value) for base in node.bases]
        elif isinstance(node, (cst.Import, cst.ImportFrom)):
            self._import(node, code)

    def _call(self, node: cst.Call, code: Code | None) -> None:
        self.uses.append(Use(code, node))
        self.likeness.call(node)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _MUTATING:
            self._mutate(node.func.value)
        self.uses += [Use(code, a.value) for a in node.args if isinstance(a.value, (cst.Name, cst.Attribute))]

    def _mutate(self, container: cst.BaseExpression) -> None:
        name = last_name(container)
        if name is not None:
            self.mutated.add(name)

    def _with(self, node: cst.With, code: Code | None) -> None:
        for item in node.items:
            if node.asynchronous is not None:
                self.likeness.wait_for(item.item)
            if item.asname is not None:
                self._assign([item.asname.name], item.item, code)

    def _assign(self, targets: Iterable[cst.BaseExpression], value: cst.BaseExpression, code: Code | None) -> None:
        parts = [part for target in targets for part in names_bound(target)]
        self.flows.append(Flow(code, tuple(parts), value))
        for part in parts:
            if isinstance(part, cst.Name):
                self.likeness.assign(Variable(code, part.value), value)
                if code is not None:
                    self._locals[code].add(part.value)

    def _import(self, node: cst.Import | cst.ImportFrom, code: Code | None) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name = alias_name(alias)
            if code is not None:
                self._locals[code].add(name)
            path = dotted_name(alias.name)
            if isinstance(node, cst.ImportFrom):
                path = f"{import_path(self._module, dotted_name(node.module), len(node.relative))}.{path}"
            # A library that comes with the project, as `from .vendored import client`.
            if path.rpartition(".")[2] in self._words.libraries:
                path = path.rpartition(".")[2]
            self.imports.append(Imported(Variable(code, name), path, is_module=isinstance(node, cst.Import)))


def _called_as(code: Code) -> Key:
    """What a function is reached by: methods of classes outside of functions are attributes."""
    if code.owner is not None and code.parent is None:
        return Member(code.name)
    return Variable(code.parent, code.name)


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
        cst.Try,
        cst.ClassDef,
        cst.Import,
        cst.ImportFrom,
    }
)
_LEAVES = frozenset(
    {cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Ellipsis, cst.Pass, cst.Break, cst.Continue}
)
_MUTATING = frozenset(
    ["append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"]
)
