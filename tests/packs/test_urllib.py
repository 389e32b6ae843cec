"""Requests of the standard library are sent as they are described."""

from __future__ import annotations

import itertools
import urllib.error
import urllib.request
from typing import Any

import pytest

from errlint import outcomes
from errlint.packs.effects import Sends, SetsEntry
from errlint.packs.knowledge import Knowledge
from packs.installed import canonical
from packs.serving import Server

URLOPEN = "urllib.request.urlopen"
REQUEST = "urllib.request.Request"


@pytest.mark.parametrize("data", [None, b"", b"abc"])
@pytest.mark.parametrize("method", [None, "GET", "PUT", "DELETE"])
def test_methods(data: bytes | None, method: str | None, server: Server, knowledge: Knowledge) -> None:
    described = knowledge.type(REQUEST)
    assert described
    shape = described.describes
    assert shape
    assert shape.with_body
    expected = method or (shape.method if data is None else shape.with_body.method)
    url = server.url()
    arguments: dict[str, Any] = {"url": url, shape.with_body.parameter: data}
    if method is not None or data is None:
        arguments[str(shape.method_parameter)] = method
    with urllib.request.urlopen(urllib.request.Request(**arguments)):
        assert server.sent(url) == [expected]


@pytest.mark.parametrize("data", [None, b"abc"])
def test_method_of_a_plain_address(data: bytes | None, server: Server, knowledge: Knowledge) -> None:
    function = knowledge.function(URLOPEN)
    assert function
    assert isinstance(function.effect, Sends)
    shape = function.effect.sends
    assert shape.with_body
    url = server.url()
    with urllib.request.urlopen(url, data):
        assert server.sent(url) == [shape.method if data is None else shape.with_body.method]


def test_entries(server: Server, knowledge: Knowledge) -> None:
    described = knowledge.type(REQUEST)
    assert described
    assert described.mutable
    for name, method in described.methods.items():
        if isinstance(method.effect, SetsEntry):
            request = urllib.request.Request(url := server.url())
            getattr(request, name)(**{method.effect.key: "X-Name", method.effect.value: "1"})
            with urllib.request.urlopen(request):
                [(_, _, headers, _)] = server.received(url)
            assert headers["X-Name"] == "1"


@pytest.mark.parametrize("status", range(200, 600, 7))
@pytest.mark.parametrize("prepared", [True, False])
def test_statuses_that_raise(status: int, prepared: bool, server: Server, knowledge: Knowledge) -> None:
    function = knowledge.function(URLOPEN)
    assert function
    assert isinstance(function.effect, Sends)
    raising = function.effect.raising
    assert raising
    url = server.url(status, body="text")
    try:
        response = urllib.request.urlopen(urllib.request.Request(url) if prepared else url)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        raised = isinstance(response, urllib.error.HTTPError)
        assert raised == (status in outcomes.codes(raising.raises_on))
        assert not raised or canonical(type(response)) == raising.exception
        assert response.status == status


def test_redirects_that_are_followed(server: Server) -> None:
    for status, method in itertools.product((301, 302, 303, 307, 308), ("GET", "HEAD")):
        target = server.url(200)
        moved = urllib.request.Request(server.url(status, headers={"Location": target}), method=method)
        with urllib.request.urlopen(moved) as response:
            assert response.status == 200
        assert len(server.sent(target)) == 1


def test_attributes_of_errors(server: Server, knowledge: Knowledge) -> None:
    described = knowledge.exception("urllib.error.HTTPError")
    assert described
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server.url(404, body="gone"))
    with caught.value as error:
        for name in described.attributes.keys() - set(dir(OSError)):
            assert hasattr(error, name)
        for name in described.methods:
            assert callable(getattr(error, name))
        public = {name for name in dir(error) if not name.startswith("_")} - set(dir(BaseException))
        assert public <= {*described.attributes, *described.methods, *dir(error.fp), *dir(error.file), "delete"}
