"""Which API a request goes to: by its address, by a credential that only one API has, or by a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.code import ModuleCode
from errlint.flow.facts import FunctionFacts
from errlint.flow.ir import Const
from errlint.flow.record import Sent, Site
from errlint.flow.transport import leading_text
from errlint.flow.values import Abstract, Apply, Dictionary

if TYPE_CHECKING:
    from errlint.packs.contracts import Contract, Contracts

_COMMENT = re.compile(r"#\s*errlint:\s*api=([\w.-]+)")


def bind(
    module: ModuleCode, functions: Iterable[FunctionFacts], sites: tuple[Site, ...], contracts: Contracts
) -> dict[int, Contract]:
    """The contract of each site for which one is known."""
    named = _named(module.tree, contracts)
    if named is not None:
        return {site.index: named for site in sites}
    found: dict[int, Contract] = {}
    for function in functions:
        for fact in function.record.facts:
            if isinstance(fact, Sent) and fact.site not in found:
                contract = _contract(fact, contracts)
                if contract is not None:
                    found[fact.site] = contract
    return found


def _named(tree: cst.Module, contracts: Contracts) -> Contract | None:
    """The API that a comment of the file names, on a line of its own before the first statement."""
    for line in tree.header:
        match = _COMMENT.match(line.comment.value) if line.comment is not None else None
        if match is not None:
            return contracts.get(match.group(1))
    return None


def _contract(sent: Sent, contracts: Contracts) -> Contract | None:
    url = leading_text(sent.url)
    if url is not None:
        contract = contracts.for_url(url)
        if contract is not None:
            return contract
    if isinstance(sent.headers, Dictionary):
        for name, value in sent.headers.items:
            if type(name) is Const and isinstance(name.value, str):
                contract = contracts.for_credential(name.value, _known_text(value))
                if contract is not None:
                    return contract
    return None


def _known_text(value: Abstract) -> str:
    if type(value) is Const:
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, Apply) and value.operator in ("format", "+"):
        return "".join(_known_text(part) for part in value.operands)
    return ""
