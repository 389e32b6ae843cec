"""Loops: which one goes round again, what it counts, where it waits, and whether a success leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._places import Places
from errlint.flow.lower.tree import below
from errlint.flow.record import Called, Ended
from errlint.packs.effects import Sleeps
from errlint.syntax.names import dotted
from errlint.syntax.nodes import children

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts, Repeated

Loop = cst.While | cst.For


@dataclass(frozen=True, slots=True)
class Counted:
    """`for name in range(first, first + times)`; `times` is None where that is not written out."""

    target: cst.Name
    first: int
    times: int | None


def loop_around(node: cst.CSTNode, places: Places) -> Loop | None:
    """The innermost loop that a node is in, within its function."""
    for around in places.around(node):
        if isinstance(around, (cst.While, cst.For)):
            return around
        if isinstance(around, (cst.FunctionDef, cst.Lambda)):
            return None
    return None


def is_endless(loop: Loop) -> bool:
    """`while True`, with nothing to run when it ends."""
    if not isinstance(loop, cst.While) or loop.orelse is not None:
        return False
    return isinstance(loop.test, (cst.Name, cst.Integer)) and loop.test.value in ("True", "1")


def ends_on_state(loop: Loop, places: Places) -> bool:
    """Whether a loop may be left on what an object holds.

    That is state which another thread or a signal may change meanwhile, or a cap from the object's settings on
    something that the loop advances: how many turns that allows is not written here.
    """
    function = places.function(loop)
    first = function.params.params[:1] if isinstance(function, cst.FunctionDef) else ()
    own = {f"{parameter.name.value}." for parameter in first}
    tests = [loop.test] if isinstance(loop, cst.While) else []
    for node in below(loop.body):
        if isinstance(node, cst.If) and any(isinstance(n, (cst.Break, cst.Return, cst.Raise)) for n in below(node)):
            tests.append(node.test)
    if any(name.startswith(prefix) for test in tests for name in _read(test) for prefix in own):
        return True
    counters = assigned_in(loop)
    return any(_is_capped(node, counters) for test in tests for node in below(test))


def _is_capped(node: cst.CSTNode, counters: frozenset[str]) -> bool:
    """Whether something that the loop advances is compared with an object's setting, whatever that is by default."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    target = node.comparisons[0]
    if not isinstance(target.operator, (cst.GreaterThan, cst.GreaterThanEqual, cst.LessThan, cst.LessThanEqual)):
        return False
    sides = [dotted(node.left), dotted(target.comparator)]
    return any(side in counters for side in sides) and any("." in side for side in sides)


def assigned_in(loop: Loop) -> frozenset[str]:
    """The variables and attributes that a loop gives new values."""
    found = {dotted(target) for node in below(loop.body) for target in _assigned(node)}
    if isinstance(loop, cst.For):
        found |= {dotted(target) for target in _assigned(loop)}
    return frozenset(found)


def counted(loop: Loop) -> Counted | None:
    """What a loop over a `range` counts; None for any other loop."""
    if not isinstance(loop, cst.For) or not isinstance(loop.target, cst.Name) or not isinstance(loop.iter, cst.Call):
        return None
    if dotted(loop.iter.func) != "range" or any(arg.star or arg.keyword for arg in loop.iter.args):
        return None
    numbers = [_number(arg.value) for arg in loop.iter.args]
    if len(numbers) == 1:
        return Counted(loop.target, 0, numbers[0])
    if len(numbers) == 2 and numbers[0] is not None:
        return Counted(loop.target, numbers[0], None if numbers[1] is None else numbers[1] - numbers[0])
    return None


def _number(node: cst.BaseExpression) -> int | None:
    return node.evaluated_value if isinstance(node, cst.Integer) else None


# --- supervisors ------------------------------------------------------------------------------------------------------


def is_supervised(facts: ModuleFacts, way: Repeated, places: Places) -> bool:
    """Whether the loop around goes on after a success as well: then a failure is no reason to send again."""
    if way.transport is not None or any("retrier" in decision.about for decision in way.trail):
        return False
    loop = loop_around(way.place, places)
    if loop is None:
        return _is_called_in_turns(way, places)
    if _returns_from(facts, way, loop, places):
        return False
    if any(isinstance(node, cst.Break) and _leaves(node, loop, places) for node in below(loop.body)):
        return False
    return not _ends_by_itself(loop)


def _ends_by_itself(loop: Loop) -> bool:
    """Whether the condition of a loop depends on what the loop does."""
    return isinstance(loop, cst.While) and not assigned_in(loop).isdisjoint(_read(loop.test))


def _is_called_in_turns(way: Repeated, places: Places) -> bool:
    """Whether what decides stands in a function that another one calls in loops which nothing leaves."""
    caller = way.function.code.node
    if caller not in places or places.is_within(way.place, caller):
        return False
    loops = [node for node in below(caller) if isinstance(node, (cst.For, cst.While))]
    return bool(loops) and not any(_may_leave(loop.body) or _ends_by_itself(loop) for loop in loops)


def is_polling(facts: ModuleFacts, way: Repeated, places: Places) -> bool:
    """Whether what fails in a loop goes round just as a success does that is not yet the wanted one: it waits where
    that waits, or comes from a test that the success passes without leaving the loop."""
    loop = loop_around(way.place, places)
    if loop is None or way.transport is not None:
        return False
    if isinstance(way.place, cst.ExceptHandler) and _counts_attempts(loop):
        return False
    return _lets_success_pass(facts, way, loop, places) or any(
        called.site == way.site.index
        and not called.phantom
        and mask & way.outcomes
        and mask & outcomes.status(200)
        and places.is_within(node, loop)
        and places.is_before(way.place, node)
        for called, node, mask in sleeps(facts, places)
    )


def _counts_attempts(loop: Loop) -> bool:
    """Whether a loop names its turns as those who try again do."""
    head = (loop.test,) if isinstance(loop, cst.While) else (loop.target, loop.iter)
    return any(isinstance(node, cst.Name) and _ATTEMPTS.search(node.value) for node in below(*head))


_ATTEMPTS = re.compile(r"attempt|retr(y|ies)|tries", re.IGNORECASE)


def _lets_success_pass(facts: ModuleFacts, way: Repeated, loop: Loop, places: Places) -> bool:
    """Whether the branch for a success may be passed, and nothing after it leaves the loop."""
    branch = next((node for node in places.around(way.place) if isinstance(node, cst.If)), None)
    if branch is None or not places.is_within(way.place, branch.test) or places.parent(branch) is not loop.body:
        return False
    taken = 0
    for test in facts.tests():
        if test.site is way.site and test.node is way.place:
            taken |= test.then
    rest = loop.body.body[list(loop.body.body).index(branch) + 1 :]
    if not taken & outcomes.status(200) or branch.orelse is not None or _may_leave(*rest):
        return False
    last = branch.body.body[-1] if branch.body.body else branch
    return isinstance(last, cst.If) and last.orelse is None and _may_leave(last)


def _may_leave(*nodes: cst.CSTNode) -> bool:
    return any(isinstance(node, (cst.Return, cst.Break, cst.Raise)) for node in below(*nodes))


def sleeps(facts: ModuleFacts, places: Places) -> Iterator[tuple[Called, cst.Call, int]]:
    """The calls of this module that wait, with the outcomes after which they do."""
    for fact, mask in facts.noticed(Called):
        function = facts.knowledge.function(fact.name) if "." in fact.name else None
        is_wait = function is not None and isinstance(function.effect, Sleeps)
        if is_wait and isinstance(fact.node, cst.Call) and fact.node in places:
            yield fact, fact.node, mask


def _returns_from(facts: ModuleFacts, way: Repeated, loop: Loop, places: Places) -> bool:
    """Whether a success returns out of a loop."""
    return any(
        fact.site == way.site.index
        and mask & outcomes.SUCCESSES
        and fact.node in places
        and places.is_within(fact.node, loop)
        for fact, mask in facts.noticed(Ended)
    )


def _leaves(node: cst.Break, loop: Loop, places: Places) -> bool:
    """Whether a `break` leaves this loop, and not in a handler."""
    if loop_around(node, places) is not loop:
        return False
    for around in places.around(node):
        if around is loop:
            return True
        if isinstance(around, (cst.ExceptHandler, cst.ExceptStarHandler)):
            return False
    return False


def _read(node: cst.CSTNode) -> Iterator[str]:
    """The variables and attributes that an expression reads."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, (cst.Name, cst.Attribute)):
            yield dotted(current)
        else:
            stack.extend(children(current))


def _assigned(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What a statement or expression gives a new value."""
    targets: list[cst.BaseExpression] = []
    if isinstance(node, cst.Assign):
        targets = [target.target for target in node.targets]
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For)):
        targets = [node.target]
    for target in targets:
        if isinstance(target, (cst.Tuple, cst.List)):
            yield from (element.value for element in target.elements)
        else:
            yield target
