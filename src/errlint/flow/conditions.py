"""On which ends of a run a retry library runs again: the conditions that packs describe."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from errlint.flow import calls, delays, instances
from errlint.flow.arguments import Arguments
from errlint.flow.callables import Built, External, Function, Partial
from errlint.flow.engine import Engine
from errlint.flow.ir import Const
from errlint.flow.splitting import truths
from errlint.flow.state import State
from errlint.flow.stops import made_by
from errlint.flow.values import Abstract, Ref, Sequence, Symbol
from errlint.packs import repeating, values

Verdict = tuple[State, bool | None]
"""What a condition says, None where that is not known, and the state in which it does."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one run ended of what a retrier repeats: with `value`, returned or raised.

    `number` counts from 1; `node` is where the run was called.
    """

    engine: Engine
    retrier: repeating.Retrier
    policy: Built
    value: Abstract
    raised: bool
    number: int
    node: cst.CSTNode

    def wants_another(self, state: State) -> list[Verdict]:
        """Whether such an end asks for another run."""
        if self.retrier.enabled is not None:
            enabled = delays.parameter(self.engine, self.policy, self.retrier.enabled)
            if type(enabled) is Const and not enabled.value:
                return [(state, False)]
        if self.raised and self.retrier.always:
            classes = Sequence("tuple", tuple([External(p) for p in self.retrier.always]))
            if instances.is_instance(self.engine, state, self.value, classes):
                return [(state, True)]
        if self.raised and instances.is_instance(self.engine, state, self.value, External("Exception")) is False:
            return [(state, False)]
        return self._holds(state, self.retrier.condition, self.policy)

    def gives_up(self, state: State) -> list[Verdict]:
        """Whether the retrier gives up on an end that it would run again."""
        return self._holds(state, self.retrier.gives_up, self.policy)

    def told(self) -> Abstract:
        """What the project's own callables are told of the run."""
        if self.retrier.state is None:
            return Symbol(("retry state",))
        outcome = (("exception", self.value),) if self.raised else (("result", self.value),)
        return Built(self.retrier.state, (*outcome, ("number", Const(self.number))))

    def _holds(self, state: State, condition: repeating.Condition, built: Built) -> list[Verdict]:
        """Whether a condition, as `built` configures it, holds for the run."""
        if isinstance(condition, str):
            return [(state, {"always": True, "never": False}.get(condition))]
        if isinstance(condition, repeating.Raised):
            if not self.raised:
                return [(state, False)]
            types = self._types(condition.raised, built)
            return [(state, None if types is None else instances.is_instance(self.engine, state, self.value, types))]
        if isinstance(condition, repeating.ExceptionCheck):
            if not self.raised:
                return [(state, False)]
            if condition.otherwise is not None and built.get(condition.exception_check) is None:
                return [(state, condition.otherwise)]
            return self._check(state, condition.exception_check, built)
        if isinstance(condition, repeating.ResultCheck):
            return [(state, False)] if self.raised else self._check(state, condition.result_check, built)
        if isinstance(condition, repeating.Not):
            return [(s, None if v is None else not v) for s, v in self._holds(state, condition.not_, built)]
        if isinstance(condition, repeating.AllOf):
            return self._several(state, condition.all, built, stop_at=False)
        if isinstance(condition, repeating.AnyOf):
            return self._several(state, condition.any, built, stop_at=True)
        if isinstance(condition, repeating.GivenCondition):
            return self._given(state, delays.parameter(self.engine, built, condition.given))
        return [(state, None)]

    def _types(self, types: repeating.Types, built: Built) -> Abstract | None:
        if isinstance(types, str):
            return delays.parameter(self.engine, built, types)
        return Sequence("tuple", tuple([External(p) for p in types]))

    def _check(self, state: State, name: str, built: Built) -> list[Verdict]:
        predicate = delays.parameter(self.engine, built, name)
        return [(state, None)] if predicate is None else self._call(state, predicate, self.value)

    def _call(self, state: State, predicate: Abstract, argument: Abstract) -> list[Verdict]:
        known = isinstance(predicate, External) and self.engine.knowledge.function(predicate.path) is not None
        if not (known or isinstance(predicate, (Function, Partial, Ref))):
            return [(state, None)]
        verdicts: list[Verdict] = []
        steps = calls.call(self.engine, state, predicate, Arguments((argument,)), self.node)
        for after, answer, raised in steps:
            if not raised:
                verdicts += truths(self.engine, after, answer, self.node)
        return verdicts

    def _several(
        self, state: State, source: str | tuple[repeating.Condition, ...], built: Built, stop_at: bool
    ) -> list[Verdict]:
        if isinstance(source, str):
            held = delays.parameter(self.engine, built, source)
            parts: list[Abstract | repeating.Condition] = list(held.items) if isinstance(held, Sequence) else []
            if not parts:
                return [(state, None)]
        else:
            parts = list(source)
        open_: list[Verdict] = [(state, not stop_at)]
        done: list[Verdict] = []
        for part in parts:
            following: list[Verdict] = []
            for current, so_far in open_:
                if isinstance(part, (Built, Function, Partial, External, Symbol)):
                    answers = self._given(current, part)
                else:
                    answers = self._holds(current, part, built)  # type: ignore[arg-type]
                for after, answer in answers:
                    if answer is stop_at:
                        done.append((after, stop_at))
                    else:
                        following.append((after, None if answer is None or so_far is None else so_far))
            open_ = following
        return done + open_

    def _given(self, state: State, value: Abstract | None) -> list[Verdict]:
        if isinstance(value, Built):
            if value.path in delays.COMBINED:
                combined = Built(value.path, (("parts", Sequence("tuple", tuple([v for _, v in value.arguments]))),))
                return self._several(state, "parts", combined, stop_at=value.path == "%|")
            made = made_by(self.engine, value)
            if isinstance(made, values.MakesCondition):
                return self._holds(state, made.condition, value)
            return [(state, None)]
        if isinstance(value, (Function, Partial)):
            return self._call(state, value, self.told())
        return [(state, None)]
