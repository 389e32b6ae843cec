"""Reads API packs: strict, and with the checks that the types of the records cannot express."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from urllib.parse import urlsplit

from errlint import outcomes
from errlint.packs.api import Answer, ApiPack, Pointer, Statuses, parse_pointer, parse_statuses
from errlint.packs.contracts import BASELINE, Contract, Contracts
from errlint.packs.errors import PackError
from errlint.packs.locate import rules_folder
from errlint.packs.reading import Place, Reader, read_toml

SCHEMA = 1


@cache
def builtin_contracts() -> Contracts:
    """The contracts that errlint comes with; read once in a process."""
    return load_contracts()


def load_contracts(files: Iterable[pathlib.Path] = ()) -> Contracts:
    """The contracts that errlint comes with, and those in these files; raises `PackError` for the first wrong one."""
    folder = rules_folder() / "apis"
    shown = {file: f"rules/apis/{file.name}" for file in sorted(folder.glob("*.toml"))}
    shown.update((file, str(file)) for file in files)
    packs: dict[str, ApiPack] = {}
    origin: dict[str, str] = {}
    for file, called in shown.items():
        pack = read_pack(file, called)
        if pack.name in packs:
            raise PackError(f'{called}: name: "{pack.name}" is taken by {origin[pack.name]}; choose another')
        packs[pack.name], origin[pack.name] = pack, called
    baseline = Contract.of(packs.pop(BASELINE))
    return Contracts(baseline, {name: Contract.of(pack, baseline) for name, pack in sorted(packs.items())})


def read_pack(file: pathlib.Path, shown: str) -> ApiPack:
    """The API pack in a file, called `shown` in messages; raises `PackError`."""
    reader = Reader(shown, {Pointer: parse_pointer, Statuses: parse_statuses})
    pack = reader.read(ApiPack, read_toml(file, shown))
    _check_head(pack, reader)
    for i, answer in enumerate(pack.status):
        _check_answer(pack, answer, reader, ("status", f"[{i}]"))
    for (i, one), (j, other) in combinations(enumerate(pack.status), 2):
        common = one.code & other.code
        nested = common in (one.code, other.code) and one.code != other.code
        if common and not nested:
            raise reader.fail(
                ("status", f"[{j}]", "code"),
                f"{outcomes.render(common)} is in status[{i}] too; keep it in one, or let one set contain the other",
            )
    return pack


def _check_head(pack: ApiPack, reader: Reader) -> None:
    if pack.schema != SCHEMA:
        raise reader.fail(("schema",), f"{pack.schema} is not known to this errlint; write {SCHEMA}, or update errlint")
    for i, url in enumerate(pack.match.base_urls):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise reader.fail(
                ("match", "base-urls", f"[{i}]"), f'"{url}" is no URL; write scheme and host: https://api.example.com'
            )


def _check_answer(pack: ApiPack, answer: Answer, reader: Reader, at: Place) -> None:
    if answer.wait is not None and answer.retry != "after-wait":
        raise reader.fail((*at, "wait"), f'"{answer.retry}" has no fixed wait; write retry = "after-wait", or drop it')
    gateway = pack.gateway.statuses if pack.gateway is not None else ()
    for status in outcomes.codes(answer.code):
        if answer.layer is not None and (answer.layer == "gateway") != (status in gateway):
            listed = "is" if status in gateway else "is not"
            raise reader.fail((*at, "layer"), f"{status} {listed} in gateway.statuses; make the two agree")
