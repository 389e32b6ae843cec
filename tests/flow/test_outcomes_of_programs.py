"""What becomes of statuses in small programs whose shape the judge's generator does not write."""

from textwrap import dedent
from typing import Any

import pytest

from errlint import outcomes
from errlint.analysis import builtin_packs
from errlint.flow import budget, generators, widen
from errlint.flow.engine import Step
from errlint.flow.table import End, FunctionTable, Raises, Returns, Row
from errlint.outcomes import status
from errlint.project import Project
from errlint.roots import Reach


def tables(text: str) -> tuple[FunctionTable, ...]:
    """The outcome tables of the functions that send anything that errlint sees."""
    project = Project(builtin_packs(), Reach(()))
    return project.analyse("program.py", dedent(text).encode()).facts.tables


def table(text: str, function: str) -> FunctionTable:
    """The outcome table of a function that sends."""
    return next(table for table in tables(text) if table.qualname == function)


def rows(text: str, function: str) -> list[Row]:
    """The outcome table of a function; empty where it sends nothing that errlint sees."""
    return [row for table in tables(text) if table.qualname == function for row in table.rows]


def ends(text: str, function: str) -> set[End]:
    """How a function ends, whatever is answered."""
    return {end for row in rows(text, function) for end in row.ends}


def test_super_without_arguments_after_a_branch() -> None:
    program = """
        import requests

        class Base:
            def __init__(self, url):
                self.session = requests.Session()

        class Client(Base):
            def __init__(self, url=None):
                if url is None:
                    url = "http://api.example.com"
                super().__init__(url)

            def fetch(self):
                return self.session.get("http://api.example.com").json()
    """
    assert Returns("data") in ends(program, "Client.fetch")


SERVICE = """
    import openai
    from openai import OpenAI
    from redo import retry

    def ask(client: OpenAI, question):
        try:
            return client.chat.completions.create(model="some", messages=question)
        except openai.AuthenticationError:
            return "401"
        except openai.InternalServerError as error:
            return error.status_code
        except openai.APIConnectionError as error:
            return error.response

    def twice(question):
        chat = OpenAI().with_options(timeout=3).chat
        for attempt in range(2):
            try:
                return chat.completions.create(model="some", messages=question)
            except openai.RateLimitError:
                pass

    def elsewhere(question):
        for client in (OpenAI(base_url="http://one"), OpenAI(base_url="http://two")):
            try:
                return client.chat.completions.create(model="some", messages=question)
            except openai.RateLimitError:
                pass

    def again(question):
        return retry(ask, 3, args=(OpenAI(), question), retry_exceptions=(openai.RateLimitError,))
"""


def retried(text: str, function: str) -> int:
    """The outcomes that a function sends again."""
    project = Project(builtin_packs(), Reach(()))
    tables = project.analyse("program.py", dedent(text).encode()).facts.tables
    return sum({row.outcomes for table in tables if table.qualname == function for row in table.rows if row.retry})


def test_parts_of_a_client_raise_for_the_status() -> None:
    found = ends(SERVICE, "ask")
    assert Returns("data") in found
    assert {end.exception for end in found if isinstance(end, Raises)} == {
        "AttributeError",
        "openai.APIStatusError",
        "openai.BadRequestError",
        "openai.ConflictError",
        "openai.NotFoundError",
        "openai.PermissionDeniedError",
        "openai.RateLimitError",
        "openai.UnprocessableEntityError",
    }


def test_parts_of_one_client_send_the_same_request_again() -> None:
    assert [retried(SERVICE, name) for name in ("twice", "elsewhere")] == [status(429), 0]


def test_function_that_calls_another_one_again() -> None:
    assert retried(SERVICE, "again") == status(429)


CLIENT = """
    import requests
    from typing import Optional

    class Client:
        def __init__(self, url):
            self.session = requests.Session()

        def load(self):
            return self.session.get("http://api.example.com").json()

    class Holder:
        def __init__(self, client: Client, name: str):
            self.client = client

        def read(self):
            return self.client.load()

    def given(client: "Client"):
        return client.load()

    def perhaps(client: Optional[Client]):
        return client.load()

    def find() -> Client:
        return unknown["client"]

    def use():
        return find().load()
"""


@pytest.mark.parametrize("function", ["Holder.read", "given", "perhaps", "use"])
def test_what_an_annotation_says_of_the_project_s_own_classes(function: str) -> None:
    assert Returns("data") in ends(CLIENT, function)


@pytest.mark.parametrize(
    ("loop", "wait", "kind"),
    [
        ("for i in range(attempts)", "2**i", "exponential"),
        ("for i in range(1, attempts)", "5 * i", "linear"),
        ("for i in range(1, attempts)", "random.uniform(0, 2**i)", "exponential"),
        ("for i in range(attempts)", "3", "constant"),
        ("for i, url in enumerate(urls)", "2**i", "exponential"),
    ],
)
def test_waits_of_a_loop_whose_length_is_not_known(loop: str, wait: str, kind: str) -> None:
    program = f"""
        import random, time, requests

        def fetch(attempts, urls):
            {loop}:
                response = requests.get("http://api.example.com")
                if response.status_code != 503:
                    return response
                time.sleep({wait})
    """
    (row,) = [row for row in rows(program, "fetch") if row.retry is not None]
    assert row.retry is not None
    assert row.retry.backoff.kind == kind


def test_a_policy_that_decides_by_a_closure() -> None:
    program = """
        import backoff, requests

        def retrying(status, tries):
            def refused(error):
                return error.response is not None and error.response.status_code == status

            return backoff.on_exception(backoff.expo, requests.RequestException, giveup=refused, max_tries=tries)

        def get():
            response = requests.get("http://api.example.com")
            response.raise_for_status()
            return response.json()

        def fetch():
            return retrying(404, 3)(get)()
    """
    retried = [outcomes.render(row.outcomes) for row in rows(program, "fetch") if row.retry is not None]
    assert retried == ["400-403, 405-599", "timeout", "connection, protocol"]


def test_no_end_is_lost_where_states_are_united_in_two_ways() -> None:
    """Found by the judge (seed 31, program 1836)."""
    program = """
        import httpx2
        import time


        class ApiError(Exception):
            pass


        def is_transient(answer):
            status = answer.status_code
            return status in (429, 500, 502, 503, 504)


        def backoff(attempt):
            return 1 + attempt


        class Service:
            def read_report(self):
                with httpx2.Client(timeout=5) as client:
                    attempt = 0
                    while True:
                        calls = 0
                        try:
                            res = client.post("http://api.example.com/items/1")
                        except httpx2.TimeoutException as exc:
                            attempt += 1
                            time.sleep(backoff(attempt))
                            continue
                        finally:
                            calls += 1
                        status = res.status_code
                        again = False
                        if status in [200, 201, 204]:
                            data = {"id": res.json()["id"], "ok": True}
                            return data
                        elif is_transient(res):
                            again = True
                        else:
                            if any(status == code for code in (404,)) or 300 <= status < 400:
                                return None
                        if not again:
                            res.raise_for_status()
                            raise ApiError("unexpected answer")
                        attempt += 1
                        time.sleep(backoff(attempt))
    """
    found = {
        end for row in rows(program, "Service.read_report") if row.outcomes & outcomes.status(202) for end in row.ends
    }
    assert found == {Raises("program.ApiError")}


GROWING = """
    import time
    from enum import IntEnum
    import requests

    class Fine(IntEnum):
        OK = 200
        CREATED = 201
        EMPTY = 204

    def is_transient(answer):
        status = answer.status_code
        return status in (429, 500, 502, 503, 504)

    def fetch():
        attempt, delay = 0, 1
        while True:
            calls = 0
            try:
                response = requests.get("http://api.example.com")
            except requests.Timeout:
                attempt += 1
                delay *= 2
                time.sleep(WAIT)
                continue
            finally:
                calls += 1
            status = response.status_code
            again = False
            if status in [Fine.OK, Fine.CREATED, Fine.EMPTY]:
                return response.json()
            elif is_transient(response):
                again = True
            else:
                if any(status == code for code in (404,)) or 300 <= status < 400:
                    return None
            if not again:
                response.raise_for_status()
                raise RuntimeError("unexpected")
            attempt += 1
            delay *= 2
            time.sleep(WAIT)
"""


@pytest.mark.parametrize(
    ("wait", "kind"),
    [
        ("1 + attempt", "linear"),
        ("attempt * 3", "linear"),
        ("delay", "exponential"),
        ("min(60, delay / 4)", "exponential"),
        ("2 ** attempt", "exponential"),
        ("2", "constant"),
    ],
)
def test_waits_of_a_loop_too_large_to_be_followed_turn_by_turn(wait: str, kind: str) -> None:
    kinds = {row.retry.backoff.kind for row in rows(GROWING.replace("WAIT", wait), "fetch") if row.retry is not None}
    assert kinds == {kind}


def test_three_waits_with_equal_steps_are_linear() -> None:
    program = """
        import time
        import requests

        def fetch():
            for attempt in range(1, 5):
                response = requests.get("http://api.example.com")
                if response.status_code != 503:
                    return response
                time.sleep(attempt)
    """
    kinds = {row.retry.backoff.kind for row in rows(program, "fetch") if row.retry is not None}
    assert kinds == {"linear"}


def test_what_is_left_to_subclasses_is_unknown() -> None:
    program = """
        import abc
        import requests

        class Base(abc.ABC):
            def load(self, key):
                response = requests.get(self.address(key), headers=self.headers())
                return self.read(response)

            @abc.abstractmethod
            def address(self, key):
                "Where it is."

            def headers(self):
                raise NotImplementedError

            @staticmethod
            def read(response):
                ...
    """
    assert ends(program, "Base.load") >= {Returns("unknown"), Raises("requests.exceptions.ReadTimeout")}
    assert Raises("NotImplementedError") not in ends(program, "Base.load")


@pytest.mark.parametrize(
    "collecting",
    [
        "return [self.fetch(key) for key in keys]",
        """
                found = []
                for key in keys:
                    found.append({"key": key, "content": self.fetch(key)})
                return found
        """,
        """
                done, failed = [], []
                for key in keys:
                    try:
                        done.append(self.fetch(key))
                    except requests.HTTPError as error:
                        failed.append((key, error.response.status_code))
                    except requests.RequestException as error:
                        failed.append((key, error))
                return done, failed
        """,
    ],
)
def test_answers_that_a_loop_collects(collecting: str) -> None:
    program = f"""
        import requests

        class Client:
            def fetch(self, key):
                response = requests.get("http://api.example.com/" + key)
                response.raise_for_status()
                return response.json()

            def all(self, keys):
                {collecting.strip()}
    """
    assert Returns("data") in ends(program, "Client.all")


def test_a_function_is_the_same_after_it_was_looked_at_by_itself() -> None:
    program = """
        import requests
        from tenacity import retry, stop_after_attempt

        class Client:
            def fetch(self):
                if self.verbose:
                    print("fetching")
                try:
                    key = self.sign("/one")
                    response = requests.get("http://api.example.com/one", headers={"Key": key})
                    response.raise_for_status()
                    return response.json()
                except ValueError:
                    return None

            def fetch_again(self):
                return retry(stop=stop_after_attempt(4), reraise=True)(self.fetch)()
    """
    retried = {row.retry.attempts for row in rows(program, "Client.fetch_again") if row.retry is not None}
    assert retried == {4}


@pytest.mark.parametrize("called", ["client.chat.completions.create", "self.api.responses.create"])
def test_parts_of_an_unknown_client_are_known_by_how_they_are_reached(called: str) -> None:
    program = f"""
        import openai

        class Asking:
            def ask(self, client, question):
                try:
                    return {called}(model="some", messages=question)
                except openai.AuthenticationError:
                    return False
    """
    assert Returns("false") in {
        end for row in rows(program, "Asking.ask") if row.outcomes == status(401) for end in row.ends
    }


def test_what_is_off_by_default_may_be_what_sends() -> None:
    program = """
        import requests

        def save(key=None):
            if key is None:
                return None
            try:
                requests.put("http://api.example.com/" + key).raise_for_status()
            except requests.HTTPError as error:
                if error.response.status_code == 404:
                    return True
                raise
    """
    project = Project(builtin_packs(), Reach(()))
    facts = project.analyse("program.py", dedent(program).encode()).facts
    assert [f.switches for f in facts.functions if f.table.requests] == [{"key"}]
    assert not facts.tables


LIBRARY = """
    import backoff
    import requests
    from requests.models import ProtocolError

    class Refused(Exception):
        pass

    @backoff.on_exception(backoff.expo, (requests.Timeout, ProtocolError), max_tries=3)
    def fetch(url):
        response = requests.get(url)
        if response.status_code != 200:
            raise Refused
        return response
"""


def test_an_exception_of_the_project_is_none_of_a_class_that_is_not_known() -> None:
    assert [row.retry for row in rows(LIBRARY, "fetch") if row.outcomes & status(404)] == [None]


def test_a_retry_library_that_is_told_something_unknown_is_not_exact() -> None:
    program = LIBRARY.replace("raise Refused", "response.raise_for_status()").replace(
        "(requests.Timeout, ProtocolError)", "ProtocolError"
    )
    assert not table(program, "fetch").exact


def test_a_large_module_changes_nothing_in_how_often_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
        import backoff
        import requests

        class Client:
            def send(self, url):
                response = requests.get(url)
                response.raise_for_status()
                return response

            @backoff.on_exception(backoff.expo, requests.HTTPError, max_tries=3)
            def by_library(self, url):
                return self.send(url)

            def by_recursion(self, url, left=2):
                try:
                    return self.send(url)
                except requests.HTTPError:
                    if not left:
                        raise
                    return self.by_recursion(url, left - 1)
    """
    monkeypatch.setattr(budget, "MODULE_STEPS", -1)
    for function in ("Client.by_library", "Client.by_recursion"):
        refused = [row.retry for row in rows(program, function) if row.outcomes & status(404)]
        assert [retry and retry.attempts for retry in refused] == [3]


def test_waits_of_a_loop_whose_states_are_united() -> None:
    program = """
        import time
        import httpx
        from enum import Enum

        client = httpx.Client()

        def send():
            for _ in range(2):
                answer = client.head("http://api.example.com/items/1")
                if answer.status_code not in (502, 503):
                    break
            else:
                print("still busy")
            return answer

        class Action(Enum):
            DONE = "done"
            RETRY = "retry"
            STOP = "stop"

        def classify(status):
            if status in {httpx.codes.OK, httpx.codes.CREATED}:
                return Action.DONE
            if (code := status) in (408, 429, 502, 503, 504,):
                return Action.RETRY
            return Action.STOP

        def rest(attempt):
            time.sleep(attempt * 0.5 + 0.25)

        def fetch():
            attempt = 0
            while True:
                calls = 0
                try:
                    response = send()
                except httpx.TimeoutException:
                    attempt += 1
                    time.sleep(1.5)
                    continue
                finally:
                    calls += 1
                action = classify(response.status_code)
                if action == Action.DONE:
                    return None
                if action is Action.STOP:
                    return False
                attempt += 1
                rest(attempt)
    """
    found = [row for row in rows(program, "fetch") if row.outcomes & status(429)]
    assert [row.retry.backoff.kind for row in found if row.retry is not None] == ["linear"]


def test_a_generator_whose_turns_go_several_ways_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
        import requests

        def titles(answer):
            for link in answer.json():
                text = parsed(link)
                if text.startswith("x"):
                    yield "x", link
                else:
                    yield "y", link

        def fetch():
            answer = requests.get("http://api.example.com/items/1")
            return set(titles(answer))
    """
    turns = 0
    resume = generators.resume

    def counted(*arguments: Any) -> list[Step]:
        nonlocal turns
        turns += 1
        return resume(*arguments)

    monkeypatch.setattr(generators, "resume", counted)
    assert rows(program, "fetch")
    assert turns < 200


def test_a_count_that_is_given_up_makes_a_table_inexact(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
        import requests

        DELAYS = [1, 2, 3, 4]

        def fetch():
            for attempt, delay in enumerate(DELAYS, start=1):
                try:
                    return requests.get("http://api.example.com/items/1")
                except requests.ConnectionError:
                    if attempt == len(DELAYS):
                        raise
            raise RuntimeError("never")
    """
    assert table(program, "fetch").exact
    monkeypatch.setattr(widen, "VARIETY", ((0, widen.LEAST_VARIETY),))
    assert not table(program, "fetch").exact


def test_a_state_that_went_on_as_another_one_is_new_when_it_comes_again() -> None:
    program = """
        import requests
        import time

        BASE = "http://api.example.com"

        class Unavailable(Exception):
            pass

        class ItemsApi:
            def __init__(self):
                self.session = requests.Session()

            def load(self):
                def send():
                    return self.session.patch("{}/items/1".format(BASE), json={"name": "x"})
                attempt = 0
                while True:
                    try:
                        res = send()
                        if res.status_code in [404] or 300 <= res.status_code <= 399:
                            return None
                        res.raise_for_status()
                        return res.json()
                    except requests.RequestException as error:
                        status = error.response.status_code if error.response is not None else None
                        worth = True
                        if status is not None:
                            worth = status == 408 or status == 429 or status == 502 or status == 503 or status == 504
                        if not worth:
                            break
                        attempt += 1
                        time.sleep(pow(2, attempt))
                raise Unavailable("failed")
    """
    retried = [row.retry for row in rows(program, "ItemsApi.load") if row.retry is not None]
    assert {retry.attempts for retry in retried} == {"unbounded"}


def test_to_have_read_a_field_tells_no_states_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = "".join(f"                if flags[{n}]:\n                    str(self.name{n})\n" for n in range(6))
    program = f"""
        import requests

        class Client:
            def fetch(self, flags):
{reads}
                return requests.get("http://api.example.com/items/1")
    """
    monkeypatch.setattr(budget, "MAX_STEPS", 50)
    monkeypatch.setattr(budget, "MAX_COARSE_STEPS", 1)
    assert table(program, "Client.fetch").exact


def test_a_generator_that_stays_as_it_is_goes_on_for_ever() -> None:
    program = """
        import requests

        def pages():
            while True:
                yield requests.get("http://api.example.com/items/1")

        def fetch():
            for page in pages():
                if page.ok:
                    return page
    """
    assert table(program, "fetch").exact
    (again,) = [row for row in rows(program, "fetch") if row.retry is not None]
    assert again.retry is not None
    assert again.retry.attempts == "unbounded"
    assert not again.ends


def test_what_sends_is_followed_once_for_all_turns_of_a_loop() -> None:
    # Many ends of one request times many turns, each with another delay: too many, were it run in each.
    codes = (500, 501, 502, 503, 504, 507, 508, 509, 510, 511)
    classes = "".join(f"class Error{code}(Failure): pass\n" for code in codes)
    tests = "".join(f"    if answer.status_code == {code}: raise Error{code}(answer.text)\n" for code in codes)
    program = f"""
import random, time, requests

class Failure(Exception):
    final = False
    delay = None

{classes}
def told(url):
    try:
        answer = requests.get(url)
    except requests.RequestException as error:
        raise Failure(str(error)) from error
{tests}
    return answer

def load(url, tries):
    delay = 1.0
    for _ in range(tries - 1):
        try:
            return told(url)
        except Failure as error:
            if error.final:
                raise
            time.sleep(error.delay or delay)
            delay *= 1.5
            if delay > 64:
                delay = 64 + random.random()
    return told(url)
"""
    found = table(program, "load")
    assert found.exact
    retried = [row.outcomes for row in found.rows if row.retry is not None]
    assert sum(retried) == outcomes.TRANSPORT | sum(map(status, codes))
