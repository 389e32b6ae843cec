"""Requests of which only the status is of interest, and requests that do not go the same way each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint.checks._loops import assigned_in, loop_around
from errlint.checks._places import Places, below
from errlint.flow.record import Sent
from errlint.packs.effects import ChecksStatus
from errlint.packs.values import Among

if TYPE_CHECKING:
    from errlint.flow.code import ModuleCode
    from errlint.flow.facts import ModuleFacts, Repeated
    from errlint.packs.schema import Class

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ROUTES = frozenset({"proxy", "proxies"})


def is_probe(facts: ModuleFacts, way: Repeated, places: Places) -> bool:
    """Whether code that asks for something reads only the status of the answer: it waits until a service is there."""
    methods = {fact.method for fact, _ in facts.noticed(Sent) if fact.site == way.site.index}
    pack = facts.knowledge.type(way.site.client)
    if not methods <= _READING or pack is None or way.site.node not in places:
        return False
    uses = _uses(way.site.node, places)
    return uses is not None and all(isinstance(use, cst.Attribute) and _is_status(pack, use.attr.value) for use in uses)


_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class DeviceFlows:
    """The requests with which a device asks for its token: 400 says there that the user has not agreed yet (RFC 8628,
    3.5). Each module is looked through once."""

    def __init__(self) -> None:
        self._modules: dict[ModuleCode, bool] = {}

    def __contains__(self, way: Repeated) -> bool:
        module = way.site.code.module
        if module not in self._modules:
            self._modules[module] = any(
                isinstance(node, cst.SimpleString) and node.raw_value == _DEVICE_GRANT for node in below(module.tree)
            )
        return self._modules[module]


def _uses(request: cst.CSTNode, places: Places) -> list[cst.CSTNode] | None:
    """What is done with the answer; None where it goes elsewhere at once."""
    for around in places.around(request):
        if isinstance(around, cst.Expr):
            return []
        if isinstance(around, cst.Attribute):
            return [around]
        if isinstance(around, cst.Assign):
            return list(_uses_of(around.targets[0].target, places)) if len(around.targets) == 1 else None
        if isinstance(around, (cst.AnnAssign, cst.NamedExpr)):
            return list(_uses_of(around.target, places))
        if isinstance(around, cst.WithItem) and around.asname is not None:
            return list(_uses_of(around.asname.name, places))
        if not isinstance(around, (cst.Await, cst.WithItem)):
            return None
    return None


def _uses_of(target: cst.CSTNode, places: Places) -> Iterator[cst.CSTNode]:
    """What is done with a variable in its function."""
    for node in below(places.function(target)):
        if isinstance(node, cst.Name) and isinstance(target, cst.Name) and node.value == target.value:
            around = places.parent(node)
            if around is not None and node is not target and not isinstance(around, cst.AssignTarget):
                yield around
    if not isinstance(target, cst.Name):
        yield target


def _is_status(pack: Class, name: str) -> bool:
    method = pack.methods.get(name)
    if method is not None:
        return isinstance(method.effect, ChecksStatus)
    held = pack.attributes.get(name)
    return held in ("status", "reason") or isinstance(held, Among)


def goes_another_way(way: Repeated, places: Places) -> bool:
    """Whether the proxy changes in the loop that sends again: what one of them is refused the next may get."""
    loop = loop_around(way.place, places)
    if loop is None or not isinstance(way.site.node, cst.Call) or way.site.node not in places:
        return False
    changing = assigned_in(loop)
    for argument in way.site.node.args:
        if argument.keyword is not None and argument.keyword.value in _ROUTES:
            return any(isinstance(node, cst.Name) and node.value in changing for node in below(argument.value))
    return False
