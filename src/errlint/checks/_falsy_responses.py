"""Responses whose truth is not whether there is one: among failures, `if error.response` is never true."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._handlers import exceptions, handlers
from errlint.checks._places import Places
from errlint.checks._route import sent_at
from errlint.checks.base import Note, Report
from errlint.flow.lower.tree import below
from errlint.flow.record import Caught, Foregone, Mark
from errlint.model import Fix
from errlint.packs.values import Instance

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.knowledge import Knowledge
    from errlint.packs.schema import Class, ExceptionClass
    from errlint.syntax.edits import Editor

_ERRORS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    """Tests whether there is a response, that every error response fails."""
    for node, response, handler in _in_handlers(facts, places):
        yield _report(response, node, Note("only failures get here", handler), places)
    for fact, mask in facts.noticed(Foregone):
        site = facts.sites[fact.site]
        answer = facts.knowledge.type(site.client)
        if fact.side or fact.node not in places or facts.marks(fact.node) & Mark.TRUE:
            continue
        if answer is None or not _is_falsy(answer) or site.certainty == "assumed":
            continue
        if fact.what == "answer" and mask & _ERRORS and _is_in_handler(fact.node, places):
            note = sent_at(site) if site.node in places else None
            yield _report(answer, fact.node, note, places)
        elif fact.what == "status" and fact.holds and not fact.holds & ~_ERRORS:
            guard = _guard(facts, fact.node, places)
            if guard is not None:
                yield _report(answer, guard, Note("this never holds behind it", fact.node), places)


def _is_in_handler(node: cst.CSTNode, places: Places) -> bool:
    return any(isinstance(outer, cst.ExceptHandler) for outer in places.around(node))


def _report(response: Class, node: cst.CSTNode, note: Note | None, places: Places) -> Report:
    library, name = response.path.partition(".")[0], response.path.rpartition(".")[2]
    message = (
        f"this fails for every error: a {library} {name} with status 400-599 is false; to ask whether there is a "
        f"response, compare with None"
    )
    related = () if note is None else (note,)
    return Report(message, node, related, fix=partial(_fix, node=node, places=places))


def _fix(editor: Editor, node: cst.CSTNode, places: Places) -> Fix | None:
    outer = places.parent(node)
    replaced, operator = node, "is not"
    if isinstance(outer, cst.UnaryOperation):
        replaced, operator = outer, "is"
    elif isinstance(outer, cst.BooleanOperation) and not is_condition(outer, places):
        return None  # The value of `a or b` is used, not only its truth.
    edit = editor.replace(replaced, f"{editor.code(node)} {operator} None")
    return Fix(f"ask whether it {operator} None", "safe", (edit,), _ERRORS)


def _is_falsy(response: Class) -> bool:
    return response.truth is not None and not response.truth & _ERRORS


# --- `response and response.status_code == 404` ----------------------------------------------------------------------


def _guard(facts: ModuleFacts, node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The response before an `and`, where the test behind it asks for the same response's status."""
    responses = {_text(facts, part.value) for part in below(node) if isinstance(part, cst.Attribute)}
    inner = node
    for outer in places.around(node):
        if not isinstance(outer, (cst.BooleanOperation, cst.Comparison)):
            return None
        if isinstance(outer, cst.BooleanOperation) and isinstance(outer.operator, cst.And) and outer.right is inner:
            for part in _operands(outer.left):
                if facts.marks(part) & Mark.ANSWER and _text(facts, part) in responses:
                    return part
        inner = outer
    return None


def _operands(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The parts of a chain of `and`."""
    while isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.And):
        yield node.right
        node = node.left
    yield node


def _text(facts: ModuleFacts, node: cst.CSTNode) -> str:
    return facts.module.tree.code_for_node(node)


# --- by type ---------------------------------------------------------------------------------------------------------


def _in_handlers(facts: ModuleFacts, places: Places) -> Iterator[tuple[cst.CSTNode, Class, cst.CSTNode]]:
    """The tested responses of exceptions that a handler catches, with the handler's type."""
    caught: dict[int, int] = {}
    for fact, mask in facts.noticed(Caught):
        caught[id(fact.node)] = caught.get(id(fact.node), 0) | mask
    for handler in handlers(facts):
        if not caught.get(id(handler), _ERRORS) & _ERRORS:
            continue  # Errors are judged before: what it gets of requests has no response whose truth is in question.
        if handler.name is None or handler.type is None or not isinstance(handler.name.name, cst.Name):
            continue
        name = handler.name.name.value
        response = _response_of(facts, handler.type)
        if response is not None:
            for node in _tests_of(handler.body, name, places):
                yield node, response, handler.type
            continue
        for call in below(handler.body):
            if isinstance(call, cst.Call) and _is_instance_test(call, name):
                response = _response_of(facts, call.args[1].value)
                if response is not None:
                    for node in _where_true(call, name, places):
                        yield node, response, call.args[1].value


def _response_of(facts: ModuleFacts, types: cst.BaseExpression) -> Class | None:
    """The class of the exceptions' responses, where each has one, and all are false for errors."""
    found = {_class_of_response(facts.knowledge, cls) for cls in exceptions(facts, types)}
    response = found.pop() if len(found) == 1 else None
    return response if response is not None and _is_falsy(response) else None


def _class_of_response(knowledge: Knowledge, cls: ExceptionClass) -> Class | None:
    value = cls.attributes.get("response")
    if isinstance(value, Instance):
        return knowledge.type(value.instance)
    responses = knowledge.responses(cls.path.partition(".")[0]) if value == "response" else ()
    return responses[0] if len(responses) == 1 else None


def _is_instance_test(node: cst.Call, name: str) -> bool:
    function = node.func
    return (
        isinstance(function, cst.Name)
        and function.value == "isinstance"
        and len(node.args) == 2
        and _is_name(node.args[0].value, name)
    )


def _where_true(call: cst.Call, name: str, places: Places) -> Iterator[cst.CSTNode]:
    """The tests of a response in what runs only where `isinstance(error, ...)` holds."""
    node: cst.CSTNode = call
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
    targets = [node for node in nodes if isinstance(node, cst.AssignTarget)]
    names = [node.target.value for node in targets if isinstance(node.target, cst.Name)]
    if name in names:
        return
    aliases = {alias for node in targets if (alias := _alias(node, name, places)) and names.count(alias) == 1}
    for node in nodes:
        if (isinstance(node, cst.Name) and node.value in aliases) or _is_response(node, name):
            tested = _tested(node, places)
            if tested is not None and not _knows(tested, places):
                yield tested


def _alias(target: cst.AssignTarget, name: str, places: Places) -> str:
    """The variable that gets the exception's response."""
    assignment = places.parent(target)
    is_response = isinstance(assignment, cst.Assign) and _is_response(assignment.value, name)
    return target.target.value if is_response and isinstance(target.target, cst.Name) else ""


def _is_response(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Attribute):
        return node.attr.value == "response" and _is_name(node.value, name)
    if not (isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "getattr"):
        return False
    given = [argument.value for argument in node.args]
    return (
        len(given) in (2, 3)
        and _is_name(given[0], name)
        and isinstance(given[1], cst.SimpleString)
        and given[1].evaluated_value == "response"
    )


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _tested(node: cst.CSTNode, places: Places) -> cst.CSTNode | None:
    """The node itself (or the `:=` around it) where its truth decides something."""
    outer = places.parent(node)
    if isinstance(outer, cst.NamedExpr) and outer.value is node:
        return _tested(outer, places)
    if isinstance(outer, cst.BooleanOperation) and outer.left is node:
        return node
    return node if is_condition(node, places) else None


def is_condition(node: cst.CSTNode, places: Places) -> bool:
    """Whether only the truth of an expression matters."""
    outer = places.parent(node)
    if isinstance(outer, cst.BooleanOperation):
        return is_condition(outer, places)
    if isinstance(outer, (cst.If, cst.While, cst.IfExp, cst.Assert)):
        return outer.test is node
    return isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not)


def _knows(node: cst.CSTNode, places: Places) -> bool:
    """Whether `x is not None and not x` says that errors are meant."""
    outer = places.parent(node)
    if not isinstance(outer, cst.UnaryOperation):
        return False
    chain = places.parent(outer)
    if not isinstance(chain, cst.BooleanOperation) or not isinstance(chain.operator, cst.And):
        return False
    return any(
        isinstance(part, cst.Comparison)
        and isinstance(part.comparisons[0].operator, cst.IsNot)
        and part.left.deep_equals(node)
        for part in _operands(chain)
    )
