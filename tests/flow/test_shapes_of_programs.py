"""What becomes of statuses in ordinary shapes of programs: each table was held against running the program."""

import pytest

from errlint.flow.table import End, Returns
from errlint.outcomes import render
from flow.test_outcomes_of_programs import rows

HEAD = """
import abc
import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass, field
from typing import NamedTuple

URL = "http://api.example.com/items"
"""

DATA = {"200-399": "return data"}
REQUESTS = {
    "timeout": "raise requests.exceptions.ReadTimeout",
    "connection, protocol": "raise requests.exceptions.ConnectionError",
}
HTTP_ERROR = "raise requests.exceptions.HTTPError"

NAMED_TUPLE = """
class Result(NamedTuple):
    ok: bool
    data: object = None
    again: bool = False

def attempt():
    response = requests.get(URL)
    if response.ok:
        return Result(True, response.json())
    return Result(False, again=response.status_code == 503)

def fetch():
    for delay in (1, 2, 4):
        ok, data, again = result = attempt()
        if result.ok:
            return data
        if not again:
            break
        time.sleep(delay)
    return False
"""

DEFAULT_OBJECT = """
@dataclass(frozen=True)
class Policy:
    attempts: int = 3
    statuses: frozenset[int] = field(default_factory=lambda: frozenset({429, 503}))

    def delay(self, attempt):
        return 0.5 * 2 ** attempt

class Client:
    def __init__(self, policy: Policy = Policy()):
        self.policy = policy

    def fetch(self):
        for attempt in range(self.policy.attempts):
            response = requests.get(URL)
            if response.status_code not in self.policy.statuses:
                response.raise_for_status()
                return response.json()
            time.sleep(self.policy.delay(attempt))
"""

SHARED_ITERATOR = """
def fetch():
    delays = iter([1, 3, 5])
    while True:
        response = requests.get(URL)
        if response.status_code != 503:
            response.raise_for_status()
            return response.json()
        try:
            delay = next(delays)
        except StopIteration:
            raise RuntimeError("busy") from None
        time.sleep(delay)
"""

ZIPPED = """
def fetch():
    for attempt, delay in zip(itertools.count(1), [1, 2, None]):
        response = requests.get(URL)
        if response.ok:
            return response.json()
        if delay is None:
            response.raise_for_status()
        time.sleep(delay)
"""

CAUSE = """
class Failed(Exception):
    pass

def once():
    try:
        response = requests.get(URL)
        response.raise_for_status()
        return response.json()
    except requests.RequestException as error:
        raise Failed from error

def fetch():
    for attempt in range(2):
        try:
            return once()
        except Failed as failed:
            if isinstance(failed.__cause__, requests.HTTPError):
                raise
"""

SWALLOWING_CLASS = """
class Quiet:
    def __init__(self, *kinds):
        self.kinds = kinds

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is not None and issubclass(kind, self.kinds)

def fetch():
    with Quiet(requests.ConnectionError, requests.HTTPError):
        response = requests.get(URL)
        response.raise_for_status()
        return response.json()
    return False
"""

COLLECTED = """
def fetch():
    failures = []
    while len(failures) < 3:
        response = requests.get(URL)
        if response.status_code < 500:
            response.raise_for_status()
            return response.json()
        failures.append(response.status_code)
        time.sleep(len(failures))
    raise RuntimeError(failures)
"""

DELAYS = """
def waits(most=4):
    delay = 0.5
    while True:
        yield min(delay, most)
        delay *= 2

def fetch():
    pause = waits()
    for attempt in range(4):
        response = requests.get(URL)
        if response.status_code < 500:
            break
        time.sleep(next(pause))
    else:
        return None
    response.raise_for_status()
    return response.json()
"""

NUMBERED = """
def attempts():
    for number, delay in enumerate((0.5, 1, 2), start=1):
        yield number
        time.sleep(delay)

def fetch():
    for number in attempts():
        response = requests.get(URL)
        if response.ok:
            return response.json()
        if response.status_code == 404:
            return None
    raise RuntimeError("busy")
"""

PAGES = """
def pages(session):
    for number in range(2):
        response = session.get(URL, params={"page": number})
        if response.status_code == 404:
            return
        response.raise_for_status()
        yield response.json()

def fetch():
    with requests.Session() as session:
        return list(pages(session))
"""

TRANSLATED = """
class Missing(Exception):
    pass

@contextlib.contextmanager
def translated():
    try:
        yield
    except requests.HTTPError as error:
        if error.response.status_code == 404:
            raise Missing from error
        raise

@contextlib.contextmanager
def quiet():
    with contextlib.suppress(requests.Timeout):
        yield

def fetch():
    with quiet(), translated():
        response = requests.get(URL)
        response.raise_for_status()
        return response.json()
"""

ASYNCHRONOUS = """
@contextlib.asynccontextmanager
async def api():
    async with httpx.AsyncClient() as client:
        try:
            yield client
        except httpx.ConnectError as error:
            raise RuntimeError("unreachable") from error

async def items(client):
    response = await client.get(URL)
    response.raise_for_status()
    for item in response.json():
        yield item

async def fetch():
    async with api() as client:
        async for item in items(client):
            return item
"""

FIRST_OF = """
GROUPS = {"fine": range(200, 400), "refused": range(400, 500)}

def fetch():
    for attempt in range(2):
        response = requests.get(URL)
        group = next((name for name, codes in GROUPS.items() if response.status_code in codes), "down")
        if group == "fine":
            return response.json()
        if group == "refused":
            raise PermissionError
"""

GROUPS_IN_A_LOOP = """
GROUPS = {"fine": range(200, 300), "moved": range(300, 400), "refused": range(400, 500), "down": range(500, 600)}

def fetch():
    for attempt in range(2):
        response = requests.get(URL)
        groups = [name for name, codes in GROUPS.items() if response.status_code in codes]
        if groups == ["fine"]:
            return True
        if groups != ["down"]:
            raise PermissionError
"""

MANY_TESTS = """
from tenacity import retry, retry_if_exception, stop_after_attempt

CODES = (408, 429, 502, 503, 504)

def worth_another(error):
    if not isinstance(error, requests.RequestException):
        return False
    status = error.response.status_code if isinstance(error, requests.HTTPError) else None
    worth = True
    if status is not None:
        worth = any(status == code for code in CODES)
    return worth

@retry(stop=stop_after_attempt(3), retry=retry_if_exception(worth_another), reraise=True)
def fetch():
    response = requests.get(URL)
    if response.status_code == 404 or response.status_code // 100 == 3:
        return None
    response.raise_for_status()
    return response.json()
"""

OWN_TRUTH = """
class Outcome:
    def __init__(self, status, value=None):
        self.status = status
        self.value = value

    def __bool__(self):
        return 200 <= self.status < 300

def attempt():
    response = requests.get(URL)
    return Outcome(response.status_code, response.text)

def fetch():
    outcome = attempt()
    tries = 1
    while not outcome and outcome.status >= 500 and tries < 3:
        outcome = attempt()
        tries += 1
    return outcome.value if outcome else None
"""

MEMBERS = """
import enum

class Kind(enum.Enum):
    FINE = (200, 399)
    REFUSED = (400, 499)
    BROKEN = (500, 599)

    @classmethod
    def of(cls, status):
        for kind in cls:
            low, high = kind.value
            if low <= status <= high:
                return kind
        raise LookupError(status)

def fetch():
    response = requests.get(URL)
    kind = Kind.of(response.status_code)
    if kind is Kind.BROKEN:
        raise RuntimeError
    return response.json() if kind is Kind.FINE else None
"""

OWN_SESSION = """
class Patient(requests.Session):
    def request(self, method, url, **options):
        for attempt in range(3):
            response = super().request(method, url, **options)
            if response.status_code < 500:
                break
            time.sleep(attempt + 1)
        return response

def fetch():
    response = Patient().get(URL)
    response.raise_for_status()
    return response.json()
"""

SET_RESULT = """
from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_fixed

def busy(response):
    return response.status_code == 429

def fetch():
    for attempt in Retrying(stop=stop_after_attempt(3), wait=wait_fixed(1), retry=retry_if_result(busy)):
        with attempt:
            response = requests.get(URL)
        if not attempt.retry_state.outcome.failed:
            attempt.retry_state.set_result(response)
    return response.json() if response.ok else None
"""

OWN_GET = """
class Api:
    def __enter__(self):
        self.session = requests.Session()
        return self

    def __exit__(self, *details):
        self.session.close()

    def get(self, retries=2):
        response = self.session.get(URL)
        if response.status_code == 503 and retries:
            time.sleep(1)
            return self.get(retries - 1)
        response.raise_for_status()
        return response.json()

def fetch():
    with Api() as api:
        return api.get()
"""


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        pytest.param(
            NAMED_TUPLE,
            {**DATA, "400-502, 504-599": "return false", "503": "3 times, exponential: return false", **REQUESTS},
            id="a named tuple tells what came of an attempt",
        ),
        pytest.param(
            DEFAULT_OBJECT,
            {
                **DATA,
                "400-428, 430-502, 504-599": HTTP_ERROR,
                "429, 503": "3 times, exponential: return none",
                **REQUESTS,
            },
            id="an object is the default of a parameter",
        ),
        pytest.param(
            SHARED_ITERATOR,
            {**DATA, "400-502, 504-599": HTTP_ERROR, "503": "4 times, linear: raise RuntimeError", **REQUESTS},
            id="an iterator is advanced by hand",
        ),
        pytest.param(
            ZIPPED,
            {**DATA, "400-599": f"3 times, exponential: {HTTP_ERROR}", **REQUESTS},
            id="zip ends with the shortest",
        ),
        pytest.param(
            CAUSE,
            {**DATA, "400-599": "raise program.Failed", "timeout, connection, protocol": "2 times, none: return none"},
            id="the cause of an exception decides",
        ),
        pytest.param(
            SWALLOWING_CLASS,
            {**DATA, "400-599, connection, protocol": "return false", "timeout": REQUESTS["timeout"]},
            id="a context manager asks for the class",
        ),
        pytest.param(
            COLLECTED,
            {**DATA, "400-499": HTTP_ERROR, "500-599": "3 times, exponential: raise RuntimeError", **REQUESTS},
            id="the number of failures is the bound",
        ),
        pytest.param(
            DELAYS,
            {**DATA, "400-499": HTTP_ERROR, "500-599": "4 times, exponential: return none", **REQUESTS},
            id="a generator of delays without an end",
        ),
        pytest.param(
            NUMBERED,
            {
                **DATA,
                "400-403, 405-599": "3 times, exponential: raise RuntimeError",
                "404": "return none",
                **REQUESTS,
            },
            id="a generator waits between attempts",
        ),
        pytest.param(
            PAGES,
            {**DATA, "400-403, 405-599": HTTP_ERROR, "404": "return data | return empty", **REQUESTS},
            id="a generator of pages that is gone through at once",
        ),
        pytest.param(
            TRANSLATED,
            {
                **DATA,
                "400-403, 405-599": HTTP_ERROR,
                "404": "raise program.Missing",
                "timeout": "return none",
                "connection, protocol": REQUESTS["connection, protocol"],
            },
            id="generators are context managers",
        ),
        pytest.param(
            ASYNCHRONOUS,
            {
                "200-299": "return none | return unknown",
                "300-599": "raise httpx.HTTPStatusError",
                "timeout": "raise httpx.ReadTimeout",
                "connection": "raise RuntimeError",
                "protocol": "raise httpx.RemoteProtocolError",
            },
            id="asynchronous generators",
        ),
        pytest.param(
            SET_RESULT,
            {
                **DATA,
                "400-428, 430-599": "return none",
                "429": "3 times, constant: raise tenacity.RetryError",
                **REQUESTS,
            },
            id="the result of an attempt is told to its retrier",
        ),
        pytest.param(
            FIRST_OF,
            {**DATA, "400-499": "raise PermissionError", "500-599": "2 times, none: return none", **REQUESTS},
            id="the first of a generator expression",
        ),
        pytest.param(
            GROUPS_IN_A_LOOP,
            {
                "200-299": "return true",
                "300-499": "raise PermissionError",
                "500-599": "2 times, none: return none",
                **REQUESTS,
            },
            id="two loops, the inner one over a dictionary",
        ),
        pytest.param(
            MANY_TESTS,
            {
                "200-299": "return data",
                "300-399, 404": "return none",
                "400-403, 405-407, 409-428, 430-501, 505-599": HTTP_ERROR,
                "408, 429, 502-504": f"3 times, none: {HTTP_ERROR}",
                "timeout": f"3 times, none: {REQUESTS['timeout']}",
                "connection, protocol": f"3 times, none: {REQUESTS['connection, protocol']}",
            },
            id="more tests in one than a list keeps of what is not known",
        ),
        pytest.param(
            OWN_TRUTH,
            {
                "200-299": "return data",
                "300-499": "return none",
                "500-599": "3 times, none: return none",
                **REQUESTS,
            },
            id="a class of the project says what is true",
        ),
        pytest.param(
            MEMBERS,
            {**DATA, "400-499": "return none", "500-599": "raise RuntimeError", **REQUESTS},
            id="the members of an enumeration one by one",
        ),
        pytest.param(
            OWN_SESSION,
            {**DATA, "400-499": HTTP_ERROR, "500-599": f"3 times, exponential: {HTTP_ERROR}", **REQUESTS},
            id="a session whose requests are repeated",
        ),
        pytest.param(
            OWN_GET,
            {**DATA, "400-502, 504-599": HTTP_ERROR, "503": f"3 times, constant: {HTTP_ERROR}", **REQUESTS},
            id="a class of the project has a method called get",
        ),
    ],
)
def test_table(program: str, expected: dict[str, str]) -> None:
    function = "Client.fetch" if "class Client" in program else "fetch"
    found = {}
    library = "httpx" if "httpx" in program else "requests"
    for row in rows(f"import {library}\n{HEAD}{program}", function):
        retry = "" if row.retry is None else f"{row.retry.attempts} times, {row.retry.backoff.kind}: "
        found[render(row.outcomes)] = retry + " | ".join(map(_text, row.ends))
    assert found == expected


def _text(end: End) -> str:
    return f"return {end.value}" if isinstance(end, Returns) else f"raise {end.exception}"
