"""What packs say about responses, tried with every status."""

from __future__ import annotations

from typing import Any

import pytest

from errlint import outcomes
from errlint.packs.effects import ChecksStatus, Sends
from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from errlint.packs.schema import Class, Constants, ExceptionClass, Function
from errlint.packs.values import Among, Instance, Value
from packs.answering import answer
from packs.installed import canonical, find

STATUSES = range(outcomes.FIRST_STATUS, outcomes.LAST_STATUS + 1)


def responses() -> list[Any]:
    knowledge = load_builtin()
    roots = [root for pack in knowledge.packs for root in pack.roots]
    found = {cls.path: cls for root in roots for cls in knowledge.responses(root)}
    return [pytest.param(cls, id=path) for path, cls in found.items()]


def test_there_are_responses() -> None:
    assert {case.id for case in responses()} == {
        "requests.models.Response",
        "httpx.Response",
        "httpx2.Response",
        "aiohttp.client_reqrep.ClientResponse",
        "urllib3.response.HTTPResponse",
        "http.client.HTTPResponse",
    }


@pytest.mark.parametrize("cls", responses())
def test_status(cls: Class) -> None:
    names = [name for name, value in cls.attributes.items() if value == "status"]
    assert names
    assert all(getattr(answer(cls, status), name) == status for status in STATUSES for name in names)
    for name in (name for name, method in cls.methods.items() if method.returns == "status"):
        assert all(getattr(answer(cls, status), name)() == status for status in STATUSES)


@pytest.mark.parametrize("cls", responses())
def test_truth(cls: Class) -> None:
    expected = outcomes.STATUSES if cls.truth is None else cls.truth
    assert {status for status in STATUSES if answer(cls, status)} == set(outcomes.codes(expected))


@pytest.mark.parametrize("cls", responses())
def test_predicates(cls: Class) -> None:
    predicates = {name: value for name, value in cls.attributes.items() if isinstance(value, Among)}
    assert predicates or cls.path.startswith(("http.", "urllib3."))
    for name, value in predicates.items():
        for status in STATUSES:
            inside = status in outcomes.codes(value.outcomes)
            assert getattr(answer(cls, status, {"Location": "/"}), name) is inside
            assert getattr(answer(cls, status), name) is (inside and not value.perhaps)


@pytest.mark.parametrize("cls", responses())
def test_raising(cls: Class, knowledge: Knowledge) -> None:
    checks = [
        (name, method.effect, method.returns)
        for name, method in cls.methods.items()
        if isinstance(method.effect, ChecksStatus)
    ]
    if not checks:
        raising = [isinstance(f.effect, Sends) and f.effect.raising is not None for f in senders(cls, knowledge)]
        assert all(raising) == (not cls.path.startswith("urllib3."))
        return
    [(name, effect, returns)] = checks
    described = knowledge.exception(effect.exception)
    assert described
    for status in STATUSES:
        response = answer(cls, status)
        if status in outcomes.codes(effect.raises_on):
            with pytest.raises(find(effect.exception)) as caught:
                getattr(response, name)()
            assert caught.type is find(effect.exception)
            assert_attributes(caught.value, response, described)
        else:
            expected: dict[Value, object] = {"self": response, "none": None}
            assert getattr(response, name)() is expected[returns]


def senders(cls: Class, knowledge: Knowledge) -> list[Function]:
    """The functions that answer with this class."""
    definitions = [each for pack in knowledge.packs for each in pack.definitions.values()]
    functions = [each for each in definitions if isinstance(each, Function)]
    return [each for each in functions if isinstance(each.effect, Sends) and each.returns == Instance(cls.path)]


def assert_attributes(error: Any, response: Any, described: ExceptionClass) -> None:
    for name, value in described.attributes.items():
        if value == "response":
            assert getattr(error, name) is response
        if value == "request":
            assert getattr(error, name) is response.request


@pytest.mark.parametrize("cls", responses())
def test_headers(cls: Class, knowledge: Knowledge) -> None:
    response = answer(cls, 200, {"X-Name": "1"})
    described = knowledge.type(canonical(type(response.headers)))
    assert described
    assert described.items
    assert (response.headers.get("x-nAME") == "1") is described.items.ignores_case
    assert ("x-nAME" in response.headers) is described.items.ignores_case
    assert response.headers.get("Missing") is None
    if described.items.missing is None:
        assert response.headers["Missing"] is None
        return
    with pytest.raises(find(described.items.missing)):
        response.headers["Missing"]


def constants() -> list[Any]:
    packs = load_builtin().packs
    found = [each for pack in packs for each in pack.definitions.values() if isinstance(each, Constants)]
    return [pytest.param(each, id=each.path) for each in found]


@pytest.mark.parametrize("definition", constants())
def test_predicates_of_constants(definition: Constants) -> None:
    found = find(definition.path)
    for name, method in definition.methods.items():
        if isinstance(method.returns, Among):
            holding = {status for status in STATUSES if getattr(found, name)(status)}
            assert holding == set(outcomes.codes(method.returns.outcomes))
    for name, value in definition.attributes.items():
        # Some are there in a newer Python only.
        for member in found if isinstance(value, Among) and hasattr(found(200), name) else ():
            assert isinstance(value, Among)
            assert getattr(member, name) is (member in outcomes.codes(value.outcomes))
