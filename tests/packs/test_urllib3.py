"""What the tables say about programs with urllib3, whose manager sends again by itself, alone and in loops."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import time
import urllib3

http = urllib3.PoolManager()
once = urllib3.PoolManager(retries=False)


def loops():
    for attempt in range(4):
        try:
            return http.request("GET", "http://x/items").data
        except urllib3.exceptions.MaxRetryError:
            time.sleep(2)


def alone():
    return http.request("{method}", "http://x/items"{options}).status


def kept():
    return once.request("GET", "http://x/items").status
"""


def rows(folder: Path, method: str = "GET", options: str = "") -> dict[str, dict[str, tuple[object, ...]]]:
    """By function and outcome: attempts, delay, and what it ends in."""
    file = folder / "program.py"
    file.write_text(PROGRAM.replace("{method}", method).replace("{options}", options), encoding="utf-8")
    command = [sys.executable, "-m", "errlint", "outcomes", "--output-format", "json", "--isolated", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, dict[str, tuple[object, ...]]] = {}
    for function in json.loads(run.stdout)["functions"]:
        for row in function["outcomes"]:
            retry = row["retry"] or {"attempts": 1, "delay": "none"}
            ends = sorted(str(end.get("exception", end.get("value"))).rpartition(".")[2] for end in row["ends"])
            for outcome in row["when"].split(", "):
                found.setdefault(function["qualname"], {})[outcome] = (retry["attempts"], retry["delay"], *ends)
    return found


@pytest.mark.parametrize(
    ("method", "options", "timeout", "connection"),
    [
        ("GET", "", (4, "none", "MaxRetryError"), (4, "none", "MaxRetryError")),
        ("POST", "", (1, "none", "ReadTimeoutError"), (4, "none", "MaxRetryError")),
        ("GET", ", retries=0", (1, "none", "MaxRetryError"), (1, "none", "MaxRetryError")),
        ("GET", ", retries=1", (2, "none", "MaxRetryError"), (2, "none", "MaxRetryError")),
        ("GET", ", retries=False", (1, "none", "ReadTimeoutError"), (1, "none", "NewConnectionError")),
        (
            "GET",
            ", retries=urllib3.Retry(5, read=1, backoff_factor=1)",
            (2, "none", "MaxRetryError"),
            (6, "exponential", "MaxRetryError"),
        ),
        (
            "GET",
            ", retries=time.localtime().tm_hour",
            ("unknown", "none", "MaxRetryError", "ReadTimeoutError"),
            ("unknown", "none", "MaxRetryError", "NewConnectionError"),
        ),
    ],
)
def test_a_request_by_itself(
    method: str, options: str, timeout: tuple[object, ...], connection: tuple[object, ...], tmp_path: Path
) -> None:
    found = rows(tmp_path, method, options)["alone"]
    assert (found["timeout"], found["connection"]) == (timeout, connection)


def test_the_policy_of_the_manager(tmp_path: Path) -> None:
    found = rows(tmp_path)["kept"]
    assert found["protocol"] == (1, "none", "ProtocolError")


def test_a_loop_around_it(tmp_path: Path) -> None:
    """The policy never waits, so that the wait of the loop is what there is."""
    found = rows(tmp_path)["loops"]
    assert found["protocol"] == (16, "constant", "none")
    assert found["429"] == (4, "server", "data")
