"""Which calls of something unknown are expected to fail as requests do: the handlers around them name such failures."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from errlint import outcomes
from errlint.flow.held import imported_path
from errlint.flow.lower.tree import children, dotted_name
from errlint.flow.relevance.names import is_of_data
from errlint.flow.standard import LOGGING
from errlint.syntax.names import last_name

if TYPE_CHECKING:
    from errlint.flow.code import Code, ModuleCode
    from errlint.flow.relevance.mentions import Attempted
    from errlint.packs.knowledge import Knowledge
    from errlint.packs.schema import ExceptionClass


@dataclass(frozen=True, slots=True)
class Expected:
    """A failure that a call may end in: the class that the handler names, and the outcomes that it stands for there."""

    path: str
    outcomes: int


class Expectations:
    """The calls of a module that are expected to fail, and the functions that they stand in.

    Only where a `try` holds no request that names tell of, and just one call that may be one: which of several fails,
    or whether the failure of a known request is meant, is not to be told.
    """

    def __init__(
        self,
        module: ModuleCode,
        tries: list[Attempted],
        knowledge: Knowledge,
        sends: Callable[[Code | None, cst.Call], bool],
    ) -> None:
        self._module = module
        self._knowledge = knowledge
        self._sends = sends
        self.calls: dict[cst.CSTNode, tuple[Expected, ...]] = {}
        self.functions: dict[Code, None] = {}
        for attempted in tries:
            self._look(attempted)

    def _look(self, attempted: Attempted) -> None:
        expected = tuple(self._expected(attempted.node))
        if not expected or attempted.code is None:
            return
        calls = list(self._calls(attempted))
        if len(calls) == 1 and calls[0] is not None:
            self.calls[calls[0]] = expected
            self.functions[attempted.code] = None

    def _expected(self, node: cst.Try) -> Iterator[Expected]:
        known = outcomes.NOTHING
        for handler in node.handlers:
            for caught in self._classes(handler.type):
                mask = _expected_of(caught, handler) & ~known
                if mask:
                    yield Expected(caught.path, mask)
                known |= mask

    def _classes(self, node: cst.BaseExpression | None) -> Iterator[ExceptionClass]:
        parts = [element.value for element in node.elements] if isinstance(node, cst.Tuple) else [node]
        for part in parts:
            path = None if part is None else imported_path(self._module, dotted_name(part))
            known = None if path is None else self._knowledge.exception(path)
            if known is not None and self._knowledge.fails(known.path):
                yield known

    def _calls(self, attempted: Attempted) -> Iterator[cst.Call | None]:
        """The outermost calls that may send; None for one that certainly does, or looks at an answer."""
        stack: list[cst.CSTNode] = [attempted.node.body]
        while stack:
            node = stack.pop()
            if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
                continue
            if isinstance(node, cst.Call):
                if self._sends(attempted.code, node):
                    yield None
                elif self._may_send(node.func):
                    yield node
                    continue
            stack.extend(children(node))

    def _may_send(self, function: cst.BaseExpression) -> bool:
        name = last_name(function)
        if name is None or name[:1].isupper() or name in LOGGING or is_of_data(name, function):
            return False
        root = dotted_name(function).partition(".")[0]
        path = imported_path(self._module, root) if root else None
        if path is not None and path.partition(".")[0] in sys.stdlib_module_names:
            return False
        return not (isinstance(function, cst.Name) and hasattr(builtins, name))


def _expected_of(caught: ExceptionClass, handler: cst.ExceptHandler) -> int:
    """The outcomes that a handler is made for: of a class for failures of all kinds, the statuses only where it looks
    at the answer; what it calls may not raise them."""
    mask = caught.outcomes & outcomes.FAILURES
    answering = frozenset(name for name, value in caught.attributes.items() if value in ("response", "status"))
    return mask & outcomes.TRANSPORT if mask & outcomes.TRANSPORT and not _reads(handler, answering) else mask


def _reads(handler: cst.ExceptHandler, attributes: frozenset[str]) -> bool:
    """Whether a handler reads one of these attributes of its exception."""
    name = None if handler.name is None else dotted_name(handler.name.name)
    stack: list[cst.CSTNode] = [handler.body] if name else []
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Attribute) and node.attr.value in attributes and dotted_name(node.value) == name:
            return True
        stack.extend(children(node))
    return False
