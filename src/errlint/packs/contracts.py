"""The contracts: what client code may count on, by the API that it talks to.

A `Contract` answers for one API; where its documentation is silent, HTTP itself answers (the pack `http`). `Contracts`
holds them all and finds the one that a URL or a credential belongs to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from errlint import outcomes
from errlint.packs.api import (
    Advice,
    Answer,
    ApiPack,
    Credential,
    HeaderId,
    Layer,
    MemberId,
    Pointer,
    Presence,
    RateLimitHeader,
    Requests,
    Unit,
)
from errlint.packs.notation import Outcomes
from errlint.packs.urls import is_below

BASELINE = "http"
"""The name of the contract of code that is bound to no API."""

MemberKind = Literal["code", "text", "status", "details", "link", "request-id"]


@dataclass(frozen=True, slots=True)
class Retry:
    """Whether a refused request may be sent again. `documented`: the API says so itself, not only HTTP."""

    advice: Advice
    wait: int | None
    """Seconds, where the documentation gives a time."""
    documented: bool


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Whether answers of a status carry Retry-After. Only `sent` is a promise."""

    presence: Presence
    unit: Unit
    documented: bool


@dataclass(frozen=True, slots=True)
class RequestId:
    """Where the answers of a status carry the id to report; neither header nor pointer where that is not known."""

    presence: Presence
    header: str | None = None
    pointer: Pointer | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """What one API lets its clients count on. Build it with `of`."""

    pack: ApiPack
    baseline: Contract | None
    """What HTTP says; None: this is it."""
    answers: Mapping[int, Answer] = field(repr=False)
    """For each documented status the entry that holds."""

    @classmethod
    def of(cls, pack: ApiPack, baseline: Contract | None = None) -> Contract:
        """The contract of a pack that has been checked (`contract_files.read_pack`)."""
        answers: dict[int, Answer] = {}
        # Of nested sets the narrowest holds: it comes last.
        for answer in sorted(pack.status, key=lambda entry: -entry.code.bit_count()):
            answers.update(dict.fromkeys(outcomes.codes(answer.code), answer))
        return cls(pack, baseline, answers)

    @property
    def name(self) -> str:
        return self.pack.name

    @property
    def title(self) -> str:
        """The API's name in messages."""
        return self.pack.title or self.pack.name

    # --- retrying ----------------------------------------------------------------------------------------------------

    def retry(self, status: int, code: str | None = None) -> Retry:
        """The advice for a status, or for one machine-readable code that came with it."""
        answer = self.answers.get(status)
        if answer is not None:
            advice = answer.codes.get(code, "not-documented") if code is not None else "not-documented"
            if advice == "not-documented":
                advice = answer.retry
            if advice != "not-documented":
                return Retry(advice, answer.wait if advice == "after-wait" else None, documented=True)
        if self.baseline is None:
            return Retry("not-documented", None, documented=False)
        return dataclasses.replace(self.baseline.retry(status), documented=False)

    def advised(self, *advice: Advice, documented: bool = False) -> Outcomes:
        """The error statuses (400-599) for which the advice is one of these; `documented`: by the API itself."""
        return _advised(self, frozenset(advice), documented)

    def retry_after(self, status: int) -> RetryAfter:
        """What is known about the Retry-After header of the answers with a status."""
        answer = self.answers.get(status)
        if answer is not None and answer.retry_after != "not-documented":
            return RetryAfter(answer.retry_after, answer.retry_after_unit, documented=True)
        if self.baseline is None:
            return RetryAfter("not-documented", "not-documented", documented=False)
        return dataclasses.replace(self.baseline.retry_after(status), documented=False)

    def rate_limit_header(self, name: str) -> RateLimitHeader | None:
        """What is known about a header that tells of a rate limit; None: it is none."""
        for known in self.pack.rate_limit:
            if known.header.lower() == name.lower():
                return known
        return self.baseline.rate_limit_header(name) if self.baseline is not None else None

    def is_idempotent(self, method: str) -> bool:
        """Whether sending a request of this method twice has the effect of sending it once."""
        own = self.pack.requests.idempotent_methods
        return method.upper() in own or (self.baseline is not None and self.baseline.is_idempotent(method))

    # --- what an answer means ----------------------------------------------------------------------------------------

    def documents(self, status: int) -> bool:
        """Whether the API's own documentation lists the status."""
        return status in self.answers

    def may_send(self, status: int) -> bool:
        """False where the documentation says that it lists every error, and this one is not there."""
        return status < 400 or not self.pack.errors.every_status or status in self.answers

    def meaning(self, status: int) -> str:
        """What the status says, in a few words; empty where nobody says."""
        answer = self.answers.get(status)
        if answer is not None and answer.meaning:
            return answer.meaning
        return self.baseline.meaning(status) if self.baseline is not None else ""

    def proves_absence(self, status: int) -> bool:
        """Whether the status says for sure that the resource does not exist, and will not."""
        answer = self.answers.get(status)
        if answer is not None and answer.proves_absence is not None:
            return answer.proves_absence
        return self.baseline is not None and self.baseline.proves_absence(status)

    def names_field(self, status: int) -> bool:
        """Whether the text of the error says which field of the request is wrong."""
        answer = self.answers.get(status)
        return answer is not None and answer.names_field

    def layer(self, status: int) -> Layer:
        """Who gives the answer; the application, where nothing is said."""
        gateway = self.pack.gateway
        if gateway is not None and status in gateway.statuses:
            return "gateway"
        if self.baseline is None or status in self.answers:
            return "application"
        return self.baseline.layer(status)

    # --- bodies ------------------------------------------------------------------------------------------------------

    def promises_error_body(self, status: int) -> bool:
        """Whether an answer with this status has the error body that `code_member` and `text_members` lie in."""
        promised = self.pack.errors.promised
        gateway = self.pack.gateway.statuses if self.pack.gateway is not None else ()
        return status not in gateway and (promised == "all" or (promised == "documented" and self.documents(status)))

    @property
    def code_member(self) -> Pointer | None:
        """Where the stable, machine-readable code of an error is."""
        return self.pack.errors.code

    @property
    def text_members(self) -> tuple[Pointer, ...]:
        """The members that hold text for people, of the application's body and of the gateway's."""
        gateway = self.pack.gateway.body.text if self.pack.gateway is not None else ()
        of_statuses = (pointer for answer in self.pack.status for pointer in answer.text)
        return tuple(dict.fromkeys((*self.pack.errors.text, *gateway, *of_statuses)))

    def member(self, path: Sequence[str]) -> MemberKind | None:
        """What a member of an error body is for, by the keys that lead to it; None: not documented."""
        pointer = Pointer(tuple(path))
        errors = self.pack.errors
        kinds: tuple[tuple[MemberKind, tuple[Pointer | None, ...]], ...] = (
            ("code", (errors.code,)),
            ("text", self.text_members),
            ("status", (errors.status,)),
            ("link", errors.links),
            ("request-id", (errors.request_id.pointer if isinstance(errors.request_id, MemberId) else None,)),
            ("details", (errors.details,)),
        )
        return next((kind for kind, pointers in kinds if pointer in pointers), None)

    def codes(self, status: int | None = None) -> frozenset[str]:
        """The documented codes: those of a status, or all."""
        chosen = self.pack.status if status is None else (a for a in (self.answers.get(status),) if a is not None)
        return frozenset(code for answer in chosen for code in answer.codes)

    def knows_every_code(self) -> bool:
        """Whether the documentation says that it lists every code: another one is then a mistake."""
        return self.pack.errors.every_code

    @property
    def error_in_success(self) -> Pointer | None:
        """The member by which even a 2xx body may say that the request failed."""
        return self.pack.errors.in_success

    def request_id(self, status: int) -> RequestId:
        """Whether, and where, an answer with this status carries the id to report."""
        gateway, known = self.pack.gateway, self.pack.errors.request_id
        if gateway is not None and status in gateway.statuses:
            return RequestId(gateway.request_id)
        if known is None or not self.promises_error_body(status):
            return RequestId("not-documented")
        if isinstance(known, HeaderId):
            return RequestId(known.presence, header=known.header)
        return RequestId(known.presence, pointer=known.pointer)

    # --- requests ----------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> Requests:
        """What the API asks of requests: content type, preconditions, idempotency keys, cursors."""
        return self.pack.requests

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The credentials that requests carry."""
        return self.pack.credential

    def matches_url(self, url: str) -> bool:
        """Whether a URL, or the part of one that is known up to a place where a path may go on, is this API's."""
        return any(is_below(url, base) for base in self.pack.match.base_urls)

    def matches_credential(self, header: str, value: str = "") -> bool:
        """Whether a header, or how its value begins behind the authentication scheme, is this API's alone."""
        key = value.rpartition(" ")[2]
        return any(header.lower() == known.lower() or key.startswith(known) for known in self.pack.match.credentials)


@dataclass(frozen=True, slots=True, eq=False)
class Contracts:
    """Every contract, by name; `baseline` is that of code bound to no API."""

    baseline: Contract
    named: Mapping[str, Contract]
    """Without the baseline."""

    def get(self, name: str) -> Contract | None:
        """The contract of this name, the baseline included."""
        return self.baseline if name == self.baseline.name else self.named.get(name)

    def for_url(self, url: str) -> Contract | None:
        """The API that a URL belongs to; of nested base URLs the longest decides."""
        matches = [
            (len(base), contract)
            for contract in self.named.values()
            for base in contract.pack.match.base_urls
            if is_below(url, base)
        ]
        return max(matches, key=lambda match: match[0])[1] if matches else None

    def for_credential(self, header: str, value: str = "") -> Contract | None:
        """The API that alone has such a credential."""
        return next((c for c in self.named.values() if c.matches_credential(header, value)), None)

    def bind(self, name: str, base_urls: Iterable[str]) -> Contracts:
        """The same contracts, with more base URLs for one of them: what a user's configuration adds.

        Raises KeyError for a name that is not there.
        """
        contract = self.named[name]
        match = contract.pack.match
        match = dataclasses.replace(match, base_urls=tuple(dict.fromkeys((*match.base_urls, *base_urls))))
        bound = dataclasses.replace(contract, pack=dataclasses.replace(contract.pack, match=match))
        return Contracts(self.baseline, {**self.named, name: bound})


@cache
def _advised(contract: Contract, advice: frozenset[Advice], documented: bool) -> Outcomes:
    mask = outcomes.NOTHING
    for status in outcomes.codes(outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS):
        retry = contract.retry(status)
        if retry.advice in advice and (retry.documented or not documented):
            mask |= outcomes.status(status)
    return Outcomes(mask)
