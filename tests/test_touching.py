"""Which functions an edit of one of them may change."""

from textwrap import dedent

import pytest

from errlint.flow.lower import lower_module
from errlint.model import Edit, Span
from errlint.source import Source
from errlint.syntax.parse import parse
from errlint.syntax.positions import Positions
from errlint.touching import touched

PROGRAM = """\
LIMIT = 3

def send(url):
    return url

def calls(url):
    return send(url)

def above():
    return calls("x")

def apart(url):
    return url

class Client:
    limit = LIMIT

    def __init__(self):
        self.sent = 1

    def fetch(self):
        return self.sent

def makes():
    return Client()
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("    return url", "    return 1", {"send", "calls", "above"}),
        ("    return calls", "    return 2 + calls", {"above"}),
        ("self.sent = 1", "self.sent = 2", {"__init__", "makes"}),
        ("", "import time\n", set()),
        ("LIMIT = 3", "LIMIT = 4", "all"),
        ("    limit = LIMIT", "    limit = 4", "all"),
    ],
)
def test_touched(before: str, after: str, expected: set[str] | str) -> None:
    source = Source.decode("program.py", dedent(PROGRAM).encode())
    module = lower_module(parse(source), "program", False)
    start = source.text.index(before)
    edit = Edit(Span(start, start + len(before)), after)
    touches = touched(module, Positions(source=source, tree=module.tree), [edit])
    names = {code.name for code in module.functions}
    assert {code.name for code in module.functions if touches(code)} == (names if expected == "all" else expected)
    assert touches(module.body)
