"""Names of tests that are made of what they are given."""

import re


def named(value: object) -> str:
    """The value as text, without addresses: several processes must give a test the same name."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", str(value))
