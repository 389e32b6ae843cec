"""The structure of the code under analysis: functions with their graphs, classes, modules, bindings of names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from errlint.flow.control import Graph
from errlint.flow.ir import Import
from errlint.syntax.names import last_name


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Literal["positional-only", "positional", "var-positional", "keyword-only", "var-keyword"]
    has_default: bool
    annotation: cst.BaseExpression | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known of a function's variables once its whole body was read: see `Code.cells`, `Code.is_generator`."""

    cells: frozenset[str]
    is_generator: bool


@dataclass(slots=True, eq=False)
class Code:
    """A function, lambda, module body or a single module-level or class-level binding, lowered when first asked for.

    `parent` is the code in whose frame this one is made and whose variables it may share, None at module level. A Code
    of kind "expression" returns the value of one expression (a default, a constant, a decorator, a base class).
    `defaults` are those of the parameters of functions at module and class level; functions nested in functions get
    theirs through `MakeFunction`.
    """

    name: str
    qualname: str
    kind: Literal["function", "lambda", "module", "expression"]
    node: cst.CSTNode
    parameters: tuple[Parameter, ...]
    parent: Code | None
    owner: ClassDefinition | None
    module: ModuleCode
    is_async: bool
    lower: Callable[[Code], Graph]
    survey: Callable[[Code], Frame]
    defaults: tuple[tuple[str, Code], ...] = ()
    returns: cst.BaseExpression | None = None
    _graph: Graph | None = field(default=None, repr=False)
    _frame: Frame | None = field(default=None, repr=False)

    @property
    def graph(self) -> Graph:
        """The control-flow graph; raises `TooDeep` where the nesting of the code is beyond the lowering's limit."""
        if self._graph is None:
            self._graph = self.lower(self)
        return self._graph

    @property
    def cells(self) -> frozenset[str]:
        """Its variables that functions nested in it share."""
        return self.frame.cells

    @property
    def is_generator(self) -> bool:
        return self.frame.is_generator

    @property
    def frame(self) -> Frame:
        if self._frame is None:
            self._frame = self.survey(self)
        return self._frame

    @property
    def is_abstract(self) -> bool:
        """Whether it is a method that is there to be overridden: marked so, or without a body of its own."""
        if self.owner is None or not isinstance(self.node, cst.FunctionDef):
            return False
        if any(last_name(d.decorator) in _ABSTRACT for d in self.node.decorators):
            return True
        lines = [line for line in self.node.body.body if not _is_text(line)]
        return len(lines) == 1 and _is_placeholder(lines[0])


_ABSTRACT = ("abstractmethod", "abstractproperty")


def _is_text(line: cst.CSTNode) -> bool:
    """Whether a statement is nothing but a string."""
    value = _lone_expression(line)
    return isinstance(value, (cst.SimpleString, cst.ConcatenatedString))


def _is_placeholder(line: cst.CSTNode) -> bool:
    """Whether a statement stands where a subclass has the method's body."""
    if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Raise):
        raised = line.body[0].exc
        return last_name(raised.func if isinstance(raised, cst.Call) else raised) == "NotImplementedError"
    return isinstance(_lone_expression(line), cst.Ellipsis)


def _lone_expression(line: cst.CSTNode) -> cst.BaseExpression | None:
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return statement.value if isinstance(statement, cst.Expr) else None


class TooDeep(Exception):
    """The code nests deeper than the lowering follows."""


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One way in which a name of a module or class body gets its value.

    kind "function": `code` with `decorators`, each a Code of kind "expression", outermost first. "class": `definition`
    likewise. "value": `code` is the expression, None for a mere annotation; `path` picks out of it for `a, b = ...`
    (indexes). "import": `imported`; the name `*` stands for `from module import *`. "opaque": bound by a loop, `with`,
    `except`, `del`, augmented assignment, `:=` or `match`.
    `conditional`: inside `if`, `try`, a loop or a `with` at module (class) level. `annotation` of an annotated
    assignment.
    """

    name: str
    kind: Literal["function", "class", "value", "import", "opaque"]
    node: cst.CSTNode
    conditional: bool = False
    code: Code | None = None
    decorators: tuple[Code, ...] = ()
    definition: ClassDefinition | None = None
    path: tuple[int, ...] = ()
    imported: Import | None = None
    annotation: cst.BaseExpression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClassDefinition:
    """A class statement: bases as expressions, the bindings of its body, and what its methods assign to `self.x`.

    `self_writes` maps an attribute to the methods (by name) that assign it on their first parameter.
    """

    name: str
    qualname: str
    node: cst.ClassDef
    module: ModuleCode
    bases: tuple[Code, ...]
    bindings: dict[str, tuple[Binding, ...]]
    self_writes: dict[str, frozenset[str]]
    is_dataclass: bool = False


@dataclass(slots=True, eq=False)
class ModuleCode:
    """A parsed module: its bindings by name, its functions and classes in source order (methods, nested ones too).

    `global_writes` are the names that some function declares `global`.
    """

    name: str
    is_package: bool
    tree: cst.Module
    body: Code = field(init=False, repr=False)
    bindings: dict[str, tuple[Binding, ...]] = field(default_factory=dict, repr=False)
    functions: tuple[Code, ...] = field(default=(), repr=False)
    classes: tuple[ClassDefinition, ...] = field(default=(), repr=False)
    global_writes: frozenset[str] = frozenset()
