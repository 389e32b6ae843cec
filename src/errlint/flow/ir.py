"""The intermediate representation: what a function does, as a graph of blocks of small operations.

The lowering turns libcst trees into these records once; everything behind it sees only them. An operand is either a
register (a local variable by its name, a temporary as `%3`) or a `Const`. Operations write one register, `target`, and
run in order; a block ends in one terminator. When an operation raises, control goes to the block's `handler` with the
state from *before* the operation took effect, and the exception in the handler's register.

`node` is the libcst node an operation comes from; only what is reported asks for its position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, final

import libcst as cst


@final
@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A scalar literal; `1`, `1.0` and `True` are three different constants."""

    value: object

    def __eq__(self, other: object) -> bool:
        return type(other) is Const and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


Operand = str | Const


@dataclass(frozen=True, slots=True)
class Op:
    """Common to all operations and terminators."""

    node: cst.CSTNode


# --- operations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move(Op):
    target: str
    value: Operand


@dataclass(frozen=True, slots=True)
class LoadGlobal(Op):
    """A name of the module or a builtin."""

    target: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadName(Op):
    """A name that the class body binds, read in an expression of that body (of `code.owner`)."""

    target: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadCell(Op):
    """A variable shared between a function and the functions nested in it.

    `depth` 0 is this function's own frame, 1 that of the function around it, and so on (classes do not count).
    """

    target: str
    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class StoreCell(Op):
    depth: int
    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class GetAttr(Op):
    target: str
    object: Operand
    name: str


@dataclass(frozen=True, slots=True)
class GetItem(Op):
    target: str
    object: Operand
    index: Operand


@dataclass(frozen=True, slots=True)
class Unary(Op):
    target: str
    operator: Literal["not", "-", "+", "~"]
    operand: Operand


@dataclass(frozen=True, slots=True)
class Binary(Op):
    """`operator` is the Python token: `+`, `//`, `**`, `|` ...; `in_place` for augmented assignment."""

    target: str
    operator: str
    left: Operand
    right: Operand
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Compare(Op):
    """One comparison (chains are lowered to branches): `==`, `<`, `in`, `not in`, `is`, `is not` ..."""

    target: str
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a display: `key` for dictionaries; `starred` for `*value` and `**value`."""

    value: Operand
    key: Operand | None = None
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Build(Op):
    target: str
    kind: Literal["tuple", "list", "set", "dict"]
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Append(Op):
    """A comprehension adds `value` (under `key` for a dictionary) to the collection it builds."""

    collection: str
    value: Operand
    key: Operand | None = None


@dataclass(frozen=True, slots=True)
class FormatPart:
    """A replacement field of an f-string: `{value!conversion:spec}`."""

    value: Operand
    conversion: str | None = None
    spec: Operand | None = None


@dataclass(frozen=True, slots=True)
class Format(Op):
    """An f-string: literal text and replacement fields in order."""

    target: str
    parts: tuple[str | FormatPart, ...]


@dataclass(frozen=True, slots=True)
class MakeSlice(Op):
    target: str
    lower: Operand
    upper: Operand
    step: Operand


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: positional, `name=value`, `*value` (star 1) or `**value` (star 2)."""

    value: Operand
    name: str | None = None
    star: Literal[0, 1, 2] = 0


@dataclass(frozen=True, slots=True)
class Call(Op):
    target: str
    function: Operand
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Await(Op):
    target: str
    value: Operand


@dataclass(frozen=True, slots=True)
class Yield(Op):
    """`delegate` for `yield from`."""

    target: str
    value: Operand
    delegate: bool = False


@dataclass(frozen=True, slots=True)
class SetAttr(Op):
    object: Operand
    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class SetItem(Op):
    object: Operand
    index: Operand
    value: Operand


@dataclass(frozen=True, slots=True)
class StoreGlobal(Op):
    """Assignment to a name that the function declares `global` (or, in the module body, to any name)."""

    name: str
    value: Operand


@dataclass(frozen=True, slots=True)
class Delete(Op):
    """`del name`; also the end of an `except ... as name` clause, where the name may be unbound already."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteCell(Op):
    """The same for a shared variable."""

    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class DeleteGlobal(Op):
    """The same for a name of the module."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteItem(Op):
    """`del object[index]`, or `del object.name` where `index` is a `Const` of the name and `attribute` is set."""

    object: Operand
    index: Operand
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class MakeFunction(Op):
    """A `def` or `lambda` is reached: `defaults` are the values of the parameters that have one."""

    target: str
    code: Code
    defaults: tuple[tuple[str, Operand], ...]


@dataclass(frozen=True, slots=True)
class MakeClass(Op):
    """A `class` statement is reached; its body is read lazily from `definition`."""

    target: str
    definition: ClassDefinition
    bases: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Import(Op):
    """`import a.b` (attribute None; the target gets `a`, or `a.b` where `whole`), `from ..a import b` (level 2)."""

    target: str
    module: str
    level: int = 0
    attribute: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Opaque(Op):
    """What these records cannot express (a template string, a type alias): some value, made of `operands`."""

    target: str
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class GetIter(Op):
    target: str
    iterable: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Unpack(Op):
    """`a, *b, c = value`: `starred` is the index in `targets` that takes the rest, or None."""

    targets: tuple[str, ...]
    value: Operand
    starred: int | None = None


@dataclass(frozen=True, slots=True)
class Enter(Op):
    """Enter a context manager; `target` gets what `as` would be bound to."""

    target: str
    manager: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Exit(Op):
    """Leave a context manager; `target` is true where it swallows `exception` (None: left without one)."""

    target: str
    manager: Operand
    exception: Operand
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class MatchSequence(Op):
    """Is `subject` a sequence of `length` elements (at least, where `at_least`)? For `case [a, *rest]`."""

    target: str
    subject: Operand
    length: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class MatchKeys(Op):
    """Is `subject` a mapping with these keys? For `case {"code": x}`."""

    target: str
    subject: Operand
    keys: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class MatchClass(Op):
    """Is `subject` an instance of `type`, with all these attributes? For `case HTTPError(response=r)`.

    `positional` is the number of positional patterns; each is then read by a `MatchPositional`.
    """

    target: str
    subject: Operand
    type: Operand
    attributes: tuple[str, ...] = ()
    positional: int = 0


@dataclass(frozen=True, slots=True)
class MatchPositional(Op):
    """The part of `subject` that positional pattern `index` of a class pattern looks at, by `type.__match_args__`.

    For `int`, `str` and the other builtins that match so, the part 0 is the subject itself.
    """

    target: str
    subject: Operand
    type: Operand
    index: int


# --- terminators -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Jump(Op):
    block: int


@dataclass(frozen=True, slots=True)
class Branch(Op):
    """Go to `then` where `test` is true, else to `otherwise`. `node` is the expression that was tested."""

    test: Operand
    then: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class Next(Op):
    """Take the next element into `target` and go to `body`, or go to `done`. `node` is the `for` statement."""

    target: str
    iterator: str
    body: int
    done: int
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Return(Op):
    value: Operand


@dataclass(frozen=True, slots=True)
class Raise(Op):
    """`raise exception from cause`; `exception` may be a class. `again`: a bare `raise`, or the end of `finally`."""

    exception: Operand
    cause: Operand | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Catch(Op):
    """Go to `matched` where the exception in `exception` is an instance of `types` (None: bare `except`).

    `node` is the `except` clause's handler node.
    """

    exception: str
    types: Operand | None
    matched: int
    otherwise: int


Terminator = Jump | Branch | Next | Return | Raise | Catch


def successors(end: Terminator) -> tuple[int, ...]:
    """The blocks that a terminator can go to."""
    if isinstance(end, Jump):
        return (end.block,)
    if isinstance(end, Branch):
        return (end.then, end.otherwise)
    if isinstance(end, Next):
        return (end.body, end.done)
    if isinstance(end, Catch):
        return (end.matched, end.otherwise)
    return ()


@dataclass(frozen=True, slots=True)
class Handler:
    """Where an exception raised in a block goes, and the register that receives it."""

    block: int
    register: str


@dataclass(frozen=True, slots=True)
class Block:
    ops: tuple[Op, ...]
    end: Terminator
    handler: Handler | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The control-flow graph of one function; block 0 is its entry.

    `live` holds, for each block, the registers that may still be read from its start on (`%` registers included), so
    that states which differ only in dead variables meet; `dying`, for each operation of each block, those that are not
    read after it. `order` is each block's index in reverse postorder.
    """

    blocks: tuple[Block, ...]
    live: tuple[frozenset[str], ...]
    dying: tuple[tuple[tuple[str, ...], ...], ...]
    order: tuple[int, ...]


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
