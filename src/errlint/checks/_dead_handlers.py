"""Handlers for the failure of a request that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._handlers import classes, exception, exceptions, handlers
from errlint.checks._places import Places
from errlint.checks._route import sent_at
from errlint.checks.base import Note, Report
from errlint.flow.held import annotation_path
from errlint.flow.lower.tree import below
from errlint.flow.record import Caught, Mark, Sent
from errlint.model import Edit, Fix, Span
from errlint.packs.effects import ChecksStatus

if TYPE_CHECKING:
    from errlint.flow.facts import FunctionFacts, ModuleFacts
    from errlint.flow.record import Site
    from errlint.packs.schema import ExceptionClass
    from errlint.syntax.edits import Editor

_HOOKS = frozenset({"hooks", "event_hooks", "auth", "transport", "raise_for_status"})
"""What may make a request raise, by the names of arguments and attributes."""


def reports(facts: ModuleFacts, places: Places) -> Iterator[Report]:
    for handler in handlers(facts):
        statement = places.parent(handler)
        if handler.type is None or not isinstance(statement, cst.Try):
            continue
        caught = exceptions(facts, handler.type)
        if caught and all(cls.outcomes for cls in caught):
            yield from _shadowed(facts, statement, handler, caught)
            yield from _unraised(facts, places, statement, handler, caught)


def _outcomes(caught: list[ExceptionClass]) -> int:
    mask = outcomes.NOTHING
    for cls in caught:
        mask |= cls.outcomes
    return mask


# --- behind a broader handler ----------------------------------------------------------------------------------------


def _shadowed(
    facts: ModuleFacts, statement: cst.Try, handler: cst.ExceptHandler, caught: list[ExceptionClass]
) -> Iterator[Report]:
    earlier = statement.handlers[: statement.handlers.index(handler)]
    takers = [taker for cls in caught if (taker := _taker(facts, earlier, cls)) is not None]
    if len(takers) < len(caught) or handler.type is None:
        return
    first, node = takers[0]
    code = facts.module.tree.code_for_node
    message = (
        f"nothing gets here: {code(node)} above takes every {code(handler.type)} (of "
        f"{outcomes.render(_outcomes(caught))}); put this handler first"
    )
    fix = partial(_exchange, first=first, second=handler, mask=_outcomes(caught))
    yield Report(message, handler.type, (Note("this handler takes it", node),), fix=fix)


def _taker(
    facts: ModuleFacts, earlier: Sequence[cst.ExceptHandler], cls: ExceptionClass
) -> tuple[cst.ExceptHandler, cst.BaseExpression] | None:
    """The first handler, with the class in it, that takes every exception of a class."""
    for handler in earlier:
        for node in () if handler.type is None else classes(handler.type):
            base = exception(facts, node)
            if base is not None and facts.knowledge.is_subclass(cls.path, base.path):
                return handler, node
    return None


def _exchange(editor: Editor, first: cst.ExceptHandler, second: cst.ExceptHandler, mask: int) -> Fix:
    spans, texts = [], []
    for handler in (first, second):
        start = editor.span(handler).start
        text = editor.source.text[start : editor.span(handler).end].rstrip()
        spans.append(Span(start, start + len(text)))
        texts.append(text)
    edits = tuple(Edit(span, text) for span, text in zip(spans, reversed(texts), strict=True))
    return Fix("exchange the handlers", "unsafe", edits, mask)


# --- of what is never raised -----------------------------------------------------------------------------------------


def _unraised(
    facts: ModuleFacts,
    places: Places,
    statement: cst.Try,
    handler: cst.ExceptHandler,
    caught: list[ExceptionClass],
) -> Iterator[Report]:
    """A handler for error statuses around requests whose client returns them."""
    mask = _outcomes(caught)
    if not mask & outcomes.SERVER_ERRORS or mask & (outcomes.TRANSPORT | outcomes.SUCCESSES):
        return
    function = next((f for f in facts.functions if f.code.node is places.function(handler)), None)
    if function is None or function.limit is not None or handler.type is None:
        return
    sent = [site for site in _sent_by(facts, function) if site.node in places]
    sent = [site for site in sent if places.is_within(site.node, statement.body)]
    if not sent or any(fact.node is handler for fact, _ in facts.noticed(Caught)):
        return
    checks = _checks(facts, sent[0], caught)
    if not _is_plain(function, statement.body, checks) or not all(_is_bare(facts, site) for site in sent):
        return
    name = facts.module.tree.code_for_node(handler.type)
    advice = f"call its {checks[0]}() in the try, or test its status" if checks else "test its status"
    message = (
        f"nothing in this try raises {name}: an answer with status 404 or 500 is returned, and goes on like a success; "
        f"{advice}"
    )
    fix = partial(_check_status, node=sent[0].node, places=places, check=checks) if checks else None
    yield Report(message, handler.type, (sent_at(sent[0]),), fix=fix)


def _sent_by(facts: ModuleFacts, function: FunctionFacts) -> list[Site]:
    sites = {fact.site: None for fact in function.record.facts if isinstance(fact, Sent)}
    return [facts.sites[index] for index in sites]


def _is_plain(function: FunctionFacts, body: cst.BaseSuite, check: tuple[str, int] | None) -> bool:
    """Whether everything that a part of a function does is understood, and nothing looks as if it raised."""
    marks = function.record.marks
    for node in below(body):
        if isinstance(node, (cst.Yield, cst.FunctionDef, cst.Lambda)):
            return False
        if isinstance(node, cst.Await) and not isinstance(node.expression, cst.Call):
            return False
        if isinstance(node, cst.WithItem) and not isinstance(node.item, cst.Call):
            return False
        if check is not None and isinstance(node, cst.Attribute) and node.attr.value == check[0]:
            return False
        mark = marks.get(id(node), 0)
        if isinstance(node, cst.Call) and (not mark & Mark.CALLED or mark & Mark.STRANGE):
            return False
    own = {id(node) for node in below(function.code.node)}
    return all(node in own for node, mark in marks.items() if mark & Mark.STRANGE)


def _is_bare(facts: ModuleFacts, site: Site) -> bool:
    """Whether nothing but the client itself has a part in the request: no hook that may raise."""
    if site.certainty != "resolved" or not isinstance(site.node, cst.Call):
        return False
    if any(argument.keyword is not None and argument.keyword.value in _HOOKS for argument in site.node.args):
        return False
    path = annotation_path(facts.module, site.node.func)
    if path is not None and facts.knowledge.function(path) is not None:
        return True
    is_made_here = False
    for node in below(facts.module.tree):
        if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value in _HOOKS:
            return False
        if isinstance(node, cst.Attribute) and node.attr.value in _HOOKS - {"raise_for_status"}:
            return False
        if isinstance(node, cst.Call) and (made := annotation_path(facts.module, node.func)) is not None:
            cls = facts.knowledge.type(made)
            is_made_here = is_made_here or (cls is not None and cls.client is not None)
    return is_made_here


def _checks(facts: ModuleFacts, site: Site, caught: list[ExceptionClass]) -> tuple[str, int] | None:
    """The method of the answer that raises what is caught, and what for."""
    response = facts.knowledge.type(site.client)
    for name, method in () if response is None else response.methods.items():
        effect = method.effect
        if isinstance(effect, ChecksStatus) and any(
            facts.knowledge.is_subclass(effect.exception, cls.path) for cls in caught
        ):
            return name, effect.raises_on
    return None


def _check_status(editor: Editor, node: cst.CSTNode, places: Places, check: tuple[str, int]) -> Fix | None:
    assignment = next((outer for outer in places.around(node) if isinstance(outer, cst.Assign)), None)
    if assignment is None or len(assignment.targets) != 1:
        return None
    value = assignment.value.expression if isinstance(assignment.value, cst.Await) else assignment.value
    target = assignment.targets[0].target
    if value is not node or not isinstance(target, cst.Name):
        return None
    edits = editor.insert_after(assignment, [f"{target.value}.{check[0]}()"])
    return Fix(f"call {check[0]}()", "unsafe", edits, check[1])
