"""Everything that catches exceptions or stands in the way of leaving: `try`, `finally`, `with`, and the ways out."""

from __future__ import annotations

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.control import Handler
from errlint.flow.ir import Const, Operand
from errlint.flow.lower.exits import NORMAL, RAISED, Final, Handled, InFinal, Loop, Managed, Named, Way
from errlint.flow.lower.scopes import Local
from errlint.flow.lower.targets import assign
from errlint.flow.lower.writer import StatementTable, Writer

STATEMENTS = StatementTable()

_NONE = Const(None)


# --- leaving ---------------------------------------------------------------------------------------------------------


def leave(out: Writer, node: cst.CSTNode, way: Way, value: Operand = _NONE) -> None:
    """Go out through everything that lies between here and the target of `way`; `node` is the statement that does."""
    here = out.handler
    for exit_ in reversed(out.exits):
        if isinstance(exit_, Loop):
            if exit_ is way.loop:
                out.jump(node, exit_.after if way.kind == "break" else exit_.again)
                break
        elif isinstance(exit_, Named):
            value = _forget(out, node, exit_, way, value)
        elif isinstance(exit_, Managed):
            out.protect(node, exit_.handler)
            out.emit(ir.Exit(exit_.node, out.temp(), exit_.manager, _NONE, exit_.is_async))
        else:
            if way.kind == "return":
                out.emit(ir.Move(node, exit_.value, value))
            out.emit(ir.Move(node, exit_.completion, Const(exit_.number(way, node))))
            out.jump(node, exit_.block)
            break
    else:
        out.end(control.Return(node, value))
    out.handler = here


def _forget(out: Writer, node: cst.CSTNode, exit_: Named, way: Way, value: Operand) -> Operand:
    """Leave an `except ... as name` clause; gives the value that is returned through it."""
    place = out.scope.place(exit_.name)
    if not isinstance(place, Local):
        out.delete(node, exit_.name)
        return value
    if way.kind == "return" and not any(isinstance(outer, Final) for outer in out.exits):
        return value  # nobody will see the variable again
    if value == place.register:
        value = out.temp()
        out.emit(ir.Move(node, value, place.register))
    out.delete(node, exit_.name)
    return value


def raise_again(out: Writer, node: cst.CSTNode, handled: Handled) -> None:
    """A bare `raise`."""
    while isinstance(handled, InFinal):
        final, handled = handled.final, handled.around
        by_exception, otherwise = out.block(), out.block()
        _if_completed(out, node, final, RAISED, by_exception, otherwise)
        out.start(by_exception)
        out.end(control.Raise(node, final.exception, again=True))
        out.start(otherwise)
    out.end(control.Raise(node, _NONE if handled is None else handled, again=True))


# --- try -------------------------------------------------------------------------------------------------------------


@STATEMENTS.on(cst.Try, cst.TryStar)
def _try(out: Writer, node: cst.Try | cst.TryStar) -> None:
    if node.finalbody is None:
        _handlers(out, node)
        return
    final = Final(out.block(), out.register("completion"), out.register("exception"), out.register("return"))
    outer = out.handler
    raised = out.block()
    for register in (final.exception, final.value):
        # What an earlier pass through this statement left there is not alive any more.
        out.emit(ir.Move(node, register, _NONE))
    out.protect(node, Handler(raised, final.exception))
    out.exits += (final,)
    if node.handlers:
        _handlers(out, node)
    else:
        out.suite(node.body)
    out.exits = out.exits[:-1]
    falls_through = out.current is not None
    out.emit(ir.Move(node, final.completion, Const(NORMAL)))
    out.jump(node, final.block)
    out.handler = outer
    out.start(raised, forced=True)
    out.emit(ir.Move(node, final.completion, Const(RAISED)))
    out.jump(node, final.block)
    out.start(final.block)
    around = out.handled
    out.handled = InFinal(final, around)
    out.suite(node.finalbody.body)
    out.handled = around
    _go_on(out, node, final, falls_through)


def _go_on(out: Writer, node: cst.CSTNode, final: Final, falls_through: bool) -> None:
    """The end of a `finally` block: go on as its completion register says."""
    for way, (number, origin) in final.ways.items():
        taken, otherwise = out.block(), out.block()
        _if_completed(out, node, final, number, taken, otherwise)
        out.start(taken)
        leave(out, origin, way, final.value if way.kind == "return" else _NONE)
        out.start(otherwise)
    if falls_through:
        by_exception, after = out.block(), out.block()
        _if_completed(out, node, final, RAISED, by_exception, after)
        out.start(by_exception)
        out.end(control.Raise(node, final.exception, again=True))
        out.start(after)
    else:
        out.end(control.Raise(node, final.exception, again=True))


def _if_completed(out: Writer, node: cst.CSTNode, final: Final, number: int, then: int, otherwise: int) -> None:
    test = out.temp()
    out.emit(ir.Compare(node, test, "==", final.completion, Const(number)))
    out.branch(node, test, then, otherwise)


def _handlers(out: Writer, node: cst.Try | cst.TryStar) -> None:
    outer = out.handler
    dispatch, after = out.block(), out.block()
    caught = out.register("caught")
    out.protect(node, Handler(dispatch, caught))
    out.suite(node.body)
    out.protect(node, outer)
    if node.orelse is not None and out.current is not None:
        out.suite(node.orelse.body)
    out.jump(node, after)
    out.handler = outer
    out.start(dispatch, forced=True)
    for handler in node.handlers:
        types = None if handler.type is None else out.value(handler.type)
        matched, otherwise = out.block(), out.block()
        out.end(control.Catch(handler, caught, types, matched, otherwise))
        out.start(matched)
        _clause(out, handler, caught, after)
        out.start(otherwise)
    out.end(control.Raise(node, caught, again=True))
    out.start(after)


def _clause(out: Writer, node: cst.ExceptHandler | cst.ExceptStarHandler, caught: str, after: int) -> None:
    around = out.handled
    out.handled = caught
    if node.name is not None and isinstance(node.name.name, cst.Name):
        _named_clause(out, node, node.name.name.value, caught, after)
    else:
        out.suite(node.body)
        out.jump(node, after)
    out.handled = around


def _named_clause(
    out: Writer, node: cst.ExceptHandler | cst.ExceptStarHandler, name: str, caught: str, after: int
) -> None:
    outer = out.handler
    out.store(node, name, caught)
    # Deleting the name on the way of an exception matters only where somebody can see that.
    cleanup = None if outer is None and isinstance(out.scope.place(name), Local) else out.block()
    leaving = out.register("leaving")
    if cleanup is not None:
        out.protect(node, Handler(cleanup, leaving))
    out.exits += (Named(node, name, outer),)
    out.suite(node.body)
    out.exits = out.exits[:-1]
    out.protect(node, outer)
    out.delete(node, name)
    out.jump(node, after)
    if cleanup is not None:
        out.handler = outer
        out.start(cleanup, forced=True)
        out.delete(node, name)
        out.end(control.Raise(node, leaving, again=True))


# --- with ------------------------------------------------------------------------------------------------------------


@STATEMENTS.on(cst.With)
def _with(out: Writer, node: cst.With) -> None:
    outer = out.handler
    opened = [_open(out, item, node.asynchronous is not None) for item in node.items]
    out.suite(node.body)
    for managed, handler in reversed(opened):
        out.exits = out.exits[:-1]
        _close(out, managed, handler)
    out.handler = outer


def _open(out: Writer, item: cst.WithItem, is_async: bool) -> tuple[Managed, Handler]:
    manager = out.saved(item.item)
    target = None if item.asname is None else item.asname.name
    register = None if target is None else out.local(target)
    entered = register or out.temp()
    out.emit(ir.Enter(item, entered, manager, is_async))
    managed = Managed(item, manager, is_async, out.handler)
    handler = Handler(out.block(), out.register("leaving"))
    out.protect(item, handler)
    out.exits += (managed,)
    if target is not None and register is None:
        assign(out, item, target, entered)
    return managed, handler


def _close(out: Writer, managed: Managed, handler: Handler) -> None:
    node = managed.node
    after, reraise = out.block(), out.block()
    out.protect(node, managed.handler)
    out.emit(ir.Exit(node, out.temp(), managed.manager, _NONE, managed.is_async))
    out.jump(node, after)
    out.handler = managed.handler
    out.start(handler.block, forced=True)
    swallowed = out.temp()
    out.emit(ir.Exit(node, swallowed, managed.manager, handler.register, managed.is_async))
    out.branch(node, swallowed, after, reraise)
    out.start(reraise)
    out.end(control.Raise(node, handler.register, again=True))
    out.start(after)
