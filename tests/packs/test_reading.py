"""A pack that is wrong is refused with one line that names the file, the key and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from errlint.packs.assembly import read_packs
from errlint.packs.effects import AlwaysRaises, Sends
from errlint.packs.errors import PackError
from errlint.packs.knowledge import Knowledge
from errlint.packs.reading import read_toml
from errlint.packs.schema import Function, Pack

HEAD = """
schema = 1
kind = "client"
name = "sender"
roots = ["sender"]
source = "sender 1.0"
packages = { sender = ">=1" }
words = ["sender"]
"""


def packs(tmp_path: Path, text: str, head: str = HEAD) -> tuple[Pack, ...]:
    file = tmp_path / "sender.toml"
    file.write_text(head + text, encoding="utf-8")
    return read_packs(file, "sender.toml")


MISTAKES = {
    "unknown key": (
        '[[function]]\npath = "sender.get"\nsignatur = "url"',
        'sender.toml: function[0].signatur: unknown key "signatur"; did you mean "signature"?',
    ),
    "missing key": ('[[function]]\nsignature = "url"', 'sender.toml: function[0]: "path" is missing; add it'),
    "wrong type": (
        '[[class]]\npath = "sender.Client"\nclosed = "yes"',
        'sender.toml: class[0].closed: should be true or false, not "yes"',
    ),
    "table for a list": (
        '[class]\npath = "sender.Client"',
        "sender.toml: class: should be an array, not a table",
    ),
    "status out of range": (
        '[[class]]\npath = "sender.Answer"\ntruth = "200-600"',
        "sender.toml: class[0].truth: 600 is no status: statuses are 100-599",
    ),
    "no outcome": (
        '[[exception]]\npath = "sender.Error"\nbases = ["Exception"]\noutcomes = "timeouts"',
        "sender.toml: exception[0].outcomes: 'timeouts' is neither a status, a range of statuses nor a transport",
    ),
    "outcomes as a number": (
        '[[class]]\npath = "sender.Answer"\ntruth = 200',
        'sender.toml: class[0].truth: a set of outcomes is a string such as "400-499, timeout", not 200',
    ),
    "unknown fact": (
        '[[class]]\npath = "sender.Answer"\nattributes = { code = "statsu" }',
        'sender.toml: class[0].attributes.code: "statsu" is not possible; did you mean "status"?',
    ),
    "unknown kind of value": (
        '[[class]]\npath = "sender.Answer"\nattributes = { code = { instanc = "sender.Answer" } }',
        'sender.toml: class[0].attributes.code: no key says what this is; did you mean "instance"?',
    ),
    "unknown parameter": (
        '[[function]]\npath = "sender.get"\nsignature = "url"\neffect = { sends = { url = "uri" } }',
        'sender.toml: function[0].effect.sends.url: no parameter "uri" in the signature; did you mean "url"?',
    ),
    "unknown field of a client": (
        '[[class]]\npath = "sender.Client"\nsignature = "*, base=None"\nclient = { base-url = "bas" }',
        'sender.toml: class[0].client.base-url: "bas" is no parameter and no attribute; did you mean "base"?',
    ),
    "unknown parameter of an effect": (
        '[[function]]\npath = "sender.nap"\nsignature = "seconds"\neffect = { sleeps = "second" }',
        'sender.toml: function[0].effect.sleeps: no parameter "second" in the signature; did you mean "seconds"?',
    ),
    "signature": (
        '[[function]]\npath = "sender.get"\nsignature = "url,, x"',
        "sender.toml: function[0].signature: 'url,, x' is no list of parameters: invalid syntax",
    ),
    "default that would have to run": (
        '[[function]]\npath = "sender.get"\nsignature = "url=1 + 2j"',
        "sender.toml: function[0].signature: the default 1 + 2j is neither a literal nor a path",
    ),
    "path": (
        '[[function]]\npath = "sender get"',
        "sender.toml: function[0].path: 'sender get' is no dotted path",
    ),
    "dangling instance": (
        '[[function]]\npath = "sender.get"\nreturns = { instance = "sender.Answr" }\n[[class]]\npath = "sender.Answer"',
        "sender.toml: function[0].returns.instance: sender.Answr is not defined in this pack; "
        'did you mean "sender.Answer"?',
    ),
    "dangling base": (
        '[[exception]]\npath = "sender.Error"\nbases = ["sender.Base"]',
        "sender.toml: exception[0].bases: sender.Base is not defined above; move it up or add it",
    ),
    "no builtin": (
        '[[exception]]\npath = "sender.Error"\nbases = ["Exceptoin"]',
        'sender.toml: exception[0].bases: Exceptoin is no builtin class; did you mean "Exception"?',
    ),
    "dangling export": (
        '[exports]\n"sender.api" = ["sender.core.get"]',
        "sender.toml: exports.sender.api.get: sender.core.get is not defined in this pack",
    ),
    "dangling default": (
        '[[function]]\npath = "sender.get"\nsignature = "wait=sender.nothing"',
        "sender.toml: function[0].signature: sender.nothing is not defined in this pack; did you mean",
    ),
    "like nothing": (
        '[[function]]\npath = "sender.get"\nlike = "sender.gte"',
        "sender.toml: function[0].like: there is no function sender.gte that this could be like",
    ),
    "like itself": (
        '[[function]]\npath = "sender.a"\nlike = "sender.b"\n[[function]]\npath = "sender.b"\nlike = "sender.a"',
        "there is no function sender.a that this could be like",
    ),
    "twice": (
        '[[function]]\npath = "sender.{get,get}"',
        "sender.toml: function[0]: sender.get is defined twice; remove one",
    ),
    "retrier": (
        '[[class]]\npath = "sender.Again"\nretrier = "again"',
        'sender.toml: class[0].retrier: no retrier "again" in this pack',
    ),
    "constants": (
        '[[constants]]\npath = "sender.codes"\nmembers = { ok = ["ok"] }',
        "sender.toml: constants[0].members.ok: is no number; the key is the number, the value its names",
    ),
    "syntax": ("[[function", "sender.toml: cannot be read as TOML: "),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str, tmp_path: Path) -> None:
    text, message = MISTAKES[mistake]
    with pytest.raises(PackError) as caught:
        packs(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


HEADS = {
    "schema": (HEAD.replace("schema = 1", "schema = 2"), "schema: 2 is not supported; this errlint reads schema = 1"),
    "no schema": (HEAD.replace("schema = 1", ""), "schema: None is not supported; this errlint reads schema = 1"),
    "kind": (HEAD.replace('"client"', '"cleint"'), 'kind: "cleint" is not possible; did you mean "client"?'),
    "clones": (
        HEAD.replace('["sender"]\nsource', '["sender", "other"]\nalso-known-as = ["sender2"]\nsource'),
        "also-known-as: needs a pack with one root",
    ),
}


@pytest.mark.parametrize("mistake", HEADS)
def test_mistakes_in_the_head(mistake: str, tmp_path: Path) -> None:
    head, message = HEADS[mistake]
    with pytest.raises(PackError) as caught:
        packs(tmp_path, "", head)
    assert str(caught.value) == f"sender.toml: {message}"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"nowhere\.toml: cannot be read as TOML"):
        read_toml(tmp_path / "nowhere.toml", "nowhere.toml")


def test_minimal_pack(tmp_path: Path) -> None:
    [pack] = packs(tmp_path, "")
    assert (pack.name, pack.roots, pack.words, dict(pack.definitions)) == ("sender", ("sender",), ("sender",), {})


SENDER = """
[request]
url = "url"
method = "method"
identity = ["data", "params"]
headers = ["headers"]
timeout = "timeout"

[[function]]
path = "sender.request"
signature = "method, url, *, params=None, data=None, headers=None, timeout=5, proxy=None"
effect = { sends = {} }
returns = { instance = "sender.Answer" }

[[function]]
path = "sender.{get,post}"
like = "sender.request"
signature = "url, params=None, **kwargs"
passes-on = "sender.request"
effect = { sends = {} }

[[class]]
path = "sender.Answer"
"""


def test_meanings_alternation_like_and_passing_on(tmp_path: Path) -> None:
    [pack] = packs(tmp_path, SENDER)
    knowledge = Knowledge([pack])
    request, get, post = (knowledge.function(f"sender.{name}") for name in ("request", "get", "post"))
    assert request
    assert get
    assert post
    assert isinstance(request.effect, Sends)
    assert (request.effect.sends.method, request.effect.sends.method_parameter) == (None, "method")
    assert isinstance(get.effect, Sends)
    assert (get.effect.sends.method, get.effect.sends.method_parameter) == ("GET", None)
    assert get.effect.sends.identity == ("data", "params")
    assert get.effect.sends.headers == ("headers",)
    assert get.effect.timeout == "timeout"
    assert [(p.name, p.kind) for p in get.signature.parameters] == [
        ("url", "positional"),
        ("params", "positional"),
        *((name, "keyword-only") for name in ("data", "headers", "timeout", "proxy")),
    ]
    assert post.returns == request.returns
    assert [cls.path for cls in knowledge.responses("sender")] == ["sender.Answer"]


def test_clone(tmp_path: Path) -> None:
    exports = '[exports]\nsender = ["sender.request as ask"]\n'
    head = HEAD.replace("source", 'also-known-as = ["sender2"]\nsource')
    original, clone = packs(tmp_path, SENDER + exports, head)
    assert [path.replace("sender2", "sender") for path in clone.definitions] == list(original.definitions)
    knowledge = Knowledge([original, clone])
    assert knowledge.canonical("sender2.ask") == "sender2.request"
    asked = knowledge.function("sender2.ask")
    assert asked
    assert knowledge.function("sender.ask") is not asked
    assert getattr(asked.returns, "instance", None) == "sender2.Answer"


def test_two_packs_for_one_library(tmp_path: Path) -> None:
    [pack] = packs(tmp_path, "")
    [other] = packs(tmp_path, "", HEAD.replace('name = "sender"', 'name = "other"'))
    with pytest.raises(PackError, match="pack other: sender has a pack already, sender; join them"):
        Knowledge([pack, other])


def test_reference_to_no_pack(tmp_path: Path) -> None:
    [pack] = packs(tmp_path, '[[exception]]\npath = "sender.Error"\nbases = ["elsewhere.Error"]')
    with pytest.raises(PackError) as caught:
        Knowledge([pack])
    assert str(caught.value) == (
        "sender.toml: exception[0].bases: elsewhere.Error is in no pack; correct it, or add a pack that defines it"
    )


def test_functions_that_never_return(tmp_path: Path) -> None:
    text = '[[function]]\npath = "sender.exit"\neffect = { always-raises = "SystemExit" }'
    [pack] = packs(tmp_path, text)
    [function] = pack.definitions.values()
    assert isinstance(function, Function)
    assert isinstance(function.effect, AlwaysRaises)
