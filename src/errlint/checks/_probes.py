"""Requests of which only the status is of interest, and requests that do not go the same way each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks._loops import assigned_in, loop_around
from errlint.checks._places import Places
from errlint.checks._steering import is_shown
from errlint.flow.lower.tree import below
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
    """Whether code that asks for something reads only the status of the answer (or shows it), or asks a server on the
    same machine: it waits until a service is there."""
    methods = {fact.method for fact, _ in facts.noticed(Sent) if fact.site == way.site.index}
    if not methods <= _READING:
        return False
    if _is_local(facts, way):
        return True
    pack = facts.knowledge.type(way.site.client)
    if pack is None:
        return False
    if _is_only_tried(way, places):
        return True
    if way.site.node not in places:
        return False
    uses = _uses(way.site.node, places)
    return uses is not None and all(
        isinstance(use, cst.Attribute) and (_is_status(pack, use.attr.value) or is_shown(use, places)) for use in uses
    )


def _is_local(facts: ModuleFacts, way: Repeated) -> bool:
    """Whether the server runs on the same machine: who asks it again and again waits until it has started."""
    requests = [request for function in facts.functions for request in function.table.requests]
    urls = [request.url or "" for request in requests if request.site == way.site.index]
    if isinstance(way.site.node, cst.Call):
        given = [argument.value for argument in way.site.node.args]
        # What a port is made of may be too much to be remembered; where the address begins is written there.
        urls += [text.value for value in given for text in below(value) if isinstance(text, cst.FormattedStringText)]
    return any(_LOCAL.match(url) for url in urls)


_LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?=[:/]|$)")


def _is_only_tried(way: Repeated, places: Places) -> bool:
    """Whether a `try` around a call that sends drops what that gives: it asks whether it fails, nothing else."""
    statement = places.parent(way.place)
    if not isinstance(statement, cst.Try) or places.is_within(way.site.node, statement):
        return False
    for part in statement.body.body:
        for small in part.body if isinstance(part, cst.SimpleStatementLine) else (None,):
            if isinstance(small, cst.Return) and small.value is not None:
                return False
            if not isinstance(small, (cst.Expr, cst.Return, cst.Break, cst.Pass)):
                return False
    return True


_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DEVICE_CODE = "device_code"
_NOT_YET = outcomes.status(400) | outcomes.status(403) | outcomes.status(428) | outcomes.status(429)
"""What servers answer to it until the user has agreed."""


class DeviceFlows:
    """The requests with which a device asks for its token: 400 says there that the user has not agreed yet, or not in
    time (RFC 8628, 3.5). Not every server wants to see the grant; each wants the code. Each module is looked through
    once."""

    def __init__(self) -> None:
        self._modules: dict[ModuleCode, frozenset[str]] = {}

    def __contains__(self, way: Repeated) -> bool:
        module = way.site.code.module
        if module not in self._modules:
            texts = {node.raw_value for node in below(module.tree) if isinstance(node, cst.SimpleString)}
            self._modules[module] = frozenset(texts & {_DEVICE_GRANT, _DEVICE_CODE})
        found = self._modules[module]
        return _DEVICE_GRANT in found or (bool(found) and not way.outcomes & outcomes.CLIENT_ERRORS & ~_NOT_YET)


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
