"""Python's own exception classes, which packs derive theirs from: taken from the running Python, without a pack."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from functools import cache

from errlint.packs.notation import Path
from errlint.packs.schema import ExceptionClass
from errlint.packs.values import Value


@cache
def python_exceptions() -> Mapping[Path, ExceptionClass]:
    """The classes by their bare names."""
    return {
        Path(cls.__name__): ExceptionClass(
            path=Path(cls.__name__),
            bases=tuple(Path(base.__name__) for base in cls.__bases__ if base is not object),
            attributes=_attributes(cls),
        )
        for _, cls in _found()
    }


def other_names() -> Iterator[tuple[str, Path]]:
    """Other names of these classes: `IOError`, `builtins.OSError`."""
    for name, cls in _found():
        yield f"builtins.{name}", Path(cls.__name__)
        if name != cls.__name__:
            yield name, Path(cls.__name__)


def _found() -> Iterator[tuple[str, type[BaseException]]]:
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException):
            yield name, value


def _attributes(cls: type[BaseException]) -> dict[str, Value]:
    """What instances have beyond any exception: `errno`, `winerror` and the like, of which nothing more is known."""
    return {name: "unknown" for name in dir(cls) if not name.startswith("_") and not hasattr(BaseException, name)}
