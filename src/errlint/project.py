"""The files of a run: reading and writing them, and the modules that they import from each other."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from errlint.source import Source

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.facts import ModuleFacts
    from errlint.flow.ir import ModuleCode
    from errlint.packs.knowledge import Knowledge

_KEPT_MODULES = 64
"""A lowered module takes a hundred times the space of its text: only those used last are kept."""


class Modules:
    """Modules of the project by file, lowered when first asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Path, ModuleCode | None] = OrderedDict()
