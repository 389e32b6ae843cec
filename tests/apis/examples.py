"""The example clients, as modules."""

from __future__ import annotations

import importlib.util
import pathlib
from itertools import pairwise
from types import ModuleType

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def load(kind: str, api: str) -> ModuleType:
    """The `wrong` or the `right` client of an API."""
    file = EXAMPLES / kind / f"{api}_client.py"
    spec = importlib.util.spec_from_file_location(f"{kind}_{api}_client", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def growing(waits: list[float]) -> bool:
    """Whether each wait is longer than the one before."""
    return all(earlier < later for earlier, later in pairwise(waits))
