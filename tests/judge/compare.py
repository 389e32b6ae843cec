"""Finds where the claims of a table and the runs of its program disagree."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from .notes import Notes
from .observe import SENDS_AT_MOST, Run
from .outcomes import is_failure, render
from .search import BASE, Search
from .table import Row, Table
from .waits import WaitCheck
from .world import ANSWER_TAKES, Place

CHECKS = ("table", "request", "retry", "end", "attempts", "wait")


@dataclass
class Disagreement:
    """A claim that no run bears out, or a run that no claim covers; `seen` is the first of them."""

    check: str
    kind: str
    row: str
    seen: str
    outcomes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        where = f" for {render(self.outcomes)}" if self.outcomes else ""
        return f"{self.check}: {self.kind}{where}\n    row  {self.row}\n    seen {self.seen}"


@dataclass
class Verdict:
    """What judging one program came to.

    `plans` were played, and `runs` of them executed: the others ask for no answer that those did not give.
    """

    disagreements: list[Disagreement] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    plans: int = 0
    runs: int = 0
    sends: int = 0


class Comparison:
    """Judges one program by its table."""

    def __init__(self, notes: Notes, table: Table, rng: Random) -> None:
        self._notes = notes
        self._table = table
        self._rng = rng
        self._search = Search(notes, table, rng)
        self._verdict = Verdict()
        self._told: dict[tuple[str, Row | None], Disagreement] = {}

    def judge(self) -> Verdict:
        """Make the runs and compare; the search for witnesses goes first, as each run is evidence."""
        self._search.explore()
        for index, place in enumerate(self._table.requests):
            for row in self._table.rows:
                if row.request == index:
                    self._check_claimed_ends(place, row)
        if len(self._table.requests) == 1:
            for row in self._table.rows:
                self._check_constant(row)
        self._check_places()
        self._check_seen()
        self._verdict.plans = len(self._notes.runs)
        self._verdict.runs = len(self._notes.executed)
        self._verdict.sends = sum(len(run.sends) for run in self._notes.executed)
        return self._verdict

    def _complain(self, check: str, kind: str, row: Row | None, seen: object, outcome: str | None = None) -> None:
        """Once for each kind and row: a wrong row is wrong for many outcomes."""
        told = self._told.get((kind, row))
        if told is None:
            told = Disagreement(check, kind, str(row or "-"), str(seen))
            self._told[kind, row] = told
            self._verdict.disagreements.append(told)
        if outcome is not None and outcome not in told.outcomes:
            told.outcomes.append(outcome)

    def _check_places(self) -> None:
        counted = Counter(self._table.requests)
        for place, number in counted.items():
            if number > 1:
                self._complain("request", f"{number} requests in line {place[1]}", None, "")
        for place in self._notes.identities:
            self._verdict.checks["request"] += 1
            if place not in counted:
                self._complain("request", f"sends from line {place[1]} are not in the table", None, place)

    def _check_claimed_ends(self, place: Place, row: Row) -> None:
        for claim in row.ends:
            for outcome in self._outcomes_to_witness(row):
                self._verdict.checks["end"] += 1
                if not self._search.witness(place, outcome, claim):
                    self._complain("end", f"{claim} is claimed, not seen", row, self._ends(place, outcome), outcome)
                    break

    def _outcomes_to_witness(self, row: Row) -> list[str]:
        between = [outcome for outcome in self._search.outcomes if outcome in row.outcomes]
        chosen = [row.outcomes[0], row.outcomes[-1], *self._rng.sample(between, min(1, len(between)))]
        return list(dict.fromkeys(chosen))

    def _ends(self, place: Place, outcome: str) -> str:
        seen = sorted({str(end) for end, _ in self._notes.ends_at((place, outcome))})
        return f"{outcome}: {' | '.join(seen) or 'no end'}"

    def _rows(self, place: Place, outcome: str) -> Iterator[Row]:
        for index, claimed in enumerate(self._table.requests):
            if claimed == place:
                yield self._table.row(index, outcome)

    def _check_seen(self) -> None:
        """A retry is claimed where one was seen, and seen where one is claimed; each end that was seen stands in the
        row."""
        for at in list(self._notes.ends):
            for row in self._rows(*at):
                if not is_failure(at[1]):
                    continue
                self._verdict.checks["retry"] += 1
                resent = self._notes.resent.get(at)
                if row.retry is None and resent is not None:
                    self._complain("retry", "a retry is seen, not claimed", row, resent, at[1])
                if row.retry is not None and not self._search.witness_retry(*at):
                    self._complain("retry", "a retry is claimed, not seen", row, self._ends(*at), at[1])
        for at, ends in self._notes.ends.items():
            for row in self._rows(*at):
                for end, run in ends.items():
                    self._verdict.checks["end"] += 1
                    if end is not None and not row.allows(end):
                        self._complain("end", f"{end} is seen, not claimed", row, run, at[1])

    def _check_constant(self, row: Row) -> None:
        """How often and after what waits a failure that lasts is tried again."""
        if row.retry is None:
            return
        for outcome in row.outcomes:
            runs = [run for run in self._notes.runs.values() if run.plan == ((outcome,),)]
            if not is_failure(outcome) or not runs:
                continue
            self._check_attempts(row, outcome, runs)
        failures = [outcome for outcome in row.outcomes if is_failure(outcome) and outcome in self._search.outcomes]
        if failures:
            self._check_wait(row, self._rng.choice(failures))

    def _check_attempts(self, row: Row, outcome: str, runs: list[Run]) -> None:
        claimed = row.retry.attempts if row.retry else None
        longest = max(runs, key=lambda run: run.attempts)
        endless = any(run.end is None for run in runs)
        self._verdict.checks["attempts"] += 1
        if isinstance(claimed, int) and claimed < SENDS_AT_MOST and (endless or claimed != longest.attempts):
            self._complain("attempts", f"{claimed} attempts are claimed", row, longest, outcome)
        if claimed == "unbounded" and not endless:
            self._complain("attempts", "unbounded attempts are claimed", row, longest, outcome)

    def _check_wait(self, row: Row, outcome: str) -> None:
        assert row.retry is not None
        plan = ((outcome,),)
        # A deadline is to come after waits, not in the middle of what a transport does without any.
        usual = replace(BASE, timeout_takes=ANSWER_TAKES)
        variants = (usual, replace(usual, seed=1), replace(usual, retry_after="7"), replace(usual, retry_after=None))
        check = WaitCheck(*(self._notes.make(plan, setting) for setting in variants))
        self._verdict.checks["wait"] += 1
        problem = check.problem(row.retry)
        if problem is not None:
            self._complain("wait", problem, row, self._notes.make(plan, usual), outcome)


def judge(notes: Notes, table: Table, rng: Random) -> Verdict:
    """Run the program and compare what is seen with what is claimed."""
    return Comparison(notes, table, rng).judge()
