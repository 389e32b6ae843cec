"""The outcome table of a program as running it shows, in the analyser's own format.

It is as good as the runs that were made: an end that only a rare history leads to
may be missing from it.
"""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from .generate.program import Program, read_program
from .notes import Notes
from .observe import End, observer
from .outcomes import ALL, is_failure, render
from .search import BASE, Search, settings
from .waits import WaitCheck, shapes
from .world import Place


def print_observed(path: Path) -> int:
    """Run the program in a file for every outcome and print what it did."""
    program = read_program(path)
    with observer() as watching:
        table = observed_table(Notes(watching.load(program)))
    for row in table["outcomes"]:
        line = table["requests"][row["request"]]["line"]
        ends = " | ".join(" ".join(end.values()) for end in row["ends"]) or "never ends"
        retry = f"retry {json.dumps(row['retry'])}, then " if row["retry"] else ""
        print(f"line {line}, {row['when']}: {retry}{ends}")
    return 0


def observed_table(notes: Notes) -> dict[str, Any]:
    """The table that the runs of a program add up to, as an object of `functions`."""
    program = notes.subject.program
    for outcome in ALL:
        for setting in settings(program):
            notes.make(((outcome,),), setting)
    Search(notes, None, Random(0)).explore()
    places = sorted(notes.identities)
    rows = [row for index, place in enumerate(places) for row in _rows(notes, index, place)]
    return {
        "path": program.sources[-1].filename,
        "qualname": program.qualname,
        "line": 1,
        "end_line": program.sources[-1].text.count("\n"),
        "requests": [_request(program, place) for place in places],
        "outcomes": rows,
        "exact": True,
    }


def _request(program: Program, place: Place) -> dict[str, Any]:
    library = "httpx" if "httpx" in program.text else "requests"
    details = {"column": 1, "client": library, "method": None, "url": None, "api": None}
    return {"path": place[0], "line": place[1], **details}


def _rows(notes: Notes, index: int, place: Place) -> list[dict[str, Any]]:
    """The outcomes of one request, those that are treated alike together."""
    alike: dict[str, list[str]] = defaultdict(list)
    for outcome in ALL:
        ends = sorted((_end(end) for end, _ in notes.ends_at((place, outcome))), key=json.dumps)
        retry = _retry(notes, outcome) if is_failure(outcome) and (place, outcome) in notes.resent else None
        alike[json.dumps({"retry": retry, "ends": ends})].append(outcome)
    return [{"request": index, "when": render(outcomes), **json.loads(text)} for text, outcomes in alike.items()]


def _end(end: End) -> dict[str, str]:
    return {"do": end.do, ("value" if end.do == "return" else "exception"): end.detail[0]}


def _retry(notes: Notes, outcome: str) -> dict[str, Any]:
    plan = ((outcome,),)
    variants = (BASE, replace(BASE, seed=1), replace(BASE, retry_after="7"), replace(BASE, retry_after=None))
    runs = [notes.make(plan, setting) for setting in variants]
    wait = WaitCheck(*runs)
    named = sorted(shapes(wait.delays)) if not wait.by_luck else ["other"]
    endless = any(run.end is None for run in runs)
    return {
        "attempts": "unbounded" if endless else max(run.attempts for run in runs),
        "delay": "server" if wait.by_header else named[0] if named else "other",
        "jitter": wait.by_luck,
        "header": "Retry-After" if wait.by_header else None,
    }
