"""ERR301."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from errlint import outcomes
from errlint.checks._places import Places
from errlint.checks._steering import steers
from errlint.checks._wording import is_code, is_prose, is_text, tells_of_failure
from errlint.checks.base import Note, Report, Rule
from errlint.flow.record import Compared
from errlint.packs.api import render_pointer

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts
    from errlint.packs.contracts import Contract

_REFUSALS = outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS
_EQUALITY = frozenset({"==", "!="})

_TEXTS = frozenset(
    "message messages msg detail details description title errordescription errormessage errormessages errormsg errmsg "
    "errordetail errordetails faultstring usermessage statusmessage statustext statusdescription reasonphrase".split()
)
"""What members with text for people are called, without case and separators."""

_ERRORS = frozenset("error errors err reason fault faults failure".split())
"""What members are called that hold text in one API and a code, or an object, in another."""


class BranchOnErrorText(Rule):
    """Control flow that depends on the wording of an error.
    """

    code = "ERR301"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        places = Places(facts.module.tree)
        seen: set[int] = set()
        for fact, mask in facts.noticed(Compared):
            refused = mask & _REFUSALS
            if fact.about == "exception-text" or not refused or id(fact.node) in seen or fact.node not in places:
                continue
            site = facts.sites[fact.site]
            contract = facts.contract(site)
            unsettled = bool(mask & outcomes.ANSWERS & ~_REFUSALS)
            if any(_is_wording(fact, word, contract, unsettled) for word in fact.words) and steers(fact.node, places):
                seen.add(id(fact.node))
                related = (Note("the request", site.node),)
                yield Report(_message(fact, contract, refused), fact.node, related, api=facts.api(site))


def _is_wording(fact: Compared, word: str, contract: Contract, unsettled: bool) -> bool:
    """Whether a word that part of an answer is compared with is text for people.

    Where the answer may be a success just as well (`unsettled`), the word has to tell of a failure.
    """
    if fact.about == "reason":
        return bool(word)
    if not is_text(word) or (unsettled and not tells_of_failure(word)):
        return False
    equal = fact.operator in _EQUALITY
    if fact.about == "text":
        return is_prose(word) or not is_code(word)
    path = _path(fact)
    kind = contract.member(path)
    if kind is not None and contract.baseline is not None:
        return kind == "text"
    if kind in ("code", "status", "link", "request-id"):
        return False
    names = [_plain(part) for part in path if not part.lstrip("-").isdigit()]
    if names and names[-1] in _TEXTS:
        return not equal or not is_code(word)
    if any(name in _ERRORS for name in names):
        return is_prose(word) or (fact.cut and not equal and not is_code(word))
    return equal and is_prose(word) and not unsettled


def _path(fact: Compared) -> list[str]:
    return fact.about.removeprefix("member:/").split("/")


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _message(fact: Compared, contract: Contract, refused: int) -> str:
    words = sorted(fact.words)
    what = {"reason": "the reason phrase", "text": "the text of the body"}.get(fact.about) or f"`{fact.about[7:]}`"
    owner = f"{contract.title} writes it for people" if contract.baseline is not None else "it is written for people"
    instead = "the status"
    if contract.baseline is not None and contract.code_member is not None:
        instead += f" or `{render_pointer(contract.code_member)}`"
    elif fact.about != "reason":
        instead += " or a machine-readable code"
    return (
        f"decides by {what} of an error ({outcomes.render(refused)}) whether it says {words[0]!r}: {owner} and may change; "
        f"decide by {instead}"
    )
