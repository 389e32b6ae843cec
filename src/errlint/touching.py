"""Which functions a fix can change: those that it edits, and those that mention them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from errlint.flow.relevance.names import callable_names
from errlint.model import Edit, Span
from errlint.syntax.names import words

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode
    from errlint.syntax.positions import Positions


def touched(module: ModuleCode, positions: Positions, edits: Iterable[Edit]) -> Callable[[Code], bool]:
    """A test of functions, of `module` and of what the edits make of it: whether what they do may be another.

    Functions are told apart by their names alone, so that some are taken for touched that are not. A statement that is
    put between those of the module binds names that nobody had: it touches nothing. Fields that a function writes are
    not followed: no fix writes one.
    """
    spans = {code: span for code in module.functions if (span := positions.exact(code.node)) is not None}
    names: set[str] = set()
    for edit in edits:
        around = [code for code, span in spans.items() if span.start < edit.span.start and edit.span.end <= span.end]
        if not around and not _is_between(module, positions, edit.span):
            return lambda code: True
        names.update(name for code in around for name in (code.name, *callable_names(code)))
    mentions = {code: words(positions.source.text[span.start : span.end]) for code, span in spans.items()}
    known = -1
    while len(names) > known:
        known = len(names)
        for code, mentioned in mentions.items():
            if not names.isdisjoint(mentioned):
                names.update((code.name, *callable_names(code)))
    before = {code.name for code in module.functions}
    return lambda code: code.kind == "module" or code.name in names or code.name not in before


def _is_between(module: ModuleCode, positions: Positions, span: Span) -> bool:
    """Whether something is put between the statements of a module, and nothing is taken away."""
    if span.start != span.end:
        return False
    wholes = [positions.whole(statement) for statement in module.tree.body]
    return all(whole is not None and not whole.start < span.start < whole.end for whole in wholes)
