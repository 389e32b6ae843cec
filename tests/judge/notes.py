"""What all runs of one program together showed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .memory import Memory
from .observe import End, Run, Subject
from .outcomes import is_failure
from .world import Place, Plan, Setting

At = tuple[Place, str]


@dataclass
class Notes:
    """Makes runs, none twice, and keeps for each claim the run that proves it.

    `executed` are those for which the program ran; the others it is known to repeat.
    """

    subject: Subject
    memory: Memory = field(default_factory=Memory)
    runs: dict[tuple[Plan, Setting], Run] = field(default_factory=dict)
    ends: dict[At, dict[End | None, Run]] = field(default_factory=dict)
    resent: dict[At, Run] = field(default_factory=dict)
    identities: dict[Place, set[int]] = field(default_factory=dict)
    executed: list[Run] = field(default_factory=list)

    def make(self, plan: Plan, setting: Setting) -> Run:
        """The run for this plan, made now if it is not known."""
        known = self.runs.get((plan, setting))
        if known is not None:
            return known
        run = self.memory.recall(plan, setting)
        if run is None:
            run = self.subject.run(plan, setting)
            self.memory.keep(run)
            self.executed.append(run)
        self.runs[plan, setting] = run
        self._note(run)
        return run

    def _note(self, run: Run) -> None:
        last: dict[Place, str] = {}
        pending: dict[int, At] = {}
        for send in run.sends:
            before = pending.get(send.identity)
            if before is not None and is_failure(before[1]):
                self.resent.setdefault(before, run)
            pending[send.identity] = (send.place, send.outcome)
            last[send.place] = send.outcome
            self.identities.setdefault(send.place, set()).add(send.identity)
        for at in last.items():
            self.ends.setdefault(at, {}).setdefault(run.end, run)

    def ends_at(self, at: At) -> Iterable[tuple[End, Run]]:
        """The ends that were seen when this was the last outcome there."""
        for end, run in self.ends.get(at, {}).items():
            if end is not None:
                yield end, run

    def representatives(self, outcomes: Sequence[str], setting: Setting) -> list[str]:
        """One outcome for each way in which constant answers made the program behave."""
        chosen: dict[object, str] = {}
        for outcome in outcomes:
            run = self.make(((outcome,),), setting)
            behaviour = (tuple((send.place, send.identity) for send in run.sends), run.end)
            chosen.setdefault(behaviour, outcome)
        return list(chosen.values())
