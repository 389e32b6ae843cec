"""Things that can be called: functions, classes and methods, of the project and outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from errlint.flow.code import ClassDefinition, Code
from errlint.flow.values import Abstract, Renaming, Value, ids_of_all, rename, rename_all


@dataclass(slots=True, eq=False)
class Function(Value):
    """A function of the project: its code, the frames it closes over (innermost first), its defaults, its `self`."""

    code: Final[Code]
    frames: Final[tuple[Abstract, ...]] = ()
    defaults: Final[tuple[tuple[str, Abstract], ...]] = ()
    receiver: Final[Abstract | None] = None

    def __post_init__(self) -> None:
        parts = [*self.frames, *[v for _, v in self.defaults]]
        self._seal(ids_of_all(parts if self.receiver is None else [*parts, self.receiver]))

    def _content(self) -> tuple[object, ...]:
        return (id(self.code), self.frames, self.defaults, self.receiver)

    def renamed(self, renaming: Renaming) -> Value:
        return Function(
            self.code,
            rename_all(self.frames, renaming),
            tuple([(n, rename(v, renaming)) for n, v in self.defaults]),
            None if self.receiver is None else rename(self.receiver, renaming),
        )


@dataclass(slots=True, eq=False)
class Class(Value):
    """A class of the project; its bases are values too (`Class`, `External` or not known)."""

    definition: Final[ClassDefinition]
    bases: Final[tuple[Abstract, ...]] = ()

    def __post_init__(self) -> None:
        self._seal()

    def _content(self) -> tuple[object, ...]:
        return (id(self.definition),)


@dataclass(slots=True, eq=False)
class Member(Value):
    """A member of an enumeration of the project; `transparent` where it equals its value (IntEnum, StrEnum)."""

    owner: Final[Class]
    name: Final[str]
    value: Final[Abstract]
    transparent: Final[bool]

    def __post_init__(self) -> None:
        self._seal()

    def _content(self) -> tuple[object, ...]:
        return (self.owner, self.name)


@dataclass(slots=True, eq=False)
class External(Value):
    """A module, function, class or other object outside the project, by its dotted path (builtins bare)."""

    path: Final[str]

    def __post_init__(self) -> None:
        self._seal()

    def _content(self) -> tuple[object, ...]:
        return (self.path,)


@dataclass(slots=True, eq=False)
class Method(Value):
    """A method `name` of something that is no instance of a project class."""

    receiver: Final[Abstract]
    name: Final[str]

    def __post_init__(self) -> None:
        self._seal(self.receiver.ids)

    def _content(self) -> tuple[object, ...]:
        return (self.receiver, self.name)

    def renamed(self, renaming: Renaming) -> Value:
        return Method(rename(self.receiver, renaming), self.name)


@dataclass(slots=True, eq=False)
class Partial(Value):
    """`functools.partial(function, *arguments, **keywords)`; also a decorator object waiting for its function."""

    function: Final[Abstract]
    arguments: Final[tuple[Abstract, ...]]
    keywords: Final[tuple[tuple[str, Abstract], ...]]

    def __post_init__(self) -> None:
        self._seal(ids_of_all([self.function, *self.arguments, *[v for _, v in self.keywords]]))

    def _content(self) -> tuple[object, ...]:
        return (self.function, self.arguments, self.keywords)

    def renamed(self, renaming: Renaming) -> Value:
        return Partial(
            rename(self.function, renaming),
            rename_all(self.arguments, renaming),
            tuple([(n, rename(v, renaming)) for n, v in self.keywords]),
        )


@dataclass(slots=True, eq=False)
class Built(Value):
    """An immutable object of an outside class built by a call: a policy, a predicate, a wait, an adapter.

    `arguments` are bound to the parameter names that its pack gives, missing ones left out.
    """

    path: Final[str]
    arguments: Final[tuple[tuple[str, Abstract], ...]]

    def __post_init__(self) -> None:
        self._seal(ids_of_all(v for _, v in self.arguments))

    def _content(self) -> tuple[object, ...]:
        return (self.path, self.arguments)

    def renamed(self, renaming: Renaming) -> Value:
        return Built(self.path, tuple([(n, rename(v, renaming)) for n, v in self.arguments]))

    def get(self, name: str) -> Abstract | None:
        return next((v for n, v in self.arguments if n == name), None)


@dataclass(slots=True, eq=False)
class Retried(Value):
    """A function that a retry library repeats as `policy` (a `Built`) says."""

    policy: Final[Built]
    function: Final[Abstract]

    def __post_init__(self) -> None:
        self._seal(ids_of_all((self.policy, self.function)))

    def _content(self) -> tuple[object, ...]:
        return (self.policy, self.function)

    def renamed(self, renaming: Renaming) -> Value:
        policy = rename(self.policy, renaming)
        assert isinstance(policy, Built)
        return Retried(policy, rename(self.function, renaming))
