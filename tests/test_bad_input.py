"""What errlint cannot do: one line each, exit status 2, and the other files are checked."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from command import BROKEN, UNUSED, check, errlint, shell

import errlint as package
from errlint.analysis import builtin_packs
from errlint.cli import main
from errlint.discovery import Discovered
from errlint.packs.locate import builtin_words, rules_folder
from errlint.project import Project
from errlint.roots import Reach


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unused.py").write_text(UNUSED)
    return tmp_path


def assert_fails_and_goes_on(result: subprocess.CompletedProcess[str], *says: str) -> None:
    assert result.returncode == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.stderr
    assert all(part in errors[0] for part in says), errors
    assert "Traceback" not in result.stderr
    assert "unused.py:3:40: ERR901" in result.stdout


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        pytest.param(BROKEN.encode(), "3:17", "invalid syntax", id="no Python"),
        pytest.param(b"\x7fELF\x00\x01requests\xff\xfe\x00", "1:5", "exclude the file", id="binary"),
        pytest.param(b"import requests\n\nx = '\xe9'\n", "3:6", "save the file as UTF-8", id="not UTF-8"),
        pytest.param(b"# coding: klingon\nimport requests\n", "1:3", "declare one that Python knows", id="encoding"),
    ],
)
def test_a_file_that_is_no_text_or_does_not_parse(folder: Path, data: bytes, place: str, says: str) -> None:
    (folder / "broken.py").write_bytes(data)
    result = check(folder, "--output-format", "concise")
    assert result.returncode == 2
    assert result.stderr.startswith("Found 2 problems")
    found = result.stdout.splitlines()
    assert len(found) == 2
    assert found[0].startswith(f"broken.py:{place}: ERR902 ")
    assert says in found[0]
    assert found[1].startswith("unused.py:3:40: ERR901 ")
    assert f"--> broken.py:{place}\n" in check(folder).stdout
    for command in (("check", "--diff"), ("outcomes",), ("debug", "flow")):
        other = errlint(*command, "--isolated", "broken.py", cwd=folder)
        assert other.returncode == 2
        assert other.stderr.splitlines() == [f"error: broken.py:{place}: {found[0].partition(' ERR902 ')[2]}"]
    through = check(folder, "-", "--fix", stdin=data)
    assert through.returncode == 2
    assert through.stdout.encode("utf-8", "surrogateescape") == data


def test_a_path_that_is_not_there(folder: Path) -> None:
    assert_fails_and_goes_on(
        check(folder, "none.py", "unused.py", "--output-format", "concise"), "none.py", "no such file"
    )


def test_a_path_that_cannot_be_read(folder: Path) -> None:
    (folder / "loop.py").symlink_to("loop.py")
    assert_fails_and_goes_on(check(folder, "--output-format", "concise"), "loop.py", "symbolic")
    assert_fails_and_goes_on(check(folder, "loop.py", "unused.py", "--output-format", "concise"), "loop.py", "symbolic")


@pytest.mark.parametrize(
    ("paths", "says"), [(("", "unused.py"), "an empty path names no file"), (("-", "unused.py"), "-: standard input")]
)
def test_a_path_that_is_none(folder: Path, paths: tuple[str, ...], says: str) -> None:
    assert_fails_and_goes_on(check(folder, *paths, "--output-format", "concise"), says)


def test_a_name_does_not_steer_the_terminal(folder: Path) -> None:
    assert check(folder, "\x1b[2J.py").stderr == "error: \\x1b[2J.py: no such file or directory\n"


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("closed", ["closed", "closed/b.py", "."])
def test_a_file_or_a_folder_that_may_not_be_read(folder: Path, closed: str) -> None:
    (folder / "closed").mkdir()
    (folder / "closed/b.py").write_text(UNUSED)
    mode = (folder / closed).stat().st_mode
    (folder / closed).chmod(0o300 if closed == "." else 0)
    try:
        result = check(folder, *(["unused.py", "."] if closed == "." else []), "--output-format", "concise")
    finally:
        (folder / closed).chmod(mode)
    assert_fails_and_goes_on(result, f"{closed}: permission denied")


def test_a_file_that_vanishes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    found = Discovered((Path("gone.py"), Path("unused.py")), ())
    monkeypatch.setattr("errlint.cli.inputs.discover", lambda *_, **__: found)
    with pytest.raises(SystemExit) as caught:
        main(["check", "--isolated", "--output-format", "concise"])
    assert caught.value.code == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: gone.py: no such file or directory\n")
    assert said.out.startswith("unused.py:3:40: ERR901 ")


def test_a_module_that_vanishes_after_it_was_followed(tmp_path: Path) -> None:
    """A finding that leads into it can still be shown."""
    file = tmp_path / "sending.py"
    file.write_text(UNUSED)
    project = Project(builtin_packs(), Reach(builtin_words()))
    assert project.module(str(file), "sending")
    file.unlink()
    assert project.sources(str(file)).text == UNUSED


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the folder one is in cannot be removed")
def test_the_working_folder_vanishes(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    result = shell("cd gone && rmdir ../gone && errlint check --isolated", tmp_path)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("error: the working folder cannot be found: ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.errlint]\nselect = [\nignore =", "at line 3, column 1"),
        ("[tool.errlint]\nselekt = []", "unknown key 'selekt'; did you mean 'select'?"),
        ("[tool.errlint]\nselect = ['err101']", "unknown rule 'err101'; did you mean 'ERR101'?"),
        ("[tool.errlint]\nselect = ['speling']", "unknown rule 'speling'; `errlint rule` lists the rules"),
        ("[tool.errlint]\nexclude = ['!']", "'exclude': invalid git pattern: '!'"),
    ],
)
def test_a_project_file_that_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/a.py").write_text(UNUSED)
    (tmp_path / "unused.py").write_text(UNUSED)
    (tmp_path / "inner/pyproject.toml").write_text(text)
    result = errlint("check", "--output-format", "concise", cwd=tmp_path)
    assert_fails_and_goes_on(result, str(tmp_path / "inner/pyproject.toml"), says)


def test_a_configuration_that_is_wrong(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "a.py").write_text(UNUSED)
    (inner / "errlint.toml").write_text('selekt = ["ALL"]')
    result = errlint("check", "--output-format", "concise", cwd=folder)
    assert_fails_and_goes_on(result, "errlint.toml", "'selekt'", "did you mean 'select'")


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_an_unknown_rule(folder: Path, option: str) -> None:
    result = check(folder, option, "syntax-eror")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"error: {option}: unknown rule 'syntax-eror'; did you mean 'syntax-error'?\n"


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_no_rule_at_all(folder: Path, option: str) -> None:
    result = check(folder, option, ",")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"error: {option}: names no rule; `errlint rule` lists the rules\n"


def test_an_empty_folder(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "warning: no Python files found under .\n"


def test_a_broken_pack(tmp_path: Path) -> None:
    """A copy of errlint, one of its packs spoilt."""
    shutil.copytree(Path(package.__file__).parent, tmp_path / "errlint")
    shutil.rmtree(tmp_path / "errlint/rules", ignore_errors=True)
    shutil.copytree(rules_folder(), tmp_path / "errlint/rules")
    pack = next((tmp_path / "errlint/rules/clients").glob("*.toml"))
    pack.write_text(pack.read_text() + "\nnonsense = 1\n")
    (tmp_path / "unused.py").write_text(UNUSED)
    result = check(tmp_path, "unused.py", PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith(f"error: rules/clients/{pack.name}: ")
    assert "nonsense" in result.stderr


posix = pytest.mark.skipif(os.name != "posix", reason="pipes and streams as POSIX has them")


@posix
def test_a_closed_pipe(folder: Path) -> None:
    for number in range(200):
        (folder / f"more{number}.py").write_text(UNUSED)
    result = shell("errlint check --isolated | head -n 1", folder)
    assert result.returncode == 1
    assert "ERR901" in result.stdout
    assert result.stderr == "Found 201 problems, 201 fixable with `--fix`.\n"


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("command", ["check --isolated", "check --isolated --fix - <unused.py", "rule"])
def test_a_full_disk(folder: Path, command: str) -> None:
    result = shell(f"errlint {command} >/dev/full", folder)
    assert result.returncode == 2
    assert "error: the output cannot be written: no space left on device\n" in result.stderr
    assert "Traceback" not in result.stderr


@posix
@pytest.mark.parametrize("closing", [">&-", "2>&-"])
def test_a_stream_that_is_closed(folder: Path, closing: str) -> None:
    result = shell(f"errlint check --isolated {closing}", folder)
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr


@posix
def test_standard_input_that_is_closed(folder: Path) -> None:
    result = shell("errlint check --isolated - <&-", folder)
    assert (result.returncode, result.stderr) == (2, "error: -: standard input is closed\n")


@posix
def test_findings_of_a_file_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not repaired is reported."""

    def full(path: str, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys.modules["errlint.cli.check"], "replace_file", full)
    result = CliRunner().invoke(main, ["check", "--isolated", "--fix", "--output-format", "concise"])
    assert result.exit_code == 2
    assert result.stdout.startswith("unused.py:3:40: ERR901 ")
    assert result.stderr.startswith("error: unused.py: the fixed text cannot be written: no space left on device\n")
