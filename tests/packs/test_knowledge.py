"""What the engine asks of all packs together."""

from __future__ import annotations

from pathlib import Path

import pytest

from errlint.packs import locate
from errlint.packs.errors import PackError
from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import builtin_packs, builtin_words, load_builtin, rules_folder
from errlint.packs.schema import Class, ExceptionClass, Function

ALIASES = {
    "requests.get": "requests.api.get",
    "requests.session": "requests.sessions.session",
    "requests.Session": "requests.sessions.Session",
    "requests.Session.post": "requests.sessions.Session.post",
    "requests.ConnectionError": "requests.exceptions.ConnectionError",
    "requests.codes": "requests.status_codes.codes",
    "requests.codes.teapot": "requests.status_codes.codes.teapot",
    "requests.packages.urllib3": "urllib3",
    "requests.packages.urllib3.util.retry.Retry": "urllib3.util.retry.Retry",
    "requests.adapters.Retry": "urllib3.util.retry.Retry",
    "httpx.AsyncClient.get": "httpx.AsyncClient.get",
    "httpx2.AsyncClient.build_request": "httpx2.AsyncClient.build_request",
    "tenacity.retry": "tenacity.retry",
    "tenacity.retry_if_result": "tenacity.retry.retry_if_result",
    "tenacity.wait_full_jitter": "tenacity.wait.wait_random_exponential",
    "http.client.NOT_FOUND": "http.HTTPStatus.NOT_FOUND",
    "asyncio.sleep": "asyncio.tasks.sleep",
    "asyncio.TimeoutError": "TimeoutError",
    "socket.timeout": "TimeoutError",
    "IOError": "OSError",
    "builtins.OSError": "OSError",
    "requests": "requests",
    "requests.exceptions": "requests.exceptions",
    "http.client": "http.client",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_canonical(alias: str, knowledge: Knowledge) -> None:
    assert knowledge.canonical(alias) == ALIASES[alias]


@pytest.mark.parametrize(
    "path", ["requests.gett", "requests.Session.gett", "nothing", "requests.codes.no", "", ".", "requests.", "print"]
)
def test_unknown(path: str, knowledge: Knowledge) -> None:
    assert knowledge.canonical(path) is None
    assert knowledge.get(path) is None
    assert knowledge.constant(path) is None
    assert knowledge.ancestors(path) == ()
    assert knowledge.is_subclass(path, "Exception") is None
    assert knowledge.is_subclass("Exception", path) is None


def test_kinds(knowledge: Knowledge) -> None:
    assert isinstance(knowledge.get("requests.get"), Function)
    assert isinstance(knowledge.get("requests.Session.get"), Function)
    assert isinstance(knowledge.type("requests.Session"), Class)
    assert isinstance(knowledge.exception("requests.HTTPError"), ExceptionClass)
    assert isinstance(knowledge.exception("KeyError"), ExceptionClass)
    assert knowledge.function("requests.Session") is None
    assert knowledge.type("requests.get") is None
    assert knowledge.exception("requests.get") is None
    assert knowledge.get("requests.codes.ok") is None
    assert knowledge.constant("requests.codes.ok") == 200
    assert knowledge.constant("requests.codes") is None


def test_namespaces(knowledge: Knowledge) -> None:
    assert knowledge.is_namespace("requests")
    assert knowledge.is_namespace("requests.exceptions")
    assert knowledge.is_namespace("http.client")
    assert knowledge.is_namespace("requests.packages")
    assert not knowledge.is_namespace("requests.Session")
    assert not knowledge.is_namespace("http.HTTPStatus")
    assert not knowledge.is_namespace("tenacity.retry")
    assert not knowledge.is_namespace("nothing")


def test_subclasses(knowledge: Knowledge) -> None:
    assert set(knowledge.subclasses("requests.Timeout")) == {
        "requests.exceptions.ConnectTimeout",
        "requests.exceptions.ReadTimeout",
    }
    assert "requests.exceptions.HTTPError" in knowledge.subclasses("IOError")
    assert knowledge.is_subclass("requests.ConnectionError", "ConnectionError") is False


def test_owners(knowledge: Knowledge) -> None:
    pack = knowledge.pack("requests.packages.urllib3.util.Retry")
    assert pack
    assert pack.name == "urllib3"
    failures = knowledge.failures("httpx2.get")
    assert failures
    assert failures.timeout.typical == "httpx2.ReadTimeout"
    assert knowledge.failures("tenacity.retry") is None
    assert knowledge.failures("nothing") is None
    assert knowledge.retrier("tenacity.Retrying", "retrying") is not None
    assert knowledge.retrier("nothing", "retrying") is None
    assert knowledge.responses("nothing") == ()


def test_words(knowledge: Knowledge) -> None:
    assert builtin_words() == knowledge.words
    assert {b"requests", b"httpx", b"tenacity"} <= set(builtin_words())
    # Every file has these; a pack of the standard library must not make all of them worth parsing.
    assert not {b"", b"time", b"http"} & set(builtin_words())


def test_read_once() -> None:
    assert load_builtin() is load_builtin()
    assert builtin_packs() is builtin_packs()


def test_packs_say_what_they_hold_for() -> None:
    for pack in builtin_packs():
        assert pack.source
        assert pack.packages or pack.name == "stdlib"


def test_folder() -> None:
    assert (rules_folder() / "clients").is_dir()


def test_folder_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "errlint"
    (package / "rules/clients").mkdir(parents=True)
    monkeypatch.setattr(locate, "__file__", str(package / "packs/locate.py"))
    rules_folder.cache_clear()
    try:
        assert rules_folder() == package / "rules"
        (package / "rules/clients").rmdir()
        rules_folder.cache_clear()
        with pytest.raises(PackError, match="install errlint again"):
            rules_folder()
    finally:
        rules_folder.cache_clear()
