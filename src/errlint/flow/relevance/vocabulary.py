"""What the packs tell of names."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from errlint.packs import effects, schema, values

if TYPE_CHECKING:
    from errlint.packs.knowledge import Knowledge

_REPEATING = (effects.Repeats, effects.Wraps, effects.Runs)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What of the packs names can tell: last names of what sends or repeats, and of what repeats, the modules they live
    in and the other paths they have, what leads to those, the names of libraries, the attributes that only answers
    have."""

    sending: frozenset[str]
    repeating: frozenset[str]
    paths: frozenset[str]
    leading: frozenset[str]
    libraries: frozenset[str]
    of_answers: frozenset[str]

    def concerns(self, path: str) -> bool:
        """Whether an imported path is that of something that sends, lies in its module, or leads to it."""
        return path in self.leading or not self.paths.isdisjoint(_above(path))


def _above(path: str) -> list[str]:
    """The path and those that lead to it: of `a.b.c` also `a` and `a.b`."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


@lru_cache(maxsize=8)
def vocabulary(knowledge: Knowledge) -> Vocabulary:
    """The vocabulary of all packs."""
    sending: set[str] = set()
    repeating: set[str] = set()
    paths: set[str] = set()
    of_answers: set[str] = set()
    for pack in knowledge.packs:
        for path, definition in pack.definitions.items():
            module, _, name = path.rpartition(".")
            if isinstance(definition, schema.Function):
                kind = sending if isinstance(definition.effect, effects.Sends) else repeating
                if isinstance(definition.effect, (effects.Sends, *_REPEATING)):
                    kind.add(name)
                    paths.update((module, *knowledge.aliases(path)))
            elif isinstance(definition, schema.Class):
                methods = {n for n, m in definition.methods.items() if isinstance(m.effect, effects.Sends)}
                repeats = {n for n, m in definition.methods.items() if isinstance(m.effect, _REPEATING)}
                if definition.retrier is not None:
                    repeats.add(name)
                sending |= methods
                repeating |= repeats
                if methods or repeats or definition.client is not None:
                    paths.update((module, *knowledge.aliases(path)))
                of_answers |= {n for n, m in definition.methods.items() if isinstance(m.effect, effects.ChecksStatus)}
                of_answers |= {
                    n for n, spec in definition.attributes.items() if spec == "status" or isinstance(spec, values.Among)
                }
    libraries = {root for pack in knowledge.packs for root in pack.roots if root not in sys.stdlib_module_names}
    leading = frozenset(above for path in paths for above in _above(path))
    named = frozenset((sending | repeating) - {"__call__"})
    return Vocabulary(
        named, frozenset(repeating), frozenset(paths), leading, frozenset(libraries), frozenset(of_answers)
    )
