"""Finding files, and the configuration that holds for them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from errlint.config import ConfigurationError, Configurations
from errlint.discovery import Discovered, discover


def tree(root: Path, *files: str) -> None:
    for name in files:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")


def found(root: Path, *paths: Path) -> list[str]:
    result = discover(paths or (root,), lambda folder: Configurations(isolated=False).nearest(folder).exclude)
    assert result.problems == ()
    return [file.relative_to(root).as_posix() for file in result.files]


def test_python_files_in_order(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a/z.py", "a/notes.txt", "c/d/e.py")
    assert found(tmp_path) == ["a/z.py", "b.py", "c/d/e.py"]


def test_folders_of_other_peoples_code_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", ".venv/b.py", "node_modules/c.py", "src/__pycache__/d.py", "build/e.py")
    assert found(tmp_path) == ["a.py"]
    assert found(tmp_path, tmp_path / "build") == ["build/e.py"]


def test_a_file_that_is_named_is_checked_whatever_it_is_called(tmp_path: Path) -> None:
    tree(tmp_path, "script", "build/e.py")
    assert found(tmp_path, tmp_path / "script", tmp_path / "build/e.py") == ["build/e.py", "script"]


def test_a_file_that_is_named_twice_is_checked_once(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    assert found(tmp_path, tmp_path, tmp_path / "a.py") == ["a.py"]


def test_gitignore_files_hold_below_their_folder_and_the_deeper_one_decides(tmp_path: Path) -> None:
    tree(tmp_path, ".git/HEAD", "a.py", "made.py", "in/made.py", "in/deep/made.py", "other/x.py")
    (tmp_path / ".gitignore").write_text("made.py\n/other/\n")
    (tmp_path / "in/.gitignore").write_text("!made.py\n")
    assert found(tmp_path) == ["a.py", "in/deep/made.py", "in/made.py"]
    assert found(tmp_path, tmp_path / "in") == ["in/deep/made.py", "in/made.py"]


def test_gitignore_of_the_repository_holds_when_a_folder_below_is_named(tmp_path: Path) -> None:
    tree(tmp_path, ".git/HEAD", "in/a.py", "in/made.py")
    (tmp_path / ".gitignore").write_text("made.py\n")
    assert found(tmp_path, tmp_path / "in") == ["in/a.py"]


def test_exclude_is_relative_to_the_configuration(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "generated/b.py", "src/generated/c.py")
    (tmp_path / "errlint.toml").write_text('exclude = ["/generated/"]')
    assert found(tmp_path) == ["a.py", "src/generated/c.py"]


def test_what_cannot_be_looked_at_is_said_and_the_rest_is_found(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    result = discover((tmp_path / "none", tmp_path / "a.py" / "b", tmp_path), lambda folder: None)
    assert result == Discovered(
        (tmp_path / "a.py",),
        (f"{tmp_path / 'none'}: no such file or directory", f"{tmp_path / 'a.py' / 'b'}: not a directory"),
    )


def test_a_link_that_leads_to_itself_is_said_and_one_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / ".#a.py").symlink_to("user@host.1234")
    result = discover((tmp_path,), lambda folder: None)
    assert result.files == (tmp_path / "a.py",)
    assert [problem.partition(": ")[0] for problem in result.problems] == [str(tmp_path / "loop.py")]


def test_a_line_of_gitignore_that_is_no_pattern_is_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "made.py")
    (tmp_path / ".gitignore").write_text("!\nmade.py\n")
    assert found(tmp_path) == ["a.py"]


@contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody who may not read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_folders_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.py", "closed/b.py", "listed/c.py")
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "listed").chmod(0o444)
    try:
        with without_rights():
            results = [discover((Path(name),), lambda folder: None) for name in (".", "closed", "closed/b.py")]
    finally:
        (tmp_path / "closed").chmod(0o755)
        (tmp_path / "listed").chmod(0o755)
    assert results[0].files == (Path("a.py"), Path("listed/c.py"))
    assert [result.problems for result in results] == [
        ("closed: permission denied",),
        ("closed: permission denied",),
        ("closed/b.py: permission denied",),
    ]


def test_the_nearest_configuration_holds(tmp_path: Path) -> None:
    tree(tmp_path, "in/deep/x.py")
    (tmp_path / "errlint.toml").write_text('select = ["ERR1"]')
    (tmp_path / "in/pyproject.toml").write_text("[tool.other]\n")
    assert Configurations(isolated=False).nearest(tmp_path / "in/deep").selection.select == ("ERR1",)
    (tmp_path / "in/pyproject.toml").write_text('[tool.errlint]\nignore = ["ERR1"]')
    assert Configurations(isolated=False).nearest(tmp_path / "in/deep").selection.select is None
    assert Configurations(isolated=True).nearest(tmp_path / "in/deep").selection.ignore == ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("errlint.toml", 'selekt = ["ERR1"]', "unknown key 'selekt'; did you mean 'select'?"),
        ("pyproject.toml", "[tool.errlint\n", "line 1"),
        ("pyproject.toml", "[tool]\nerrlint = 1\n", "must be a table"),
        ("errlint.toml", "select = '\udcff'", "codec"),
        ("errlint.toml", 'exclude = ["!"]', "'exclude': invalid git pattern: '!'"),
    ],
)
def test_a_wrong_configuration_names_its_file(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, errors="surrogateescape")
    with pytest.raises(ConfigurationError) as caught:
        Configurations(isolated=False).nearest(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert message in str(caught.value)
