"""Where the packs that errlint comes with are, and what of them is needed when.

Most files need no pack: whether one does is told by the words of the packs, which are read on their own. What reads
whole packs is imported only then.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import tomli

from errlint.packs.errors import PackError

if TYPE_CHECKING:
    from errlint.packs.knowledge import Knowledge
    from errlint.packs.schema import Pack


@cache
def rules_folder() -> pathlib.Path:
    """The folder `rules`: inside the package where errlint is installed from a wheel, beside `src` in its own tree."""
    package = pathlib.Path(__file__).resolve().parent.parent
    for folder in (package / "rules", package.parent.parent / "rules"):
        if (folder / "clients").is_dir():
            return folder
    raise PackError(f"{package}: the folder rules is not there: the installation is incomplete; install errlint again")


@cache
def builtin_words() -> tuple[bytes, ...]:
    """What a file must hold, one of them at least, for the packs that errlint comes with to concern it.

    The same as `load_builtin().words`, at a hundredth of the price.
    """
    words: dict[bytes, None] = {}
    for _, file in _files():
        # The keys of the file itself stand before its first table.
        head = tomli.loads(file.read_text(encoding="utf-8").partition("\n[")[0])
        words.update((word.encode(), None) for word in head["words"])
    return tuple(words)


@cache
def builtin_packs() -> tuple[Pack, ...]:
    """The client and retrier packs that errlint comes with, in the order of their file names."""
    from errlint.packs.assembly import read_packs

    return tuple(pack for shown, file in _files() for pack in read_packs(file, shown))


@cache
def load_builtin() -> Knowledge:
    """All of them as one; read once in a process."""
    from errlint.packs.knowledge import Knowledge

    return Knowledge(builtin_packs())


def _files() -> Iterator[tuple[str, pathlib.Path]]:
    for kind in ("clients", "retriers"):
        for file in sorted((rules_folder() / kind).glob("*.toml")):
            yield f"rules/{kind}/{file.name}", file
