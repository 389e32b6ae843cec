"""Whose variable a name is: the rules of Python's symbol table, for one outermost function or expression at a time.

A *frame* is what a `Code` runs in: a function, a lambda, or a single expression of a module or class body. A
comprehension is no frame: it is lowered in place, and its variables are registers of the frame around it with names of
their own (`x@2`). The expressions of a class body are a frame each; methods cannot see what the class body binds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import libcst as cst

Kind = Literal["module", "expression", "function", "lambda", "class", "comprehension"]


@dataclass(frozen=True, slots=True)
class Local:
    """A register of the frame itself."""

    register: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A variable that several frames share; it belongs to the frame `depth` steps out."""

    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class Global:
    """A name of the module or a builtin; `in_class` where the class body around it binds it too."""

    name: str
    in_class: bool = False


Place = Local | Cell | Global


class Scope:
    """The names of one module, function, lambda, class body, comprehension or free-standing expression.

    `inner` holds the scopes of the functions, lambdas, classes and comprehensions that are made in a frame, by node.
    `rebound` are the names of a frame that `:=` binds: their value may change while an expression is evaluated.
    """

    __slots__ = (
        "bound", "cells", "comprehensions", "frame", "globals", "inner", "is_generator", "kind", "nonlocals", "number",
        "parent", "places", "read", "rebound",
    )  # fmt: skip

    def __init__(self, kind: Kind, parent: Scope | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.frame: Scope = parent.frame if kind == "comprehension" and parent is not None else self
        self.bound: set[str] = set()
        self.read: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.rebound: set[str] = set()
        self.cells: set[str] = set()
        self.inner: dict[cst.CSTNode, Scope] = {}
        self.places: dict[str, Place] = {}
        self.is_generator = False
        self.comprehensions = 0
        if kind == "comprehension":
            self.frame.comprehensions += 1
        self.number = self.frame.comprehensions

    @property
    def maker(self) -> Scope:
        """The frame that makes the functions and classes that stand in this scope; a class body makes none."""
        scope = self.frame
        while scope.kind == "class" and scope.parent is not None:
            scope = scope.parent.frame
        return scope

    def place(self, name: str) -> Place:
        """Where a name that is used here lives; to be asked once all of the outermost frame was read."""
        known = self.places.get(name)
        if known is None:
            known = self.places[name] = self._find(name)
        return known

    def _find(self, name: str) -> Place:
        home, depth = self._home(name)
        if home is None:
            return Global(name)
        if home.kind == "class":
            return Global(name, in_class=True)
        register = home.register(name)
        if depth or register in home.frame.cells:
            return Cell(depth, register)
        return Local(register)

    def register(self, name: str) -> str:
        """The register of a variable of this scope."""
        return f"{name}@{self.number}" if self.kind == "comprehension" else name

    def share(self) -> None:
        """Make cells of the variables of frames further out that are used here."""
        for name in self.read | self.nonlocals:
            home, depth = self._home(name)
            if home is not None and depth:
                home.frame.cells.add(home.register(name))

    def _home(self, name: str) -> tuple[Scope | None, int]:
        """The scope that binds `name`, and the number of frames out to it; None for a global."""
        scope: Scope | None = self
        depth = 0
        while scope is not None and scope.kind != "module":
            if name in scope.globals:
                break
            if name in scope.bound and name not in scope.nonlocals and (scope.kind != "class" or scope is self):
                return scope, depth
            if scope.kind == "comprehension":
                scope = scope.parent
                continue
            depth += 1
            outer = scope.parent
            # A function or class that stands in a class body is made by the function around that class.
            while scope.kind in ("function", "class") and outer is not None and outer.kind == "class":
                outer = outer.parent
            scope = outer
        return None, 0
