"""The generator of client programs: the same seed and index give the same text."""

from random import Random

from .compose import write_program
from .features import row
from .program import Program
from .several import KINDS, write_several

# Every so many programs, one that sends more than one request.
SEVERAL_EVERY = 12


def generate(seed: int, index: int) -> Program:
    """Program `index` of `seed`; the first ones cover every pair of features."""
    rng = Random(f"text {seed} {index}")
    name = f"p{seed}_{index:05}"
    round_, place = divmod(index, SEVERAL_EVERY)
    if place == SEVERAL_EVERY - 1:
        return write_several(list(KINDS)[round_ % len(KINDS)], name, rng)
    return write_program(row(seed, index - round_), name, rng)
