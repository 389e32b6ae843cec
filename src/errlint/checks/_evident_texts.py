"""Text that is an error's because the code itself says so, whoever has sent the request.

It stands beside the test of a status: `status == 404 and "not found" in message`; or it is part of the response of an
exception that is handled: `"duplicate" in error.response["Error"]["Message"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import libcst as cst

from errlint import outcomes
from errlint.checks._comparisons import compared, comparing, key_of, words
from errlint.checks._places import Places
from errlint.checks._wording import is_name_of_text
from errlint.flow.lower.tree import below
from errlint.flow.record import Compared
from errlint.syntax.names import last_name

_STATUS = re.compile(r"_*((http|response|resp)_?)?(status|code|status_?code|status_?int)", re.IGNORECASE)
_WHOLE = frozenset({"text", "content", "body"})
_OPERATORS = frozenset({"in", "==", "startswith", "endswith"})
_STILL_TEXT = frozenset(["lower", "upper", "strip", "casefold", "decode", "rstrip", "lstrip"])
_NO_SITE = -1
_REFUSALS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS


@dataclass(frozen=True, slots=True)
class EvidentText:
    """A test of text (`fact`), what tells that it is an error's (the test of a status, or a handler's classes), and the
    answers that this lets through: also successes, where the status is tested elsewhere in the function."""

    fact: Compared
    evidence: cst.CSTNode
    outcomes: int


def evident_texts(tree: cst.Module, places: Places) -> Iterator[EvidentText]:
    """The tests of text that is an error's by what stands around them, or where a function of the module that makes
    them is called with the text."""
    tests: list[tuple[cst.Comparison | cst.Call, _Test]] = []
    calls: list[cst.Call] = []
    for node in comparing(tree):
        test = _text_test(node)
        if test is not None:
            tests.append((node, test))
        elif isinstance(node, cst.Call):
            calls.append(node)
    if not tests:
        return
    given = _given_text(calls, {f.name.value: f for f in below(tree) if type(f) is cst.FunctionDef}, places)
    for node, (text, operator, searched) in tests:
        found = _evidence(text, node, places) or _as_parameter(text, node, given, places)
        if found is not None:
            about, evidence, mask = found
            cut = text is not _unwrapped(text)
            yield EvidentText(Compared(node, _NO_SITE, about, operator, searched, cut, ""), evidence, mask)


_Test = tuple[cst.BaseExpression, str, frozenset[str]]
_Found = tuple[str, cst.CSTNode, int]
"""What a text is, what tells that it is an error's, and the answers that this lets through."""


def _evidence(text: cst.BaseExpression, node: cst.CSTNode, places: Places) -> _Found | None:
    """What tells, where a text is used at a node, that it is an error's."""
    told = _told(text, places)
    if told is None:
        return None
    about, source = told
    for status, mask in _statuses(node, places):
        if _root(_status_side(status)) == _root(source) or _is_given_apart(status, about):
            return about, status, mask
    handler = _handler(source, node, places)
    if handler is not None and handler.type is not None:
        return about, handler.type, _REFUSALS
    elsewhere = _tested_elsewhere(source, node, places) if about == "text" else None
    return None if elsewhere is None else (about, elsewhere, outcomes.ANSWERS)


def _tested_elsewhere(source: cst.BaseExpression, node: cst.CSTNode, places: Places) -> cst.Comparison | None:
    """A test for a refusal's status, in the same function, of what a text is read of."""
    root = _root(source)
    for other in below(places.function(node)) if root is not None else ():
        if type(other) is not cst.Comparison or _root(_status_side(other)) != root:
            continue
        if _STATUS.fullmatch(_last(_status_side(other)) or "") and _mask(other, True):
            return other
    return None


def _handler(source: cst.BaseExpression, node: cst.CSTNode, places: Places) -> cst.ExceptHandler | None:
    """The handler of the exception of whose response a text is a part."""
    while isinstance(source, (cst.Attribute, cst.Subscript, cst.Call)):
        if isinstance(source, cst.Attribute) and source.attr.value == "response" and isinstance(source.value, cst.Name):
            name = source.value.value
            handlers = (around for around in places.around(node) if isinstance(around, cst.ExceptHandler))
            return next((h for h in handlers if h.name is not None and last_name(h.name.name) == name), None)
        source = source.func if isinstance(source, cst.Call) else source.value
    return None


# --- functions that are called with the text -------------------------------------------------------------------------

_Given = dict[tuple[int, str], _Found]
"""The parameters that hold such a text, by the identity of the function and name."""


def _given_text(calls: list[cst.Call], functions: dict[str, cst.FunctionDef], places: Places) -> _Given:
    given: _Given = {}
    known = -1
    while len(given) > known:
        known = len(given)
        for call in calls:
            function = functions.get(_last(call.func) or "")
            for parameter, argument in () if function is None else _parameters(function, call):
                found = _evidence(argument, call, places) or _as_parameter(argument, call, given, places)
                if found is not None:
                    given.setdefault((id(function), parameter), found)
    return given


def _parameters(function: cst.FunctionDef, call: cst.Call) -> Iterator[tuple[str, cst.BaseExpression]]:
    """The parameters of a function with what a call gives them by position."""
    names = [parameter.name.value for parameter in function.params.params]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    for name, argument in zip(names, call.args, strict=False):
        if argument.keyword is None and not argument.star:
            yield name, argument.value


def _as_parameter(text: cst.BaseExpression, node: cst.CSTNode, given: _Given, places: Places) -> _Found | None:
    inner = _unwrapped(text)
    if not given or not isinstance(inner, cst.Name):
        return None
    return given.get((id(places.function(node)), inner.value))


# --- the test of text ------------------------------------------------------------------------------------------------


def _text_test(node: cst.Comparison | cst.Call) -> _Test | None:
    """What is searched for one text, or compared with it, how, and that text."""
    if isinstance(node, cst.Call) and len(node.args) != 1:
        return None
    for text, operator, other in compared(node):
        if operator in _OPERATORS and isinstance(other, (cst.SimpleString, cst.ConcatenatedString)):
            searched = frozenset(words(other))
            if searched:
                return text, operator, searched
    return None


def _told(text: cst.BaseExpression, places: Places) -> tuple[str, cst.BaseExpression] | None:
    """What a text is, as `Compared.about` has it (a member by name: where in the body it stands is not known), and the
    expression that it was read by."""
    inner = _unwrapped(text)
    sources = [inner]
    names: set[str] = set()
    for source in sources:
        if isinstance(source, cst.Name) and source.value not in names:
            names.add(source.value)
            sources += [_unwrapped(assignment.value) for assignment in places.assignments(source)]
    found = next(((about, source) for source in sources if (about := _about(source)) is not None), None)
    if found is None and isinstance(inner, cst.Name) and is_name_of_text(inner.value):
        return f"member:{inner.value}", inner
    return found


def _about(node: cst.BaseExpression) -> str | None:
    name = _last(node)
    if name is None or isinstance(node, cst.Name):
        return None
    if name.lower() in _WHOLE:
        return "text"
    return f"member:{name}" if is_name_of_text(name) else None


def _unwrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    """What a text was made of: without changes of case and the like, fallbacks and `str()`."""
    while True:
        if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
            node = node.left
        elif isinstance(node, cst.IfExp):
            node = node.body
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "str" and node.args:
            node = node.args[0].value
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and not _is_get(node):
            if node.func.attr.value not in _STILL_TEXT:
                return node
            node = node.func.value
        else:
            return node


# --- the test of a status beside it ----------------------------------------------------------------------------------


def _statuses(node: cst.CSTNode, places: Places) -> Iterator[tuple[cst.Comparison, int]]:
    """The tests of a status that hold where a test is evaluated, with the refusals that they let through."""
    inner = node
    for around in places.around(node):
        if isinstance(around, (cst.FunctionDef, cst.Lambda, cst.Module)):
            return
        if isinstance(around, cst.BooleanOperation):
            beside = around.left if inner is around.right else around.right
            yield from _holding(beside, isinstance(around.operator, cst.And))
        elif isinstance(around, (cst.If, cst.While)) and inner is not around.test:
            yield from _holding(around.test, inner is around.body)
        inner = around


def _holding(test: cst.BaseExpression, positive: bool) -> Iterator[tuple[cst.Comparison, int]]:
    """The tests of a status in a condition that holds (`positive`) or does not."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And) == positive:
        yield from _holding(test.left, positive)
        yield from _holding(test.right, positive)
    elif isinstance(test, cst.Comparison) and _STATUS.fullmatch(_last(_status_side(test)) or ""):
        mask = _mask(test, positive)
        if mask:
            yield test, mask


def _status_side(test: cst.Comparison) -> cst.BaseExpression:
    return test.left if _numbers(test.left) is None else test.comparisons[0].comparator


def _mask(test: cst.Comparison, positive: bool) -> int:
    """The refusals for which a test of a status holds, or does not; nothing where it lets others through."""
    if len(test.comparisons) != 1:
        return outcomes.NOTHING
    operator, other = test.comparisons[0].operator, test.comparisons[0].comparator
    numbers = _numbers(other) or _numbers(test.left) or []
    among, apart = ((cst.Equal, cst.In), (cst.NotEqual, cst.NotIn))[:: 1 if positive else -1]
    if isinstance(operator, among) and numbers and all(400 <= number <= 599 for number in numbers):
        mask = outcomes.NOTHING
        for number in numbers:
            mask |= outcomes.status(number)
        return mask
    is_failure = isinstance(operator, apart) and numbers and all(200 <= number <= 299 for number in numbers)
    if is_failure or (positive and isinstance(operator, cst.GreaterThanEqual) and numbers == [400]):
        return _REFUSALS
    return outcomes.NOTHING


def _numbers(node: cst.BaseExpression) -> list[int] | None:
    """The statuses that a display, a number or a constant stands for."""
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        found = [_numbers(element.value) for element in node.elements]
        return None if None in found else [number for numbers in found for number in numbers or ()]
    if isinstance(node, cst.Integer):
        return [node.evaluated_value]
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        return [int(node.evaluated_value)] if re.fullmatch(r"[1-5]\d\d", node.evaluated_value) else None
    if isinstance(node, cst.Attribute) and node.attr.value.upper() in HTTPStatus.__members__:
        return [HTTPStatus[node.attr.value.upper()].value]
    return None


def _is_given_apart(status: cst.Comparison, about: str) -> bool:
    """Whether status and text were given one by one, as parameters or by unpacking."""
    return isinstance(_status_side(status), cst.Name) and about.startswith("member:")


# --- names -----------------------------------------------------------------------------------------------------------


def _last(node: cst.BaseExpression) -> str | None:
    """The last name by which something is read: an attribute, a key, or a variable."""
    return last_name(node) or key_of(node)


def _is_get(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "get" and bool(node.args)


def _root(node: cst.BaseExpression) -> str | None:
    """The variable that an expression starts from; None for a plain variable."""
    is_plain = isinstance(node, cst.Name)
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) and not is_plain else None
