"""Responses whose truth is not whether there is one: in a handler for failures, `if e.response` is never true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places, below
from errlint.checks.base import Note, Report
from errlint.flow import ir
from errlint.flow.record import Foregone, Mark
from errlint.flow.held import annotation_path

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.knowledge import Knowledge
    from errlint.packs.schema import Class

_ERRORS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    """Tests of a response that fail for every error response, although only those get there."""
    seen: set[int] = set()
    for fact, mask in facts.noticed(Foregone):
        if fact.what != "answer" or fact.side or not mask & _ERRORS or fact.node not in places:
            continue
        if not _goes(facts, fact.node, Mark.TRUE) and id(fact.node) not in seen:
            seen.add(id(fact.node))
            site = facts.sites[fact.site]
            response = facts.knowledge.type(site.client)
            assert response is not None
            yield _report(response, fact.node, Note("the request", site.node) if site.node in places else None)
    for node, response, handler in _in_handlers(facts, places):
        if id(node) not in seen:
            seen.add(id(node))
            yield _report(response, node, Note("only failures get here", handler))


def _goes(facts: ModuleFacts, node: cst.CSTNode, side: Mark) -> bool:
    return any(function.record.marks.get(id(node), 0) & side for function in facts.functions)


def _report(response: Class, node: cst.CSTNode, note: Note | None) -> Report:
    library, name = response.path.partition(".")[0], response.path.rpartition(".")[2]
    message = (
        f"this is false for every answer with status 400-599, as bool() of a {library} {name} is: "
        f"what depends on it never happens; to ask whether there is an answer, compare with None"
    )
    return Report(message, node, () if note is None else (note,))


# --- by type ---------------------------------------------------------------------------------------------------------


def _in_handlers(facts: ModuleFacts, places: Places) -> Iterator[tuple[cst.CSTNode, Class, cst.CSTNode]]:
    """The tested responses of exceptions that a handler catches, with the handler's type."""
    for handler in handlers(facts):
        if handler.name is None or handler.type is None or not isinstance(handler.name.name, cst.Name):
            continue
        name = handler.name.name.value
        response = _response_of(facts, handler.type)
        if response is not None:
            for node in _tests_of(handler.body, name, places):
                yield node, response, handler.type
            continue
        for call in below(handler.body):
            if _is_instance_test(call, name):
                assert isinstance(call, cst.Call)
                response = _response_of(facts, call.args[1].value)
                if response is not None:
                    for node in _where_true(call, name, places):
                        yield node, response, call.args[1].value


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


def _response_of(facts: ModuleFacts, types: cst.BaseExpression) -> Class | None:
    """The class of the exceptions' responses, where all of them are false for errors."""
    found: Class | None = None
    for node in classes(types):
        path = annotation_path(facts.module, node)
        exception = None if path is None else facts.knowledge.exception(path)
        if exception is None or exception.attributes.get("response") != "response":
            return None
        response = _falsy(facts.knowledge, exception.path.partition(".")[0])
        if response is None or (found is not None and found is not response):
            return None
        found = response
    return found


def _falsy(knowledge: Knowledge, root: str) -> Class | None:
    responses = knowledge.responses(root)
    if len(responses) != 1 or responses[0].truth is None or responses[0].truth & _ERRORS:
        return None
    return responses[0]


def _is_instance_test(node: cst.CSTNode, name: str) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "isinstance"
        and len(node.args) == 2
        and _is_name(node.args[0].value, name)
    )


def _where_true(call: cst.CSTNode, name: str, places: Places) -> Iterator[cst.CSTNode]:
    """The tests of a response in what runs only where `isinstance(e, ...)` holds."""
    node = call
    for outer in places.around(call):
        if isinstance(outer, cst.BooleanOperation) and isinstance(outer.operator, cst.And):
            if outer.left is node:
                yield from _tests_of(outer.right, name, places)
        elif isinstance(outer, (cst.If, cst.IfExp)) and outer.test is node:
            yield from _tests_of(outer.body, name, places)
            return
        else:
            return
        node = outer


def _tests_of(scope: cst.CSTNode, name: str, places: Places) -> Iterator[cst.CSTNode]:
    """Where the truth of the exception's response decides, in a part of a handler."""
    nodes = list(below(scope))
    bound = [n for n in nodes if isinstance(n, cst.AssignTarget) and isinstance(n.target, cst.Name)]
    names = [n.target.value for n in bound if isinstance(n.target, cst.Name)]
    if name in names:
        return
    aliases = set()
    for target in bound:
        assignment = places.parent(target)
        assert isinstance(target.target, cst.Name)
        if isinstance(assignment, cst.Assign) and _is_response(assignment.value, name):
            if names.count(target.target.value) == 1:
                aliases.add(target.target.value)
    for node in nodes:
        is_alias = isinstance(node, cst.Name) and node.value in aliases
        if (is_alias or _is_response(node, name)) and (tested := _tested(node, places)) is not None:
            yield tested


def _is_response(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Attribute):
        return node.attr.value == "response" and _is_name(node.value, name)
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "getattr"
        and len(node.args) in (2, 3)
        and _is_name(node.args[0].value, name)
        and isinstance(node.args[1].value, cst.SimpleString)
        and node.args[1].value.evaluated_value == "response"
    )


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _tested(node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The node itself (or the `:=` around it) where its truth decides something."""
    outer = places.parent(node)
    if isinstance(outer, cst.NamedExpr) and outer.value is node:
        return _tested(outer, places)
    return node if is_tested(node, places) else None


def is_tested(node: cst.CSTNode, places: Places) -> bool:
    """Whether the truth of an expression decides where the program goes on."""
    outer = places.parent(node)
    if isinstance(outer, cst.BooleanOperation):
        return outer.left is node or is_tested(outer, places)
    if isinstance(outer, (cst.If, cst.While, cst.IfExp, cst.Assert)):
        return outer.test is node
    return isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not)
