"""The command at its outermost boundary: a process, its exit status and what it writes."""

import json
from pathlib import Path

import pytest
from command import BROKEN, CLEAN, FIXED, UNUSED, check, errlint

from errlint.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unused.py").write_text(UNUSED)
    return tmp_path


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


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands["rule"], "callback", interrupted)
    with pytest.raises(SystemExit) as caught:
        main(["rule"])
    assert caught.value.code == 130


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


def test_what_is_excluded_is_checked_where_it_is_named_unless_that_is_forced(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.errlint]\nexclude = ["made/"]\n')
    (folder / "made").mkdir()
    (folder / "made/more.py").write_text(UNUSED)
    arguments = ("check", "--output-format", "concise", "unused.py", "made/more.py")
    assert len(errlint(*arguments, cwd=folder).stdout.splitlines()) == 2
    assert errlint(*arguments, "--force-exclude", cwd=folder).stdout.startswith("unused.py:3:40: ")
    alone = errlint("check", "made/more.py", "--force-exclude", cwd=folder)
    assert (alone.returncode, alone.stdout, alone.stderr) == (0, "", "")


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
