"""A client program: its files, and how the function under test is called."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER = re.compile(r"^# judge: (call|body) (.+)$", re.MULTILINE)

# One body suits every program: error and success members side by side, and each
# text and number is one that no program would write itself.
BODY: dict[str, Any] = {
    "id": "judged-id",
    "name": "judged-name",
    "items": [{"id": "judged-item-1"}, {"id": "judged-item-2"}],
    "data": {"id": "judged-data-id", "value": "judged-value"},
    "token": "judged-token-0",
    "version": 73021910,
    "count": 7302192,
    "message": "judged-message",
    "detail": "judged-detail",
    "error": {"code": "judged-code", "message": "judged-message"},
    "next": "judged-next",
}
MARKERS = ("judged-", "730219")
# Read anew, these are not what they were: a second token, the next version.
CHANGING = ("judged-token-", "7302191")


@dataclass(frozen=True)
class Source:
    """One module of a program."""

    module: str
    text: str

    @property
    def filename(self) -> str:
        """The name of the file that holds it."""
        return f"{self.module}.py"


@dataclass(frozen=True)
class Program:
    """A client program; the last source holds the function under test.

    `call` is the expression that runs it. `bodies` are answers that it tells
    apart, each a change to the usual body.
    """

    sources: tuple[Source, ...]
    call: str
    bodies: tuple[str, ...] = ("{}",)
    features: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The module name of the file under test."""
        return self.sources[-1].module

    @property
    def qualname(self) -> str:
        """The function under test, as its `__qualname__`."""
        inner = self.call.removeprefix("asyncio.run(")
        return inner.removesuffix(")" if inner != self.call else "").replace("()", "")

    @property
    def text(self) -> str:
        """All sources, one after the other, for a person to read."""
        if len(self.sources) == 1:
            return self.sources[0].text
        return "\n".join(f"# --- {each.filename}\n{each.text}" for each in self.sources)

    def body(self, index: int) -> bytes:
        """The answer's body in its variant `index`."""
        return json.dumps({**BODY, **json.loads(self.bodies[index])}).encode()

    def write(self, folder: Path) -> Path:
        """Write the files below `folder` and return the one under test."""
        for source in self.sources:
            (folder / source.filename).write_text(source.text, encoding="utf-8")
        return folder / self.sources[-1].filename


def read_program(path: Path) -> Program:
    """The program in a file, which says in its first lines how to call it."""
    text = path.read_text(encoding="utf-8")
    found = HEADER.findall(text)
    calls = [value for key, value in found if key == "call"]
    bodies = tuple(value for key, value in found if key == "body")
    helpers = [
        Source(name, (path.parent / f"{name}.py").read_text(encoding="utf-8"))
        for name in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
        if (path.parent / f"{name}.py").exists()
    ]
    call = calls[0] if calls else "fetch()"
    return Program((*helpers, Source(path.stem, text)), call, bodies or ("{}",))


def nth_body(body: bytes, number: int) -> bytes:
    """The body as the answer with this number in a run has it."""
    for marker in CHANGING:
        body = body.replace(f"{marker}0".encode(), f"{marker}{number}".encode())
    return body
