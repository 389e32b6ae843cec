"""The judge itself, and what it says of errlint on a small set of programs."""

import copy
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from judge import work
from judge.compare import Disagreement, judge
from judge.faults import Fault, FaultError
from judge.generate import generate
from judge.generate.covering import covering_rows, pairs_of, possible_pairs
from judge.generate.listed import PAIRS, listed_pairs
from judge.generate.program import Program, Source
from judge.notes import Notes
from judge.observe import SENDS_AT_MOST, BrokenProgram, Observer, observer
from judge.observed import observed_table
from judge.outcomes import parse, render
from judge.table import Table, TableError, read_tables
from judge.world import Plan, Setting

# What libraries and programs leave to the garbage collector is no concern of these tests.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

PROGRAMS = 150
SECONDS_AT_MOST = 600

CLIENT = """\
import random
import time
import requests

class Busy(Exception):
    pass

def fetch():
    last = None
    for attempt in range(3):
        try:
            r = requests.get("http://api.example.com/items", timeout=5)
        except requests.Timeout as exc:
            last = exc
            time.sleep(2 ** attempt)
            continue
        if r.status_code == 429:
            last = Busy()
            time.sleep(int(r.headers.get("Retry-After", 1)))
            continue
        if r.status_code == 404:
            return None
        r.raise_for_status()
        return r.json()
    raise last
"""


def row(when: str, *ends: str, retry: dict[str, Any] | None = None) -> dict[str, Any]:
    """A row whose ends are written `value` or `!Exception`."""
    parsed = [
        {"do": "raise", "exception": end[1:]} if end.startswith("!") else {"do": "return", "value": end} for end in ends
    ]
    return {"request": 0, "when": when, "retry": retry, "ends": parsed}


def retries(delay: str, header: str | None = None, jitter: bool = False) -> dict[str, Any]:
    """Three attempts with this wait."""
    return {"attempts": 3, "delay": delay, "jitter": jitter, "header": header}


TABLE: dict[str, Any] = {
    "path": "client.py",
    "qualname": "fetch",
    "line": 8,
    "end_line": 25,
    "requests": [
        {"path": "client.py", "line": 12, "column": 17, "client": "requests", "method": "GET", "url": None, "api": None}
    ],
    "outcomes": [
        row("200-399", "data"),
        row("404", "none"),
        row("400-403, 405-428, 430-599", "!requests.exceptions.HTTPError"),
        row("429", "!client.Busy", retry=retries("server", "Retry-After")),
        row("timeout", "!requests.exceptions.ReadTimeout", retry=retries("exponential")),
        row("connection, protocol", "!requests.exceptions.ConnectionError"),
    ],
    "exact": True,
}


@pytest.fixture
def watching() -> Iterator[Observer]:
    """For one test: while it lasts the clock stands still, and whoever waits for a process waits for ever."""
    with observer() as found:
        yield found


def program(text: str, call: str = "fetch()") -> Program:
    return Program((Source("client", text),), call)


def read(table: dict[str, Any]) -> Table:
    found = read_tables({"version": 1, "functions": [table]})
    assert not found.errors, found.errors
    return next(iter(found.tables.values()))


def disagreements(watching: Observer, text: str, table: dict[str, Any]) -> list[Disagreement]:
    return judge(Notes(watching.load(program(text))), read(table), Random(1)).disagreements


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """The right table with one thing in it changed."""
    table = copy.deepcopy(TABLE)
    record: Any = table
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = to
    return table


def test_a_right_table_is_agreed_with(watching: Observer) -> None:
    assert disagreements(watching, CLIENT, TABLE) == []


NONE = {"do": "return", "value": "none"}
DATA = {"do": "return", "value": "data"}
HTTP_ERROR = {"do": "raise", "exception": "requests.exceptions.HTTPError"}


@pytest.mark.parametrize(
    ("check", "table"),
    [
        pytest.param("end", changed("outcomes", 0, "ends", to=[DATA, NONE]), id="an end that never happens"),
        pytest.param("end", changed("outcomes", 1, "ends", to=[]), id="an end that is not claimed"),
        pytest.param("end", changed("outcomes", 1, "ends", 0, "value", to="false"), id="a wrong value"),
        pytest.param("end", changed("outcomes", 3, "ends", 0, "exception", to="client.Lazy"), id="a wrong class"),
        pytest.param("retry", changed("outcomes", 3, "retry", to=None), id="a retry that is not claimed"),
        pytest.param("retry", changed("outcomes", 2, "retry", to=retries("none")), id="a retry that never happens"),
        pytest.param("attempts", changed("outcomes", 4, "retry", "attempts", to=4), id="too many attempts"),
        pytest.param("attempts", changed("outcomes", 4, "retry", "attempts", to="unbounded"), id="no bound"),
        pytest.param("wait", changed("outcomes", 4, "retry", "delay", to="constant"), id="a wrong delay"),
        pytest.param("wait", changed("outcomes", 4, "retry", "delay", to="none"), id="no delay"),
        pytest.param("wait", changed("outcomes", 4, "retry", "jitter", to=True), id="jitter"),
        pytest.param("wait", changed("outcomes", 3, "retry", to=retries("constant")), id="a header not seen"),
        pytest.param("request", changed("requests", 0, "line", to=13), id="a request in another line"),
    ],
)
def test_a_wrong_table_is_found_out(watching: Observer, check: str, table: dict[str, Any]) -> None:
    found = disagreements(watching, CLIENT, table)
    assert check in {disagreement.check for disagreement in found}


def test_an_end_that_only_follows_another_outcome_is_looked_for(watching: Observer) -> None:
    text = CLIENT.replace("if r.status_code == 404:", "if r.status_code == 404 and last:")
    without = changed("outcomes", 1, "ends", to=[HTTP_ERROR])
    assert {each.check for each in disagreements(watching, text, without)} == {"end"}
    both = changed("outcomes", 1, "ends", to=[HTTP_ERROR, NONE])
    assert disagreements(watching, text, both) == []


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(changed("outcomes", 0, "when", to="200-398"), id="an outcome is absent"),
        pytest.param(changed("outcomes", 0, "when", to="200-404"), id="an outcome stands twice"),
        pytest.param(changed("outcomes", 0, "when", to="199-399"), id="no outcome"),
        pytest.param(changed("outcomes", 0, "request", to=1), id="no such request"),
        pytest.param(changed("outcomes", 0, "because", to=1), id="an unknown key"),
        pytest.param(changed("outcomes", 3, "retry", "attempts", to="many"), id="attempts"),
        pytest.param(changed("exact", to=1), id="a number for a truth value"),
    ],
)
def test_a_table_that_breaks_the_format_is_an_error(table: dict[str, Any]) -> None:
    assert list(read_tables({"version": 1, "functions": [table]}).errors) == ["client.py"]


def test_what_is_no_table_at_all_is_an_error() -> None:
    with pytest.raises(TableError, match="version 1"):
        read_tables({"version": 2, "functions": []})


def ends(watching: Observer, text: str, plan: Plan, setting: Setting | None = None) -> str:
    return str(watching.load(program(text)).run(plan, setting or Setting()))


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        ("200", "return data"),
        ("204", "return data"),
        ("599", "raise requests.exceptions.HTTPError"),
        ("timeout", "raise requests.exceptions.ReadTimeout"),
        ("connection", "raise requests.exceptions.ConnectionError"),
        ("protocol", "raise requests.exceptions.ConnectionError"),
    ],
)
def test_every_kind_of_outcome_reaches_the_program(watching: Observer, outcome: str, end: str) -> None:
    assert ends(watching, CLIENT, ((outcome,),)).endswith(f"-> {end}")


def test_a_loop_that_catches_everything_is_stopped(watching: Observer) -> None:
    text = """\
import httpx
def fetch():
    while True:
        try:
            return httpx.get("http://api.example.com").raise_for_status().json()
        except:
            pass
"""
    assert ends(watching, text, (("500",),)).endswith(f"{SENDS_AT_MOST} in all] -> never ends")
    assert ends(watching, text, (("500", "500", "200"),)).endswith("-> return data")


def test_requests_are_told_apart_by_what_they_ask(watching: Observer) -> None:
    text = """\
import requests
def fetch():
    for token in ("a", "a", "b"):
        r = requests.get("http://api.example.com", headers={"Authorization": token, "X-Trace": token})
    return r.status_code == 201
"""
    run = watching.load(program(text)).run((("500",), ("201",)), Setting())
    assert [send.identity for send in run.sends] == [0, 0, 1]
    assert str(run.end) == "return true"


def test_no_state_outlives_a_run(watching: Observer) -> None:
    text = """\
import requests
SENT = []
def fetch():
    SENT.append(requests.get("http://api.example.com"))
    return len(SENT) == 1
"""
    subject = watching.load(program(text))
    assert [str(subject.run((("200",),), Setting()).end) for _ in range(2)] == ["return true"] * 2


def test_a_program_with_a_wrong_name_is_the_generators_fault(watching: Observer) -> None:
    with pytest.raises(BrokenProgram, match="requestz"):
        ends(watching, CLIENT.replace("requests.get", "requestz.get"), (("200",),))


def test_outcomes_print_as_they_are_read() -> None:
    assert render(parse("timeout, 404, 200-202, 203")) == "200-203, 404, timeout"


def test_every_pair_of_features_occurs() -> None:
    rows = covering_rows(1)
    assert set(possible_pairs()) == {pair for each in rows for pair in pairs_of(each)}
    programs = [generate(1, index) for index in range(PROGRAMS)]
    assert set(PAIRS) == set().union(*(listed_pairs(each.features) for each in programs))


def test_programs_depend_on_nothing_but_seed_and_index() -> None:
    assert [generate(3, index).text for index in (2, 700)] == [generate(3, index).text for index in (2, 700)]
    assert generate(3, 2).text != generate(4, 2).text


def test_observed_tables_are_agreed_with(watching: Observer) -> None:
    """What a program was seen to do is right by definition: the format and both searches agree on it."""
    for index in (2, 35):
        subject = watching.load(generate(5, index))
        table = read(observed_table(Notes(subject)))
        assert judge(Notes(subject), table, Random(index)).disagreements == []


def test_a_fault_must_say_exactly_where_it_goes(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("a = 1\nb = 1\n", encoding="utf-8")
    Fault("engine.py", "a = 1", "a = 2", "").seed(tmp_path)
    assert (tmp_path / "engine.py").read_text(encoding="utf-8") == "a = 2\nb = 1\n"
    for old in ("= ", "c = 1"):
        with pytest.raises(FaultError):
            Fault("engine.py", old, "", "").seed(tmp_path)


def test_an_analyser_that_hangs_costs_no_more_than_a_few_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SECONDS_TO_START", 0.1)
    monkeypatch.setattr(work, "SECONDS_FOR_PROGRAM", 0.1)
    paths = [tmp_path / f"{index}.py" for index in range(5)]
    found = work.ask_in_turn([sys.executable, "-c", "import time; time.sleep(60)"], paths, {})
    assert not found.tables
    hung, not_asked = list(found.errors.values())[:3], list(found.errors.values())[3:]
    assert all("takes more than" in error for error in hung)
    assert len(not_asked) == 2
    assert all(error.startswith("not asked: ") for error in not_asked)


def test_errlint_agrees_with_execution() -> None:
    """In a process of its own, as the command of the README runs it."""
    command = [sys.executable, "-m", "tests.judge", "run", "--count", str(PROGRAMS), "--seed", "1", "--jobs", "2"]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS_AT_MOST, cwd=Path(__file__).parents[1], check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    inexact = re.search(r"not exact: (\d+)", run.stdout + run.stderr)
    assert inexact is not None
    assert int(inexact[1]) <= PROGRAMS // 100 + 1
