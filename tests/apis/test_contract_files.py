"""Packs of a user's own, and how a wrong one is told."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import pytest

from errlint import outcomes
from errlint.packs.api import parse_pointer, parse_statuses, render_pointer
from errlint.packs.contract_files import builtin_contracts, load_contracts, read_pack
from errlint.packs.contracts import Contract
from errlint.packs.errors import PackError

HTTP = builtin_contracts().baseline
HEAD = 'schema = 1\nkind = "api"\nname = "mine"\nsource = "Mine, Errors"\n'


def written(folder: pathlib.Path, text: str) -> pathlib.Path:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_pack_of_ones_own(tmp_path: pathlib.Path) -> None:
    file = written(tmp_path, HEAD + '[[status]]\ncode = 418\nretry = "backoff"\n')
    contract = load_contracts([file]).get("mine")
    assert contract is not None
    assert contract.title == "mine"
    assert contract.retry(418).advice == "backoff"
    assert contract.retry(404) == replace(HTTP.retry(404), documented=False)


def test_the_narrowest_set_holds(tmp_path: pathlib.Path) -> None:
    entries = ('"5xx"', "backoff"), ('"500-503"', "after-wait"), ("501", "never")
    text = "".join(f'[[status]]\ncode = {code}\nretry = "{advice}"\n' for code, advice in entries)
    contract = Contract.of(read_pack(written(tmp_path, HEAD + text), "mine.toml"))
    assert [contract.retry(status).advice for status in (500, 501, 504)] == ["after-wait", "never", "backoff"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[status]]\ncode = 700\n", "status[0].code: 700 is no status"),
        ('[[status]]\ncode = "timeout"\n', "status[0].code: 'timeout' names a transport failure"),
        ("[[status]]\ncode = true\n", "status[0].code: neither a status, nor text"),
        ('[[status]]\ncode = 404\nretry = "nevr"\n', 'status[0].retry: "nevr" is not possible; did you mean "never"?'),
        ("[[status]]\ncode = 404\nproves-absense = true\n", 'did you mean "proves-absence"?'),
        ('[[status]]\nretry = "never"\n', 'status[0]: "code" is missing'),
        (
            '[[status]]\ncode = "400-404"\n[[status]]\ncode = "404-410"\n',
            "status[1].code: 404 is in status[0] too; keep it in one, or let one set contain the other",
        ),
        ("[[status]]\ncode = 404\n[[status]]\ncode = 404\n", "status[1].code: 404 is in status[0] too"),
        ('[[status]]\ncode = 429\nretry = "backoff"\nwait = 5\n', 'status[0].wait: "backoff" has no fixed wait'),
        (
            '[gateway]\nstatuses = [403]\n[[status]]\ncode = 403\nlayer = "application"\n',
            "status[0].layer: 403 is in gateway.statuses; make the two agree",
        ),
        (
            '[[status]]\ncode = 403\nlayer = "gateway"\n',
            "status[0].layer: 403 is not in gateway.statuses; make the two agree",
        ),
        ('[errors]\ncode = "error.code"\n', "errors.code: not a JSON Pointer"),
        ('[match]\nbase-urls = ["api.example.com"]\n', 'match.base-urls[0]: "api.example.com" is no URL; write scheme'),
    ],
)
def test_a_wrong_pack_is_told_in_one_line(tmp_path: pathlib.Path, text: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        read_pack(written(tmp_path, HEAD + text), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pack_of_another_schema(tmp_path: pathlib.Path) -> None:
    with pytest.raises(PackError, match="schema: 2 is not known to this errlint; write 1, or update errlint"):
        read_pack(written(tmp_path, HEAD.replace("1", "2", 1)), "mine.toml")


def test_a_name_is_taken(tmp_path: pathlib.Path) -> None:
    file = written(tmp_path, HEAD.replace("mine", "semji", 1))
    with pytest.raises(PackError, match=r'"semji" is taken by rules/apis/semji\.toml; choose another'):
        load_contracts([file])


def test_notation() -> None:
    assert parse_statuses("4xx") == outcomes.CLIENT_ERRORS
    assert parse_statuses("400, 5XX") == outcomes.status(400) | outcomes.SERVER_ERRORS
    assert parse_pointer("/a~1b/c~0d") == ("a/b", "c~d")
    assert render_pointer(parse_pointer("/a~1b/c~0d")) == "/a~1b/c~0d"
