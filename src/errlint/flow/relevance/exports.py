"""What modules of a project give to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import libcst as cst

from errlint.flow.relevance.names import Key


@dataclass(frozen=True, slots=True)
class Exports:
    """What a module gives to those that import it: names that hold clients or send (attributes, and variables of the
    module), names that hold objects of the project with methods called as those of data are, the names of the
    functions that count (those that its classes inherit included), which names its methods call (as pairs of method
    and name), since what a base class calls a derived class may define, the libraries that it imports, or is given
    itself where it imports none, the calls of something unknown that are taken for requests, each with a client class,
    and the names of decorators for which it matters how what they decorate ends, those that it imports included."""

    clients: frozenset[Key]
    senders: frozenset[Key]
    objects: frozenset[Key]
    functions: frozenset[str]
    calls: frozenset[tuple[str, str]]
    libraries: frozenset[str]
    assumed: Mapping[cst.CSTNode, str]
    guarding: frozenset[str]


class Others(Protocol):
    """Finds what other modules of the project give."""

    def __call__(self, name: str, always: bool) -> Exports | None:
        """None where there is no such module; unless `always`, also where nothing in it concerns packs."""
