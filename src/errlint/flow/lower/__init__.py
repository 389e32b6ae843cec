"""From libcst trees to the intermediate representation."""

from errlint.flow.lower.module import lower_module

__all__ = ["lower_module"]
