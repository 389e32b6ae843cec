"""Which functions can have anything to do with requests: the others are neither lowered nor run.

A cheap look at names only. A function counts where it calls something that is named like what sends a request, checks
a status or repeats a function in some pack, or a function of the module that counts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.ir import Code, ModuleCode
from errlint.flow.lower.tree import children
from errlint.packs import effects, schema

if TYPE_CHECKING:
    from errlint.packs.knowledge import Knowledge

_TELLING = (effects.Sends, effects.Repeats, effects.Wraps, effects.Runs, effects.ChecksStatus)


@lru_cache(maxsize=8)
def _words(knowledge: Knowledge) -> frozenset[str]:
    """The last names of everything in the packs that sends, checks or repeats."""
    words: set[str] = set()
    for pack in knowledge.packs:
        for path, definition in pack.definitions.items():
            if isinstance(definition, schema.Function) and isinstance(definition.effect, _TELLING):
                words.add(path.rpartition(".")[2])
            elif isinstance(definition, schema.Class):
                words |= {n for n, m in definition.methods.items() if isinstance(m.effect, _TELLING)}
                if definition.retrier is not None:
                    words.add(path.rpartition(".")[2])
    return frozenset(words - {"__call__"})


def relevant(module: ModuleCode, knowledge: Knowledge) -> list[Code]:
    """The functions of a module that are worth running, in source order."""
    words = _words(knowledge)
    called = [(code, _called(code)) for code in module.functions]
    chosen = {id(code) for code, names in called if names & words}
    names_of_chosen = {code.name for code, _ in called if id(code) in chosen}
    grew = True
    while grew:
        grew = False
        for code, names in called:
            if id(code) not in chosen and names & names_of_chosen:
                chosen.add(id(code))
                if code.name not in names_of_chosen:
                    names_of_chosen.add(code.name)
                    grew = True
    return [code for code in module.functions if id(code) in chosen]


def _called(code: Code) -> set[str]:
    """The names that a function calls or is decorated with, and those it may pass on as functions."""
    names: set[str] = set()
    stack: list[cst.CSTNode] = [code.node]
    while stack:
        node = stack.pop()
        if type(node) is cst.Call:
            name = _name(node.func)
            if name is not None and not _looks_up_a_key(name, node):
                names.add(name)
        elif type(node) is cst.Decorator:
            name = _name(node.decorator)
            if name is not None:
                names.add(name)
        elif type(node) is cst.Arg and node.value is not None:
            name = _name(node.value)
            if name is not None:
                names.add(name)
        stack.extend(children(node))
    return names


def _name(node: cst.CSTNode) -> str | None:
    if isinstance(node, cst.Name):
        return node.value
    return node.attr.value if isinstance(node, cst.Attribute) else None


def _looks_up_a_key(name: str, call: cst.Call) -> bool:
    """`data.get("name")` and `data.get("name", default)`: no address looks like that."""
    if name != "get" or not 1 <= len(call.args) <= 2:
        return False
    first = call.args[0].value
    if isinstance(first, cst.SimpleString):
        return "/" not in first.value
    return isinstance(first, (cst.Integer, cst.Attribute)) and len(call.args) == 2 and call.args[1].keyword is None
