"""The generator of client programs: the same seed and index give the same text."""

from random import Random

from . import others, several
from .compose import write_program
from .covering import row
from .others import write_other
from .program import Program
from .several import write_several

KINDS = (*several.KINDS, *others.KINDS)

# Every so many programs, one that no row of features describes.
SEVERAL_EVERY = 12


def generate(seed: int, index: int) -> Program:
    """Program `index` of `seed`; the first ones cover every pair of features."""
    rng = Random(f"text {seed} {index}")
    name = f"p{seed}_{index:05}"
    round_, place = divmod(index, SEVERAL_EVERY)
    if place == SEVERAL_EVERY - 1:
        kind = KINDS[round_ % len(KINDS)]
        return write_other(kind, name, rng) if kind in others.KINDS else write_several(kind, name, rng)
    return write_program(row(seed, index - round_), name, rng)
