"""How much work the engine does: for one function, one module, one call."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from errlint.flow.record import Limit

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode

MAX_CALL_DEPTH = 24
MAX_RECURSION_ROUNDS = 30
MAX_STEPS, MAX_COARSE_STEPS = 15_000, 4_000
"""A function that takes more is run again coarsely."""
MODULE_STEPS = 30_000
"""After so many steps in one module its other functions are run coarsely from the start, after twice as many with a
quarter of the steps."""
SCALE_OF_TABLES = 2
"""So many times as much may be done where somebody asks for the tables of a module."""
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
MOST_CULPRITS = 5
"""A function that outgrew its steps has fewer than so many to blame for it."""


class NothingSent(Limit):
    """The function goes on for long without any request."""


class TooLong(Exception):
    """A function that sends nothing is not worth following."""


class Budget:
    """The steps that were taken for the function being analysed, and in the module before it."""

    def __init__(self, scale: int) -> None:
        """`scale`: how many times as many steps as usual functions and modules may take."""
        self.steps = 0
        self.sent = False
        self._scale = scale
        self.constructing = False
        """Only the fields that a constructor leaves are of interest: what it sends is not."""
        self.too_large: set[Code] = set()
        """Functions that cannot be followed to the end."""
        self.skipped: frozenset[Code] = frozenset()
        """Functions of other modules that are passed by in this analysis, because it would take too long."""
        self.passed_by: set[Code] = set()
        """Functions that send nothing and took too long."""
        self._module: ModuleCode | None = None
        self._share: dict[Code, int] = {}
        self._followed: dict[Code, bool] = {}
        self._total = 0
        self._most_steps = MAX_STEPS * scale
        self.coarse = False
        """Whether fewer states are kept apart from the start."""
        self._errand_ends: float = math.inf

    def begin(self, module: ModuleCode, sent: bool, coarse: bool, brief: bool) -> None:
        """Start on another function, one that has `sent` a request or is given the answer to one, or anew on the same
        with fewer states kept apart and without what took most of its steps in other modules; `brief` where it only
        passes on what others do."""
        self.skipped = self.costly_abroad() if coarse else frozenset()
        self.coarse = coarse or self.is_spent()
        self._module = module
        self._total += self.steps
        self.steps, self.sent = 0, sent
        self._most_steps = MAX_COARSE_STEPS if self.coarse or brief else MAX_STEPS * self._scale
        if self._total > 2 * MODULE_STEPS * self._scale:
            self._most_steps = MAX_COARSE_STEPS // 4
        self._share.clear()
        self._followed.clear()

    def spend(self, code: Code | None) -> None:
        """Count one step, in `code`; raises Limit when the function has used up its steps."""
        price = 1 if code is None or code.module is self._module else ABROAD
        self.steps += price
        if code is not None:
            self._share[code] = self._share.get(code, 0) + price
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

    def is_spent(self) -> bool:
        """Whether the module has used up its steps, so that its other functions are run coarsely."""
        return self._total + self.steps > MODULE_STEPS * self._scale

    def is_coarse(self) -> bool:
        """Whether few states are to be kept apart: the function has proved too large, or nothing is sent for long."""
        return self.coarse or (not self.sent and self.steps > EARLY)

    def costly_abroad(self) -> frozenset[Code]:
        """The functions of other modules that took most of the steps."""
        return frozenset(code for code in self._costly() if code.module is not self._module)

    def give_up(self, code: Code) -> None:
        """The function was too large: what took most of its steps is passed by from now on where others call it."""
        self.too_large.update(self._costly())
        self.too_large.add(code)

    def _costly(self) -> list[Code]:
        return [code for code, steps in self._share.items() if steps > self.steps / MOST_CULPRITS]

    def allowance(self, code: Code, judges: bool) -> float | None:
        """How many steps a function may take that sends nothing, None where it may take all that are left; it `judges`
        where it is given an answer or a failure.

        What a judge of another module calls may take half of its steps, so that it is not given up with that.
        """
        if self.constructing:
            return 0
        if judges:
            return None if code.module is self._module else min(JUDGEMENT, (self._errand_ends - self.steps) / 2)
        # Always or never in one analysis: what it gives is the same in each attempt of a request.
        is_early = self.steps <= (PATIENCE if self.sent else EARLY)
        return ERRAND if self._followed.setdefault(code, is_early) else 0

    @contextmanager
    def errand(self, steps: float) -> Iterator[None]:
        """Run what sends nothing; raises TooLong where that takes more than so many steps."""
        before = self._errand_ends
        self._errand_ends = min(before, self.steps + steps)
        try:
            yield
        finally:
            self._errand_ends = before

    @contextmanager
    def construction(self) -> Iterator[None]:
        """Run a constructor for the fields that it leaves, at the cost of no function."""
        before = self.steps, self.sent, self.constructing, self._errand_ends
        self.steps, self.constructing, self._errand_ends = 0, True, math.inf
        try:
            yield
        finally:
            self.steps, self.sent, self.constructing, self._errand_ends = before
