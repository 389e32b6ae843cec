"""What a program was seen to do, told again for a plan that would give it the same answers.

Nothing but the answers and the setting decides what a program does: clocks, sleeps and
luck are the judge's. So two plans that differ only in what is never asked for are one run.
"""

from dataclasses import dataclass

from .observe import End, Run
from .world import Place, Plan, Send, Setting, answer_to

Answered = tuple[str, ...]


@dataclass(frozen=True)
class Asks:
    """The program sends a request next."""

    identity: int
    place: Place
    waited: float


@dataclass(frozen=True)
class Ends:
    """The program sends no more."""

    end: End | None


class Memory:
    """The runs of one program, by what it was answered."""

    def __init__(self) -> None:
        self._next: dict[tuple[Setting, Answered], Asks | Ends] = {}

    def recall(self, plan: Plan, setting: Setting) -> Run | None:
        """The run that this plan would lead to, if one with the same answers is known."""
        sends: list[Send] = []
        answered: Answered = ()
        while True:
            follows = self._next.get((setting, answered))
            if follows is None:
                return None
            if isinstance(follows, Ends):
                return Run(plan, setting, tuple(sends), follows.end)
            outcome = answer_to(plan, follows.identity, sends)
            sends.append(Send(follows.identity, follows.place, outcome, follows.waited))
            answered = (*answered, outcome)

    def keep(self, run: Run) -> None:
        """Remember what the program did after each answer."""
        answered: Answered = ()
        for send in run.sends:
            self._next[run.setting, answered] = Asks(send.identity, send.place, send.waited)
            answered = (*answered, send.outcome)
        self._next[run.setting, answered] = Ends(run.end)
