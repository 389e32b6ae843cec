"""Does a test steer the program, or does it only choose what to show?

`if "quota" in text: message = "..."` decides nothing: both ways lead to the same end. The two sides of a test are
compared statement by statement, with everything that is only text for people taken as equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from errlint.checks._comparisons import key_of
from errlint.checks._places import Places
from errlint.flow.lower.tree import below
from errlint.flow.standard import LOGGING

Shape = tuple[object, ...]
"""What a statement does, without the wording of what it shows."""

_COMPREHENSIONS = (cst.GeneratorExp, cst.ListComp)
_TRANSPARENT = (
    cst.BooleanOperation,
    cst.UnaryOperation,
    cst.NamedExpr,
    cst.Comparison,
    cst.ComparisonTarget,
    *_COMPREHENSIONS,
)
_TALK = re.compile(
    r"_*(log|print|echo|secho|cprint|pprint|show|display|warn|debug|info|error|critical|fatal|exception|success|notify|toast"
    r"|flash|add_note|write|msg|message)",
    re.IGNORECASE,
)
_COLLECT = re.compile(r"_*(append|add|put|extend)", re.IGNORECASE)
_KEPT_TEXT = frozenset({"args", "message", "msg"})
_TEXT_METHODS = frozenset(["format", "join", "strip", "lower", "upper", "title", "replace", "decode", "capitalize"])
_TEXT_NAME = re.compile(
    r"_*(.*_)?(e|ex|exc|err|error|exception|msg|message|text|detail|details|reason|hint|description)(_msg)?\Z"
)
_TEXT = ("text",)


def is_shown(node: cst.CSTNode, places: Places) -> bool:
    """Whether an expression is part of what a call shows to somebody."""
    for around in places.around(node):
        if isinstance(around, (cst.BaseStatement, cst.BaseSmallStatement)):
            return False
        if isinstance(around, cst.Call) and _TALK.match(_name(around.func)):
            return True
    return False


def steers(node: cst.CSTNode, places: Places, kept_in: frozenset[str] = frozenset()) -> bool:
    """Whether what the program does depends on a comparison, and not only what it shows.

    `kept_in` are variables that hold its result. A test of the program may well look at the words that it tests.
    """
    if places.is_in_test(node):
        return False
    while True:
        around = places.parent(node)
        if around is None:
            return False
        if isinstance(around, (cst.If, cst.While)):
            return isinstance(around, cst.While) or _branches(around, places)
        if isinstance(around, cst.IfExp):
            if node is around.test:
                return _expression(around.body) != _expression(around.orelse)
            node = around
        elif isinstance(around, (cst.CompIf, cst.Return, cst.Lambda)):
            return True
        elif isinstance(around, (cst.Assign, cst.AnnAssign)):
            return _is_tested_later(around, places, kept_in)
        elif isinstance(around, cst.Arg):
            call = places.parent(around)
            if not (isinstance(call, cst.Call) and _name(call.func) in ("any", "all", "bool")):
                return False
            node = call
        elif isinstance(around, _TRANSPARENT) and not (isinstance(around, _COMPREHENSIONS) and node is not around.elt):
            node = around
        else:
            return False


def _branches(node: cst.If, places: Places) -> bool:
    after = _shape(list(_following(node, places)), ())
    return _shape(_statements(node.body), after) != _shape(_otherwise(node), after)


def _otherwise(node: cst.If) -> Sequence[cst.CSTNode]:
    if node.orelse is None:
        return ()
    return (node.orelse,) if isinstance(node.orelse, cst.If) else _statements(node.orelse.body)


def _following(node: cst.CSTNode, places: Places) -> Iterator[cst.CSTNode]:
    """The statements that run after one that runs through, up to the end of the function or the next turn of a loop."""
    while True:
        around = places.parent(node)
        if around is None:
            return
        if isinstance(around, (cst.IndentedBlock, cst.Module, cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            body: Sequence[cst.CSTNode] = around.body
            index = next(i for i, statement in enumerate(body) if statement is node)
            for statement in body[index + 1 :]:
                yield from _flat(statement)
        if isinstance(around, (cst.FunctionDef, cst.For, cst.While)):
            yield cst.Return() if isinstance(around, cst.FunctionDef) else cst.Continue()
            return
        node = around


def _statements(block: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    return [part for statement in block.body for part in _flat(statement)]


def _flat(statement: cst.CSTNode) -> Sequence[cst.CSTNode]:
    return statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)


def _shape(statements: Sequence[cst.CSTNode], after: Shape) -> Shape:
    """What statements do, up to one that leaves, or else with what is done `after` them."""
    for statement in reversed(statements):
        if isinstance(statement, cst.If):
            then, otherwise = _shape(_statements(statement.body), after), _shape(_otherwise(statement), after)
            after = then if then == otherwise else ("if", _code(statement.test), then, otherwise)
        elif isinstance(statement, (cst.Return, cst.Raise, cst.Continue, cst.Break)):
            after = _statement(statement)
        else:
            shape = _statement(statement)
            after = (shape, after) if shape else after
    return after


def _statement(node: cst.CSTNode) -> Shape:
    """What a statement does; nothing for one that only shows or words something."""
    if isinstance(node, cst.Expr):
        value = node.value.expression if isinstance(node.value, cst.Await) else node.value
        if isinstance(value, cst.Call) and _is_talk(value):
            return ()
        return () if _expression(value) == _TEXT else ("do", _expression(value))
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        value_ = None if node.value is None else _expression(node.value)
        return () if value_ == _TEXT or _is_wording(node) else ("set", _code(node), value_)
    if isinstance(node, cst.Pass):
        return ()
    if isinstance(node, cst.Raise):
        if isinstance(node.exc, cst.Call):
            given = [(_code(a.keyword), _expression(a.value)) for a in node.exc.args]
            return ("raise", _code(node.exc.func), *[part for part in given if part[1] != _TEXT])
        return ("raise", None if node.exc is None else _expression(node.exc))
    if isinstance(node, cst.Return):
        is_none = node.value is None or (isinstance(node.value, cst.Name) and node.value.value == "None")
        return ("return", None if node.value is None or is_none else _expression(node.value))
    return (type(node).__name__, id(node) if isinstance(node, cst.BaseCompoundStatement) else 0)


def _is_wording(node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> bool:
    """Whether what an exception says is changed."""
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    return isinstance(target, cst.Attribute) and target.attr.value in _KEPT_TEXT


def _is_talk(call: cst.Call) -> bool:
    name = _name(call.func)
    if _COLLECT.match(name):
        return all(_expression(argument.value) == _TEXT for argument in call.args)
    return bool(_TALK.match(name))


def _expression(node: cst.BaseExpression) -> Shape:
    """An expression, with all that is text replaced by one and the same mark."""
    if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return _TEXT
    if _TEXT_NAME.match(_name(node) or key_of(node) or ""):
        return _TEXT
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Modulo)):
        parts = (_expression(node.left), _expression(node.right))
        return _TEXT if _TEXT in parts else ("operation", *parts)
    if isinstance(node, cst.Call):
        name = _name(node.func)
        if name in ("str", "repr", "_", "gettext") or (name in _TEXT_METHODS and isinstance(node.func, cst.Attribute)):
            return _TEXT
        return ("call", _code(node.func), *[(_code(a.keyword), _expression(a.value)) for a in node.args])
    if isinstance(node, cst.Dict):
        return ("dict", *[_entry(element) for element in node.elements])
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        return ("items", *[_expression(element.value) for element in node.elements])
    if isinstance(node, cst.IfExp):
        sides = (_expression(node.body), _expression(node.orelse))
        return _TEXT if sides == (_TEXT, _TEXT) else ("if", _code(node.test), *sides)
    if isinstance(node, cst.Attribute) and _name(node) in LOGGING:
        return ("log",)
    return ("code", _code(node))


def _entry(element: cst.BaseDictElement) -> Shape:
    key = _code(element.key) if isinstance(element, cst.DictElement) else "**"
    return (key, _expression(element.value))


def _is_tested_later(node: cst.Assign | cst.AnnAssign, places: Places, kept_in: frozenset[str]) -> bool:
    """Whether the variable that a test is kept in steers something further down."""
    targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
    if len(targets) != 1 or not isinstance(targets[0], cst.Name):
        return False
    name = targets[0].value
    if name in kept_in:
        return False
    for current in below(places.function(node)):
        if isinstance(current, cst.Name) and current.value == name and current is not targets[0]:
            around = places.parent(current)
            if not isinstance(around, cst.AssignTarget) and steers(current, places, kept_in | {name}):
                return True
    return False


def _name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


_EMPTY = cst.Module([])


def _code(node: cst.CSTNode | None) -> str:
    """The source of a node, for comparing it with another's."""
    if node is None:
        return ""
    if isinstance(node, cst.Assign):
        return ", ".join(_EMPTY.code_for_node(t.target) for t in node.targets)
    if isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        return _EMPTY.code_for_node(node.target)
    return _EMPTY.code_for_node(node)
