"""The rules, one module each. Importing one changes nothing: `load` finds them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from errlint.checks.base import Rule


def load() -> tuple[Rule, ...]:
    """Every rule of this package, by code."""
    rules = []
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base" and not module.name.startswith("_"):
            rules += _rules_of(f"{__name__}.{module.name}")
    return tuple(sorted(rules, key=lambda rule: rule.code))


def _rules_of(module_name: str) -> list[Rule]:
    module = importlib.import_module(module_name)
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Rule) and value.__module__ == module_name
    ]
    return [rule() for rule in classes]
