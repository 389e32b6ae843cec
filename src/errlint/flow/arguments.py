"""The arguments of a call."""

from __future__ import annotations

from dataclasses import dataclass

from errlint.flow.values import Abstract


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call; `rest` stands for `*` and `**` arguments that are not known."""

    positional: tuple[Abstract, ...] = ()
    keywords: tuple[tuple[str, Abstract], ...] = ()
    rest: Abstract | None = None

    def all(self) -> tuple[Abstract, ...]:
        tail = () if self.rest is None else (self.rest,)
        return (*self.positional, *[v for _, v in self.keywords], *tail)

    def get(self, name: str) -> Abstract | None:
        return next((v for n, v in self.keywords if n == name), None)

    def after(self, *first: Abstract) -> Arguments:
        return Arguments((*first, *self.positional), self.keywords, self.rest)

    def replaced(self, old: Abstract, new: Abstract) -> Arguments:
        """The same with another value in the place of a positional one."""
        return Arguments(tuple([new if v is old else v for v in self.positional]), self.keywords, self.rest)
