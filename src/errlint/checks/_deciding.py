"""The narrowest expression that decides whether a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks import _retriers
from errlint.checks._ways import Turning

if TYPE_CHECKING:
    from errlint.flow.facts import ModuleFacts


def deciding(facts: ModuleFacts, turning: Turning) -> cst.CSTNode:
    """A handler's classes, a retrier's condition, a policy's statuses; else the place as it is."""
    place = turning.place
    if isinstance(place, (cst.ExceptHandler, cst.ExceptStarHandler)):
        return place.type or place
    if isinstance(place, cst.FunctionDef):
        return place.name
    if isinstance(place, cst.For):
        place = place.iter
    if not isinstance(place, cst.Call):
        return place
    names: list[str] = []
    for way in turning.ways:
        if way.transport is not None:
            policy = way.transport.policy
            names += [name for name in (policy.statuses, policy.budgets[0].parameter) if name is not None]
    for rerun in _retriers.reruns(facts, turning):
        retrier = _retriers.retrier_at(facts.knowledge, rerun.policy.path)
        for condition in () if retrier is None else (retrier.condition, retrier.gives_up):
            names += _retriers.condition_parameters(condition)
    arguments = (_retriers.argument(place, name) for name in names)
    return next((argument for argument in arguments if argument is not None), place.func if names else place)
