"""What `errlint.testing` makes of examples."""

from pathlib import Path

import pytest

from errlint import outcomes
from errlint.testing import VARIANTS, check_markdown, read_cases
from errlint.testing.markers import Marker, MarkerError, read_markers, without_markers
from errlint.testing.variants import with_tabs, with_wide_characters


def test_markers() -> None:
    text = 'a\nb  # expect: ERR101 "\\"x\\""  # missed: ERR102\nc(r)  # outcomes: 200-399, timeout\nd  # false: ERR103'
    markers = read_markers(text)
    assert markers.findings == (
        Marker(2, "expect", "ERR101", '"x"'),
        Marker(2, "missed", "ERR102"),
        Marker(4, "false", "ERR103"),
    )
    assert markers.outcomes == {3: outcomes.parse("200-399, timeout")}
    assert without_markers(text) == "a\nb\nc(r)\nd"


@pytest.mark.parametrize(
    "line", ["# expect: unbounded-retry", "# expect:", "# expect: ERR101 text", "# outcomes: 99", "# missed: ERR1"]
)
def test_misspelt_markers_are_errors(line: str) -> None:
    with pytest.raises(MarkerError, match="line 1: "):
        read_markers(line)


DOCUMENT = """\
```toml
select = ["ERR1"]
```

# First

```python
one
```

Text between.

```python
two
```

## Below

```toml
ignore = ["ERR101"]
```

`helpers.py`:

```python
three
```

~~~python
four
~~~

# Not a case

```console
$ five
```
"""


def test_cases(tmp_path: Path) -> None:
    document = tmp_path / "spec.md"
    document.write_text(DOCUMENT)
    first, below = read_cases(document)
    assert (first.title, first.settings) == ("First", {"select": ["ERR1"]})
    assert [(module.name, module.text, module.rows) for module in first.modules] == [("main.py", "one\ntwo\n", (8, 14))]
    assert (below.title, below.settings) == ("Below", {"select": ["ERR1"], "ignore": ["ERR101"]})
    assert {module.name: module.text for module in below.modules} == {"helpers.py": "three\n", "main.py": "four\n"}


def test_a_document_without_a_case_is_an_error(tmp_path: Path) -> None:
    document = tmp_path / "spec.md"
    document.write_text("# Title\n\n```console\n$ true\n```\n")
    with pytest.raises(ValueError, match="holds no case"):
        check_markdown(document)


def failures(tmp_path: Path, code: str) -> list[str]:
    document = tmp_path / "spec.md"
    document.write_text(f"# Case\n\n```python\nimport requests\n{code}\n```\n")
    try:
        check_markdown(document)
    except AssertionError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("requests.get('https://e.org')  # errlint: ignore[ERR102]  # expect: ERR901", None),
        (
            "requests.get('https://e.org')  # errlint: ignore[ERR102]",
            "no marker for ERR901 'ERR102 is not reported here'",
        ),
        ("requests.get('https://e.org')  # expect: ERR901", "# expect: ERR901: is not reported"),
        (
            "requests.get('https://e.org')  # errlint: ignore[ERR102]  # expect: ERR901 \"other\"",
            "# expect: ERR901 \"other\": is not reported, but ERR901 'ERR102 is not reported here'",
        ),
        (
            "requests.get('https://e.org')  # errlint: ignore[ERR102]  # missed: ERR901",
            "# missed: ERR901: is found now; say `expect`",
        ),
        ("requests.get('https://e.org')  # missed: ERR901", None),
        ("requests.get('https://e.org')  # errlint: ignore[ERR102]  # false: ERR901", None),
        (
            "requests.get('https://e.org')  # false: ERR901",
            "# false: ERR901: is not reported any more; take the marker away",
        ),
        ("r = requests.get('https://e.org')\nreveal_outcomes(r)  # outcomes: 200-599", None),
        ("r = requests.get('https://e.org')\nreveal_outcomes(r)  # outcomes: 200", "reveals 200-599"),
        ("print()  # outcomes: 200", "an `outcomes` marker, and nothing is revealed here"),
    ],
)
def test_claims_that_do_not_hold(tmp_path: Path, code: str, failure: str | None) -> None:
    row = 5 + code.count("\n")
    expected = [] if failure is None else [f"{tmp_path / 'spec.md'}:{row}: {failure}"]
    assert failures(tmp_path, code)[:1] == expected


def test_every_module_of_a_case_is_held_against_its_markers(tmp_path: Path) -> None:
    document = tmp_path / "spec.md"
    block = "```python\nimport requests\nrequests.get('https://e.org')  # errlint: ignore[ERR102]{}\n```\n"
    document.write_text(f"# Case\n\n`in/helpers.py`:\n\n{block.format('')}\n{block.format('  # expect: ERR901')}")
    with pytest.raises(AssertionError, match=r"^[^\n]*:7: no marker for ERR901"):
        check_markdown(document)


def test_variants() -> None:
    assert with_tabs("if x:\n    if y:\n        z\n      w\n") == "if x:\n\tif y:\n\t\tz\n\t  w\n"
    face = '"\N{GRINNING FACE}"'
    assert with_wide_characters("import a\nif a:\n    b = (1,\n        2)\n@c\ndef d(): pass\n") == (
        f"{face}; import a\nif a:\n    {face}; b = (1,\n        2)\n@c\ndef d(): pass\n"
    )
    assert with_wide_characters("if (:") == "if (:"
    assert {variant("x = 1\n").replace("\r\n", "\n").strip("\ufeff") for variant in VARIANTS.values()} == {
        "x = 1\n",
        f"{face}; x = 1\n",
    }
