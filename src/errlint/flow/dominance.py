"""Which operations run on the way to every sending, and which only after a failure.

A value read on the way to every attempt repeats itself; one that is computed only after a failure (a refreshed token)
is a new one. In a graph: the first dominate every block that sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from errlint.flow.control import Graph, successors

if TYPE_CHECKING:
    from errlint.flow.engine import Engine


def dominators(graph: Graph) -> list[set[int]]:
    """For each block the blocks through which every way from the entry leads, itself included."""
    everything = set(range(len(graph.blocks)))
    predecessors: list[set[int]] = [set() for _ in graph.blocks]
    for index, block in enumerate(graph.blocks):
        for target in successors(block.end):
            predecessors[target].add(index)
        if block.handler is not None:
            predecessors[block.handler.block].add(index)
    result = [set(everything) for _ in graph.blocks]
    result[0] = {0}
    order = sorted(range(len(graph.blocks)), key=lambda i: graph.order[i])
    changed = True
    while changed:
        changed = False
        for index in order:
            if index == 0:
                continue
            ways = [result[p] for p in predecessors[index]]
            new = (set.intersection(*ways) if ways else set()) | {index}
            if new != result[index]:
                result[index], changed = new, True
    return result


def only_after_failure(engine: Engine, node: cst.CSTNode) -> bool:
    """Whether the running function sends in a block that can be reached without running `node`'s operation."""
    frame = engine.frames[-1]
    sending = engine.sending_blocks.get(id(frame.graph))
    if not sending:
        return False
    before = engine.dominators_of(frame.graph)
    here = frame.block
    return any(here not in before[block] for block in sending)
