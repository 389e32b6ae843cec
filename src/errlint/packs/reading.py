"""Strict reading of TOML into frozen dataclasses.

Keys are the names of the fields with `-` for `_`, a trailing `_` dropped (the field `not_` is the key `not`). The types
of the fields say everything else: scalars, `Literal`, `tuple[X, ...]`, `frozenset[X]`, `Mapping[str, X]`, dataclasses,
and types with a notation of their own (`PARSERS`, and those that a `Reader` is given). In a union a table belongs to
the dataclass whose *first* field is among its keys. A field without default is required; no other key is accepted.
"""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import tomli

from errlint.packs import notation
from errlint.packs.errors import PackError as PackError
from errlint.packs.hints import Hint, fields_of, first_key
from errlint.packs.signature import Signature, parse_signature

T = TypeVar("T")
Place = tuple[str, ...]
"""The keys that lead to a value; `[2]` for the third of an array."""

Parser = Callable[[object], object]
"""Turns a TOML value into what it stands for; raises ValueError with a sentence that says what is wrong."""

PARSERS: Mapping[object, Parser] = {
    notation.Path: notation.parse_path,
    notation.ParameterName: notation.parse_name,
    notation.Outcomes: notation.parse_outcomes,
    notation.Status: notation.parse_status,
    Signature: parse_signature,
}


def read_toml(file: pathlib.Path, shown: str) -> dict[str, object]:
    """The content of a TOML file, called `shown` in messages; raises `PackError` where it is no TOML."""
    try:
        return tomli.loads(file.read_bytes().decode())
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise PackError(f"{shown}: cannot be read as TOML: {error}") from error


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?`, or else what there is to choose from."""
    # Imported here since it is needed for wrong packs only.
    import difflib

    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(choices)}" if choices else ""


class Reader:
    """Reads the tables of one file. `parsers` add to `PARSERS`, or replace some of them."""

    def __init__(self, file: str, parsers: Mapping[object, Parser] | None = None) -> None:
        self.file = file
        self.parsers = {**PARSERS, **(parsers or {})}
        self.noted: list[tuple[object, object, Place]] = []
        """Everything that a parser has read, as (type, value, place): for checks of references."""

    def fail(self, at: Place, message: str) -> PackError:
        """The error to raise for the value at a place."""
        return PackError(f"{self.place(at)}: {message}")

    def place(self, at: Place) -> str:
        """A place as messages name it: `rules/clients/a.toml: class[2].truth`."""
        keys = ".".join(at).replace(".[", "[")
        return f"{self.file}: {keys}" if keys else self.file

    def read(self, cls: type[T], table: object, at: Place = ()) -> T:
        """An instance of a dataclass from its table."""
        result = self._table(cls, table, at)
        assert isinstance(result, cls)
        return result

    def _table(self, cls: type, table: object, at: Place) -> object:
        if not isinstance(table, Mapping):
            raise self.fail(at, f"should be a table, not {_describe(table)}")
        fields = fields_of(cls)
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in fields:
                raise self.fail((*at, key), f'unknown key "{key}"{suggest(key, fields)}')
            values[fields[key].name] = self._value(fields[key].hint, value, (*at, key))
        for key, field in fields.items():
            if field.required and field.name not in values:
                raise self.fail(at, f'"{key}" is missing; add it')
        return cls(**values)

    def _value(self, hint: Hint, value: object, at: Place) -> object:
        if hint.kind == "union":
            return self._value(self._choose(hint, value, at), value, at)
        parser = self.parsers.get(hint.annotation)
        if parser is not None:
            try:
                result = parser(value)
            except ValueError as error:
                raise self.fail(at, str(error)) from error
            self.noted.append((hint.annotation, result, at))
            return result
        if hint.kind == "literal":
            if not isinstance(value, str) or value not in hint.words:
                raise self.fail(at, f"{_describe(value)} is not possible{suggest(str(value), hint.words)}")
            return value
        if hint.kind in ("array", "items"):
            return self._array(hint, value, at)
        if hint.kind == "mapping":
            if not isinstance(value, Mapping):
                raise self.fail(at, f"should be a table, not {_describe(value)}")
            return {key: self._value(hint.parts[0], item, (*at, key)) for key, item in value.items()}
        if hint.kind == "table":
            return self._table(typing.cast(type, hint.annotation), value, at)
        if hint.annotation is float and type(value) is int:
            return float(value)
        if type(value) is not hint.annotation:
            raise self.fail(at, f"should be {hint.name}, not {_describe(value)}")
        return value

    def _array(self, hint: Hint, value: object, at: Place) -> object:
        if not isinstance(value, list):
            raise self.fail(at, f"should be an array, not {_describe(value)}")
        if hint.kind == "array":
            return hint.make(self._value(hint.parts[0], item, (*at, f"[{i}]")) for i, item in enumerate(value))
        if len(value) != len(hint.parts):
            raise self.fail(at, f"should have {len(hint.parts)} items, not {len(value)}")
        return tuple(
            self._value(part, item, (*at, f"[{i}]"))
            for i, (part, item) in enumerate(zip(hint.parts, value, strict=True))
        )

    def _choose(self, hint: Hint, value: object, at: Place) -> Hint:
        """The member of a union that a value belongs to."""
        if isinstance(value, Mapping):
            return self._choose_table(hint, value, at)
        for part in hint.parts:
            if self._fits(part, value):
                return part
        words = [word for part in hint.parts for word in part.words]
        if words and isinstance(value, str):
            raise self.fail(at, f"{_describe(value)} is not possible{suggest(value, words)}")
        raise self.fail(at, f"should be {hint.name}, not {_describe(value)}")

    def _choose_table(self, hint: Hint, table: Mapping[str, object], at: Place) -> Hint:
        tables = {
            first_key(typing.cast(type, part.annotation)): part
            for part in hint.parts
            if part.kind == "table" and part.annotation not in self.parsers
        }
        chosen = next((part for key, part in tables.items() if key in table), None)
        chosen = chosen or next((part for part in hint.parts if part.kind == "mapping"), None)
        if chosen is not None:
            return chosen
        if not tables:
            raise self.fail(at, f"should be {hint.name}, not a table")
        raise self.fail(at, f"no key says what this is{suggest(next(iter(table), ''), tables)}")

    def _fits(self, part: Hint, value: object) -> bool:
        if part.kind in ("array", "items"):
            return isinstance(value, list)
        if part.annotation in self.parsers:
            return isinstance(value, str)
        if part.kind == "literal":
            return isinstance(value, str) and value in part.words
        return type(value) is part.annotation or (part.annotation is float and type(value) is int)


def _describe(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "an array"
    return f'"{value}"' if isinstance(value, str) else repr(value).lower() if isinstance(value, bool) else repr(value)
