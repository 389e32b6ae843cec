"""The state of lowering one function, and its access to expressions, statements and names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from errlint.flow import ir
from errlint.flow.code import Code, TooDeep
from errlint.flow.ir import Operand
from errlint.flow.lower.blocks import Blocks
from errlint.flow.lower.exits import Exit, Handled
from errlint.flow.lower.literals import constant
from errlint.flow.lower.scopes import Cell, Local, Scope
from errlint.flow.lower.tree import children
from errlint.flow.lower.unit import Unit

_DEEPEST_EXPRESSION = 200
_DEEPEST_STATEMENT = 60

# The second parameter of each is one type of node, which is its key in the table.
_LowerExpression = Callable[..., Operand]
_LowerStatement = Callable[..., None]
_CONSTANT_NAMES = frozenset({"True", "False", "None"})


class ExpressionTable(dict[type[cst.CSTNode], _LowerExpression]):
    """How each type of expression is lowered: `lower(writer, node, into)` gives the operand that holds its value.

    A lowering may write the value into the register `into`, but only by its last operation; it need not.
    """

    def on(self, *kinds: type[cst.BaseExpression]) -> Callable[[_LowerExpression], None]:
        """The function below lowers these."""
        return lambda lower: self.update(dict.fromkeys(kinds, lower))


class StatementTable(dict[type[cst.CSTNode], _LowerStatement]):
    """How each type of statement is lowered."""

    def on(self, *kinds: type[cst.CSTNode]) -> Callable[[_LowerStatement], None]:
        """The function below lowers these."""
        return lambda lower: self.update(dict.fromkeys(kinds, lower))


@dataclass(frozen=True, slots=True)
class Tables:
    expressions: Mapping[type[cst.CSTNode], _LowerExpression]
    statements: Mapping[type[cst.CSTNode], _LowerStatement]


class Writer(Blocks):
    """Lowers the body of one code.

    `exits` are the regions that control has to leave properly on its way out, outermost first; `handled` is the
    exception that a bare `raise` raises again.
    """

    def __init__(self, unit: Unit, code: Code, scope: Scope, tables: Tables) -> None:
        super().__init__()
        self.unit = unit
        self.code = code
        self.scope = scope
        self.exits: tuple[Exit, ...] = ()
        self.handled: Handled = None
        self._expressions = tables.expressions
        self._statements = tables.statements
        self._expression_depth = 0
        self._statement_depth = 0

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: cst.BaseExpression, into: str | None = None) -> Operand:
        """Evaluate an expression; the result is `into` or any other operand."""
        # `type() is` here and in other hot places: `isinstance` of libcst's abstract classes is ten times slower.
        if type(node) is cst.Name and node.value not in _CONSTANT_NAMES:
            return self.load(node, node.value, into)
        known = constant(node)
        if known is not None:
            return known
        lower = self._expressions.get(type(node))
        self.deepen()
        result = self._unknown(node, into) if lower is None else lower(self, node, into)
        self.rise()
        return result

    def value_in(self, node: cst.BaseExpression, register: str) -> None:
        """Evaluate an expression into a register."""
        value = self.value(node, register)
        if value != register:
            self.emit(ir.Move(node, register, value))

    def saved(self, node: cst.BaseExpression) -> Operand:
        """Evaluate an expression whose value must outlast assignments to variables."""
        value = self.value(node)
        if not isinstance(value, str) or value.startswith("%"):
            return value
        target = self.temp()
        self.emit(ir.Move(node, target, value))
        return target

    def _unknown(self, node: cst.CSTNode, into: str | None = None) -> Operand:
        """An expression of a kind that is not known here: its parts are evaluated, what it makes of them is unknown."""
        operands: list[Operand] = []
        for child in children(node):
            if isinstance(child, cst.BaseExpression):
                operands.append(self.value(child))
            else:
                self.deepen()
                operands.append(self._unknown(child))
                self.rise()
        return self.opaque(node, into, tuple(operands))

    def opaque(self, node: cst.CSTNode, into: str | None = None, operands: tuple[Operand, ...] = ()) -> str:
        """What cannot be expressed."""
        target = into or self.temp()
        self.emit(ir.Opaque(node, target, operands))
        return target

    def deepen(self) -> None:
        """One level down in an expression; the caller goes up again, unless it raises."""
        self._expression_depth += 1
        if self._expression_depth > _DEEPEST_EXPRESSION:
            raise TooDeep

    def rise(self) -> None:
        self._expression_depth -= 1

    # --- statements --------------------------------------------------------------------------------------------------

    def suite(self, node: cst.BaseSuite) -> None:
        """Lower the statements of a block."""
        self._statement_depth += 1
        if self._statement_depth > _DEEPEST_STATEMENT:
            raise TooDeep
        self.statements(node.body)
        self._statement_depth -= 1

    def statements(self, nodes: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> None:
        for node in nodes:
            if type(node) is cst.SimpleStatementLine:
                for small in node.body:
                    self._statement(small)
            else:
                self._statement(node)

    def _statement(self, node: cst.CSTNode) -> None:
        if self.current is None:  # dead code
            return
        lower = self._statements.get(type(node))
        if lower is None:
            self.opaque(node)
        else:
            lower(self, node)

    # --- names -------------------------------------------------------------------------------------------------------

    def load(self, node: cst.CSTNode, name: str, into: str | None = None) -> Operand:
        place = self.scope.place(name)
        if isinstance(place, Local):
            if name not in self.scope.frame.rebound:
                return place.register
            # `x + (x := 1)`: the value that was read must not change with the variable.
            target = self.temp()
            self.emit(ir.Move(node, target, place.register))
            return target
        target = into or self.temp()
        if isinstance(place, Cell):
            self.emit(ir.LoadCell(node, target, place.depth, place.name))
        elif place.in_class:
            self.emit(ir.LoadName(node, target, name))
        else:
            self.emit(ir.LoadGlobal(node, target, name))
        return target

    def store(self, node: cst.CSTNode, name: str, value: Operand) -> None:
        place = self.scope.place(name)
        if isinstance(place, Local):
            if value != place.register:
                self.emit(ir.Move(node, place.register, value))
        elif isinstance(place, Cell):
            self.emit(ir.StoreCell(node, place.depth, place.name, value))
        elif not place.in_class:  # class bodies are not run: their bindings are read
            self.emit(ir.StoreGlobal(node, name, value))

    def delete(self, node: cst.CSTNode, name: str) -> None:
        place = self.scope.place(name)
        if isinstance(place, Local):
            self.emit(ir.Delete(node, place.register))
        elif isinstance(place, Cell):
            self.emit(ir.DeleteCell(node, place.depth, place.name))
        else:
            self.emit(ir.DeleteGlobal(node, name))

    def local(self, node: cst.CSTNode) -> str | None:
        """The register of an assignment target that is a plain local variable."""
        if isinstance(node, cst.Name):
            place = self.scope.place(node.value)
            if isinstance(place, Local):
                return place.register
        return None
