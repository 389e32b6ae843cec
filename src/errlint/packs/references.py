"""Nothing in a pack may refer to what is not there: parameters beside their signature, and paths."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping

from errlint.packs.document import PathList
from errlint.packs.notation import ParameterName, Path
from errlint.packs.reading import Place, Reader, suggest
from errlint.packs.schema import Class, Constants, Definition, ExceptionClass
from errlint.packs.signature import Reference, Signature

Scopes = Mapping[Place, list[Signature]]
"""The signatures (one for each alternative of the path) that hold for everything below a place."""


def check_names(reader: Reader, scopes: Scopes) -> None:
    """Raise `PackError` for the name of a parameter that is not in the signatures beside which it stands."""
    for kind, name, at in reader.noted:
        around = (at[:length] for length in range(len(at), 0, -1))
        signatures = next((scopes[place] for place in around if place in scopes), [])
        if kind is not ParameterName or (at[-1] == "prepared" and name == "self"):
            continue
        for signature in signatures:
            if signature.find(str(name)) is None:
                known = [parameter.name for parameter in signature.parameters]
                raise reader.fail(at, f'no parameter "{name}" in the signature{suggest(str(name), known)}')


def check_paths(
    reader: Reader,
    scopes: Scopes,
    definitions: Mapping[Path, Definition],
    roots: tuple[str, ...],
    exports: Mapping[str, Path],
) -> dict[Path, str]:
    """The paths of other libraries and where they stand; raises `PackError` for one within this pack that dangles."""
    foreign: dict[Path, str] = {}
    for path, at in _paths(reader, scopes, exports):
        if path.partition(".")[0] in roots:
            if not resolves(path, definitions):
                raise reader.fail(at, f"{path} is not defined in this pack{suggest(path, definitions)}")
        elif "." in path:
            foreign[path] = reader.place(at)
        elif not isinstance(getattr(builtins, path, None), type):
            raise reader.fail(at, f"{path} is no builtin class{suggest(path, dir(builtins))}")
    return foreign


def resolves(path: Path, definitions: Mapping[Path, Definition]) -> bool:
    """Whether the canonical path is a definition, a method or a constant."""
    if path in definitions:
        return True
    owner, _, name = path.rpartition(".")
    around = definitions.get(Path(owner))
    if isinstance(around, Constants) and name in around.members:
        return True
    return isinstance(around, (Class, ExceptionClass, Constants)) and name in around.methods


def _paths(reader: Reader, scopes: Scopes, exports: Mapping[str, Path]) -> Iterator[tuple[Path, Place]]:
    for alias, path in exports.items():
        yield path, ("exports", alias)
    for kind, value, at in reader.noted:
        # The modules of other names hold no definitions themselves.
        if kind is Path and at[0] != "modules":
            yield Path(str(value)), at
        elif kind == PathList and isinstance(value, tuple):
            yield from ((path, at) for path in value)
    for at, signatures in scopes.items():
        yield from ((path, (*at, "signature")) for path in _defaults(signatures))


def _defaults(signatures: Iterable[Signature]) -> Iterator[Path]:
    for signature in signatures:
        for parameter in signature.parameters:
            if isinstance(parameter.default, Reference):
                yield parameter.default.path
