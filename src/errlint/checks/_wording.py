"""Is what an error is compared with prose for people, or a code made for programs?"""

from __future__ import annotations

import re

from errlint.flow.record import Compared
from errlint.packs.contracts import Contract

_EQUALITY = frozenset({"==", "!="})

_TEXTS = frozenset(
    [
        "message",
        "messages",
        "msg",
        "detail",
        "details",
        "description",
        "title",
        "errordescription",
        "errormessage",
        "errormessages",
        "errormsg",
        "errmsg",
        "errordetail",
        "errordetails",
        "faultstring",
        "usermessage",
        "statusmessage",
        "statustext",
        "statusdescription",
        "reasonphrase",
    ]
)
"""What members with text for people are called, without case and separators."""

_ERRORS = frozenset(["error", "errors", "err", "reason", "fault", "faults", "failure"])
"""What members are called that hold text in one API and a code, or an object, in another."""

_CODES = frozenset(["code", "codes", "status", "errorcode", "error_code"])
"""What members are called that hold something made for programs."""

_PROSE = re.compile(r"[^\W\d_]{2,}[^\w\s]*\s+[^\w\s]*[^\W\d_]{2,}")
"""Two words with a space between them."""

_CODE = re.compile(
    r"""
      [A-Z0-9]+ (?: [_.:-] [A-Z0-9]+ )+         # RATE_LIMITED, E-1004
    | [A-Z]{2,} [A-Z0-9]*                       # EXPIRED
    | [a-z0-9]+ (?: [_.:/-] [a-z0-9]+ )+        # invalid_grant, quota.exceeded, urn:api:error:stale
    | [A-Za-z]+ \d+ | \d+                       # E1004, 1004
    | (?: [A-Z] [a-z0-9]+ ){2,}                 # AccessDenied
    | [a-z]+ (?: [A-Z] [a-z0-9]+ )+             # rateLimitExceeded
    | ["'] \w+ ["'] \s* : \s* ["']? [\w.:-]* ["']?   # "status": 404
    """,
    re.VERBOSE,
)

_IDENTIFIER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+", re.IGNORECASE)
"""Nobody writes a message so: `feedback_required` is a code, wherever it stands."""

_MARKUP = re.compile(r"\s*[<{\[%]|[<>]|=\"|\\x", re.DOTALL)

_LONGEST_KEY = 6
_OBJECT = re.compile(r"\s*\{.*\}\s*", re.DOTALL)
"""A body as it is sent, compared as a whole."""

_FAILURE = re.compile(
    r"error|fail|invalid|not[ _]?found|denied|forbidden|unauthori[sz]ed|authenticat|limit|exceed|too many|throttl|quota"
    r"|expired|time(d )?[ -]?out|unavailable|already|duplicate|missing|blocked|banned|suspended|permission|not allowed"
    r"|unsupported|not supported|overload|maintenance|bad (request|gateway|credentials)|wrong|unable|can(no|')t"
    r"|could not|couldn't|temporar|try again|retry|busy|capacity|no such|do(es)? not|doesn't|don't|unknown|illegal"
    r"|locked|abuse"
    r"|refused|rejected|incorrect|malformed|conflict|exception|reached|required|gone|\b[45]\d\d\b",
    re.IGNORECASE,
)


_OVERLOAD = re.compile(
    r"limit|exceed|too many|throttl|quota|unavailable|overload|maintenance|try again|retry|busy|capacity|temporar"
    r"|time(d )?[ -]?out|bad gateway|internal server error|\b[45]\d\d\b",
    re.IGNORECASE,
)
"""What the text of an answer that may be a success just as well has to say: a page may tell the rest to its reader."""


def is_name_of_text(name: str) -> bool:
    """Whether a member or a variable is called as text for people is."""
    return name.lower().replace("_", "").replace("-", "") in _TEXTS


def is_prose(word: str) -> bool:
    """Several words, as people write them."""
    return bool(_PROSE.search(word)) and not _MARKUP.match(word)


def is_plain_wording(word: str) -> bool:
    """Whether a word is text for people wherever it is searched for: several words, a body as a whole, or one that
    tells of a failure and is too long for a key such as `errors`."""
    if _OBJECT.fullmatch(word):
        return tells_of_failure(word)
    return is_prose(word) or (word.isalpha() and len(word) > _LONGEST_KEY and tells_of_failure(word))


def is_code(word: str) -> bool:
    """A token made for programs: also a part of one, or a path."""
    return bool(_CODE.fullmatch(word.strip().strip("_/-")))


def is_text(word: str) -> bool:
    """Something that is searched for in prose: not markup, not a file's first bytes."""
    return bool(re.search(r"[^\W\d_]{3}|\b[45]\d\d\b", word)) and not _MARKUP.search(word)


def tells_of_failure(word: str) -> bool:
    return bool(_FAILURE.search(word))


def is_wording(fact: Compared, word: str, contract: Contract, unsettled: bool) -> bool:
    """Whether a word that part of an error is compared with is text for people.

    Where the answer may be a success just as well (`unsettled`), the word has to tell of a failure.
    """
    if fact.about == "reason":
        return bool(word)
    if fact.about == "text" and fact.operator in _EQUALITY and _OBJECT.fullmatch(word) and tells_of_failure(word):
        return True
    if not is_text(word) or (unsettled and not tells_of_failure(word)):
        return False
    if fact.about == "text" and word in _TEXTS | _ERRORS | _CODES:
        return False  # Whether there is such a member, where the body was parsed.
    if fact.about == "text":
        return (is_prose(word) or not is_code(word)) and not (unsettled and not _OVERLOAD.search(word))
    equal = fact.operator in _EQUALITY
    path = fact.about.removeprefix("member:").lstrip("/").split("/")
    kind = contract.member(path)
    if kind is not None and contract.baseline is not None:
        return kind == "text"
    if kind in ("code", "status", "link", "request-id"):
        return False
    names = [part.lower().replace("_", "").replace("-", "") for part in path if not part.lstrip("-").isdigit()]
    if names and names[-1] in _TEXTS:
        return not is_code(word) or not (equal or _IDENTIFIER.fullmatch(word.strip()))
    if any(name in _ERRORS for name in names):
        return is_prose(word) or (fact.cut and not equal and not is_code(word))
    return equal and is_prose(word) and not unsettled
