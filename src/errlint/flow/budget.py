"""How much work the engine does: for one function, one module, one call."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from errlint.flow.record import Limit

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode

MAX_CALL_DEPTH = 24
MAX_RECURSION_ROUNDS = 30
MAX_STEPS, COARSE_STEPS = 15_000, 4_000
"""A function that takes more is run again coarsely."""
TRIAL_STEPS = 6_000
"""A function that takes more, most of them in other modules, is tried coarsely; only where that ends is it worth all
the steps."""
MODULE_STEPS = 30_000
"""After so many steps in one module its other functions are run coarsely from the start, after twice as many with a
quarter of the steps."""
LOOKOUT = 1_500
"""A function that has sent nothing after so many steps is taken for one that never does."""
EARLY, PATIENCE = 250, 3_000
"""After so many steps functions that have nothing to do with requests are not followed any more: before the first
request, and in all."""
ABROAD = 3
"""What a step in another module counts: what is done there is mostly looked at there."""
ERRAND = 300
"""So many steps a function may take that has nothing to do with requests."""
JUDGEMENT = 3_000
"""So many a function of another module may take that sends nothing, but is given an answer."""
MAX_CONSTRUCTION = 1_500


Pace = Literal["trial", "coarse", "whole"]
"""How a function is run: exactly for a while, with few states kept apart, or exactly to the end."""


class TrialOver(Limit):
    """The function has to show that it is worth more steps."""


class NothingSent(Limit):
    """The function goes on for long without any request."""


class TooLong(Exception):
    """A function that sends nothing is not worth following."""


class Budget:
    """The steps that were taken for the function being analysed, and in the module before it."""

    def __init__(self) -> None:
        self.steps = 0
        self.sent = False
        self.constructing = False
        """Only the fields that a constructor leaves are of interest: what it sends is not."""
        self.too_large: set[Code] = set()
        """Functions that cannot be followed to the end."""
        self.passed_by: set[Code] = set()
        """Functions that send nothing and took too long."""
        self._module: ModuleCode | None = None
        self._share: dict[Code, int] = {}
        self._followed: dict[Code, bool] = {}
        self._total = 0
        self._before = 0
        self._abroad = 0
        """The steps taken in other modules."""
        self._most_steps = MAX_STEPS
        self._most_abroad: float = math.inf
        self.coarse = False
        """Whether fewer states are kept apart from the start."""
        self._errand_ends: float = math.inf

    def begin(self, module: ModuleCode, sent: bool, pace: Pace) -> None:
        """Start on another function, one that has `sent` a request or is given the answer to one, or anew on the same
        at another pace."""
        self._module = module
        if pace == "trial":
            self._before = self._total + self.steps
        # What was tried before does not count where all the steps are worth it.
        self._total = self._before if pace == "whole" else self._total + self.steps
        self.steps, self.sent, self.coarse = 0, sent, pace == "coarse" or self._before > MODULE_STEPS
        self._most_steps = COARSE_STEPS if self.coarse else MAX_STEPS
        if self._before > 2 * MODULE_STEPS:
            self._most_steps = COARSE_STEPS // 4
        self._abroad = 0
        self._most_abroad = TRIAL_STEPS // 2 if pace == "trial" and not self.coarse else math.inf
        self._share.clear()
        self._followed.clear()

    def spend(self, code: Code | None) -> None:
        """Count one step, in `code`; raises Limit when the function has used up its steps."""
        if code is None or code.module is self._module:
            self.steps += 1
        else:
            self.steps += ABROAD
            self._abroad += ABROAD
        if code is not None:
            self._share[code] = self._share.get(code, 0) + 1
        if self.steps > self._errand_ends:
            raise TooLong
        if self.constructing:
            if self.steps > MAX_CONSTRUCTION:
                raise Limit("the constructor is too long")
            return
        if self.steps > LOOKOUT and not self.sent:
            raise NothingSent("nothing is sent")
        if self.steps > self._most_steps:
            raise Limit(f"more than {self._most_steps} steps")
        if self.steps > TRIAL_STEPS and self._abroad > self._most_abroad:
            raise TrialOver(f"more than {TRIAL_STEPS} steps, most of them in other modules")

    def is_coarse(self) -> bool:
        """Whether few states are to be kept apart: the function has proved too large, or nothing is sent for long."""
        return self.coarse or (not self.sent and self.steps > EARLY)

    def give_up(self, code: Code) -> None:
        """The function was too large: what took most of its steps is passed by from now on where others call it."""
        self.too_large.update([each for each, steps in self._share.items() if steps > self.steps // 5])
        self.too_large.add(code)

    def allowance(self, code: Code, judges: bool) -> int | None:
        """How many steps a function may take that sends nothing; None where it may take all that are left.

        It `judges` where it is given an answer or a failure.
        """
        if judges and not self.constructing:
            return None if code.module is self._module else JUDGEMENT
        if self.constructing:
            return 0
        # Always or never in one analysis: what it gives is the same in each attempt of a request.
        is_early = self.steps <= (PATIENCE if self.sent else EARLY)
        return ERRAND if self._followed.setdefault(code, is_early) else 0

    @contextmanager
    def errand(self, steps: int) -> Iterator[None]:
        """Run what sends nothing; raises TooLong where that takes more than so many steps, or half of those that are
        left to what calls it."""
        before = self._errand_ends
        self._errand_ends = self.steps + min(steps, (before - self.steps) / 2)
        try:
            yield
        finally:
            self._errand_ends = before

    @contextmanager
    def construction(self) -> Iterator[None]:
        """Run a constructor for the fields that it leaves, at the cost of no function."""
        before = self.steps, self._abroad, self.sent, self.constructing, self._errand_ends
        self.steps, self.constructing, self._errand_ends = 0, True, math.inf
        try:
            yield
        finally:
            self.steps, self._abroad, self.sent, self.constructing, self._errand_ends = before
