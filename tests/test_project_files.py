"""The files around the source: what the README tells people to paste, and the hooks for pre-commit."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomli
from command import SECONDS

from errlint import checks
from errlint.settings import read_table, resolve

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_readme_has_two_commands_to_paste_and_ci_runs_the_second() -> None:
    commands = re.findall(r"^python3 -m venv \.venv && \. \.venv/bin/activate && (.+)$", README, flags=re.MULTILINE)
    assert commands == [
        "pip install --quiet . && errlint check examples",
        "pip install --quiet '.[test]' && python -m pytest -n 2",
    ]
    ci = (ROOT / ".ci/run").read_text().splitlines()
    assert ci[-1] == "python -m pytest -n 2"
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert list((ROOT / "examples").rglob("*.py"))


def test_what_the_readme_shows_is_what_errlint_says(tmp_path: Path) -> None:
    program = re.search(r"```python\n(.+?)```", README, flags=re.DOTALL)
    assert program
    (tmp_path / "client.py").write_text(program[1])
    shown = re.findall(r"```console\n\$ errlint (.+?)\n(.+?)```", README, flags=re.DOTALL)
    assert len(shown) == 2
    for arguments, output in shown:
        command = [sys.executable, "-m", "errlint", *arguments.split()]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert result.stdout.strip() == output.strip()


def test_the_configuration_that_the_readme_shows_is_valid() -> None:
    shown = re.search(r"```toml\n(.+?)```", README, flags=re.DOTALL)
    assert shown
    read = read_table(tomli.loads(shown[1])["tool"]["errlint"])
    assert read.exclude
    assert resolve(checks.load(), read.selection).rules


def test_every_python_that_is_supported_is_tested() -> None:
    classifiers = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    supported = [line.rpartition(" ")[2] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    assert f"python: [{', '.join(map(repr, supported))}]".replace("'", '"') in workflow


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a file that has a finding, and these hooks."""
    (tmp_path / "client.py").write_text("import requests\n\nprint(requests.get)  # errlint: ignore[syntax-error]\n")
    run = tmp_path / "run.py"
    run.write_text("from errlint.cli import main\nmain(prog_name='errlint')\n")
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    # The hooks as published, run by the interpreter of the tests: nothing is to be installed.
    hooks = hooks.replace("language: python", "language: system").replace(
        "entry: errlint", f"entry: {sys.executable} {run}"
    )
    indented = hooks.replace("\n", "\n      ")
    (tmp_path / ".pre-commit-config.yaml").write_text(f"repos:\n  - repo: local\n    hooks:\n      {indented}\n")
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", "client.py")
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, timeout=SECONDS)


needs_pre_commit = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="pre-commit is not installed"
)


@needs_pre_commit
def test_the_hooks_are_valid() -> None:
    hooks = str(ROOT / ".pre-commit-hooks.yaml")
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", hooks]
    assert subprocess.run(command, check=False, timeout=SECONDS).returncode == 0


@needs_pre_commit
def test_pre_commit_reports_and_repairs(repository: Path) -> None:
    report = _hook(repository, "errlint")
    assert report.returncode == 1
    assert "client.py:3:40" in report.stdout
    assert "ERR901" in report.stdout
    repair = _hook(repository, "errlint-fix")
    assert repair.returncode == 1
    assert "files were modified by this hook" in repair.stdout
    assert (repository / "client.py").read_text() == "import requests\n\nprint(requests.get)\n"
    assert _hook(repository, "errlint").returncode == 0


def _hook(repository: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRE_COMMIT_HOME": str(repository / ".git/pre-commit")}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", name]
    return subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )
