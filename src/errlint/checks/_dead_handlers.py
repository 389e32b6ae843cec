"""Handlers for the failure of a request that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places, below
from errlint.checks.base import Note, Report
from errlint.flow import ir
from errlint.flow.record import Caught, Mark, Sent
from errlint.flow.held import annotation_path

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts
    from errlint.packs.schema import ExceptionClass

_CATCH_ALL = frozenset({"BaseException", "Exception"})


def handlers(facts: ModuleFacts) -> Iterator[cst.ExceptHandler]:
    """Every `except` clause of the module's functions."""
    for code in (*facts.module.functions, facts.module.body):
        try:
            graph = code.graph
        except ir.TooDeep:
            continue
        for block in graph.blocks:
            if isinstance(block.end, ir.Catch) and isinstance(block.end.node, cst.ExceptHandler):
                yield block.end.node


def classes(types: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The classes that a handler, or `isinstance`, names."""
    if isinstance(types, cst.Tuple):
        return [element.value for element in types.elements]
    return [types]


def class_path(facts: ModuleFacts, node: cst.BaseExpression) -> str | None:
    """The path of the class that an expression names; None where it is none that errlint knows."""
    if isinstance(node, cst.Name) and node.value not in facts.module.bindings:
        return node.value if facts.knowledge.exception(node.value) else None
    path = annotation_path(facts.module, node)
    return None if path is None else facts.knowledge.canonical(path)


def exceptions(facts: ModuleFacts, types: cst.BaseExpression) -> list[ExceptionClass] | None:
    """The exception classes that a handler names; None where one of them is not known."""
    found = []
    for node in classes(types):
        path = class_path(facts, node)
        known = None if path is None else facts.knowledge.exception(path)
        if known is None:
            return None
        found.append(known)
    return found


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    for handler in handlers(facts):
        if handler.type is None:
            continue
        caught = exceptions(facts, handler.type)
        if caught and all(cls.outcomes for cls in caught):
            yield from _shadowed(facts, places, handler, handler.type, caught)
            yield from _unraised(facts, places, handler, handler.type, caught)


# --- behind a broader handler ----------------------------------------------------------------------------------------


def _shadowed(
    facts: ModuleFacts,
    places: Places,
    handler: cst.ExceptHandler,
    types: cst.BaseExpression,
    caught: list[ExceptionClass],
) -> Iterator[Report]:
    statement = places.parent(handler)
    if not isinstance(statement, cst.Try):
        return
    takers: list[tuple[cst.BaseExpression, ExceptionClass]] = []
    for earlier in statement.handlers:
        if earlier is handler:
            break
        for node in () if earlier.type is None else classes(earlier.type):
            path = class_path(facts, node)
            known = None if path is None else facts.knowledge.exception(path)
            if known is not None:
                takers.append((node, known))
    taken_by = []
    for cls in caught:
        taker = next((node for node, base in takers if facts.knowledge.is_subclass(cls.path, base.path)), None)
        if taker is None:
            return
        taken_by.append(taker)
    broad, narrow = facts.module.tree.code_for_node(taken_by[0]), facts.module.tree.code_for_node(types)
    message = (
        f"nothing gets here: the handler for {broad} above takes every {narrow}, with status or failure "
        f"{outcomes.render(_outcomes(caught))}; put this one first"
    )
    yield Report(message, types, (Note("this handler takes it", taken_by[0]),))


def _outcomes(caught: list[ExceptionClass]) -> int:
    mask = outcomes.NOTHING
    for cls in caught:
        mask |= cls.outcomes
    return mask


# --- of what is never raised -----------------------------------------------------------------------------------------


def _unraised(
    facts: ModuleFacts,
    places: Places,
    handler: cst.ExceptHandler,
    types: cst.BaseExpression,
    caught: list[ExceptionClass],
) -> Iterator[Report]:
    """A handler for error statuses around requests whose client returns them."""
    mask = _outcomes(caught)
    if not mask & outcomes.SERVER_ERRORS or mask & (outcomes.TRANSPORT | outcomes.SUCCESSES):
        return
    statement = places.parent(handler)
    if not isinstance(statement, cst.Try):
        return
    for function in facts.functions:
        if function.code.node is not places.function(handler) or function.limit is not None:
            continue
        sent = _sent_in(facts, function, statement.body, places)
        if sent is None or any(isinstance(f, Caught) and f.node is handler for g in facts.functions for f in g.record.facts):
            return
        if not _is_plain(facts, function, statement.body, places):
            return
        name = facts.module.tree.code_for_node(types)
        message = (
            f"nothing in this try raises {name}: an answer with status 404 or 500 is returned, not raised, and goes on "
            f"as if it were a success; call its raise_for_status(), or test its status"
        )
        yield Report(message, types, (Note("the request", sent),))


def _sent_in(
    facts: ModuleFacts, function: FunctionFacts, body: cst.BaseSuite, places: Places
) -> cst.CSTNode | None:
    """A request that is sent in this part of the function."""
    for fact in function.record.facts:
        if isinstance(fact, Sent):
            node = facts.sites[fact.site].node
            if node in places and places.is_within(node, body):
                return node
    return None


def _is_plain(facts: ModuleFacts, function: FunctionFacts, body: cst.BaseSuite, places: Places) -> bool:
    """Whether everything that a part of a function does is understood."""
    marks = function.record.marks
    for node in below(body):
        if isinstance(node, (cst.Yield, cst.Raise, cst.With, cst.FunctionDef, cst.Lambda)):
            return False
        if isinstance(node, cst.Await) and not isinstance(node.expression, cst.Call):
            return False
        if isinstance(node, cst.Call):
            mark = marks.get(id(node), 0)
            if not mark & Mark.CALLED or mark & Mark.STRANGE or any(a.keyword and a.keyword.value in _HOOKS for a in node.args):
                return False
    elsewhere = [n for n in marks if marks[n] & Mark.STRANGE]
    own = {id(node) for node in below(function.code.node)}
    return all(n in own for n in elsewhere)


_HOOKS = frozenset({"hooks", "event_hooks", "auth", "transport", "raise_for_status"})
