"""Where things stand in a module: what encloses a node, and what comes before what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

import libcst as cst

from errlint.flow.lower.tree import below, children, dotted_name

_TESTERS = frozenset({"pytest", "unittest"})
"""What tests of a program import."""


class Places:
    """The nodes of one module, walked once and when first asked."""

    def __init__(self, tree: cst.Module) -> None:
        self._tree = tree
        self._parents: dict[int, cst.CSTNode] = {}
        self._order: dict[int, int] = {}
        self._assignments: dict[int, dict[str, list[cst.Assign]]] = {}

    def __contains__(self, node: cst.CSTNode) -> bool:
        self._walk()
        return id(node) in self._order

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        self._walk()
        return self._parents.get(id(node))

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes that enclose one, innermost first."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def function(self, node: cst.CSTNode) -> cst.CSTNode:
        """The function, lambda or module that a node belongs to."""
        # Types are compared: to ask for an abstract base class takes long, and this is asked of many nodes.
        found = (outer for outer in self.around(node) if type(outer) is cst.FunctionDef or type(outer) is cst.Lambda)
        return next(found, self._tree)

    def is_before(self, one: cst.CSTNode, other: cst.CSTNode) -> bool:
        self._walk()
        return self._order[id(one)] < self._order[id(other)]

    def is_within(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        return node is outer or any(candidate is outer for candidate in self.around(node))

    def order(self, node: cst.CSTNode) -> int:
        self._walk()
        return self._order[id(node)]

    def assignments(self, name: cst.Name) -> list[cst.Assign]:
        """Those in its function that assign to this variable, and to nothing else, in source order."""
        function = self.function(name)
        if id(function) not in self._assignments:
            found: dict[str, list[cst.Assign]] = {}
            for node in below(function):
                if type(node) is cst.Assign and len(node.targets) == 1:
                    target = node.targets[0].target
                    if isinstance(target, cst.Name):
                        found.setdefault(target.value, []).append(node)
            self._assignments[id(function)] = found
        return self._assignments[id(function)].get(name.value, [])

    def is_in_test(self, node: cst.CSTNode) -> bool:
        """Whether a node belongs to a test of the program."""
        names = (outer.name.value for outer in self.around(node) if type(outer) is cst.FunctionDef)
        return any(name.startswith("test") for name in names) and self._imports_tester

    @cached_property
    def _imports_tester(self) -> bool:
        paths: list[str] = []
        for node in below(self._tree):
            if type(node) is cst.Import:
                paths += [dotted_name(alias.name) for alias in node.names]
            elif type(node) is cst.ImportFrom and not node.relative:
                paths.append(dotted_name(node.module))
        return any(path.partition(".")[0] in _TESTERS for path in paths)

    def _walk(self) -> None:
        if self._order:
            return
        stack: list[cst.CSTNode] = [self._tree]
        while stack:
            node = stack.pop()
            self._order[id(node)] = len(self._order)
            inner = children(node)
            if type(node) is cst.ExceptHandler:
                inner = [*inner[1:], inner[0]]  # Its body is the first field, and the last thing to run.
            for child in inner:
                self._parents[id(child)] = node
            stack.extend(reversed(inner))


@lru_cache(maxsize=2)
def places_of(tree: cst.Module) -> Places:
    """The places of a module that several rules look at one after another."""
    return Places(tree)
