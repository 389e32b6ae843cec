"""What each operation and terminator of a block does to a state."""

from errlint.flow.ops.blocks import transfer

__all__ = ["transfer"]
