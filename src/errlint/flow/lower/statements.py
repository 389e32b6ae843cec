"""Simple statements, branches, loops and definitions."""

from __future__ import annotations

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.ir import Argument, Const, Operand
from errlint.flow.lower.conditions import condition
from errlint.flow.lower.exits import Loop, Way
from errlint.flow.lower.expressions import BINARY, default_values
from errlint.flow.lower.patterns import Matching
from errlint.flow.lower.targets import assign, assign_value, delete, index
from errlint.flow.lower.tree import alias_name, dotted_name
from errlint.flow.lower.trying import leave, raise_again
from errlint.flow.lower.writer import StatementTable, Writer

STATEMENTS = StatementTable()

_IN_PLACE: dict[type[cst.CSTNode], str] = {
    getattr(cst, f"{operator.__name__}Assign"): token for operator, token in BINARY.items()
}


# --- simple statements ----------------------------------------------------------------------------------------------


@STATEMENTS.on(cst.Pass, cst.Global, cst.Nonlocal)
def _nothing(out: Writer, node: cst.CSTNode) -> None:
    """Declarations were read with the scopes."""


@STATEMENTS.on(cst.Expr)
def _expression(out: Writer, node: cst.Expr) -> None:
    out.value(node.value)


@STATEMENTS.on(cst.Assign)
def _assign(out: Writer, node: cst.Assign) -> None:
    if len(node.targets) == 1:
        assign_value(out, node, node.targets[0].target, node.value)
        return
    value = out.saved(node.value)
    for target in node.targets:
        assign(out, node, target.target, value)


@STATEMENTS.on(cst.AnnAssign)
def _annotated(out: Writer, node: cst.AnnAssign) -> None:
    if node.value is not None:
        assign_value(out, node, node.target, node.value)


@STATEMENTS.on(cst.AugAssign)
def _augmented(out: Writer, node: cst.AugAssign) -> None:
    operator = _IN_PLACE[type(node.operator)]
    target = node.target
    if isinstance(target, cst.Attribute):
        owner = out.value(target.value)
        before = out.temp()
        out.emit(ir.GetAttr(target, before, owner, target.attr.value))
        after = _in_place(out, node, operator, before)
        out.emit(ir.SetAttr(node, owner, target.attr.value, after))
    elif isinstance(target, cst.Subscript):
        owner = out.value(target.value)
        at = index(out, target)
        before = out.temp()
        out.emit(ir.GetItem(target, before, owner, at))
        after = _in_place(out, node, operator, before)
        out.emit(ir.SetItem(node, owner, at, after))
    elif isinstance(target, cst.Name):
        register = out.local(target)
        value = _in_place(out, node, operator, out.load(target, target.value), register)
        out.store(node, target.value, value)


def _in_place(out: Writer, node: cst.AugAssign, operator: str, left: Operand, into: str | None = None) -> str:
    right = out.value(node.value)
    target = into or out.temp()
    out.emit(ir.Binary(node, target, operator, left, right, in_place=True))
    return target


@STATEMENTS.on(cst.Del)
def _delete(out: Writer, node: cst.Del) -> None:
    delete(out, node, node.target)


@STATEMENTS.on(cst.Assert)
def _assert(out: Writer, node: cst.Assert) -> None:
    holds, fails = out.block(), out.block()
    condition(out, node.test, holds, fails)
    out.start(fails)
    error: str = out.temp()
    out.emit(ir.LoadGlobal(node, error, "AssertionError"))
    if node.msg is not None:
        message = out.value(node.msg)
        made = out.temp()
        out.emit(ir.Call(node, made, error, (Argument(message),)))
        error = made
    out.end(control.Raise(node, error))
    out.start(holds)


@STATEMENTS.on(cst.Return)
def _return(out: Writer, node: cst.Return) -> None:
    value: Operand = Const(None) if node.value is None else out.value(node.value)
    leave(out, node, Way("return"), value)


@STATEMENTS.on(cst.Raise)
def _raise(out: Writer, node: cst.Raise) -> None:
    if node.exc is None:
        raise_again(out, node, out.handled)
        return
    exception = out.value(node.exc)
    cause = None if node.cause is None else out.value(node.cause.item)
    out.end(control.Raise(node, exception, cause))


@STATEMENTS.on(cst.Break, cst.Continue)
def _leave_round(out: Writer, node: cst.Break | cst.Continue) -> None:
    loop = next((exit_ for exit_ in reversed(out.exits) if isinstance(exit_, Loop)), None)
    if loop is not None:  # outside of loops it is a syntax error, which libcst lets pass
        leave(out, node, Way("break" if isinstance(node, cst.Break) else "continue", loop))


# --- imports and definitions ----------------------------------------------------------------------------------------


@STATEMENTS.on(cst.Import)
def _import(out: Writer, node: cst.Import) -> None:
    for alias in node.names:
        whole = alias.asname is not None
        _bind_import(out, alias, ir.Import(alias, out.temp(), dotted_name(alias.name), whole=whole))


@STATEMENTS.on(cst.ImportFrom)
def _import_from(out: Writer, node: cst.ImportFrom) -> None:
    module, level = dotted_name(node.module), len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        out.emit(ir.Import(node, out.temp(), module, level, "*"))
        return
    for alias in node.names:
        _bind_import(out, alias, ir.Import(alias, out.temp(), module, level, dotted_name(alias.name)))


def _bind_import(out: Writer, alias: cst.ImportAlias, op: ir.Import) -> None:
    out.emit(op)
    out.store(alias, alias_name(alias), op.target)


@STATEMENTS.on(cst.FunctionDef)
def _function(out: Writer, node: cst.FunctionDef) -> None:
    decorators = [out.value(decorator.decorator) for decorator in node.decorators]
    defaults = default_values(out, node.params)
    made = out.temp()
    out.emit(ir.MakeFunction(node, made, out.unit.functions[node], defaults))
    _decorate(out, node, decorators, made)


@STATEMENTS.on(cst.ClassDef)
def _class(out: Writer, node: cst.ClassDef) -> None:
    decorators = [out.value(decorator.decorator) for decorator in node.decorators]
    bases: list[Operand] = []
    for base in node.bases:
        value = out.value(base.value)
        bases.append(value if not base.star else out.opaque(base, operands=(value,)))
    for keyword in node.keywords:
        out.value(keyword.value)
    made = out.temp()
    out.emit(ir.MakeClass(node, made, out.unit.definitions[node], tuple(bases)))
    _decorate(out, node, decorators, made)


def _decorate(out: Writer, node: cst.FunctionDef | cst.ClassDef, decorators: list[Operand], made: str) -> None:
    for decorator, value in zip(reversed(node.decorators), reversed(decorators), strict=True):
        result = out.temp()
        out.emit(ir.Call(decorator, result, value, (Argument(made),)))
        made = result
    out.store(node, node.name.value, made)


@STATEMENTS.on(cst.TypeAlias)
def _type_alias(out: Writer, node: cst.TypeAlias) -> None:
    out.store(node, node.name.value, out.opaque(node))


# --- branches and loops ---------------------------------------------------------------------------------------------


@STATEMENTS.on(cst.If)
def _if(out: Writer, node: cst.If) -> None:
    after = out.block()
    rest: cst.If | cst.Else | None = node
    while isinstance(rest, cst.If):
        then, otherwise = out.block(), after if rest.orelse is None else out.block()
        condition(out, rest.test, then, otherwise)
        out.start(then)
        out.suite(rest.body)
        out.jump(rest, after)
        if otherwise != after:
            out.start(otherwise)
        rest = rest.orelse
    if rest is not None:
        out.suite(rest.body)
        out.jump(node, after)
    out.start(after)


@STATEMENTS.on(cst.While)
def _while(out: Writer, node: cst.While) -> None:
    head, body, done, after = out.block(), out.block(), out.block(), out.block()
    out.jump(node, head)
    out.start(head)
    condition(out, node.test, body, done)
    _round(out, node, Loop(after, head), body, done)


@STATEMENTS.on(cst.For)
def _for(out: Writer, node: cst.For) -> None:
    is_async = node.asynchronous is not None
    iterable = out.value(node.iter)
    iterator = out.temp()
    out.emit(ir.GetIter(node, iterator, iterable, is_async))
    head, body, done, after = out.block(), out.block(), out.block(), out.block()
    out.jump(node, head)
    out.start(head)
    register = out.local(node.target)
    element = register or out.temp()
    out.end(control.Next(node, element, iterator, body, done, is_async))
    out.start(body)
    if register is None:
        assign(out, node, node.target, element)
    _round(out, node, Loop(after, head), None, done)


def _round(out: Writer, node: cst.While | cst.For, loop: Loop, body: int | None, done: int) -> None:
    """The body of a loop, in the block `body` or in the current one, and its `else`, in the block `done`."""
    if body is not None:
        out.start(body)
    out.exits += (loop,)
    out.suite(node.body)
    out.exits = out.exits[:-1]
    out.jump(node, loop.again)
    out.start(done)
    if node.orelse is not None:
        out.suite(node.orelse.body)
    out.jump(node, loop.after)
    out.start(loop.after)


@STATEMENTS.on(cst.Match)
def _match(out: Writer, node: cst.Match) -> None:
    subject = out.saved(node.subject)
    after = out.block()
    for case in node.cases:
        failed = out.block()
        matching = Matching(out, failed)
        matching.match(case.pattern, subject)
        matching.bind(case)
        if case.guard is not None:
            accepted = out.block()
            condition(out, case.guard, accepted, failed)
            out.start(accepted)
        out.suite(case.body)
        out.jump(case, after)
        out.start(failed)
    out.jump(node, after)
    out.start(after)
