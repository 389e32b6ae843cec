"""Retriers as code configures them, and what fixes change in that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks._ways import Turning
from errlint.flow.callables import Built, External
from errlint.flow.ir import Const
from errlint.flow.record import Rerun
from errlint.model import Edit, Span
from errlint.packs import repeating, values
from errlint.packs.effects import Repeats
from errlint.packs.schema import Class, Function
from errlint.syntax.names import dotted

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.knowledge import Knowledge
    from errlint.packs.signature import Signature
    from errlint.syntax.edits import Editor, Import


@dataclass(frozen=True, slots=True)
class Configured:
    """A retrier where it is configured: `node` is the call that does it, or a decorator without arguments."""

    node: cst.BaseExpression
    path: str
    retrier: repeating.Retrier

    @property
    def callee(self) -> cst.BaseExpression:
        return self.node.func if isinstance(self.node, cst.Call) else self.node


def configured(facts: ModuleFacts, turning: Turning) -> Configured | None:
    """The retrier that decides at a place; None where something else does, or where it is configured elsewhere."""
    node = turning.place.iter if isinstance(turning.place, cst.For) else turning.place
    for rerun in reruns(facts, turning):
        path = rerun.policy.path
        retrier = retrier_at(facts.knowledge, path)
        if retrier is not None and isinstance(node, (cst.Call, cst.Name, cst.Attribute)):
            found = Configured(node, path, retrier)
            return found if dotted(found.callee).rpartition(".")[2] == path.rpartition(".")[2] else None
    return None


def retrier_at(knowledge: Knowledge, path: str) -> repeating.Retrier | None:
    """The retrier that the function or class at a path configures."""
    definition = knowledge.get(path)
    name = None
    if isinstance(definition, Class):
        name = definition.retrier
    elif isinstance(definition, Function) and isinstance(definition.effect, Repeats):
        name = definition.effect.repeats
    return None if name is None else knowledge.retrier(path, name)


def reruns(facts: ModuleFacts, turning: Turning) -> list[Rerun]:
    """The retriers that run something again from a place."""
    return [fact for fact, _ in facts.noticed(Rerun) if fact.node is turning.place]


def condition_parameters(condition: repeating.Condition) -> Iterator[str]:
    """The parameters by which a retrier is told what to run again."""
    if isinstance(condition, repeating.GivenCondition):
        yield condition.given
    elif isinstance(condition, (repeating.ExceptionCheck, repeating.ResultCheck)):
        yield condition.exception_check if isinstance(condition, repeating.ExceptionCheck) else condition.result_check
    elif isinstance(condition, repeating.Raised) and isinstance(condition.raised, str):
        yield condition.raised
    elif isinstance(condition, repeating.Not):
        yield from condition_parameters(condition.not_)
    elif isinstance(condition, (repeating.AllOf, repeating.AnyOf)):
        parts = condition.all if isinstance(condition, repeating.AllOf) else condition.any
        if isinstance(parts, str):
            yield parts
        else:
            for part in parts:
                yield from condition_parameters(part)


# --- what a retrier is given ------------------------------------------------------------------------------------------


def argument(call: cst.Call, name: str) -> cst.BaseExpression | None:
    """The argument that a call passes by this keyword."""
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def with_argument(editor: Editor, node: cst.BaseExpression, name: str, text: str) -> tuple[Edit, ...]:
    """A call with this keyword argument: added, or in place of the one that is there."""
    if not isinstance(node, cst.Call):
        end = editor.span(node).end
        return (Edit(Span(end, end), f"({name}={text})"),)
    present = argument(node, name)
    if present is not None:
        return (editor.replace(present, text),)
    if not node.args:
        end = editor.span(node).end - 1
        return (Edit(Span(end, end), f"{name}={text}"),)
    last = node.args[-1]
    end = editor.replace(last.value, "").span.end
    start = editor.span(last).start
    line = editor.source.line(editor.source.position(start)[0])
    if editor.source.text[line.start : start].strip():
        return (Edit(Span(end, end), f", {name}={text}"),)
    return (Edit(Span(end, end), f",{editor.newline}{editor.indentation(last)}{name}={text}"),)


def maker(
    knowledge: Knowledge, path: str, makes: Callable[[values.Value | None], bool]
) -> tuple[str, Signature] | None:
    """A function of the library of `path` whose value is as wanted: its shortest public name, and its parameters."""
    pack = knowledge.pack(path)
    if pack is None:
        return None
    for definition in pack.definitions.values():
        if isinstance(definition, Function) and makes(definition.returns) and definition.signature is not None:
            names = [definition.path, *(public for public, known in pack.exports.items() if known == definition.path)]
            return min(names, key=lambda name: (name.count("."), len(name))), definition.signature
    return None


def spelled(editor: Editor, found: Configured, name: str) -> Import:
    """What to write for something of a retrier's library, in the way in which the code spells the retrier."""
    from errlint.syntax.edits import Import

    module, _, last = name.rpartition(".")
    if isinstance(found.callee, cst.Attribute):
        return Import(f"{editor.code(found.callee.value)}.{last}", ())
    return editor.need_import(module, last)


# --- stops and waits --------------------------------------------------------------------------------------------------


def counts_attempts(value: values.Value | None) -> bool:
    """A stop after so many attempts."""
    return isinstance(value, values.MakesStop) and isinstance(value.stop, repeating.AfterAttempts)


def spreads_exponentially(value: values.Value | None) -> bool:
    """A wait that grows, and that is different for every client."""
    wait = value.wait if isinstance(value, values.MakesWait) else None
    return isinstance(wait, repeating.Exponential) and wait.full_jitter


def stop_parameter(stop: repeating.Stop) -> tuple[str, bool] | None:
    """The parameter by which a retrier is told how often to try, and whether that is a number."""
    if isinstance(stop, repeating.GivenStop):
        return stop.given, False
    if isinstance(stop, repeating.AfterAttempts) and isinstance(stop.attempts, str):
        return stop.attempts, True
    if isinstance(stop, (repeating.AnyStop, repeating.AllStops)):
        parts = stop.any if isinstance(stop, repeating.AnyStop) else stop.all
        found = (stop_parameter(part) for part in parts) if not isinstance(parts, str) else ()
        return next((each for each in found if each is not None and each[1]), None)
    return None


def stopping(editor: Editor, facts: ModuleFacts, found: Configured, attempts: int) -> tuple[Edit, ...]:
    """The edits that make a retrier stop after so many attempts; none where it cannot be told to."""
    parameter = stop_parameter(found.retrier.stop)
    if parameter is None:
        return ()
    name, is_number = parameter
    if is_number:
        return with_argument(editor, found.node, name, str(attempts))
    known = maker(facts.knowledge, found.path, counts_attempts)
    if known is None:
        return ()
    function = spelled(editor, found, known[0])
    return (*with_argument(editor, found.node, name, f"{function.reference}({attempts})"), *function.edits)


def tells_wait(knowledge: Knowledge, wait: repeating.Wait, policy: Built) -> bool:
    """Whether a retrier's waits are known and as long as they look: no callable computes them, none begins slowly."""
    if isinstance(wait, repeating.Jittered):
        by = policy.get(wait.by)
        known = by is None or isinstance(by, (Const, External))
        return known and tells_wait(knowledge, wait.jittered, policy)
    if isinstance(wait, repeating.GivenWait):
        given = policy.get(wait.given)
        function = knowledge.function(given.path) if isinstance(given, External) else None
        if function is not None and isinstance(function.returns, values.MakesWait):
            return tells_wait(knowledge, function.returns.wait, policy)
        return given is None or isinstance(given, (Built, Const))
    return not isinstance(wait, (repeating.ComputedWait, repeating.Fibonacci))


def grows(knowledge: Knowledge, wait: repeating.Wait, policy: Built) -> bool:
    """Whether a retrier is told to wait longer each time, whatever a lower bound makes of its first waits."""
    if isinstance(wait, repeating.Jittered):
        return grows(knowledge, wait.jittered, policy)
    if isinstance(wait, repeating.GivenWait):
        given = policy.get(wait.given)
        function = knowledge.function(given.path) if isinstance(given, Built) else None
        made = None if function is None else function.returns
        return isinstance(made, values.MakesWait) and isinstance(made.wait, repeating.Exponential)
    return False


def waiting(editor: Editor, facts: ModuleFacts, found: Configured, first: str | None = None) -> tuple[Edit, ...]:
    """The edits that give a retrier growing waits with jitter, `first` seconds at the beginning."""
    if not isinstance(found.retrier.wait, repeating.GivenWait):
        return ()
    known = maker(facts.knowledge, found.path, spreads_exponentially)
    if known is None:
        return ()
    name, signature = known
    growth = signature.positional[0]
    arguments = [f"{growth}={first}"] if first is not None else []
    arguments += ["max=60"] if "max" in signature.positional else []
    function = spelled(editor, found, name)
    text = f"{function.reference}({', '.join(arguments)})"
    return (*with_argument(editor, found.node, found.retrier.wait.given, text), *function.edits)
