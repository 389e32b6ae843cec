"""From the TOML file of a pack to the `Pack`: clones, inheritance, exports. Functions are made in `calls`."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator, Mapping
from typing import TypeVar

from errlint.packs import notation, references
from errlint.packs.calls import Calls
from errlint.packs.document import ClassText, ConstantsText, ExceptionText, PackText, parsers
from errlint.packs.notation import Path
from errlint.packs.python_exceptions import python_exceptions
from errlint.packs.reading import Place, Reader, read_toml, suggest
from errlint.packs.schema import Class, Client, Constants, ConstantValue, Definition, ExceptionClass, Pack
from errlint.packs.signature import Signature

SCHEMA = 1
T = TypeVar("T")


def read_packs(file: pathlib.Path, shown: str) -> tuple[Pack, ...]:
    """The pack in a file, and one for each clone of the library; raises `PackError`, calling the file `shown`."""
    table = read_toml(file, shown)
    reader = Reader(shown)
    version = table.get("schema")
    if version != SCHEMA:
        raise reader.fail(("schema",), f"{version!r} is not supported; this errlint reads schema = {SCHEMA}")
    original = _Assembly(reader, table)
    clones = original.text.also_known_as
    if clones and len(original.text.roots) != 1:
        raise reader.fail(("also-known-as",), "needs a pack with one root")
    return (original.pack(), *(_Assembly(reader, table, original.text.roots[0], root).pack() for root in clones))


class _Assembly:
    """Makes one pack of one file, `original` being renamed to `root` in every path."""

    def __init__(self, reader: Reader, table: Mapping[str, object], original: str = "", root: str = "") -> None:
        def rename(path: Path) -> Path:
            head, dot, rest = path.partition(".")
            return Path(root + dot + rest) if head == original else path

        self.reader = Reader(reader.file, parsers(rename))
        self.rename = rename
        self.text = self.reader.read(PackText, table)
        self.roots = tuple(self.rename(Path(name)) for name in self.text.roots)
        self.definitions: dict[Path, Definition] = {}
        self.scopes: dict[Place, list[Signature]] = {}
        self.calls = Calls(self.reader, self.text, rename, self.scopes)

    def pack(self) -> Pack:
        text = self.text
        for i, cls in enumerate(text.class_):
            for path in cls.path:
                self._define(self._class(path, cls, ("class", f"[{i}]")), ("class", f"[{i}]"))
        for i, function in enumerate(text.function):
            for path in function.path:
                self._define(self.calls.find(path, ("function", f"[{i}]")), ("function", f"[{i}]"))
        for i, exception in enumerate(text.exception):
            for path in exception.path:
                self._define(self._exception(path, exception, ("exception", f"[{i}]")), ("exception", f"[{i}]"))
        for i, constants in enumerate(text.constants):
            self._define(self._constants(constants, ("constants", f"[{i}]")), ("constants", f"[{i}]"))
        for i, constant in enumerate(text.constant):
            for path in constant.path:
                self._define(ConstantValue(path, constant.value), ("constant", f"[{i}]"))
        for i, retrier in enumerate(text.retrier):
            self.scopes["retrier", f"[{i}]"] = [retrier.signature]
        exports = dict(self._exports())
        references.check_names(self.reader, self.scopes)
        foreign = references.check_paths(self.reader, self.scopes, self.definitions, self.roots, exports)
        return Pack(
            name=text.name,
            kind=text.kind,
            roots=self.roots,
            source=text.source,
            packages=text.packages,
            words=text.words,
            definitions=self.definitions,
            failures=text.failures,
            retriers={retrier.name: retrier for retrier in text.retrier},
            exports=exports,
            modules={self.rename(Path(name)): module for name, module in text.modules.items()},
            foreign=foreign,
        )

    def _define(self, definition: Definition, at: Place) -> None:
        if definition.path in self.definitions:
            raise self.reader.fail(at, f"{definition.path} is defined twice; remove one")
        self.definitions[definition.path] = definition

    def _class(self, path: Path, text: ClassText, at: Place) -> Class:
        bases = [self._base(base, Class, (*at, "bases")) for base in text.bases]
        inherited = {
            name: next((value for base in bases if (value := getattr(base, name)) is not None), None)
            for name in _INHERITED
        }
        said = {name: value for name in _INHERITED if (value := getattr(text, name)) is not None}
        values = {**inherited, **said}
        if text.retrier:
            values["signature"] = self._retrier(text.retrier, at)
        signature = values["signature"]
        self.scopes.setdefault(at, []).append(signature if isinstance(signature, Signature) else Signature())
        if text.describes:
            values["describes"] = self.calls.shape(text.describes, path, self.scopes[at][-1])
        attributes = {**_merged(base.attributes for base in bases), **text.attributes}
        if isinstance(values["client"], Client) and isinstance(signature, Signature):
            known = [*(parameter.name for parameter in signature.parameters), *attributes]
            self._check_client(values["client"], known, (*at, "client"))
        return Class(
            path=path,
            bases=text.bases,
            attributes=attributes,
            methods={**_merged(base.methods for base in bases), **self.calls.methods(path, text.method, at)},
            closed=text.closed,
            mutable=text.mutable,
            part=text.part,
            **values,
        )

    def _check_client(self, client: Client, known: list[str], at: Place) -> None:
        for field, value in dataclasses.asdict(client).items():
            for name in (value,) if isinstance(value, str) else value or ():
                if name not in known:
                    place = (*at, field.replace("_", "-"))
                    raise self.reader.fail(place, f'"{name}" is no parameter and no attribute{suggest(name, known)}')

    def _retrier(self, name: str, at: Place) -> Signature:
        found = next((retrier for retrier in self.text.retrier if retrier.name == name), None)
        if found is None:
            known = [retrier.name for retrier in self.text.retrier]
            raise self.reader.fail((*at, "retrier"), f'no retrier "{name}" in this pack{suggest(name, known)}')
        return found.signature

    def _base(self, path: Path, kind: type[T], at: Place) -> T:
        found = self.definitions.get(path)
        if not isinstance(found, kind):
            known = suggest(path, self.definitions)
            raise self.reader.fail(at, f"{path} is not defined above; move it up or add it{known}")
        return found

    def _is_own(self, path: Path) -> bool:
        return path.partition(".")[0] in self.roots

    def _exception_base(self, path: Path, at: Place) -> ExceptionClass:
        if "." in path:
            return self._base(path, ExceptionClass, (*at, "bases"))
        found = python_exceptions().get(path)
        if found is None:
            raise self.reader.fail((*at, "bases"), f"{path} is no builtin class{suggest(path, python_exceptions())}")
        return found

    def _exception(self, path: Path, text: ExceptionText, at: Place) -> ExceptionClass:
        bases = [self._exception_base(base, at) for base in text.bases if self._is_own(base) or "." not in base]
        signature = text.signature or next((base.signature for base in bases if base.signature), None)
        self.scopes.setdefault(at, []).append(signature or Signature())
        return ExceptionClass(
            path=path,
            bases=text.bases,
            outcomes=text.outcomes,
            attributes={**_merged(base.attributes for base in bases), **text.attributes},
            methods={**_merged(base.methods for base in bases), **self.calls.methods(path, text.method, at)},
            signature=signature,
            response_parameter=text.response_parameter
            or next((base.response_parameter for base in bases if base.response_parameter), None),
        )

    def _constants(self, text: ConstantsText, at: Place) -> Constants:
        members: dict[str, int] = {}
        for number, names in text.members.items():
            if not number.isdecimal():
                raise self.reader.fail(
                    (*at, "members", number), "is no number; the key is the number, the value its names"
                )
            for name in names:
                members[name] = int(number)
                if text.also:
                    members[name.upper() if text.also == "upper" else name.lower()] = int(number)
        return Constants(
            path=text.path,
            members=members,
            enum=text.enum,
            attributes=text.attributes,
            methods=self.calls.methods(text.path, text.method, at),
            missing_item=text.missing_item,
        )

    def _exports(self) -> Iterator[tuple[str, Path]]:
        for module, texts in self.text.exports.items():
            inside = self.rename(Path(module))
            for export in (choice for text in texts for choice in notation.expand(text)):
                words, _, name = export.partition(" as ")
                path = self.rename(Path(words))
                if path.endswith(".*"):
                    constants = self._base(Path(path[:-2]), Constants, ("exports", module))
                    yield from ((f"{inside}.{name}", Path(f"{constants.path}.{name}")) for name in constants.members)
                else:
                    yield f"{inside}.{name or path.rpartition('.')[2]}", path


_INHERITED = [
    "signature",
    "truth",
    "enters",
    "async_enters",
    "iterates",
    "items",
    "describes",
    "client",
    "policy",
    "adapter",
    "retrier",
]


def _merged(tables: Iterator[Mapping[str, T]]) -> dict[str, T]:
    """Inherited entries: those of the first base win."""
    result: dict[str, T] = {}
    for table in tables:
        result = {**table, **result}
    return result
