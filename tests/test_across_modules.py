"""What is found where a mistake is spread over modules of a project."""

from pathlib import Path

import pytest

from errlint import checks
from errlint.analysis import builtin_packs
from errlint.flow import budget
from errlint.packs.locate import builtin_words
from errlint.project import Project
from errlint.roots import Reach
from errlint.settings import ALL, Selection, resolve

RETRYING = """\
import time


def retry_on(errors, attempts=None):
    def decorator(function):
        def wrapper(*args, **kwargs):
            attempt = 0
            while attempts is None or attempt < attempts:
                try:
                    return function(*args, **kwargs)
                except tuple(errors):
                    time.sleep(2**attempt)
                    attempt += 1
        return wrapper
    return decorator


def retry_call(function, attempts=4):
    for attempt in range(attempts):
        try:
            return function()
        except Exception:
            if attempt == attempts - 1:
                raise
            time.sleep(2**attempt)
"""


def found(folder: Path, files: dict[str, str], checked: str, below: str = "ERR9") -> list[str]:
    """The findings in one of these files, as `line CODE`."""
    for name, text in {"pyproject.toml": "", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = folder / checked
    reach = Reach(builtin_words())
    if not reach.matters(str(path), path.read_bytes()):
        return []
    settings = resolve(checks.load(), Selection(select=(ALL,)))
    result = Project(builtin_packs(), reach).fix(str(path), path.read_bytes(), settings, frozenset()).result
    assert result.problems == ()
    return [
        f"{files[checked][: finding.span.start].count(chr(10)) + 1} {finding.code}"
        for finding in result.findings
        if finding.code < below
    ]


def test_a_decorator_of_another_module_around_a_nested_function(tmp_path: Path) -> None:
    files = {
        "retrying.py": RETRYING,
        "api.py": """\
import requests
from retrying import retry_on


def complete(url):
    @retry_on([requests.RequestException], attempts=None)
    def post():
        return requests.post(url, timeout=10)

    return post()
""",
    }
    assert found(tmp_path, files, "api.py") == ["6 ERR102"]


def test_a_function_of_another_module_that_calls_what_it_is_given(tmp_path: Path) -> None:
    files = {
        "retrying.py": RETRYING,
        "api.py": """\
import requests
from retrying import retry_call


def fetch(url):
    def get():
        response = requests.get(url, timeout=10)
        response.raise_for_status()
        return response.json()

    return retry_call(get)
""",
    }
    assert found(tmp_path, files, "api.py") == ["11 ERR101"]


def test_what_is_left_out_of_a_large_function_is_not_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "client.py": """\
import requests


def fetch(url):
    for _ in range(3):
        response = requests.get(url, timeout=10)
        if response.ok:
            return response.json()
    response.raise_for_status()
""",
        "main.py": """\
import requests
from client import fetch


def main(url):
    while True:
        try:
            return fetch(url)
        except requests.RequestException:
            print("again")
""",
    }
    assert found(tmp_path, files, "main.py") == ["6 ERR102", "9 ERR101", "9 ERR103"]
    monkeypatch.setattr(budget, "MAX_STEPS", 50)
    assert found(tmp_path, files, "main.py", below="ERR99") == ["5 ERR903"]
    monkeypatch.setattr(budget, "MAX_COARSE_STEPS", 20)
    files["main.py"] = "from client import fetch\n\n\ndef main(url):\n    return fetch(url)\n"
    assert found(tmp_path, files, "main.py", below="ERR99") == []


def test_a_request_object_for_each_item(tmp_path: Path) -> None:
    files = {
        "client/__init__.py": "",
        "client/addresses.py": 'PAGE = "https://api.example.com/{name}"\n',
        "client/network.py": """\
import requests


def send(session, url):
    reply = session.send(session.prepare_request(requests.Request("GET", url)))
    try:
        reply.raise_for_status()
    except requests.HTTPError:
        print(reply.text)
        raise
    return reply


def page(session, url, json=False, **keywords):
    reply = send(session, url.format(**keywords))
    return reply.json() if json else reply.text
""",
        "client/api.py": """\
import requests

from .addresses import PAGE
from .network import page


class Item:
    def __init__(self, children):
        self.children = children

    @staticmethod
    def create(session, name):
        try:
            data = page(session, PAGE, json=True, name=name)
        except requests.HTTPError:
            return None
        return Item([child["slug"] for child in data["children"]])


def expand(session, names):
    found = []
    for name in names:
        item = Item.create(session, name)
        if item is None:
            found.append(name)
        else:
            found.extend(item.children)
    return found
""",
    }
    assert found(tmp_path, files, "client/api.py") == []


def test_a_policy_whose_wait_another_module_makes_around_another_policy(tmp_path: Path) -> None:
    files = {
        "waits.py": """\
def bounded(low, high):
    def inner(exc):
        return min(max(exc.seconds, low), high)

    return inner
""",
        "main.py": """\
import backoff
import requests
from waits import bounded


class Client:
    @backoff.on_exception(wait_gen=backoff.runtime, exception=Busy, value=bounded(1, 9), max_tries=5)
    @backoff.on_exception(wait_gen=backoff.expo, exception=requests.ConnectionError, max_tries=5)
    def send(self, url, **kwargs):
        try:
            response = requests.get(url, **kwargs)
        except requests.RequestException as exc:
            raise Busy(response=exc.response) from exc

    def more(self, url):
        return self.send(url)
""",
    }
    found(tmp_path, files, "main.py")
    path = tmp_path / "main.py"
    facts = Project(builtin_packs(), Reach(builtin_words())).analyse(str(path), path.read_bytes()).facts
    assert [table.qualname for table in facts.tables] == ["Client.send", "Client.more"]
