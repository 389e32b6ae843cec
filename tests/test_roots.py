"""Where modules lie, and which of them lead to a library."""

from pathlib import Path

import pytest

from errlint.roots import Reach, Root, placed

WORDS = (b"requests",)
HANDLES = b"try:\n    fetch()\nexcept OSError:\n    pass\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_a_place_is_named_from_the_nearest_folder_that_is_no_package(tmp_path: Path) -> None:
    write(tmp_path, {"app/__init__.py": "", "app/api/__init__.py": "", "app/api/client.py": ""})
    place = placed(tmp_path / "app/api/client.py")
    assert (place.root, place.name, place.is_package) == (tmp_path, "app.api.client", False)
    assert placed(tmp_path / "app/api/__init__.py").name == "app.api"


def test_a_script_finds_the_package_of_its_project(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "src/app/__init__.py": "", "tools/run.py": "", "tools/near.py": ""})
    root = Root(tmp_path / "tools")
    assert root.file("app") == tmp_path / "src/app/__init__.py"
    assert root.file("near") == tmp_path / "tools/near.py"
    assert root.file("elsewhere") is None
    assert root.file("..") is None


def test_without_a_top_folder_the_working_folder_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"app/__init__.py": "", "tools/run.py": ""})
    assert Root(tmp_path / "tools").file("app") is None
    monkeypatch.chdir(tmp_path)
    assert Root(tmp_path / "tools").file("app") == tmp_path / "app/__init__.py"
    assert Root(tmp_path.parent).file("app") is None
    monkeypatch.chdir(tmp_path.parent)
    assert Root(tmp_path / "tools").file("app") == tmp_path / "app/__init__.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from app.client import fetch", True),
        ("from app import client", True),
        ("from app import (\n    other,  # not this\n    client,\n)", True),
        ("import os, app.client", True),
        ("from . import sibling", True),
        ("from .sibling import fetch", True),
        ("from app import other", False),
        ("from app.missing import fetch", False),
        ("import os", False),
    ],
)
def test_what_handles_errors_and_imports_a_module_with_a_library_matters(
    tmp_path: Path, text: str, expected: bool
) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            "app/__init__.py": "",
            "app/client.py": "import requests",
            "app/other.py": "# requests",
            "use/__init__.py": "",
            "use/sibling.py": "import requests",
        },
    )
    data = text.encode() + b"\n" + HANDLES
    assert Reach(WORDS).matters(str(tmp_path / "use/this.py"), data) is expected
    assert not Reach(WORDS).matters(str(tmp_path / "use/this.py"), text.encode())


def test_packages_pass_on_what_their_modules_import(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app/__init__.py": "from app.client import fetch",
            "app/client.py": "import requests",
            "app/service.py": "from app.client import fetch",
            "loop/__init__.py": "from loop import inner",
            "loop/inner/__init__.py": "import loop",
        },
    )
    reach = Reach(WORDS)
    assert reach.leads(tmp_path / "app/__init__.py")
    assert not reach.leads(tmp_path / "app/service.py")
    assert not reach.leads(tmp_path / "loop/__init__.py")


def test_what_names_a_library_matters(tmp_path: Path) -> None:
    assert Reach(WORDS).matters(str(tmp_path / "one.py"), b"import requests")
    assert not Reach(WORDS).matters(str(tmp_path / "one.py"), HANDLES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("try:\n    save()\nexcept Exception as error:\n    print(error.response['Error'])\n", True),
        ("try:\n    save()\nexcept Exception as error:\n    print(error.status_code)\n", True),
        ("try:\n    save()\nexcept Exception as error:\n    print(error)\n", False),
        ("assert get('/').status_code == 200\n", False),
    ],
)
def test_what_handles_errors_and_looks_at_answers_matters(tmp_path: Path, text: str, expected: bool) -> None:
    assert Reach([b"requests"]).matters(str(tmp_path / "app.py"), text.encode()) is expected
