"""ERR301."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._evident_texts import evident_texts
from errlint.checks._exception_text import is_of_request, sniffed
from errlint.checks._places import Places, places_of
from errlint.checks._route import route
from errlint.checks._steering import steers
from errlint.checks._wording import is_plain_wording, is_wording
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Compared
from errlint.model import Fix
from errlint.packs.api import render_pointer

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.contracts import Contract
    from errlint.packs.schema import Class
    from errlint.syntax.edits import Editor

_REFUSALS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS
_STATUSES = {status.phrase.lower(): status.value for status in HTTPStatus if status >= 400}
_SHOWN = 40


class BranchOnErrorText(Rule):
    """Control flow that depends on how an error is worded.

    ## What

    A test looks for words in the reason phrase, in the text of the body, or in a member like `message`, `title` or
    `detail`, of an answer that may be an error, and what the program does depends on it. To show the text, and to
    choose what to show by it, is fine. So are codes made for programs, such as `error.code` or a problem's `type`.

    Whoever has sent the request, the code itself may say that a text is an error's: a status is tested beside it
    (`status == 404 and "no such" in message`), or it is part of the response of an exception that is handled.

    ## Why

    The text is for people. It is reworded, translated, and replaced by proxies; HTTP/2 has no reason phrase at all. RFC
    9457 (section 3.1.4) says of `detail` that consumers should not parse it, RFC 9110 (section 15) of reason phrases
    that they may be left out. Once the words change, the code takes the other way, without any error.

    ## Example

    ```python
    import requests


    def find(url):
        response = requests.get(url, timeout=5)
        if response.reason == "Not Found":  # expect: ERR301 "the reason phrase"
            return None
        response.raise_for_status()
        return response.json()
    ```

    ## Use instead

    ```python
    import requests


    def find(url):
        response = requests.get(url, timeout=5)
        if response.status_code == 404:
            return None
        response.raise_for_status()
        return response.json()
    ```

    ## Fix

    Unsafe: where the text is the phrase that belongs to a status, the status is tested. Nothing else can be repaired
    without knowing the API's codes.
    """

    code = "ERR301"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = places_of(facts.module.tree)
        seen: set[int] = set()
        looked_at: set[int] = set()
        for fact, mask in facts.noticed(Compared):
            looked_at.add(id(fact.node))
            if fact.about == "exception-text" or id(fact.node) in seen or fact.node not in places:
                continue
            site = facts.sites[fact.site]
            contract = facts.contract(site)
            words = _wording(fact, mask, contract)
            if words and steers(fact.node, places):
                seen.add(id(fact.node))
                related = route(facts, places, site, fact.node)
                fix = partial(_fix, fact, facts.knowledge.type(site.client), mask)
                message = _message(fact, words[0], contract, mask, _an_error(mask))
                yield Report(message, fact.node, related, fix=fix, api=facts.api(site))
        yield from _evident(facts, places, looked_at)


def _evident(facts: ModuleFacts, places: Places, looked_at: set[int]) -> Iterator[Report]:
    """What is compared where errlint does not know the request, and the code says that it is an error's."""
    contract = facts.baseline
    assert contract is not None
    of_exceptions = {id(found.node) for found in sniffed(facts, places) if is_of_request(facts, found)}
    for found in evident_texts(facts.module.tree, places):
        fact = found.fact
        if id(fact.node) in of_exceptions:
            continue
        words = [word for word in _wording(fact, found.outcomes, contract) if is_plain_wording(word)]
        if words and id(fact.node) not in looked_at and steers(fact.node, places):
            is_tested = not found.outcomes & outcomes.ANSWERS & ~_REFUSALS
            whose = _an_error(found.outcomes) if is_tested else "an answer that may be an error"
            message = _message(fact, words[0], contract, found.outcomes, whose)
            yield Report(message, fact.node, (Note("what says that it is an error's", found.evidence),))


def _wording(fact: Compared, mask: int, contract: Contract) -> list[str]:
    """The words of a comparison that are text for people, where the answer may be an error."""
    unsettled = bool(mask & outcomes.ANSWERS & ~_REFUSALS)
    words = sorted(fact.words) if mask & _REFUSALS else ()
    return [word for word in words if is_wording(fact, word, contract, unsettled)]


def _an_error(mask: int) -> str:
    return f"an error ({outcomes.render(mask & _REFUSALS)})"


def _message(fact: Compared, word: str, contract: Contract, mask: int, whose: str) -> str:
    what = {"reason": "the reason phrase", "text": "the body's text"}.get(fact.about, f"`{fact.about[7:]}`")
    shown = repr(word if len(word) <= _SHOWN else word[: _SHOWN - 3] + "...")
    owner = f"{contract.title} writes it for people" if contract.baseline is not None else "it is written for people"
    # Where the status was tested already, the text may be looked at needlessly.
    instead = ["the status alone" if len(list(outcomes.codes(mask))) == 1 else "the status"]
    if contract.baseline is not None and contract.code_member is not None:
        instead.append(f"`{render_pointer(contract.code_member)}`")
    elif fact.about != "reason":
        instead.append("a code made for programs")
    return (
        f"looks for {shown} in {what} of {whose} to decide what to do: {owner} and may change; "
        f"decide by {' or '.join(instead)}"
    )


def _fix(fact: Compared, response: Class | None, mask: int, editor: Editor) -> Fix | None:
    """Test the status whose phrase the text is."""
    node = fact.node
    if response is None or not isinstance(node, cst.Comparison) or fact.operator not in ("==", "!="):
        return None
    status = _STATUSES.get(next(iter(fact.words)).lower()) if len(fact.words) == 1 else None
    name = next((name for name, value in response.attributes.items() if value == "status"), None)
    for side in (node.left, node.comparisons[0].comparator):
        answer = _answer(side, response)
        if status is not None and name is not None and answer is not None:
            edit = editor.replace(node, f"{editor.code(answer)}.{name} {fact.operator} {status}")
            return Fix(f"test for the status {status}", "unsafe", (edit,), mask)
    return None


def _answer(text: cst.BaseExpression, response: Class) -> cst.BaseExpression | None:
    """The answer that an expression for a text of it begins with."""
    while True:
        if isinstance(text, cst.Subscript):
            text = text.value
        elif isinstance(text, cst.Attribute) and response.attributes.get(text.attr.value) == "reason":
            return text.value
        elif isinstance(text, cst.Call) and isinstance(text.func, cst.Attribute):
            method = response.methods.get(text.func.attr.value)
            if method is not None:
                return text.func.value if method.returns == "data" else None
            text = text.func.value
        else:
            return None
