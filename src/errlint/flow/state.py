"""The state of the interpretation at one point: variables, heap, attempts and what they may have ended in.

A state stands for all runs that agree in its *environment* (everything but the outcome masks); the masks say which
outcomes each attempt may have had in them. Environments that are equal meet; others stay apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from errlint import outcomes
from errlint.flow.composition import shallow
from errlint.flow.decisions import Decision, on_both
from errlint.flow.values import (
    Abstract,
    Apply,
    Dictionary,
    Instance,
    Ref,
    Renaming,
    Sequence,
    Value,
    rename,
    rename_all,
)


@dataclass(slots=True, eq=False)
class Attempt(Value):
    """One sending of a request: `site` is its place, `kind` the client's response type, `certain` how it is known."""

    site: Final[int]
    kind: Final[str]
    certainty: Final[str] = "resolved"

    def __post_init__(self) -> None:
        self._seal()

    def _content(self) -> tuple[object, ...]:
        return (self.site, self.kind, self.certainty)


@dataclass(frozen=True, slots=True)
class Pending:
    """The last attempt of a request whose failure has not been reported yet, and what happened since.

    `sends` are the sendings that it may have been, `decisions` those taken from them to here: on every way, but
    for what `decisions.on_both` keeps of one.
    """

    attempt: int
    waits: tuple[Abstract, ...] = ()
    decisions: frozenset[Decision] = frozenset()
    sends: frozenset[int] = frozenset()

    def followed_by(self, waits: Iterable[Abstract], decisions: frozenset[Decision]) -> Pending:
        """The same after these; of many waits the first are kept."""
        return Pending(self.attempt, (*self.waits, *waits)[:MOST_WAITS], self.decisions | decisions, self.sends)

    def renamed(self, renaming: Renaming) -> Pending:
        """The same with its numbers replaced."""
        return Pending(renaming[self.attempt], rename_all(self.waits, renaming), self.decisions, self.sends)


DETACHED = -1
"""The context of a call that was entered without the caller's pending requests, see `engine.Attach`."""
STANDING_IN = -2
"""The context of a call in which stand-ins are pending for the callers' requests, see `callers`."""
MOST_WAITS = 12
"""So many waits are kept of those that came after a request that is pending: a loop about another one may add to them
for ever."""
RUN = "%run"
"""What the registers are called by that count the runs of what a retry library repeats."""
RESULT = "%result"
"""The only variable of a state in which a function has ended: what it returned or raised."""
CLOSURE = frozenset({"%cells", "%frames"})
"""Registers that hold a function's own shared variables and those of the functions around it."""

Masks = tuple[int, ...]
Flow = tuple[tuple[frozenset[Decision], frozenset[int]], ...]


class Dangling(Exception):
    """A value names an object that the state does not hold: a mistake of the engine, which costs one function."""


@dataclass(slots=True)
class State:
    """Mutable while a block runs; copied where paths split."""

    env: dict[str, Abstract] = field(default_factory=dict)
    heap: dict[int, Value] = field(default_factory=dict)
    masks: dict[int, int] = field(default_factory=dict)
    pending: dict[Abstract, Pending] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    """The last attempt at each request site, in the order of sending."""
    globals: dict[str, Abstract] = field(default_factory=dict)
    anchors: tuple[int, ...] = ()
    """Numbers that the callers know: kept alive, and told to them in this order when a call returns."""
    context: int = 0
    """What the callers' environments were; see `functions`."""
    phantom: bool = False
    """On a path that only a malformed body takes: it concerns handlers and rules, and no outcome table."""
    next_id: int = 0

    def copy(self) -> State:
        return State(
            dict(self.env),
            dict(self.heap),
            dict(self.masks),
            dict(self.pending),
            dict(self.last),
            dict(self.globals),
            self.anchors,
            self.context,
            self.phantom,
            self.next_id,
        )

    def allocate(self, content: Abstract, mask: int | None = None) -> int:
        """Put an object (an attempt, with its mask) into the heap; returns its number."""
        number = self.next_id
        self.next_id = number + 1
        self.put(number, content)
        if mask is not None:
            self.masks[number] = mask
        return number

    def put(self, number: int, content: Abstract) -> None:
        """Replace the content of an object."""
        kept = shallow(content) if isinstance(content, (Sequence, Dictionary, Apply)) else content
        assert isinstance(kept, Value)
        self.heap[number] = kept

    def keep(self, live: frozenset[str]) -> None:
        """Forget the variables that are not read any more."""
        env = self.env
        if any(name not in live for name in env):
            self.env = {name: value for name, value in env.items() if name in live or name in CLOSURE}

    def roots(self) -> list[int]:
        """The numbers that variables, pending requests and callers hold, in a fixed order."""
        found = [*self.anchors, *[attempt for _, attempt in sorted(self.last.items())]]
        env = self.env
        for name in sorted([name for name, value in env.items() if value.ids]):
            found += env[name].ids
        for identity, pending in self.pending.items():
            found.append(pending.attempt)
            found += identity.ids
            for wait in pending.waits:
                found += wait.ids
        for name in sorted([name for name, value in self.globals.items() if value.ids]):
            found += self.globals[name].ids
        return found

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """The numbers reachable from `roots` through the heap, each once, in order of discovery."""
        order: dict[int, None] = {}
        stack = list(roots)
        stack.reverse()
        heap = self.heap
        while stack:
            number = stack.pop()
            if number not in order:
                order[number] = None
                content = heap.get(number)
                if content is not None:
                    stack += content.ids[::-1]
        return list(order)

    def canonical(self) -> tuple[tuple[object, ...], Masks, Flow]:
        """Renumber by discovery, drop the unreachable; returns the environment's key, the masks and the flow part."""
        order = self.reachable(self.roots())
        if not all(map(self.heap.__contains__, order)):
            raise Dangling
        if order != list(range(len(self.heap))):
            self.renumber({old: new for new, old in enumerate(order)})
        heap = self.heap
        key = (
            self.context,
            self.phantom,
            self.anchors,
            frozenset(self.last.items()),
            frozenset(self.env.items()),
            tuple([heap[i] for i in range(len(order))]),
            tuple([(identity, p.attempt, p.waits) for identity, p in self.pending.items()]),
            frozenset(self.globals.items()),
        )
        masks = tuple([self.masks.get(i, 0) for i in range(len(order))])
        return key, masks, tuple([(p.decisions, p.sends) for p in self.pending.values()])

    def renumber(self, renaming: dict[int, int]) -> None:
        """Replace every number by its image; objects without one are dropped."""
        self.env = {name: rename(value, renaming) for name, value in self.env.items()}
        self.heap = {new: rename(self.heap[old], renaming) for old, new in renaming.items()}
        self.masks = {renaming[old]: mask for old, mask in self.masks.items() if old in renaming}
        self.pending = {rename(identity, renaming): p.renamed(renaming) for identity, p in self.pending.items()}
        self.last = {site: renaming[attempt] for site, attempt in self.last.items()}
        self.globals = {name: rename(value, renaming) for name, value in self.globals.items()}
        self.anchors = tuple([renaming[i] for i in self.anchors])
        self.next_id = len(renaming)

    def set_flow(self, masks: Masks, flow: Flow) -> None:
        """Take over merged masks and flow of a state with the same canonical key."""
        self.masks = {i: masks[i] for i in self.masks}
        self.pending = {
            identity: Pending(p.attempt, p.waits, decisions, sends)
            for (identity, p), (decisions, sends) in zip(self.pending.items(), flow, strict=True)
        }

    def decide(self, decision: Decision) -> None:
        """Note a decision on the way from every pending request."""
        for identity, p in self.pending.items():
            self.pending[identity] = Pending(p.attempt, p.waits, p.decisions | {decision}, p.sends)

    def wait(self, delay: Abstract) -> None:
        """Note that the program waits."""
        for identity, p in self.pending.items():
            self.pending[identity] = p.followed_by((delay,), frozenset())

    def settle(self) -> None:
        """Forget pending requests that did not fail after all."""
        for identity, p in list(self.pending.items()):
            if not self.masks[p.attempt] & outcomes.FAILURES:
                del self.pending[identity]

    def runs(self) -> tuple[tuple[str, Abstract], ...]:
        """Which run this is of everything that a retry library repeats at the time."""
        return tuple([(name, self.env[name]) for name in sorted(self.env) if name.startswith(RUN)])

    def narrow(self, attempt: int, mask: int) -> bool:
        """Restrict an attempt's outcomes; false where none is left."""
        self.masks[attempt] = remaining = self.masks[attempt] & mask
        return remaining != 0


def content_of(state: State, value: Abstract) -> Abstract:
    """A container as a value: what a reference to one holds."""
    if isinstance(value, Ref):
        content = state.heap[value.id]
        return value if isinstance(content, Instance) else content
    return value


@dataclass(slots=True)
class _Met:
    """The states of one environment that reached a point: what is known of those that were taken, and the new ones."""

    taken: list[tuple[Masks, Flow]] = field(default_factory=list)
    waiting: list[tuple[Masks, Flow, State]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Crowd:
    """The states of one shape that reached a point: how many, and the one that stands for those past a number."""

    count: int = 0
    united: State | None = None


class Arrivals:
    """The states that reached one point: those with equal environments are united, those seen before are dropped."""

    __slots__ = ("_met", "_taken", "_waiting", "crowds", "values")

    def __init__(self) -> None:
        self._met: dict[tuple[object, ...], _Met] = {}
        self._waiting: list[State] = []
        self._taken: dict[int, tuple[State, _Met, tuple[Masks, Flow]]] = {}
        """The states that were taken last, by their identity."""
        self.values: dict[str, dict[Abstract, None]] = {}
        """What each variable held in the environments that have come here, in order of arrival."""
        self.crowds: dict[tuple[object, ...], Crowd] = {}
        """By shape; see `widen`."""

    def add(self, state: State) -> None:
        self._waiting.append(state)

    def give_back(self, state: State) -> None:
        """A state that was just taken goes on as another one: one that is equal to it is new again."""
        if id(state) in self._taken:
            _, met, seen = self._taken.pop(id(state))
            met.taken.remove(seen)

    def take(self) -> list[State]:
        """The new states, united as far as they can be without losing anything."""
        self._taken.clear()
        return self.take_again()

    def take_again(self) -> list[State]:
        """Those that were added after some were taken, as what these have become."""
        waiting, self._waiting = self._waiting, []
        groups: list[_Met] = []
        for state in waiting:
            key, masks, flow = state.canonical()
            met = self._met.get(key)
            if met is None:
                met = self._met[key] = _Met()
                for name, value in state.env.items():
                    self.values.setdefault(name, {})[value] = None
            elif any(_covers(seen, (masks, flow)) for seen in met.taken):
                continue
            if not met.waiting:
                groups.append(met)
            _unite(met.waiting, masks, flow, state)
        result: list[State] = []
        for met in groups:
            for masks, flow, state in met.waiting:
                state.set_flow(masks, flow)
                met.taken.append((masks, flow))
                self._taken[id(state)] = state, met, (masks, flow)
                result.append(state)
            met.waiting = []
        return result

    @property
    def environments(self) -> int:
        """How many different environments have come here."""
        return len(self._met)


_CROWD = 4
"""So many states that differ only in how they were reached are kept apart; past that, their decisions are united."""


def _covers(old: tuple[Masks, Flow], new: tuple[Masks, Flow]) -> bool:
    return all(n & ~o == 0 for o, n in zip(old[0], new[0], strict=True)) and all(
        od <= nd and os >= ns for (od, os), (nd, ns) in zip(old[1], new[1], strict=True)
    )


def _unite(entries: list[tuple[Masks, Flow, State]], masks: Masks, flow: Flow, state: State) -> None:
    """Add to `entries`, merging with one that differs in one mask or in the flow, until nothing merges."""
    merged = True
    while merged:
        merged = False
        crowded = len(entries) >= _CROWD
        for i, (m, f, s) in enumerate(entries):
            if f != flow and m != masks and not crowded:
                continue
            if sum(a != b for a, b in zip(m, masks, strict=True)) > 1:
                continue
            attempts = [p.attempt for p in s.pending.values()]
            flow = tuple(
                [
                    (on_both(d, e, m[attempt] == masks[attempt]), a | b)
                    for attempt, (d, a), (e, b) in zip(attempts, f, flow, strict=True)
                ]
            )
            masks = tuple([a | b for a, b in zip(m, masks, strict=True)])
            del entries[i]
            state, merged = s, True
            break
    entries.append((masks, flow, state))
