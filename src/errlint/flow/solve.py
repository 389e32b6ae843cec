"""A worklist over a graph of points: knows neither Python syntax nor HTTP.

Points are visited in a given order, so that everything that can meet at a point has arrived before it is left; the
states that arrive say themselves how they unite (`state.Arrivals`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

from errlint.flow.state import Arrivals, State


class Solver:
    """Carries states from point to point until nothing new arrives."""

    __slots__ = ("_arrivals", "_joins", "_order", "_queue", "_queued", "_waiting", "_widen")

    def __init__(
        self, order: Sequence[int], joins: frozenset[int], widen: Callable[[int, list[State], Arrivals], list[State]]
    ) -> None:
        self._order = order
        self._joins = joins
        self._widen = widen
        self._arrivals: dict[int, Arrivals] = {}
        self._waiting: dict[int, list[State]] = {}
        self._queue: list[tuple[int, int]] = []
        self._queued: set[int] = set()

    def arrive(self, point: int, state: State) -> None:
        """A state reached a point."""
        if point in self._joins:
            arrivals = self._arrivals.get(point)
            if arrivals is None:
                arrivals = self._arrivals[point] = Arrivals()
            arrivals.add(state)
        else:
            self._waiting.setdefault(point, []).append(state)
        if point not in self._queued:
            self._queued.add(point)
            heapq.heappush(self._queue, (self._order[point], point))

    def run(self, transfer: Callable[[int, list[State]], None]) -> None:
        """Call `transfer`, which calls `arrive`, for all new states of a point until there are none."""
        while self._queue:
            _, point = heapq.heappop(self._queue)
            self._queued.discard(point)
            if point in self._joins:
                arrivals = self._arrivals[point]
                states = self._widen(point, arrivals.take(), arrivals)
            else:
                states = self._waiting.pop(point)
            if states:
                transfer(point, states)
