"""Runs errlint as a process, for the tests of what it writes and how it exits."""

import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120
"""No run in the tests takes a tenth of it: one that hangs fails its test, and no more."""

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
        timeout=SECONDS,
    )
    output = result.stdout.decode("utf-8", "surrogateescape")
    return subprocess.CompletedProcess(result.args, result.returncode, output, result.stderr.decode())


def check(
    folder: Path, *arguments: str, stdin: str | bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `errlint check` in a folder, without configuration files."""
    return errlint("check", "--isolated", *arguments, cwd=folder, stdin=stdin, **environment)


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line of bash in which `errlint` is errlint; fails where any part of a pipe does."""
    script = f'set -o pipefail; errlint() {{ "{sys.executable}" -m errlint "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", script], cwd=cwd, capture_output=True, text=True, check=False, timeout=SECONDS)
