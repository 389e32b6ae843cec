"""ERR302."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._exception_text import is_of_request, sniffed
from errlint.checks._fallbacks import is_without_status
from errlint.checks._places import Places, places_of
from errlint.checks._route import route
from errlint.checks._steering import steers
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Compared
from errlint.model import Fix

if TYPE_CHECKING:
    from errlint.checks._exception_text import Sniffed
    from errlint.checks.base import FixMaker
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor

_STATUS = re.compile(r"[45]\d\d")
_SHOWN = 40


class BranchOnExceptionText(Rule):
    """Control flow that depends on the text of an exception.

    ## What

    A test looks for words in `str(error)`, `repr(error)`, `error.args[0]` or `error.message`, where the exception is
    the failure of a request or of a library that sends requests, and what the program does depends on it. To show the
    text, and to choose what to show by it, is fine; so is to look at it where the exception has been asked for its
    status and has none.

    ## Why

    The text of an exception is for people. Libraries reword it between versions, and fill it with what the server said
    and with the URL: `"429" in str(error)` holds for `/orders/4290` too. The exception says the same in a form made for
    programs: by its class, and by the status of the answer that it carries.

    ## Example

    ```python
    import requests


    def find(url):
        response = requests.get(url, timeout=5)
        try:
            response.raise_for_status()
        except requests.HTTPError as error:
            if "404" in str(error):  # expect: ERR302 "compare `error.response.status_code`"
                return None
            raise
        return response.json()
    ```

    ## Use instead

    ```python
    import requests


    def find(url):
        response = requests.get(url, timeout=5)
        try:
            response.raise_for_status()
        except requests.HTTPError as error:
            if error.response.status_code == 404:
                return None
            raise
        return response.json()
    ```

    ## Fix

    Safe: a status that is looked for in the text is compared with the status itself, where the exception carries one.
    """

    code = "ERR302"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        conditions: dict[int, list[_Test]] = {}
        for test in _tests(facts, places):
            conditions.setdefault(id(_condition(test.node, places)), []).append(test)
        for tests in conditions.values():
            yield from (test.report(0) for test in tests if test.fix is not None)
            # What cannot be mended one by one is one thing to think about.
            others = [test for test in tests if test.fix is None]
            yield from (test.report(len(others) - 1) for test in others[:1])


@dataclass(frozen=True, slots=True)
class _Test:
    """A test of an exception's text: the word to show, and what to do instead."""

    node: cst.CSTNode
    word: str
    instead: str
    related: tuple[Note, ...]
    fix: FixMaker | None = None

    def report(self, others: int) -> Report:
        """`others`: how many there are in the same condition."""
        shown = repr(self.word if len(self.word) <= _SHOWN else self.word[: _SHOWN - 3] + "...")
        if others:
            shown += f" and {others} other{'s' if others > 1 else ''}"
        instead = self.instead if self.instead.startswith(("compare", "catch")) else f"decide by {self.instead}"
        message = f"looks for {shown} in an exception's text to decide what to do: it is for people and may change; "
        return Report(message + instead, self.node, self.related, self.fix)


def _condition(node: cst.CSTNode, places: Places) -> cst.CSTNode:
    """The whole condition that a test is part of."""
    around = places.parent(node)
    while isinstance(around, (cst.BooleanOperation, cst.UnaryOperation)):
        node, around = around, places.parent(around)
    return node


def _tests(facts: ModuleFacts, places: Places) -> Iterator[_Test]:
    known = _known(facts, places)
    # What is a part of the answer is no concern of this rule, whatever the exception calls it.
    of_answers = {id(fact.node) for fact, _ in facts.noticed(Compared) if fact.about != "exception-text"}
    for found in sniffed(facts, places):
        if id(found.node) in of_answers:
            continue
        seen = known.pop(id(found.node), None)
        is_failure = seen is not None or is_of_request(facts, found)
        if is_failure and steers(found.node, places) and not is_without_status(found.node, places):
            yield _test(facts, places, found, seen or {})
    for comparisons in known.values():
        fact = next(iter(comparisons))
        if steers(fact.node, places) and not is_without_status(fact.node, places):
            related = route(facts, places, facts.sites[fact.site], fact.node)
            yield _Test(fact.node, min(fact.words), "its class or its status", related)


def _known(facts: ModuleFacts, places: Places) -> dict[int, dict[Compared, int]]:
    """The comparisons of the text of a request's failure, by place."""
    known: dict[int, dict[Compared, int]] = {}
    for fact, mask in facts.noticed(Compared):
        if fact.about == "exception-text" and any(fact.words) and fact.node in places:
            known.setdefault(id(fact.node), {})[fact] = mask
    return known


def _test(facts: ModuleFacts, places: Places, found: Sniffed, seen: dict[Compared, int]) -> _Test:
    word = min(found.words, key=lambda word: (not _STATUS.search(word), word))
    related: tuple[Note, ...] = ()
    if seen:
        related = route(facts, places, facts.sites[next(iter(seen)).site], found.node)
    elif found.handler is not None and found.handler.type is not None:
        related = (Note("the handler", found.handler.type),)
    status = _status_of(facts, found, seen)
    if status is not None and _STATUS.search(word):
        return _Test(found.node, word, f"compare `{status}`", related, partial(_fix, found, status, seen))
    return _Test(found.node, word, _instead(facts, found, seen, status), related)


def _instead(facts: ModuleFacts, found: Sniffed, seen: dict[Compared, int], status: str | None) -> str:
    """What tells the same for sure."""
    failures = next((f for path in _paths(found, seen) if (f := facts.knowledge.failures(path)) is not None), None)
    if failures is not None and any(re.search(r"time[d ]*-?out", word, re.IGNORECASE) for word in found.words):
        return f"catch `{failures.timeout.typical}`"
    if _is_settled(facts, _paths(found, seen)):
        return "a code made for programs"
    return f"`{status}`" if status is not None else "its class or its status"


def _is_settled(facts: ModuleFacts, paths: tuple[str, ...]) -> bool:
    """Whether classes stand for one status each: to ask for it would tell nothing."""
    known = [facts.knowledge.exception(path) for path in paths]
    return bool(known) and all(cls is not None and cls.outcomes.bit_count() == 1 for cls in known)


def _paths(found: Sniffed, seen: dict[Compared, int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.exception for fact in seen)) or found.classes


def _status_of(facts: ModuleFacts, found: Sniffed, seen: dict[Compared, int]) -> str | None:
    """How to get the status from the exception; None where not every one that comes here has it."""
    ways = {_status_attribute(facts, path) for path in _paths(found, seen)}
    way = ways.pop() if len(ways) == 1 else None
    return None if way is None else f"{found.variable}.{way}"


def _status_attribute(facts: ModuleFacts, path: str) -> str | None:
    known = facts.knowledge.exception(path)
    if known is None or (known.outcomes and not known.outcomes & outcomes.STATUSES):
        return None
    for name, value in known.attributes.items():
        if value == "status":
            return name
        if value == "response":
            for response in facts.knowledge.responses(path.partition(".")[0]):
                for inner, held in response.attributes.items():
                    if held == "status":
                        return f"{name}.{inner}"
    return None


def _fix(found: Sniffed, status: str, seen: dict[Compared, int], editor: Editor) -> Fix | None:
    """Compare the status, where every exception that comes here carries an answer."""
    node = found.node
    mask = outcomes.NOTHING
    for outcome in seen.values():
        mask |= outcome
    word = next(iter(found.words))
    if not isinstance(node, cst.Comparison) or len(found.words) != 1 or not _STATUS.fullmatch(word):
        return None
    if not mask or mask & outcomes.TRANSPORT:
        return None
    operators = {cst.In: "==", cst.NotIn: "!="}
    operator = operators.get(type(node.comparisons[0].operator))
    if operator is None:
        return None
    edit = editor.replace(node, f"{status} {operator} {word}")
    return Fix(f"compare the status with {word}", "safe", (edit,), mask)
