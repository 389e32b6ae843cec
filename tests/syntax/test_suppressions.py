"""Comments that suppress."""

import pytest

from errlint.editing import apply
from errlint.model import Span
from errlint.source import Source
from errlint.syntax.suppressions import Suppressions

CODE, NAME = "ERR101", "retried-client-error"


def covered(text: str, newline: str = "\n") -> list[int]:
    """The rows on which a finding of ERR101 is suppressed."""
    source = Source("x.py", text.replace("\n", newline))
    suppressions = Suppressions(source)
    starts = [source.offset(row) for row in range(1, source.rows + 1)]
    return [row for row, at in enumerate(starts, start=1) if suppressions.covering(Span(at, at), CODE, NAME)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\nb  # errlint: ignore[ERR101]\nc", [2]),
        ("a\nb  # errlint: ignore[retried-client-error] -- known\nc", [2]),
        ("b  #errlint:ignore[ ERR102,ERR101 ]", [1]),
        ("b  # errlint: ignore[err101]", [1]),
        ("b  # errlint: ignore[ERR102]", []),
        ("b  # errlint: ignore", []),
        ("b  # errlint: ignores[ERR101]", []),
        ("b  # why # errlint: ignore[ERR101]", [1]),
        ("# errlint: ignore[ERR101]\n\nb\nc", [3]),
        ("# errlint: ignore[ERR101]\n# more\n@d\ndef f(\n  a\n):\n  b", [3]),
        ("for a in (\n  b,\n  c\n):  # errlint: ignore[ERR101]\n  d", [1, 2, 3, 4]),
        ("a(\n  # errlint: ignore[ERR101]\n  b,\n)\nc", [1, 2, 3, 4]),
        ("a(b,  # errlint: ignore[ERR101]\n  c)\nd", [1, 2]),
        ("a = '''\n# errlint: ignore[ERR101]\n'''  # errlint: ignore[ERR101]\nb", [1, 2, 3]),
        ("a = '''\n# errlint: ignore[ERR101]\n'''\nb", []),
        ("a = b + \\\n  c  # errlint: ignore[ERR101]\nd", [1, 2]),
        ("if a:\n  b\n  # errlint: ignore[ERR101]\nc", [4]),
        ("a\n# errlint: ignore[ERR101]", []),
        ("a\n# errlint: file-ignore[ERR101] -- generated\nb", [1, 2, 3]),
        ("def f():\n  a  # errlint: file-ignore[retried-client-error]", [1, 2]),
        ("a  # noqa\nb", [1]),
        ("a  # NOQA : E501\nb", []),
        ("a  # noqa:E501,ERR101\nb", [1]),
        ("a  # noqa: ERR101 because\nb", [1]),
        ("a  # type: ignore # noqa: E501 ERR101", [1]),
        ("a  # noqa: nonsense", []),
        ("a  # noqa-like\nb  # noqas", []),
        ("a  # flake8: noqa", []),
        ("# noqa\na", []),
        ("a(\n  b,  # noqa: ERR101\n)", [1, 2, 3]),
        ("noqa = 'errlint:'", []),
    ],
)
def test_rows(text: str, rows: list[int], newline: str) -> None:
    assert covered(text, newline) == rows


def test_words() -> None:
    [one, two] = Suppressions(Source("x.py", "a  # errlint: ignore[x, ERR1] -- see #12 # noqa: E1, ERR101\n")).all
    assert (one.kind, one.words, one.own_words) == ("ignore", ("x", "ERR1"), ("x", "ERR1"))
    assert (two.kind, two.words, two.own_words) == ("noqa", ("E1", "ERR101"), ("ERR101",))
    [blanket] = Suppressions(Source("x.py", "a  # noqa\n")).all
    assert blanket.is_blanket


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a  # errlint: ignore[x] -- why\nb\n", "x", "a\nb\n"),
        ("a  # errlint: ignore[x]", "x", "a"),
        ("a  # errlint: ignore[x, y] -- why\n", "x", "a  # errlint: ignore[y] -- why\n"),
        ("a  # errlint: ignore[x, y, z]\n", "y", "a  # errlint: ignore[x, z]\n"),
        ("a  # errlint: ignore[ x,y ]\n", "y", "a  # errlint: ignore[ x ]\n"),
        ("a  # errlint: ignore[x, y]\n", "x y", "a\n"),
        ("a  # noqa: E501, ERR101\n", "ERR101", "a  # noqa: E501\n"),
        ("a  # noqa: E501,ERR101,ERR102\n", "ERR101", "a  # noqa: E501,ERR102\n"),
        ("a  # noqa: ERR101\n", "ERR101", "a\n"),
        ("a  # why # errlint: ignore[x]\n", "x", "a  # why\n"),
        ("a  # errlint: ignore[x] # noqa: E501\n", "x", "a  # noqa: E501\n"),
        ("a  # errlint: ignore[x] because\n", "x", "a  # because\n"),
        ("if a:\n    # errlint: ignore[x]\n    b\n", "x", "if a:\n    b\n"),
        ("b\r\n# errlint: ignore[x]\r\nc\r\n", "x", "b\r\nc\r\n"),
        ("b\n# errlint: ignore[x]", "x", "b\n"),
        ("# errlint: ignore[x] # pylint: disable=y\nb\n", "x", "# pylint: disable=y\nb\n"),
    ],
)
def test_removal(text: str, words: str, expected: str) -> None:
    suppressions = Suppressions(Source("x.py", text))
    assert apply(text, [suppressions.without(suppressions.all[0], words.split())]) == expected
