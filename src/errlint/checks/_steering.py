"""Does a test steer the program, or does it only choose what to show?

`if "quota" in text: message = "..."` decides nothing: both ways lead to the same end. The two sides of a test are
compared statement by statement, with everything that is only text for people taken as equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

Parents = Mapping[int, cst.CSTNode]
"""The node around each node, by identity."""

Shape = tuple[object, ...]
"""What a statement does, without the wording of what it shows."""

_TRANSPARENT = (cst.BooleanOperation, cst.UnaryOperation, cst.NamedExpr, cst.Comparison, cst.ComparisonTarget)
_TALK = re.compile(
    r"_*(log|print|echo|secho|cprint|pprint|show|display|warn|debug|info|error|critical|fatal|exception|success|notify|toast"
    r"|flash|add_note|write|msg|message)", re.IGNORECASE
)
_COLLECT = frozenset({"append", "add", "put", "extend"})
_TEXT_METHODS = frozenset("format join strip lower upper title replace decode capitalize".split())
_TEXT_NAME = re.compile(r"_*(.*_)?(e|ex|exc|err|error|exception|msg|message|text|detail|details|reason|hint|description)(_msg)?\Z")
_TEXT = ("text",)


def parents_of(node: cst.CSTNode) -> Parents:
    """The parents of everything below a node."""
    parents: dict[int, cst.CSTNode] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        for child in current.children:
            parents[id(child)] = current
            stack.append(child)
    return parents


def steers(node: cst.CSTNode, parents: Parents, kept_in: frozenset[str] = frozenset()) -> bool:
    """Whether what the program does depends on a comparison, and not only what it shows.

    `kept_in` are variables that hold its result.
    """
    while True:
        around = parents.get(id(node))
        if around is None:
            return False
        if isinstance(around, (cst.If, cst.While)):
            return isinstance(around, cst.While) or _branches(around, parents)
        if isinstance(around, cst.IfExp):
            if node is around.test:
                return _expression(around.body) != _expression(around.orelse)
            node = around
        elif isinstance(around, cst.CompIf):
            return True
        elif isinstance(around, (cst.Return, cst.Lambda)):
            return True
        elif isinstance(around, (cst.Assign, cst.AnnAssign)):
            return _is_tested_later(around, parents, kept_in)
        elif isinstance(around, cst.Arg):
            call = parents[id(around)]
            if not (isinstance(call, cst.Call) and _name(call.func) in ("any", "all", "bool")):
                return False
            node = call
        elif isinstance(around, (cst.GeneratorExp, cst.ListComp)) and node is around.elt:
            node = around
        elif isinstance(around, _TRANSPARENT):
            node = around
        else:
            return False


def _branches(node: cst.If, parents: Parents) -> bool:
    following = list(_following(node, parents))
    then = [*_statements(node.body), *following]
    orelse = node.orelse
    if isinstance(orelse, cst.If):
        otherwise: list[cst.CSTNode] = [orelse, *following]
    else:
        otherwise = [*(_statements(orelse.body) if orelse is not None else ()), *following]
    return _shape(then) != _shape(otherwise)


def _following(node: cst.CSTNode, parents: Parents) -> Iterator[cst.CSTNode]:
    """The statements that run after one that runs through, up to the end of the function or the next turn of a loop."""
    while True:
        around = parents.get(id(node))
        if around is None or isinstance(node, (cst.FunctionDef, cst.For, cst.While)):
            return
        if isinstance(around, (cst.IndentedBlock, cst.Module, cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            body: Sequence[cst.CSTNode] = around.body
            index = next(i for i, statement in enumerate(body) if statement is node)
            for statement in body[index + 1 :]:
                yield from _flat(statement)
        if isinstance(around, (cst.FunctionDef, cst.Lambda)):
            return
        if isinstance(around, (cst.For, cst.While)):
            return
        node = around


def _statements(block: cst.BaseSuite) -> list[cst.CSTNode]:
    return [part for statement in block.body for part in _flat(statement)]


def _flat(statement: cst.CSTNode) -> Sequence[cst.CSTNode]:
    return statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)


def _shape(statements: Sequence[cst.CSTNode]) -> Shape:
    """What statements do, in order, up to the first that leaves."""
    shapes: list[object] = []
    for statement in statements:
        shape = _statement(statement)
        if shape:
            shapes.append(shape)
        if isinstance(statement, (cst.Return, cst.Raise, cst.Continue, cst.Break)):
            break
    return tuple(shapes)


def _statement(node: cst.CSTNode) -> Shape:
    """What a statement does; nothing for one that only shows or words something."""
    if isinstance(node, cst.Expr):
        value = node.value.expression if isinstance(node.value, cst.Await) else node.value
        if isinstance(value, cst.Call) and _is_talk(value):
            return ()
        return () if _expression(value) == _TEXT else ("do", _expression(value))
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        value_ = None if node.value is None else _expression(node.value)
        return () if value_ == _TEXT else ("set", _code(node), value_)
    if isinstance(node, cst.Pass):
        return ()
    if isinstance(node, cst.Raise):
        return ("raise", None if node.exc is None else _expression(node.exc))
    if isinstance(node, cst.Return):
        return ("return", None if node.value is None else _expression(node.value))
    if isinstance(node, cst.If):
        inner = _shape(_statements(node.body))
        other = node.orelse
        rest: Shape = ()
        if isinstance(other, cst.If):
            rest = _statement(other)
        elif other is not None:
            rest = _shape(_statements(other.body))
        return ("if", _code(node.test), inner, rest) if inner or rest else ()
    return (type(node).__name__, id(node) if node.children else 0)


def _is_talk(call: cst.Call) -> bool:
    name = _name(call.func)
    return bool(_TALK.match(name)) or (name in _COLLECT and all(_expression(a.value) == _TEXT for a in call.args))


def _expression(node: cst.BaseExpression) -> Shape:
    """An expression, with all that is text replaced by one and the same mark."""
    if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return _TEXT
    if isinstance(node, (cst.Name, cst.Attribute)) and _TEXT_NAME.match(_name(node)):
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
    return ("code", _code(node))


def _entry(element: cst.BaseDictElement) -> Shape:
    key = _code(element.key) if isinstance(element, cst.DictElement) else "**"
    return (key, _expression(element.value))


def _is_tested_later(node: cst.Assign | cst.AnnAssign, parents: Parents, kept_in: frozenset[str]) -> bool:
    """Whether the variable that a test is kept in steers something further down."""
    targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
    if len(targets) != 1 or not isinstance(targets[0], cst.Name):
        return False
    name = targets[0].value
    if name in kept_in:
        return False
    function: cst.CSTNode = node
    while id(function) in parents and not isinstance(function, cst.FunctionDef):
        function = parents[id(function)]
    stack: list[cst.CSTNode] = [function]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name) and current.value == name and current is not targets[0]:
            around = parents.get(id(current))
            if not isinstance(around, cst.AssignTarget) and steers(current, parents, kept_in | {name}):
                return True
        stack.extend(current.children)
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
