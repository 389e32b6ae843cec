"""A guard at the top of a handler: what the server refused for good is raised again at once, or ends the loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.checks import _ways
from errlint.checks._loops import loop_around
from errlint.flow.table import End, Raises
from errlint.model import Applicability, Edit, Fix, Span
from errlint.packs.schema import Class, ExceptionClass
from errlint.syntax.names import bound_by, dotted

if TYPE_CHECKING:
    from errlint.checks._places import Places
    from errlint.checks._ways import Turning
    from errlint.flow.facts import ModuleFacts
    from errlint.syntax.edits import Editor


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a client shows a refusal: the exception, and how its status is read off an instance of it."""

    exception: ExceptionClass
    response: str | None
    """The attribute that holds the response; None where the exception itself has the status."""
    status: str


def guard(editor: Editor, facts: ModuleFacts, turning: Turning, refused: int, places: Places) -> Fix | None:
    """The fix that lets refusals leave a handler; None where their status cannot be read there."""
    handler = turning.place
    if not isinstance(handler, cst.ExceptHandler):
        return None
    shown = _refusal(facts, turning, refused)
    if shown is None:
        return None
    name, bound = _bound(editor, handler)
    condition = _condition(editor, facts, handler, shown, name)
    if condition is None or name is None:
        return None
    known, needed = condition
    contract = facts.contract(turning.ways[0].site)
    passing = contract.advised("backoff", "after-wait") & outcomes.CLIENT_ERRORS
    spared = ", ".join(map(str, outcomes.codes(passing)))
    status = f"{name}.{shown.response}.{shown.status}" if shown.response else f"{name}.{shown.status}"
    lines = []
    test = ""
    if known:
        variable = editor.free_name("status", handler)
        lines.append(f"{variable} = {status} if {known} else None")
        test, status = f"{variable} is not None and ", variable
    test += f"400 <= {status} < 500"
    if spared:
        test += f" and {status} not in {{{spared}}}"
    loop = loop_around(handler, places)
    ends_loop = loop is not None and loop.orelse is None and _returns_already(turning, refused)
    lines += [f"if {test}:", "    break" if ends_loop else "    raise"]
    edits = (*bound, *needed, *editor.insert_before(handler.body.body[0], lines))
    applicability: Applicability = "safe" if _raises_already(turning, refused, shown.exception.path) else "unsafe"
    what = "give up on" if ends_loop else "raise"
    return Fix(f"{what} what the server refused for good", applicability, edits, outcomes.CLIENT_ERRORS & ~passing)


def _refusal(facts: ModuleFacts, turning: Turning, refused: int) -> Refusal | None:
    paths = _ways.caught(facts, turning, refused)
    clients = {way.site.client for way in turning.ways}
    if len(paths) != 1 or len(clients) != 1:
        return None
    exception, pack = facts.knowledge.exception(paths[0]), facts.knowledge.type(clients.pop())
    if exception is None or pack is None:
        return None
    direct = next((name for name, value in exception.attributes.items() if value == "status"), None)
    if direct is not None:
        return Refusal(exception, None, direct)
    response = next((name for name, value in exception.attributes.items() if value == "response"), None)
    status = _status_of(pack)
    return Refusal(exception, response, status) if response is not None and status is not None else None


def _status_of(pack: Class) -> str | None:
    return next((name for name, value in pack.attributes.items() if value == "status"), None)


def _bound(editor: Editor, handler: cst.ExceptHandler) -> tuple[str | None, tuple[Edit, ...]]:
    """The name of the exception, and the edits that give it one."""
    if handler.name is not None:
        return (handler.name.name.value if isinstance(handler.name.name, cst.Name) else None), ()
    if handler.type is None:
        return None, ()
    name = editor.free_name("error", handler)
    end = editor.replace(handler.type, "").span.end
    return name, (Edit(Span(end, end), f" as {name}"),)


def _condition(
    editor: Editor, facts: ModuleFacts, handler: cst.ExceptHandler, shown: Refusal, name: str | None
) -> tuple[str, tuple[Edit, ...]] | None:
    """What must hold before the status can be read ("": nothing), with the imports that takes."""
    classes = _classes(facts, handler)
    attribute = shown.response or shown.status
    wanted = "response" if shown.response else "status"
    if classes is not None and all(cls.attributes.get(attribute) == wanted for cls in classes):
        certain = not shown.response or all(not cls.outcomes & outcomes.TRANSPORT for cls in classes)
        return ("" if certain else f"{name}.{attribute} is not None"), ()
    module, _, cls_name = _public(facts, shown.exception.path).rpartition(".")
    imported = editor.need_import(module, cls_name)
    return f"isinstance({name}, {imported.reference})", imported.edits


def _classes(facts: ModuleFacts, handler: cst.ExceptHandler) -> list[ExceptionClass] | None:
    """The classes that a handler names; None where one is not known."""
    if handler.type is None:
        return None
    named = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    found = [facts.knowledge.exception(_resolved(facts.module.tree, dotted(node))) for node in named]
    return [cls for cls in found if cls is not None] if None not in found else None


def _resolved(tree: cst.Module, name: str) -> str:
    """The dotted path of a name, by the imports at the top of the module."""
    root, dot, rest = name.partition(".")
    for line in tree.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
                for alias in small.names:
                    if bound_by(alias) == root and not small.relative:
                        return f"{dotted(small.module)}.{dotted(alias.name)}{dot}{rest}"
            elif isinstance(small, cst.Import):
                for alias in small.names:
                    if bound_by(alias) == root and alias.asname is not None:
                        return f"{dotted(alias.name)}{dot}{rest}"
    return name


def _public(facts: ModuleFacts, path: str) -> str:
    """The shortest public name of something: `requests.HTTPError` for `requests.exceptions.HTTPError`."""
    pack = facts.knowledge.pack(path)
    names = [path]
    if pack is not None:
        names += [public for public, known in pack.exports.items() if known == path]
    return min(names, key=lambda name: (name.count("."), len(name)))


def _raises_already(turning: Turning, refused: int, path: str) -> bool:
    """Whether these outcomes end in the same exception without the guard: only sooner, then."""
    return all(ends == (Raises(path),) for ends in _ends(turning, refused))


def _returns_already(turning: Turning, refused: int) -> bool:
    """Whether after the last attempt these outcomes end in a result, which callers know how to take."""
    return all(ends and not any(isinstance(end, Raises) for end in ends) for ends in _ends(turning, refused))


def _ends(turning: Turning, refused: int) -> Iterator[tuple[End, ...]]:
    for way in turning.ways:
        for row in way.function.table.rows:
            if way.function.table.requests[row.request].site == way.site.index and row.outcomes & refused:
                yield row.ends
