"""How much does errlint cost beyond parsing?

    python benchmarks/parse_ratio.py FOLDER...

For each folder: the CPU time of checking it with every rule, divided by the CPU time of `libcst.parse_module` on the
files that the prefilter lets through. Both are measured in this process, one after the other, each `--rounds` times;
the least time counts. The goal is a ratio of 1.5 at most.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path

import libcst

from errlint import checks
from errlint.discovery import discover
from errlint.lint import lint
from errlint.packs.locate import load_builtin
from errlint.project import Project
from errlint.settings import ALL, Selection, resolve
