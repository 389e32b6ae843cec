"""Which functions are taken to send requests, by names alone.

In most cases the functions that send are named `yes...` and the others `no...`.
"""

from __future__ import annotations

import textwrap
from functools import cache

import libcst as cst
import pytest

from errlint import outcomes
from errlint.analysis import builtin_packs
from errlint.flow.code import ModuleCode
from errlint.flow.lower import lower_module
from errlint.flow.relevance import Exports, Survey

KNOWLEDGE = builtin_packs().knowledge


class Project:
    """Modules by name, each looked at when another imports it."""

    def __init__(self, modules: dict[str, str]) -> None:
        self.modules = modules
        self.asked: dict[str, bool] = {}
        """The modules that were asked for, and whether always."""

    def __call__(self, name: str, always: bool) -> Exports | None:
        self.asked[name] = always
        return self.survey(name).exports() if name in self.modules else None

    def survey(self, name: str) -> Survey:
        return Survey(self.code(name), KNOWLEDGE, self)

    @cache  # noqa: B019 -- as long as the project
    def code(self, name: str) -> ModuleCode:
        return _module(self.modules[name], name)


ALONE = Project({})


def _module(source: str, name: str = "program") -> ModuleCode:
    return lower_module(cst.parse_module(textwrap.dedent(source)), name, False)


def _survey(source: str) -> Survey:
    return Survey(_module(source), KNOWLEDGE, ALONE)


def _sending(survey: Survey) -> list[str]:
    return [code.qualname for code in survey.functions]


CASES = {
    # --- imports ---
    "a function of a library": """
        import requests
        def yes(): return requests.get("https://x")
        def no(): return requests.utils.quote("x")
        """,
    "a library under another name": """
        import requests as r
        def yes(): r.post("https://x")
        def no(requests): requests.post("https://x")
        def no_real_name(): requests.post("https://x")
        """,
    "what is imported from a library": """
        from httpx import get, Client, codes
        def yes(): get("https://x")
        def yes_client(): Client().get("https://x")
        def no(): codes("https://x")
        """,
    "under another name": """
        from httpx import get as fetch, codes as statuses
        def yes(): fetch("https://x")
        def no(): statuses("https://x")
        def no_real_name(): get("https://x")
        """,
    "an import in a function is of no other function": """
        def yes():
            import requests
            requests.get("https://x")
        def no():
            requests.get("https://x")
        """,
    "a function that is only named like one of a library": """
        import os
        def no(): os.get("https://x")
        def no_either(data): data.get("x")
        """,
    "a module below a package that sends": """
        import urllib.request
        def yes(): urllib.request.urlopen("https://x")
        """,
    "a module beside one that sends": """
        import urllib.parse
        def no(): urllib.parse.urlopen("https://x")
        """,
    "a module whose name begins like that of one that sends": """
        import http
        def no(): http.get("https://x")
        """,
    "a module that is named like a function that sends": """
        import tenacity.retry as conditions
        def no(): conditions()
        """,
    "a library that comes with the project": """
        from .vendored import requests
        def yes(): requests.get("https://x")
        """,
    "a star import brings no name that is known": """
        from httpx import *
        def no(): get("https://x")
        """,
    "the public names of a library whose functions lie in modules of its own": """
        from requests import Session, get
        def yes(): get("https://x")
        def yes_too(): Session().get("https://x")
        """,
    # --- assignments ---
    "a session in a variable": """
        import requests
        def yes():
            session = requests.Session()
            session.get("https://x")
        def no(link): link.get("https://x")
        """,
    "a client of the module": """
        import requests
        session = requests.Session()
        def yes(): session.get("https://x")
        def no():
            session = {}
            session.get("x", None)
        """,
    "from variable to variable, whatever the order": """
        import requests
        def yes(): c.get("https://x")
        c = b
        b = a
        a = requests.Session()
        """,
    "a function in a variable": """
        import requests
        fetch = requests.get
        def yes(): fetch("https://x")
        def no(fetch): fetch("https://x")
        """,
    "an attribute": """
        import requests
        class Api:
            def __init__(self): self.http = requests.Session()
            def yes(self): self.http.get("https://x")
            def no(self): self.cache.get("x")
        """,
    "a class variable": """
        import requests
        class Api:
            http = requests.Session()
            def yes(self): self.http.get("https://x")
        """,
    "one of several targets": """
        import requests
        def yes():
            session, limit = requests.Session(), 3
            session.get("https://x")
        def yes_starred():
            *sessions, last = [requests.Session()]
            sessions[0].get("https://x")
        """,
    "with, walrus, loop, comprehension": """
        import requests
        def yes_with():
            with requests.Session() as s: s.get("https://x")
        def yes_walrus():
            if s := requests.Session(): s.get("https://x")
        def yes_loop():
            for s in [requests.Session()]: s.get("https://x")
        def yes_comprehension():
            return [s.get("https://x") for s in (requests.Session(),)]
        """,
    "parts of expressions": """
        import requests
        def yes_or(given):
            s = given or requests.Session()
            s.get("https://x")
        def yes_if(given):
            s = given if given else requests.Session()
            s.get("https://x")
        def yes_dictionary():
            s = {"s": requests.Session()}
            s["s"].get("https://x")
        def yes_argument(wrap):
            s = wrap(requests.Session())
            s.get("https://x")
        def yes_argument_at_once(wrap, s: requests.Session): wrap(s).get("https://x")
        def no_comparison(given):
            s = given == requests.Session
            s.get("x")
        """,
    "what a request gives is no client": """
        import requests
        class Api:
            def yes(self, url): self.answer = requests.get(url)
            def no(self): return self.answer.get("x")
        """,
    "local names stay local": """
        import requests
        def no_maker():
            link = requests.Session()
        def no_user():
            link.get("https://x")
        """,
    "a function inside sees the variables around it": """
        import requests
        def no_outer():
            s = requests.Session()
            def yes(): s.get("https://x")
            def no(s): s.get("https://x")
        """,
    "an attribute whose name is computed": """
        import requests
        def yes(method): return getattr(requests, method)("https://x")
        def yes_later(method):
            send = getattr(requests, method)
            return send("https://x")
        def no(method): return getattr(data, method)("x")
        def no_one_argument(): return getattr(requests)("x")
        """,
    # --- annotations ---
    "annotated parameters": """
        import requests
        def yes(s: requests.Session): s.get("https://x")
        def yes_optional(s: requests.Session | None): s.get("https://x")
        def yes_quoted(s: "requests.Session"): s.get("https://x")
        def no(s: dict): s.get("x")
        def no_text(s: "dict"): s.get("x")
        """,
    "text is no annotation elsewhere": """
        import requests
        def no():
            s = "requests.Session"
            s.get("x")
        """,
    "annotated variables": """
        import requests
        class Api:
            http: requests.Session
            def yes(self): self.http.get("https://x")
        def yes_local(make):
            s: requests.Session = make()
            s.get("https://x")
        def no_local(make):
            s: dict = make()
            s.get("x")
        """,
    # --- factories ---
    "a function that returns a client": """
        import requests
        def no_make(): return requests.Session()
        def yes(): no_make().get("https://x")
        def yes_later():
            s = no_make()
            s.get("https://x")
        def no_text(): return "x"
        def no(): no_text().get("x")
        """,
    "a method, a property, a generator that give one": """
        import requests
        class Api:
            def no_make(self): return requests.Session()
            @property
            def no_http(self): return self._made
            def __init__(self): self._made = self.no_make()
            def no_each(self): yield requests.Session()
            def yes(self): self.no_make().get("https://x")
            def yes_property(self): self.no_http.get("https://x")
            def yes_generator(self):
                for s in self.no_each(): s.get("https://x")
        """,
    "a function inside that gives one is of its function": """
        import requests
        def no_outer():
            def no_make(): return requests.Session()
            def yes(): no_make().get("https://x")
        def no(): no_make().get("https://x")
        """,
    "a method is no function of the module": """
        import requests
        class Api:
            def no_make(self): return requests.Session()
        def no(): no_make().get("https://x")
        """,
    # --- classes ---
    "a class made of a client": """
        import requests
        class Api(requests.Session):
            def yes_inherited(self): return Api().get("https://x")
        def yes():
            api = Api()
            api.get("https://x")
        class Other(dict): pass
        def no():
            other = Other()
            other.get("x")
        """,
    # --- those that call what counts ---
    "callers of what sends, and theirs": """
        import requests
        def yes_outer(): yes_middle()
        def yes_middle(): yes()
        def yes(): requests.get("https://x")
        def no(): no_other()
        def no_other(): pass
        """,
    "callers of methods by name": """
        import requests
        class Api:
            def yes_fetch(self): requests.get("https://x")
        def yes(api): api.yes_fetch()
        def no(api): api.fetch()
        """,
    "what is passed on may be called": """
        import requests
        def yes_fetch(): requests.get("https://x")
        def yes(run): run(yes_fetch)
        def yes_library(run): run(requests.get)
        def no(run): run("yes_fetch")
        """,
    "a decorator that repeats": """
        import tenacity
        from tenacity import retry
        @retry
        def yes(): pass
        @tenacity.retry(stop=tenacity.stop_after_attempt(3))
        def yes_called(): pass
        @property
        def no(): pass
        """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES.keys())
def test_functions_that_send(source: str) -> None:
    module = _module(source)
    sending = [code.qualname for code in module.functions if code.name.startswith("yes")]
    assert _sending(Survey(module, KNOWLEDGE, ALONE)) == sending


def test_methods_of_data_are_not_those_of_the_project() -> None:
    survey = _survey("""
        import requests
        class Api:
            def get(self): requests.get("https://x")
            def by_self(self): self.get()
            def by_super(self): super().get()
            @classmethod
            def by_class(cls): cls.get()
            def of_data(self, data): data.get("x")
            def of_call(self): self.load().get("x")
        """)
    assert _sending(survey) == ["Api.get", "Api.by_self", "Api.by_super", "Api.by_class"]


@pytest.mark.parametrize("name", ["__init__", "__new__", "__call__", "__enter__", "__aenter__"])
def test_what_a_class_does_by_itself_is_called_by_its_name(name: str) -> None:
    survey = _survey(f"""
        import requests
        class Api:
            def {name}(self): requests.get("https://x")
        def maker(): Api()
        def other(api): api.{name}()
        """)
    assert _sending(survey) == [f"Api.{name}", "maker"]


def test_the_body_of_the_module() -> None:
    assert _survey("import requests\nrequests.get('https://x')").body_counts
    assert _survey("import requests\ndef f(): requests.get('https://x')\nf()").body_counts
    assert not _survey("import requests\ndef f(): requests.get('https://x')\nprint()").body_counts


def test_what_matters_and_what_gives_clients() -> None:
    source = """
        import requests
        def send(): requests.get("https://x")
        def make(): return requests.Session()
        def other(): pass
        class Api:
            def __init__(self): send()
            def make_one(self): return make()
            def make_none(self): return other()
        """
    module = _module(source)
    survey = Survey(module, KNOWLEDGE, ALONE)
    assert [code.name for code in module.functions if survey.matters(code)] == ["send", "make", "__init__", "make_one"]
    assert [code.name for code in module.functions if survey.gives_client(code)] == ["make", "make_one"]
    # A function of another module is known by its name.
    elsewhere = _module("def send(): pass\ndef make(): pass\ndef third(): pass")
    assert [code.name for code in elsewhere.functions if survey.matters(code)] == ["send", "make"]


def test_containers_that_are_changed() -> None:
    survey = _survey("""
        TABLE["x"] = 1
        COUNTS["x"] += 1
        del GONE["x"]
        LIST.append(1)
        class Api:
            def f(self):
                self.seen.add(1)
                self.read.get(1)
                (a, b)[0] = 1
        PLAIN = 1
        """)
    assert survey.mutated == {"TABLE", "COUNTS", "GONE", "LIST", "seen"}


# --- other modules ---------------------------------------------------------------------------------------------------

BASE = """
    import requests
    session = requests.Session()
    fetch = requests.get
    def send(): requests.get("https://x")
    def compute(): pass
    def _private(s): s.post("https://x")
    class Client:
        def __init__(self): self.http = requests.Session()
        def ask(self): self.http.get("https://x")
        def run(self): self.step()
        def rest(self): self.pause()
    """

OTHERS = {
    "a client of another module": """
        from base import session
        def yes(): session.get("https://x")
        def no(other): other.get("https://x")
        """,
    "a client of another module under another name": """
        from base import session as s
        def yes(): s.get("https://x")
        def no(): base.get("https://x")
        """,
    "a name that holds nothing": """
        from base import compute as link
        def no(): link.get("https://x")
        """,
    "what sends there": """
        from base import fetch as load
        def yes(): load("https://x")
        def no(load): load("https://x")
        """,
    "functions that count there": """
        from base import send, compute
        def yes(): send()
        def no(): compute()
        """,
    "functions of a module that is imported as such": """
        import base
        def yes(): base.send()
        def no(): base.compute()
        """,
    "attributes and methods": """
        from base import Client
        def yes(client): client.http.get("https://x")
        def yes_method(client): client.ask()
        def no(client): client.cache.get("x")
        """,
    "what a base class calls": """
        from base import Client
        class Derived(Client):
            def yes_use(self): self.run()
            def step(self): self.http.get("https://x")
            def no(self): self.rest()
        """,
    "a module of which nothing is known": """
        from unknown import link, send
        def no(): link.get("https://x")
        def no_either(): send()
        """,
    "locals of another module": """
        from inner import s
        def no(): s.get("https://x")
        """,
    "over two modules": """
        from middle import again
        def yes(): again.get("https://x")
        """,
    "relative to the package": """
        from . import base
        from .base import session as s
        def yes(): base.send()
        def yes_client(): s.get("https://x")
        """,
}
MODULES = {
    "base": BASE,
    "inner": "import requests\ndef f(): s = requests.Session()",
    "middle": "from base import session as again",
}


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS.keys())
def test_functions_that_send_with_what_other_modules_give(source: str) -> None:
    module = _module(source)
    survey = Survey(module, KNOWLEDGE, Project(MODULES))
    expected = [c.qualname for c in module.functions if c.name.startswith("yes") or c.name == "step"]
    assert _sending(survey) == expected


def test_a_module_is_always_asked_for_where_a_base_class_comes_from_it() -> None:
    project = Project({"use": "from a import Base\nfrom b import helper\nimport c\nclass C(Base, c.Other): pass"})
    project.survey("use")
    assert project.asked == {"a.Base": True, "a": True, "b.helper": False, "b": False, "c": True}


def test_what_a_module_gives() -> None:
    exports = Project(MODULES).survey("base").exports()
    assert exports.functions == {"send", "ask"}
    assert ("run", "step") in exports.calls
    assert ("send", "get") not in exports.calls
    held = {key.name for key in exports.clients}
    assert {"session", "http"} <= held
    assert not {"s", "compute"} & held
    assert "fetch" in {key.name for key in exports.senders}


# --- what looks like a request ---------------------------------------------------------------------------------------


def _assumed(source: str) -> list[tuple[str, str]]:
    """The calls that are taken for requests, as they are written, each with the class it is taken for."""
    module = _module(source)
    return _taken(Survey(module, KNOWLEDGE, ALONE), module)


def _taken(survey: Survey, module: ModuleCode) -> list[tuple[str, str]]:
    found = []
    stack: list[cst.CSTNode] = [module.tree]
    while stack:
        node = stack.pop()
        path = survey.client_assumed(node, module)
        if path is not None and isinstance(node, cst.Call):
            found.append((module.tree.code_for_node(node), path))
        stack += reversed(node.children)
    return found


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("r = c.get(u); r.status_code", ["c.get(u)"]),
        ("r = await c.get(u); r.status_code", ["c.get(u)"]),
        ("c.get(u).raise_for_status()", ["c.get(u)"]),
        ("r = c.get(u)\n    r = c.post(u)\n    r.status_code", ["c.get(u)", "c.post(u)"]),
        ("r = c.get(u); r.text", []),
        ("r = c.get(u); r.created_at", []),
        ("r = c.get(u); s.status_code", []),
        ("r = c.fetch(u); r.status_code", []),
        ("r = get(u); r.status_code", []),
        # A plain word tells only where it is waited for.
        ("r = c.get(u); r.ok", []),
        ("r = await c.get(u); r.ok", ["c.get(u)"]),
        ("async with c.get(u) as r: r.ok", ["c.get(u)"]),
        ("with c.get(u) as r: r.ok", []),
    ],
)
def test_what_is_read_of_a_result_tells_that_it_is_an_answer(statements: str, expected: list[str]) -> None:
    found = _assumed(f"import requests\nasync def f(c, u, s):\n    {statements}\n")
    assert [text for text, _ in found] == expected
    assert {path for _, path in found} <= {"requests.sessions.Session"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("c.session.post(u)", ["c.session.post(u)"]),
        ("c._session.get(c.url)", ["c._session.get(c.url)"]),
        ("session.get(f'{c}/x')", ["session.get(f'{c}/x')"]),
        ("session.delete('/x')", ["session.delete('/x')"]),
        # As sessions of databases are called.
        ("session.get(User, 1)", []),
        ("session.delete(user)", []),
        ("session.get('key')", []),
        ("db_session.post(u)", []),
        ("client.post(u)", []),
        ("session.close()", []),
    ],
)
def test_what_a_receiver_is_called_tells_that_it_is_a_client(statements: str, expected: list[str]) -> None:
    assert [text for text, _ in _assumed(f"import requests\ndef f(c, u):\n    {statements}\n")] == expected


def test_what_is_returned_as_an_answer_is_one() -> None:
    source = "from requests import Response\ndef f(c, u) -> Response:\n    return c.post(u)\ndef g(c): return c.post(u)"
    assert [text for text, _ in _assumed(source)] == ["c.post(u)"]


def test_the_library_of_the_modules_that_are_imported_counts_where_there_is_no_other() -> None:
    source = "def f(c):\n    r = c.get(u)\n    return r.status_code\n"
    project = Project({"http": "import requests", "cache": "import redis"})
    for imports, expected in (("import http", ["f"]), ("import http, httpx", ["f"]), ("import cache", []), ("", [])):
        assert _sending(Survey(_module(f"{imports}\n{source}"), KNOWLEDGE, project)) == expected


def test_requests_of_something_unknown_in_another_module() -> None:
    project = Project({"http": "import requests\ndef load(c):\n    r = c.get(u)\n    return r.status_code\n"})
    survey = Survey(_module("import http"), KNOWLEDGE, project)
    assert _taken(survey, project.code("http")) == [("c.get(u)", "requests.sessions.Session")]


def test_an_answer_of_one_function_tells_nothing_of_another() -> None:
    assert _assumed("import requests\ndef f(c): r = c.get(u)\ndef g(r): r.status_code") == []


@pytest.mark.parametrize(
    ("imports", "path", "answer"),
    [
        ("import requests", "requests.sessions.Session", "requests.models.Response"),
        ("import httpx", "httpx.Client", "httpx.Response"),
        ("import os", None, None),
        ("import requests, httpx", None, None),
        ("import requests, urllib3", "requests.sessions.Session", "requests.models.Response"),
        ("import requests, pytest", None, None),
        ("import requests\nfrom unittest import mock", None, None),
        ("import requests\nfrom .testing import x", None, None),
    ],
)
def test_a_request_is_taken_for_one_of_the_only_library(imports: str, path: str | None, answer: str | None) -> None:
    source = f"{imports}\ndef f(c):\n    r = c.get(u)\n    return r.status_code\n"
    assert [found for _, found in _assumed(source)] == ([] if path is None else [path])
    assert _survey(source).answer_class() == answer
    assert _sending(_survey(source)) == ([] if path is None else ["f"])


def test_parameters_that_hold_answers() -> None:
    module = _module("""
        import requests
        def handle(answer, other):
            if answer.status_code == 404: return other.text
        def plain(answer): return answer.status
        def inner():
            answer = make()
            return answer.status_code
        """)
    survey = Survey(module, KNOWLEDGE, ALONE)
    assert {code.name: set(survey.answers_given(code)) for code in module.functions} == {
        "handle": {"answer"},
        "plain": set(),
        "inner": set(),
    }


def _expected(body: str, handlers: str = "except requests.HTTPError: pass") -> dict[str, list[tuple[str, str]]]:
    """The calls that are expected to fail, as they are written, each with classes and outcomes."""
    lines = textwrap.indent(textwrap.dedent(body), "        ")
    known = "import time, json, requests\ndef send(): return requests.get(u)\n"
    module = _module(f"{known}def f(c, g, u):\n    try:\n{lines}\n    {handlers}\n")
    survey = Survey(module, KNOWLEDGE, ALONE)
    found = {}
    stack: list[cst.CSTNode] = [module.tree]
    while stack:
        node = stack.pop()
        failures = survey.expected(node)
        if failures:
            text = module.tree.code_for_node(node)
            found[text] = [(failure.path, outcomes.render(failure.outcomes)) for failure in failures]
        stack += node.children
    assert bool(found) == bool(survey.expecting)
    return found


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("c.load(u)", "c.load(u)"),
        ("return g(u)", "g(u)"),
        ("x = c.items().list()", "c.items().list()"),
        ("x = c.load(json.dumps(u)); print(x); x.append(1)", "c.load(json.dumps(u))"),
        # Which of them fails is not to be told.
        ("c.load(u); c.save(u)", None),
        # The failure is that of a known request, or of an answer.
        ("send(); c.load(u)", None),
        ("r = requests.get(u); c.load(r)", None),
        ("c.load(send)", None),
        ("c.raise_for_status()", None),
        ("time.sleep(1)", None),
        ("def inner(): c.load(u)", None),
    ],
)
def test_the_only_call_in_a_try_is_expected_to_fail(body: str, call: str | None) -> None:
    assert list(_expected(body)) == ([] if call is None else [call])


@pytest.mark.parametrize(
    ("handlers", "failures"),
    [
        ("except requests.HTTPError: pass", [("requests.exceptions.HTTPError", "400-599")]),
        # What it calls may not raise for statuses.
        (
            "except requests.RequestException: pass",
            [("requests.exceptions.RequestException", "timeout, connection, protocol")],
        ),
        (
            "except requests.RequestException as e: print(e.response.status_code)",
            [("requests.exceptions.RequestException", "400-599, timeout, connection, protocol")],
        ),
        (
            "except (requests.HTTPError, requests.ConnectionError): pass",
            [
                ("requests.exceptions.HTTPError", "400-599"),
                ("requests.exceptions.ConnectionError", "timeout, connection, protocol"),
            ],
        ),
        ("except (ValueError, OSError): pass", None),
    ],
)
def test_what_a_handler_is_made_for_is_expected(handlers: str, failures: list[tuple[str, str]] | None) -> None:
    assert list(_expected("c.load(u)", handlers).values()) == ([] if failures is None else [failures])


@pytest.mark.parametrize(
    ("body", "decides"),
    [
        ("return helper(url)", False),
        ("answer = helper(url)\n    print(answer)\n    return [answer, url]", False),
        ("return helper(url, headers={'Accept': 'x'}, name=url)", False),
        ("if url is None:\n        url = 'x'\n    return helper(url)", False),
        ("with client() as opened:\n        return helper(opened)", False),
        ("answer = helper(url)\n    if answer is None:\n        return 1", True),
        ("return helper(url) or 1", True),
        ("return helper(url).status_code", True),
        ("for _ in range(2):\n        helper(url)", True),
        ("try:\n        return helper(url)\n    except OSError:\n        return 1", True),
        ("with quiet():\n        return helper(url)", True),
        # What is looped over or tried sends nothing.
        ("for part in url:\n        print(part)\n    return helper(url)", False),
        ("try:\n        url = int(url)\n    except ValueError:\n        url = 0\n    return helper(url)", False),
        ("for _ in range(2):\n        requests.get(url)", True),
        ("for _ in range(2):\n        url()\n    return helper(url)", True),
        ("return helper(url, retries=5)", True),
        ("return helper(url, RETRIED)", True),
        ("return helper(url, (429, 503))", True),
        ("return helper(helper)", True),
        ("return unknown(helper)", True),
        ("return unknown(url)", False),
        ("return helper(lambda: url)", True),
        ("return told(url) if url else helper(url)", True),
    ],
)
def test_which_functions_decide_something(body: str, decides: bool) -> None:
    others = "".join(f"def other{number}(url): return helper(url)\n" for number in range(2))
    source = f"import requests\ndef helper(url): return requests.get(url)\n{others}def told(url):\n    {body}\n"
    assert ("told" in [code.name for code in _survey(source).deciding]) == decides


ONLY_SENDING = "import requests\ndef first(url): return requests.get(url)\ndef second(url): return requests.get(url)\n"


@pytest.mark.parametrize(
    ("sender", "decides"),
    [
        ("def told(url): return requests.get(url)", False),
        ("def told(url): return requests.post(url)", True),
        ("def told(url):\n    session = requests.Session()\n    return session.get(url)", True),
        ("def told(url): return requests.Session().get(url).json()", True),
        ("def told(url): return run(requests.get)", True),
        # What a request has given is no request.
        ("def told(url):\n    data = requests.get(url)\n    return print(data)", False),
        # Another function sends: it is looked at there.
        ("def told(url): return first(url)", False),
        # Decorators that look at how a call ends, and others.
        ("@again\ndef told(url): return requests.get(url)", True),
        ("@called\ndef told(url): return requests.get(url)", True),
        ("@logged\ndef told(url): return requests.get(url)", False),
        ("@unknown\ndef told(url): return requests.get(url)", False),
        ("@Again\ndef told(url): return requests.get(url)", True),
        ("@tenacity.retry\ndef told(url): return requests.get(url)", True),
    ],
)
def test_which_functions_that_send_are_looked_at(sender: str, decides: bool) -> None:
    source = f"""import tenacity
def again(function):
    def wrapper(url):
        while True:
            function(url)
    return wrapper
def called(function):
    def wrapper(url):
        return function(url)
    return wrapper
def logged(function):
    print(function)
    return function
{ONLY_SENDING}
def third(url): return first(url)
def fourth(url): return first(url)
{sender}
"""
    assert ("told" in [code.name for code in _survey(source).worth_running]) == decides


@pytest.mark.parametrize(
    ("body", "guards"),
    [
        ("while True:\n            return function(url)", True),
        ("try:\n            return function(url)\n        except OSError:\n            return None", True),
        ("return function(url) or wrapper(url)", True),
        ("for part in url:\n            print(part)\n        return function(url)", False),
        ("while True:\n            return other(url)", False),
    ],
)
def test_which_decorators_of_other_modules_look_at_how_a_call_ends(body: str, guards: bool) -> None:
    source = (
        f"def made(times):\n  def decorator(function):\n    def wrapper(url):\n        {body}\n    return wrapper\n"
    )
    assert ("made" in _survey(f"{source}  return decorator\n").exports().guarding) == guards


def test_two_of_those_that_only_pass_on_are_looked_at_for_what_they_call() -> None:
    callers = "".join(f"def caller{number}(url): return helper(url)\n" for number in range(4))
    once = "import requests\ndef helper(url): return requests.get(url)\n"
    assert [code.name for code in _survey(once + callers).worth_running] == ["helper", "caller0", "caller1"]


def test_what_is_called_is_looked_at_before_what_calls_it() -> None:
    source = """import requests
def first(url): return third(url) or second(url)
def second(url): return first(url)
def third(url): return Client().send(url)
class Client:
    def __init__(self): requests.get("/token")
    def send(self, url): return requests.get(url)
def last(url): return requests.get(url)
"""
    survey = _survey(source)
    names = [code.qualname for code in survey.callees_first(survey.functions)]
    assert names == ["second", "Client.__init__", "Client.send", "third", "first", "last"]
