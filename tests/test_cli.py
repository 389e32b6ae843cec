"""The command at its outermost boundary: a process, its exit status and what it writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CLEAN = "import requests\n\nprint(requests.__version__)\n"
UNUSED = "import requests\n\nprint(requests.get)  # errlint: ignore[syntax-error] -- for the test\n"
FIXED = "import requests\n\nprint(requests.get)\n"
BROKEN = "import requests\n\nif requests.get(:\n"


def errlint(
    *arguments: str, cwd: Path, stdin: str | bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run errlint; the installed package and the one under `src` alike are found by the current interpreter."""
    result = subprocess.run(
        [sys.executable, "-m", "errlint", *arguments],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )
    return subprocess.CompletedProcess(result.args, result.returncode, result.stdout.decode(), result.stderr.decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unused.py").write_text(UNUSED)
    return tmp_path


def check(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return errlint("check", "--isolated", *arguments, cwd=folder, **more)


# --- exit status ----------------------------------------------------------------------------------------------------


def test_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    result = check(tmp_path)
    assert (result.returncode, result.stdout) == (0, "")


def test_something_found(folder: Path) -> None:
    result = check(folder, "--output-format", "concise")
    assert result.returncode == 1
    assert result.stdout.startswith("unused.py:3:40: ERR901 [*] ")
    assert result.stderr == "Found 1 problem, 1 fixable with `--fix`.\n"


def test_exit_zero(folder: Path) -> None:
    assert check(folder, "--exit-zero").returncode == 0
    (folder / "broken.py").write_text(BROKEN)
    assert check(folder, "--exit-zero").returncode == 2


def test_files_that_have_nothing_to_do_with_http_are_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("if (:")
    assert check(tmp_path).returncode == 0


# --- what errlint cannot do: one line each, exit status 2, the other files are checked ------------------------------


def assert_fails_and_goes_on(result: subprocess.CompletedProcess[str], *says: str) -> None:
    assert result.returncode == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.stderr
    assert all(part in errors[0] for part in says), errors
    assert "Traceback" not in result.stderr
    assert "unused.py:3:40: ERR901" in result.stdout


def test_a_file_that_does_not_parse(folder: Path) -> None:
    (folder / "broken.py").write_text(BROKEN)
    result = check(folder, "--output-format", "concise")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    found = result.stdout.splitlines()
    assert len(found) == 2
    assert found[0].startswith("broken.py:3:")
    assert found[1].startswith("unused.py:3:40: ERR901 ")


def test_a_binary_file(folder: Path) -> None:
    (folder / "binary.py").write_bytes(b"\x7fELF\x00\x01requests\xff\xfe\x00")
    result = check(folder, "--output-format", "concise")
    assert result.returncode == 2
    found = result.stdout.splitlines()
    assert len(found) == 2
    assert found[0].startswith("binary.py:1:1: ERR902 ")
    assert found[1].startswith("unused.py:3:40: ERR901 ")


def test_a_path_that_is_not_there(folder: Path) -> None:
    assert_fails_and_goes_on(
        check(folder, "none.py", "unused.py", "--output-format", "concise"), "none.py", "no such file"
    )


def test_a_path_that_cannot_be_read(folder: Path) -> None:
    (folder / "loop.py").symlink_to("loop.py")
    assert_fails_and_goes_on(check(folder, "loop.py", "unused.py", "--output-format", "concise"), "loop.py", "symbolic")


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


def test_an_empty_folder(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "warning: no Python files found under .\n"


def test_a_broken_pack(tmp_path: Path) -> None:
    """A copy of errlint, one of its packs spoilt."""
    import shutil

    import errlint as package
    from errlint.packs.locate import rules_folder

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


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_closed_pipe(folder: Path) -> None:
    for number in range(200):
        (folder / f"more{number}.py").write_text(UNUSED)
    command = f"{sys.executable} -m errlint check --isolated | head -n 1"
    result = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=folder, capture_output=True, check=False)
    assert result.returncode == 1
    assert b"ERR901" in result.stdout
    assert b"Traceback" not in result.stderr
    assert b"Broken" not in result.stderr


# --- input ----------------------------------------------------------------------------------------------------------


def test_standard_input(tmp_path: Path) -> None:
    result = check(tmp_path, "-", "--output-format", "concise", stdin=UNUSED)
    assert result.returncode == 1
    assert result.stdout.startswith("-:3:40: ERR901 ")


def test_standard_input_with_a_name(tmp_path: Path) -> None:
    (tmp_path / "errlint.toml").write_text('ignore = ["ERR901"]')
    arguments = ("check", "-", "--stdin-filename", "in/client.py", "--output-format", "concise")
    assert errlint(*arguments, cwd=tmp_path, stdin=UNUSED).stdout == ""
    assert errlint(*arguments, "--isolated", cwd=tmp_path, stdin=UNUSED).stdout.startswith("in/client.py:3:40: ERR901 ")


def test_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.errlint]\nignore = ["unused-suppression"]\n')
    assert errlint("check", cwd=folder).returncode == 0
    assert errlint("check", "--isolated", cwd=folder).returncode == 1
    assert errlint("check", "--select", "ALL", cwd=folder).returncode == 1


# --- output ---------------------------------------------------------------------------------------------------------


def test_json(folder: Path) -> None:
    result = check(folder, "--output-format", "json")
    assert json.loads(result.stdout) == [
        {
            "code": "ERR901",
            "name": "unused-suppression",
            "message": "syntax-error is not reported here",
            "filename": str(folder / "unused.py"),
            "cell": None,
            "location": {"row": 3, "column": 40},
            "end_location": {"row": 3, "column": 52},
            "severity": "warning",
            "api": None,
            "fix": {
                "applicability": "safe",
                "message": "remove syntax-error from the suppression",
                "edits": [
                    {"content": "", "location": {"row": 3, "column": 20}, "end_location": {"row": 3, "column": 69}}
                ],
            },
            "suggestions": [],
            "related": [],
            "url": None,
        }
    ]


def test_json_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    assert json.loads(check(tmp_path, "--output-format", "json").stdout) == []


def test_full(folder: Path) -> None:
    result = check(folder)
    assert result.stdout == (
        "ERR901 [*] unused-suppression: syntax-error is not reported here\n"
        "  --> unused.py:3:40\n"
        "  |\n"
        "2 |\n"
        "3 | print(requests.get)  # errlint: ignore[syntax-error] -- for the test\n"
        "  |                                        ^^^^^^^^^^^^\n"
        "  |\n"
        "help: remove syntax-error from the suppression (--fix)\n"
        "\n"
    )


def test_colour(folder: Path) -> None:
    assert "\x1b[" not in check(folder).stdout
    assert "\x1b[" in check(folder, FORCE_COLOR="1").stdout
    assert "\x1b[" not in check(folder, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_an_encoding_that_lacks_a_character(tmp_path: Path) -> None:
    (tmp_path / "unused.py").write_text(UNUSED.replace("for the test", "\N{GRINNING FACE}"), encoding="utf-8")
    result = check(tmp_path, PYTHONIOENCODING="ascii")
    assert result.returncode == 1
    assert "\\U0001f600" in result.stdout


def test_output_file(folder: Path) -> None:
    result = check(folder, "--output-file", "report.json", "--output-format", "json")
    assert (result.returncode, result.stdout) == (1, "")
    assert len(json.loads((folder / "report.json").read_text())) == 1
    result = check(folder, "--output-file", "none/report.txt")
    assert result.returncode == 2
    assert result.stderr.startswith("error: none/report.txt: no such file")


def test_statistics(folder: Path) -> None:
    (folder / "more.py").write_text(UNUSED)
    assert check(folder, "--statistics").stdout == "2  ERR901  [*]  unused-suppression\n"
    assert json.loads(check(folder, "--statistics", "--output-format", "json").stdout) == [
        {"code": "ERR901", "name": "unused-suppression", "count": 2, "fixable": True}
    ]


def test_quiet(folder: Path) -> None:
    result = check(folder, "--quiet")
    assert "ERR901" in result.stdout
    assert result.stderr == ""


def test_the_same_output_each_time(folder: Path) -> None:
    for name in ("z.py", "a/b.py", "a.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(UNUSED * 3)
    first, second = (check(folder, PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first == second


# --- fixing ---------------------------------------------------------------------------------------------------------


def test_fix(folder: Path) -> None:
    result = check(folder, "--fix")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "Fixed 1 problem.\n"
    assert (folder / "unused.py").read_text() == FIXED


def test_diff(folder: Path) -> None:
    result = check(folder, "--diff")
    assert result.returncode == 1
    assert result.stdout == (
        "--- unused.py\n"
        "+++ unused.py\n"
        "@@ -1,3 +1,3 @@\n"
        " import requests\n"
        " \n"
        "-print(requests.get)  # errlint: ignore[syntax-error] -- for the test\n"
        "+print(requests.get)\n"
    )
    assert (folder / "unused.py").read_text() == UNUSED
    (folder / "unused.py").write_text(FIXED)
    assert check(folder, "--diff").returncode == 0


def test_fix_of_standard_input(tmp_path: Path) -> None:
    result = check(tmp_path, "-", "--fix", stdin=UNUSED.replace("\n", "\r\n"))
    assert (result.returncode, result.stdout) == (0, FIXED.replace("\n", "\r\n"))


def test_a_fix_keeps_all_else_of_the_file(tmp_path: Path) -> None:
    target = tmp_path / "real.py"
    head = b"\xef\xbb\xbf# caf\xc3\xa9 \x0c\r\n"
    target.write_bytes(head + UNUSED.replace("\n", "\r\n").encode())
    target.chmod(0o754)
    (tmp_path / "link.py").symlink_to("real.py")
    assert check(tmp_path, "--fix", "link.py").returncode == 0
    assert target.read_bytes() == head + FIXED.replace("\n", "\r\n").encode()
    assert target.stat().st_mode & 0o777 == 0o754
    assert (tmp_path / "link.py").is_symlink()
    assert {file.name for file in tmp_path.iterdir()} == {"real.py", "link.py"}


def test_a_fix_keeps_the_declared_encoding(tmp_path: Path) -> None:
    file = tmp_path / "latin.py"
    head = "# -*- coding: latin-1 -*-\nname = 'caf\xe9'\n"
    file.write_bytes((head + UNUSED).encode("latin-1"))
    assert check(tmp_path, "--fix").returncode == 0
    assert file.read_bytes() == (head + FIXED).encode("latin-1")


# --- other commands -------------------------------------------------------------------------------------------------


def test_rule(tmp_path: Path) -> None:
    by_code = errlint("rule", "ERR901", cwd=tmp_path)
    assert by_code.returncode == 0
    assert by_code.stdout.startswith("# unused-suppression (ERR901)\n")
    assert errlint("rule", "unused-suppression", cwd=tmp_path).stdout == by_code.stdout
    assert by_code.stdout in errlint("rule", "--all", cwd=tmp_path).stdout
    assert "ERR901  unused-suppression" in errlint("rule", cwd=tmp_path).stdout
    unknown = errlint("rule", "ERR999", cwd=tmp_path)
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("error: unknown rule 'ERR999'; did you mean ")


def test_outcomes(tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text(
        "import requests\n\n\ndef fetch():\n    return requests.get('https://example.org', timeout=5)\n"
    )
    result = errlint("outcomes", "--output-format", "json", "client.py", cwd=tmp_path)
    assert result.returncode == 0
    report = json.loads(result.stdout)
    assert report["version"] == 1
    [function] = report["functions"]
    assert (function["qualname"], function["line"], function["end_line"]) == ("fetch", 4, 5)
    table = errlint("outcomes", "client.py", "--function", "fetch", cwd=tmp_path)
    assert table.returncode == 0
    assert "fetch" in table.stdout
    unknown = errlint("outcomes", "client.py", "--function", "fetsh", cwd=tmp_path)
    assert unknown.returncode == 2
    assert unknown.stderr == "error: no function 'fetsh' sends a request; did you mean 'fetch'?\n"


def test_debug_flow(tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text("import requests\n\n\ndef fetch():\n    return requests.get('u', timeout=5)\n")
    result = errlint("debug", "flow", "client.py", cwd=tmp_path)
    assert result.returncode == 0
    assert "fetch" in result.stdout
