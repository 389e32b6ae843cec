"""Chooses the runs that a program is judged by."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

from .generate.program import Program
from .notes import Notes
from .outcomes import FIXED, TRANSPORT, is_failure
from .table import Claim, Row, Table
from .world import Place, Plan, Schedule, Setting

BASE = Setting()
RANDOM_STATUSES = 4
RANDOM_RUNS = 8
# Past these, a claimed end counts as one that never happens.
WITNESS_TRIES = 400
# A table that has claimed so many of them is wrong at large, and not worth the runs.
GIVE_UP_AFTER = 2
FEW_TRIES = 20
LONGEST_REPEAT = 10
MOST_REPRESENTATIVES = 8
PREFIXES, PREFIXES_TRIED = 12, 64
# What a program's text holds if a Retry-After header may change what it does.
HEADER_WORDS = ("Retry-After", "retry-after", "Retry(", "max_retries")


def settings(program: Program) -> list[Setting]:
    """The settings in which this program may behave differently, the usual one first."""
    found = [Setting(body=index) for index in range(len(program.bodies))]
    if any(word in program.text for word in HEADER_WORDS):
        found.append(Setting(retry_after=None))
    return found


def outcomes_to_try(table: Table | None, rng: Random) -> list[str]:
    """The fixed outcomes, the edges of what is claimed, and a few at random."""
    chosen = dict.fromkeys(FIXED)
    for row in table.rows if table else ():
        chosen.update(dict.fromkeys(_edges(row)))
    chosen.update(dict.fromkeys(str(rng.randrange(200, 600)) for _ in range(RANDOM_STATUSES)))
    return list(chosen)


def _edges(row: Row) -> Iterator[str]:
    for part in row.when.split(", "):
        first, _, last = part.partition("-")
        yield first
        if last:
            yield last


class Search:
    """Runs a program, first as anyone would, then for what its table claims."""

    def __init__(self, notes: Notes, table: Table | None, rng: Random) -> None:
        self._notes = notes
        self._rng = rng
        self._settings = settings(notes.subject.program)
        self.outcomes = outcomes_to_try(table, rng)
        self._representatives: list[str] = []
        self._unwitnessed = 0

    def explore(self) -> None:
        """Constant answers, answers that differ by request, and random schedules."""
        for outcome in self.outcomes:
            self._notes.make(((outcome,),), BASE)
        for setting in self._settings[1:]:
            for outcome in self.outcomes:
                if setting.retry_after is not None or is_failure(outcome):
                    self._notes.make(((outcome,),), setting)
        everything = self._notes.representatives(self.outcomes, BASE)
        self._representatives = everything[:MOST_REPRESENTATIVES]
        self._explore_after_failures(everything)
        self._explore_several()
        for _ in range(RANDOM_RUNS):
            self._notes.make(self._random_plan(), self._rng.choice(self._settings))

    def witness(self, place: Place, outcome: str, claim: Claim) -> bool:
        """Whether a run can be found that ends as claimed after this outcome."""
        return self._find(
            place, outcome, lambda: any(claim.allows(end) for end, _ in self._notes.ends_at((place, outcome)))
        )

    def witness_retry(self, place: Place, outcome: str) -> bool:
        """Whether a run can be found in which the request is sent again after this outcome."""
        return self._find(place, outcome, lambda: self._notes.resent.get((place, outcome)) is not None)

    def _find(self, place: Place, outcome: str, seen: Callable[[], bool]) -> bool:
        if seen():
            return True
        hopeful = self._unwitnessed < GIVE_UP_AFTER and place in self._notes.identities
        tries = WITNESS_TRIES if hopeful else FEW_TRIES
        for plan in itertools.islice(self._histories(place, outcome), tries):
            for setting in self._settings:
                self._notes.make(plan, setting)
            if seen():
                return True
        self._unwitnessed += 1
        return False

    def _explore_after_failures(self, behaviours: Sequence[str]) -> None:
        """Let each outcome be the last one after some that are tried again.

        What a program remembers of an earlier failure shows in no constant answer.
        """
        attempts = {each: len(self._notes.make(((each,),), BASE).sends) for each in behaviours}
        repeated = [each for each in behaviours if attempts[each] > 1]
        if not repeated:
            return
        for outcome in self.outcomes:
            first = self._rng.choice(repeated)
            before = [first] * self._rng.choice((1, attempts[first] - 1))
            if self._rng.random() < 0.3:
                before[-1] = self._rng.choice(repeated)
            self._notes.make(((*before, outcome),), self._rng.choice(self._settings))

    def _explore_several(self) -> None:
        """Where there is more than one request, let each meet every outcome after the others'."""
        for length in (1, 2, 3):
            if self._most_identities() <= length:
                return
            prefixes = list(itertools.product(self._representatives, repeat=length))
            self._rng.shuffle(prefixes)
            for prefix in prefixes[:32]:
                start = tuple((outcome,) for outcome in prefix)
                if not self._reaches(start):
                    continue
                for outcome in self.outcomes:
                    self._notes.make((*start, (outcome,)), BASE)

    def _reaches(self, start: Plan) -> bool:
        """Whether another request follows when the first ones are answered so."""
        return any(
            send.identity >= len(start)
            for outcome in ("200", "500")
            for send in self._notes.make((*start, (outcome,)), BASE).sends
        )

    def _most_identities(self) -> int:
        return max((max(found) + 1 for found in self._notes.identities.values()), default=0)

    def _random_plan(self) -> Plan:
        return tuple(self._random_schedule() for _ in range(max(1, self._most_identities())))

    def _random_schedule(self) -> Schedule:
        kinds = [self._random_outcome() for _ in range(self._rng.choice((1, 2, 2, 3, 3)))]
        return tuple(itertools.chain.from_iterable([kind] * self._rng.randint(1, 3) for kind in kinds))

    def _random_outcome(self) -> str:
        return self._rng.choice(self._representatives if self._rng.random() < 0.6 else self.outcomes)

    def _histories(self, place: Place, outcome: str) -> Iterator[Plan]:
        """Plans in which the last answer at `place` may be this one, the simplest first."""
        positions = sorted(self._notes.identities.get(place, {0, 1}))
        yield ((outcome,),)
        yield from self._followed(outcome, positions)
        for schedule in itertools.chain(self._one_before(outcome), self._two_before(outcome)):
            for position in positions:
                if position == 0:
                    yield (schedule,)
                else:
                    for prefix in self._prefixes(position):
                        yield (*prefix, schedule)

    def _followed(self, outcome: str, positions: Sequence[int]) -> Iterator[Plan]:
        """Plans in which another request follows, or the same from another place, and its answer decides the end."""
        if self._most_identities() > 1:
            prefixes = [p for position in positions for p in self._prefixes(position) if self._reaches(p)]
            # What behaves in its own way goes first: the tries may end before all outcomes have had their turn.
            for after in dict.fromkeys([*self._others(outcome), *self.outcomes]):
                for prefix in prefixes:
                    yield (*prefix, (outcome,), (after,))
                    if prefix:
                        # The first request may be sent anew before the end.
                        yield ((*prefix[0], after), *prefix[1:], (outcome,))
                for between in self._representatives:
                    # After another request this one may be sent anew, or a third one.
                    yield ((outcome, after), (between,))
                    if self._most_identities() > 2:
                        yield ((outcome,), (between,), (after,))
        if len(self._notes.identities) > 1:
            for repeat in range(1, LONGEST_REPEAT + 1):
                for after in self._others(outcome):
                    yield ((outcome,) * repeat + (after,),)

    def _prefixes(self, length: int) -> Iterable[Plan]:
        """What earlier requests may have been answered; a few, of many, those first after which another one is sent."""
        options = list(itertools.product(self._representatives, repeat=length))
        self._rng.shuffle(options)
        plans: list[Plan] = [tuple((outcome,) for outcome in option) for option in options[:PREFIXES_TRIED]]
        return sorted(plans, key=lambda plan: not self._reaches(plan))[:PREFIXES]

    def _one_before(self, outcome: str) -> Iterator[Schedule]:
        others = self._others(outcome)
        yield (outcome,)
        # What a program remembers may tell outcomes apart that end alike where they last.
        for other in dict.fromkeys([*others, *self.outcomes]):
            yield (other, outcome)
        for repeat in range(2, LONGEST_REPEAT + 1):
            for other in others:
                yield (other,) * repeat + (outcome,)

    def _two_before(self, outcome: str) -> Iterator[Schedule]:
        others = self._others(outcome)
        options = [
            (first,) * repeat + (second,) * again + (outcome,)
            for first, second in itertools.permutations([*others, outcome], 2)
            for repeat, again in itertools.product(range(1, 5), repeat=2)
        ]
        self._rng.shuffle(options)
        yield from sorted(options, key=len)

    def _others(self, outcome: str) -> Sequence[str]:
        named = dict.fromkeys([*self._representatives, *TRANSPORT])
        return [other for other in named if other != outcome]
