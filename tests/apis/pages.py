"""Reads the pages beside the API packs: headings, and under each a wrong way, a right way and a proof.

A Python block is told by its first line: `# wrong`, `# right` or `# proof`. The first two are modules of their own that
define functions; the proof calls these, as `wrong.function` and `right.function`, and asserts what happens.
"""

from __future__ import annotations

import pathlib
import re
from dataclasses import dataclass, field
from types import ModuleType

PAGES = pathlib.Path(__file__).parents[2] / "rules" / "apis"
KINDS = ("wrong", "right", "proof")

_BLOCK = re.compile(r"^(?:#+ (?P<heading>.+)|```python\n(?P<code>(?:.*\n)*?)```)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading of a page; its blocks by their kind."""

    api: str
    heading: str
    blocks: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.api}: {self.heading}"

    def module(self, kind: str, base: str) -> ModuleType:
        """The block as a module, its `BASE` replaced by another URL."""
        module = ModuleType(f"{self.api}_{kind}")
        exec(compile(self.blocks[kind], f"{self} ({kind})", "exec"), vars(module))
        vars(module)["BASE"] = base
        return module


def read_page(api: str) -> list[Section]:
    """The sections of a page that have blocks; raises ValueError for a block that does not say what it is."""
    text = (PAGES / f"{api}.md").read_text(encoding="utf-8")
    sections = [Section(api, "")]
    for match in _BLOCK.finditer(text):
        if match["heading"]:
            sections.append(Section(api, match["heading"]))
            continue
        kind = match["code"].partition("\n")[0].removeprefix("# ")
        if kind not in KINDS or kind in sections[-1].blocks:
            raise ValueError(f"{sections[-1]}: a block should begin with one of {KINDS}, each once: {kind!r}")
        sections[-1].blocks[kind] = match["code"]
    return [section for section in sections if section.blocks]
