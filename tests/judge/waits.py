"""What kind of wait lies between the attempts of a run."""

import itertools
from collections.abc import Sequence

from .observe import Run
from .table import UNKNOWN, Retry

CLOSE = 1e-6


def delays(run: Run) -> tuple[float, ...]:
    """The sleeps between the attempts of the first request that was sent twice."""
    counts = [send.identity for send in run.sends]
    repeated = next((identity for identity in counts if counts.count(identity) > 1), None)
    of_it = [send.waited for send in run.sends if send.identity == repeated]
    return tuple(of_it[1:])


def shapes(found: Sequence[float]) -> set[str]:
    """The names that a table may give to these delays."""
    positive = [delay for delay in found if delay > CLOSE]
    if not positive:
        # The first wait of a growing sequence may be nothing: `attempt * 2`, urllib3's back-off.
        return {"none"} if len(found) > 1 else {"none", "linear", "exponential"}
    if len(positive) == 1:
        return {"constant", "linear", "exponential"}
    steps = [after - before for before, after in itertools.pairwise(positive)]
    if all(abs(step) < CLOSE for step in steps):
        return {"constant"}
    if min(steps) < -CLOSE:
        # Two waits alternate, an inner and an outer one: either may be named.
        return {"constant", "linear", "exponential"}
    names = set()
    growing = [index for index, step in enumerate(steps) if step > CLOSE]
    # A cap flattens the end of either; what lies before the last step up tells them apart.
    free = growing[:-1]
    if all(abs(steps[index] - steps[0]) < CLOSE for index in free):
        names.add("linear")
    ratio = positive[1] / positive[0]
    if all(abs(positive[index + 1] / positive[index] - ratio) < CLOSE for index in free):
        names.add("exponential")
    return names


class WaitCheck:
    """Holds one row's claim about its wait against four runs of the same outcome."""

    def __init__(self, usual: Run, reseeded: Run, later: Run, without: Run) -> None:
        """`later` has another Retry-After than `usual`, `without` none; `reseeded` other luck."""
        self.delays = delays(usual)
        self.by_header = delays(later) != self.delays
        self.by_luck = delays(reseeded) != self.delays
        self.fallback = delays(without)

    def problem(self, claim: Retry) -> str | None:
        """What is wrong with the claim, if anything."""
        if not self.delays:
            return None
        if (claim.header is not None) != self.by_header:
            return f"header {claim.header}, but the header {'decides' if self.by_header else 'changes nothing'}"
        if claim.delay == "server" and not self.by_header:
            return "delay by the server, but its header changes nothing"
        if claim.delay in ("other", UNKNOWN, "server"):
            return None
        if claim.jitter != self.by_luck:
            return f"jitter {claim.jitter}, but delays are {self.delays}"
        observed = self.fallback if self.by_header else self.delays
        if self.by_luck:
            return "no delay claimed, yet it sleeps" if claim.delay == "none" else None
        if observed and claim.delay not in shapes(observed):
            return f"delay {claim.delay}, but delays are {observed}"
        return None
