"""What holds for the source as a whole."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli
from command import SECONDS

from errlint import checks

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def run(*command: str) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=5 * SECONDS)
    assert result.returncode == 0, result.stdout + result.stderr


def test_types() -> None:
    run(sys.executable, "-m", "mypy")


def test_style() -> None:
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_format() -> None:
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


def test_imports_go_down_only() -> None:
    run(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")


def test_rules_are_found_in_the_order_of_their_codes_and_share_nothing() -> None:
    first, second = checks.load(), checks.load()
    assert [rule.code for rule in first] == sorted(rule.code for rule in first)
    assert [type(rule) for rule in first] == [type(rule) for rule in second]
    assert all(not vars(rule) for rule in first)


# --- src/ names no library and no API -------------------------------------------------------------------------------

# These are words of their own as well: only `requests.something` in a text, or an import, is the library.
_ORDINARY = {"backoff", "requests", "sessions"}


def _known_names() -> set[str]:
    """The packages and APIs that packs are about; the standard library is nobody's, HTTP everybody's."""
    names = set()
    for file in (ROOT / "rules").glob("*/*.toml"):
        pack = tomli.loads(file.read_text())
        names |= {pack["name"]} if pack["kind"] == "api" else set(pack["packages"])
    return names - {"http"}


def _words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The identifiers and string constants of a module, docstrings aside, in lower case; imports as dotted paths."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield line, node.value.lower()
        elif isinstance(node, ast.Import):
            yield from ((line, f"{alias.name.lower()}.") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield line, f"{(node.module or '').lower()}."
        for field in ("id", "attr", "arg", "name"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield line, value.lower()


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_library_and_no_api_is_named_in_code(file: Path) -> None:
    names = _known_names()
    assert names > _ORDINARY
    choices = [re.escape(name) + (r"\.(?=\w|$)" if name in _ORDINARY else r"(?![a-z0-9])") for name in sorted(names)]
    named = re.compile(rf"(?<![a-z0-9.])({'|'.join(choices)})")
    found = [
        f"{file.relative_to(ROOT)}:{line}: {match[0]}"
        for line, word in _words(ast.parse(file.read_text()))
        for match in named.finditer(word)
    ]
    assert found == []


# --- the tree is imported late --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["--version"], ["check", "--help"], ["check", "tests/test_layers.py", "--isolated"]]
)
def test_libcst_is_imported_only_for_files_that_matter(arguments: list[str]) -> None:
    code = "import sys; from errlint.cli import main; main(standalone_mode=False); sys.exit('libcst' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code, *arguments]
    result = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=SECONDS)
    assert result.returncode == 0
