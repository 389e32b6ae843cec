"""What counts as deleting something, or as saying that it was deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks._places import Places
from errlint.flow.lower.tree import below
from errlint.flow.record import Called, Changed

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts

_ASKED_FOR = re.compile(
    r"(^|_)(delete|remove|destroy|drop|discard|un(register|subscribe|install|link|publish)|revoke|cancel|tear_?down|"
    r"close|logout|pop|purge|forget|reset|clear)(_|$)",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"_*(update|set|put|patch|modify|edit|replace|rename|save|store|write|upsert|change|move|create|add|insert|send|post|"
    r"upload|publish|enable|disable|assign|apply)(_|$)",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"^_*((hard|soft)_)?(delete|remove|unlink|purge|forget|expunge|erase|rmtree|discard|pop)(_|$)"
    r"|^_*mark_(as_)?(deleted|gone|removed)"
)
_FILES = ("os", "shutil")
_OF_CONTAINERS = frozenset({"pop", "remove", "discard"})
_FLAG = re.compile(r"^_*(is_|was_)?(deleted|removed|gone|purged)(_at|_on)?$", re.IGNORECASE)
_STATE = re.compile(r"(^|_)(status|state)$", re.IGNORECASE)
_WORD = re.compile(r"^(deleted|removed|gone|purged)$", re.IGNORECASE)
_CLASS = re.compile(r"(Deleted|Gone|Removed|Purged)")
_HEDGED_CLASS = re.compile(r"(NotFound|Missing|Unavailable|Or[A-Z]|Not(Deleted|Gone|Removed))")
_BOOKKEEPING = re.compile(
    r"header|param|query|cookie|pending|in_?flight|lock|task|timer|retr|attempt|queue|todo|seen|fail|missing|error|"
    r"backoff|args|option|context|wait|job|candidate|remaining|url|etag|cursor|page|nonce|token",
    re.IGNORECASE,
)
_REMOTE = re.compile(r"(^|_)(client|api|http|https|service|sdk|rest|conn|connection)$", re.IGNORECASE)
_ADDRESS = re.compile(r"url|uri|path|endpoint|href|route|link", re.IGNORECASE)
_SHOWN = re.compile(r"(^|_)(message|msg|ctx|reply|interaction|window|widget|driver|element|logger)$", re.IGNORECASE)
"""What shows something to somebody; taking it away again is no loss."""
_SCRATCH = re.compile(r"te?mp|part(ial)?|scratch|download", re.IGNORECASE)
_SQL = re.compile(r"\s*DELETE\s+FROM\s", re.IGNORECASE)
_SETTING = re.compile(r"delete|remove|prune|purge|clean|force|sync|dry_?run|confirm|prompt", re.IGNORECASE)


def is_asked_for(name: str) -> bool:
    """Whether a function's name says that its caller wants something deleted."""
    return bool(_ASKED_FOR.search(name))


def is_change(name: str) -> bool:
    """Whether a function's name says that its caller wants something changed, made or sent."""
    return bool(_CHANGE.match(name))


def described(facts: ModuleFacts, fact: Called | Changed, places: Places) -> str:
    """What is done, for the beginning of a message: `deletes self.items[key]`; empty where it is no deletion."""
    if isinstance(fact, Changed):
        return _changed(facts, fact, places)
    if isinstance(fact.node, cst.Raise):
        return _raised(fact.node.exc)
    if not isinstance(fact.node, cst.Call):
        return ""
    outer = places.parent(fact.node)
    if isinstance(outer, cst.Raise) and outer.exc is fact.node:
        return _raised(fact.node.func)
    return _called(facts, fact.node, places)


def _raised(exception: cst.BaseExpression | None) -> str:
    name = _last_name(exception)
    if _CLASS.search(name) and not _HEDGED_CLASS.search(name):
        return f"raises {name}"
    return ""


def _called(facts: ModuleFacts, node: cst.Call, places: Places) -> str:
    name = _last_name(node.func)
    arguments = [argument.value for argument in node.args]
    if arguments and _is_sql(arguments[0]):
        return "deletes rows"
    if not _METHOD.search(name) or _sends(facts, name):
        return ""
    if name not in _OF_CONTAINERS and not _is_statement(node, places):
        return ""  # Where the result is used, it is the result that something is taken out of.
    text = facts.module.tree.code_for_node(node.func)
    if isinstance(node.func, cst.Attribute) and _last_name(node.func.value) not in _FILES:
        receiver = node.func.value
        if name in _OF_CONTAINERS and not (arguments and _is_state(receiver)):
            return ""
        owner = _last_name(receiver)
        if _REMOTE.search(owner) or _SHOWN.search(owner) or _is_new(receiver, places):
            return ""
    elif isinstance(node.func, cst.Attribute):
        arguments = arguments[:1]
    if any(_is_address(argument) for argument in arguments[:1]) and not text.startswith(_FILES):
        return ""
    file = node.func.value if name == "unlink" and not arguments and isinstance(node.func, cst.Attribute) else None
    if _is_scratch(facts, [*arguments, *([file] if file is not None else [])], node, places):
        return ""
    return f"calls {text}()"


def _changed(facts: ModuleFacts, fact: Changed, places: Places) -> str:
    if fact.how == "delete" and isinstance(fact.node, cst.Del):
        target = fact.node.target
        owner = target.value if isinstance(target, (cst.Subscript, cst.Attribute)) else None
        if owner is None or not _is_state(owner):
            return ""
        return f"deletes {facts.module.tree.code_for_node(target)}"
    if fact.how != "set" or not isinstance(fact.node, cst.Assign):
        return ""
    value = fact.node.value
    is_set = isinstance(value, cst.Call) or (isinstance(value, cst.Name) and value.value == "True")
    if _FLAG.search(fact.name) and is_set:
        return f"sets {fact.name}"
    if _STATE.search(fact.name) and _says_deleted(value):
        return f"sets {fact.name} to {facts.module.tree.code_for_node(value)}"
    return ""


def returned(facts: ModuleFacts, branch: cst.CSTNode) -> str:
    """What a branch returns, where that says that something was deleted."""
    found = next((value for value in _given_back(branch) if _says_deleted(value)), None)
    return "" if found is None else f"returns {facts.module.tree.code_for_node(found)}"


def returns_true(branch: cst.CSTNode) -> bool:
    """Whether a branch returns True, as functions do that were successful."""
    return any(isinstance(value, cst.Name) and value.value == "True" for value in _given_back(branch))


def _given_back(branch: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    body = branch.body if isinstance(branch, (cst.IndentedBlock, cst.Else)) else ()
    if isinstance(body, cst.IndentedBlock):
        body = body.body
    for line in body if isinstance(body, (tuple, list)) else ():
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(statement, cst.Return) and statement.value is not None:
                yield statement.value


def _is_statement(node: cst.Call, places: Places) -> bool:
    outer = places.parent(node)
    if isinstance(outer, cst.Await):
        outer = places.parent(outer)
    return isinstance(outer, cst.Expr)


def _says_deleted(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.SimpleString):
        return isinstance(value.evaluated_value, str) and bool(_WORD.search(value.evaluated_value))
    return isinstance(value, cst.Attribute) and bool(_WORD.search(value.attr.value))


def _is_sql(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.SimpleString)
        and isinstance(node.evaluated_value, str)
        and bool(_SQL.match(node.evaluated_value))
    )


def _last_name(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Call):
        return _last_name(node.func)
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript):
        return _last_name(node.value)
    return node.value if isinstance(node, cst.Name) else ""


def _is_state(owner: cst.BaseExpression) -> bool:
    """A container that outlives the call: of an object or a module; none that is there for bookkeeping."""
    return isinstance(owner, (cst.Attribute, cst.Subscript)) and not _BOOKKEEPING.search(_last_name(owner))


def _is_address(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.FormattedString):
        return any("/" in part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
    if isinstance(node, cst.SimpleString):
        return isinstance(node.evaluated_value, str) and "/" in node.evaluated_value
    return bool(_ADDRESS.search(_last_name(node)))


def _sends(facts: ModuleFacts, name: str) -> bool:
    return any(function.code.name == name and function.record.sends for function in facts.functions)


def _is_new(receiver: cst.BaseExpression, places: Places) -> bool:
    """Whether the function itself has made the object: it takes back what it did."""
    if not isinstance(receiver, cst.Name):
        return False
    for node in below(places.function(receiver)):
        if isinstance(node, cst.Assign) and isinstance(node.value, (cst.Call, cst.Await)):
            made = node.value.expression if isinstance(node.value, cst.Await) else node.value
            if any(isinstance(t.target, cst.Name) and t.target.value == receiver.value for t in node.targets):
                name = _last_name(made)
                if re.match(r"(create|add|new|make|insert|open)|[A-Z]", name):
                    return True
    return False


def _is_scratch(facts: ModuleFacts, files: list[cst.BaseExpression], node: cst.CSTNode, places: Places) -> bool:
    """Whether a file is one that the function writes, or one for the time being."""
    code = facts.module.tree.code_for_node
    names = {code(file) for file in files}
    if any(_SCRATCH.search(name) for name in names):
        return True
    for other in below(places.function(node)):
        if isinstance(other, cst.Call) and _last_name(other.func) in ("open", "write_bytes", "write_text", "touch"):
            owner = [other.func.value] if isinstance(other.func, cst.Attribute) else []
            if names & {code(part) for part in (*owner, *[a.value for a in other.args])}:
                return True
    return False


def is_unconditional(facts: ModuleFacts, decider: cst.CSTNode, node: cst.CSTNode, places: Places) -> bool:
    """Whether the 404 alone decides: no setting, counter, clock or part of the answer besides it."""
    tests = {id(test.node): test for test in facts.tests()}
    conditions: list[cst.BaseExpression] = []
    inner: cst.CSTNode = node
    for outer in places.around(node):
        if isinstance(outer, (cst.FunctionDef, cst.Lambda)):
            break
        if (
            isinstance(outer, (cst.If, cst.While))
            and outer.test is not inner
            and (places.is_within(decider, outer.test) or places.is_before(decider, outer))
        ):
            conditions.append(outer.test)
        inner = outer
    for condition in conditions:
        for part in _parts(condition):
            if part is decider or places.is_within(decider, part):
                continue
            test = tests.get(id(part))
            if test is not None and test.about == {"status"}:
                continue
            if not _is_harmless(part):
                return False
    return True


def _parts(condition: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(condition, cst.BooleanOperation):
        return [*_parts(condition.left), *_parts(condition.right)]
    if isinstance(condition, cst.UnaryOperation) and isinstance(condition.operator, cst.Not):
        return _parts(condition.expression)
    return [condition]


def _is_harmless(part: cst.BaseExpression) -> bool:
    """Whether a condition only asks whether there is anything to delete."""
    if isinstance(part, cst.Comparison):
        return all(isinstance(c.operator, (cst.In, cst.Is, cst.IsNot)) for c in part.comparisons)
    if isinstance(part, cst.Call):
        return _last_name(part.func) in ("exists", "isinstance", "is_file", "isfile", "is_dir")
    return isinstance(part, (cst.Name, cst.Attribute)) and not _SETTING.search(_last_name(part))
