"""The pages beside the packs of clients and retriers are true: every Python block on them runs.

A block has, besides what it imports: `url(status, headers=..., body=..., trouble=...)`, a new address on a local server
that always answers so; `refused()`, one where nobody listens; `sent(address)`, the methods of the requests that came
there; and `waits`, the delays that were slept, which take no time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from errlint.packs.locate import rules_folder
from packs.serving import Server

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PACKS = sorted(file for kind in ("clients", "retriers") for file in (rules_folder() / kind).glob("*.toml"))


def blocks() -> list[Any]:
    found = []
    for file in PACKS:
        page = file.with_suffix(".md")
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start(1))
            found.append(pytest.param(page, line, match[1], id=f"{page.name}:{line + 1}"))
    return found


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_pack_has_a_proof(pack: Path) -> None:
    text = pack.with_suffix(".md").read_text(encoding="utf-8")
    assert BLOCK.search(text)
    assert text.count("```python") == len(BLOCK.findall(text))


@pytest.mark.parametrize(("page", "line", "block"), blocks())
def test_proof(page: Path, line: int, block: str, server: Server, waits: list[float]) -> None:
    names = {
        "__name__": page.stem,
        "url": server.url,
        "refused": server.refused,
        "sent": server.sent,
        "waits": waits,
    }
    # Lines of tracebacks are lines of the page.
    exec(compile("\n" * line + block, str(page), "exec"), names)
