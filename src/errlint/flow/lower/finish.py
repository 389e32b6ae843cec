"""From drafts to a graph: empty blocks are passed by, straight lines become one block, dead code goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from errlint.flow.control import (
    Block,
    Branch,
    Catch,
    Graph,
    Handler,
    Jump,
    Next,
    Raise,
    Return,
    Terminator,
    Yield,
    successors,
)
from errlint.flow.ir import Op
from errlint.flow.lower.blocks import Draft
from errlint.flow.lower.liveness import dying_registers, live_registers, may_raise


def finish(drafts: Sequence[Draft]) -> Graph:
    """The graph of finished drafts, of which the first is the entry; its blocks are in reverse postorder."""
    finished = {
        number: _Outline(draft.ops, draft.end, draft.handler)
        for number, draft in enumerate(drafts)
        if draft.end is not None
    }
    passed = _pass_empty(finished)
    for item in finished.values():
        item.retarget(lambda block: passed.get(block, block))
    _merge_lines(finished)
    order = _reverse_postorder(finished)
    position = {block: index for index, block in enumerate(order)}
    handlers: dict[Handler, Handler] = {}
    blocks = []
    for block in order:
        item = finished[block]
        item.retarget(position.__getitem__)
        blocks.append(item.block(position, handlers))
    live = live_registers(blocks)
    return Graph(tuple(blocks), live, dying_registers(blocks, live), tuple(range(len(blocks))))


class _Outline:
    """A draft that is being rearranged."""

    __slots__ = ("end", "handler", "ops", "quiet")

    def __init__(self, ops: list[Op], end: Terminator, handler: Handler | None) -> None:
        self.ops = ops
        self.end = end
        # A block that cannot raise has no edge to its handler: that often makes the handler unreachable.
        self.quiet = not (may_raise(end) or any(map(may_raise, ops)))
        self.handler = None if self.quiet else handler

    def exits(self) -> tuple[int, ...]:
        """All blocks that control may go to from here."""
        return successors(self.end) if self.handler is None else (*successors(self.end), self.handler.block)

    def retarget(self, new: Callable[[int], int]) -> None:
        self.end = _retargeted(self.end, new)

    def block(self, position: dict[int, int], handlers: dict[Handler, Handler]) -> Block:
        if self.handler is None:
            return Block(tuple(self.ops), self.end)
        handler = handlers.get(self.handler)
        if handler is None:
            handler = handlers[self.handler] = Handler(position[self.handler.block], self.handler.register)
        return Block(tuple(self.ops), self.end, handler)


def _retargeted(end: Terminator, new: Callable[[int], int]) -> Terminator:
    match end:
        case Jump(node, block):
            return Jump(node, new(block))
        case Branch(node, test, then, otherwise):
            return Branch(node, test, new(then), new(otherwise))
        case Next(node, target, iterator, body, done, is_async):
            return Next(node, target, iterator, new(body), new(done), is_async)
        case Catch(node, exception, types, matched, otherwise):
            return Catch(node, exception, types, new(matched), new(otherwise))
        case Yield(node, target, value, resume, delegate):
            return Yield(node, target, value, new(resume), delegate)
        case Return() | Raise():
            return end


def _pass_empty(blocks: dict[int, _Outline]) -> dict[int, int]:
    """Where a jump to an empty block really leads."""
    leads: dict[int, int] = {}
    for start in blocks:
        path: list[int] = []
        block = start
        while block not in leads and block not in path:
            item = blocks[block]
            if item.ops or not isinstance(item.end, Jump):
                break
            path.append(block)
            block = item.end.block
        # An empty endless loop leads to itself.
        final = leads.get(block, block)
        leads.update(dict.fromkeys(path, final))
    return leads


def _merge_lines(blocks: dict[int, _Outline]) -> None:
    """Append each block to the one before it where neither has another neighbour there."""
    entries = dict.fromkeys(blocks, 0)
    entries[0] = 1
    reached = _reverse_postorder(blocks)
    for block in reached:
        item = blocks[block]
        for exit_ in successors(item.end):
            entries[exit_] += 1
        if item.handler is not None:
            entries[item.handler.block] += 2
    for block in reached:
        item = blocks[block]
        while entries[block] and isinstance(item.end, Jump) and entries[item.end.block] == 1:
            after = blocks[item.end.block]
            if item.quiet:
                item.handler = after.handler
            elif not after.quiet and item.handler != after.handler:
                break
            entries[item.end.block] = 0
            item.ops.extend(after.ops)
            item.quiet = item.quiet and after.quiet
            item.end = after.end


def _reverse_postorder(blocks: dict[int, _Outline]) -> list[int]:
    """The blocks that can be reached; a loop's body comes before what follows the loop."""
    postorder: list[int] = []
    seen = {0}
    stack = [(0, list(blocks[0].exits()))]
    while stack:
        block, exits = stack[-1]
        while exits:
            exit_ = exits.pop()
            if exit_ not in seen:
                seen.add(exit_)
                stack.append((exit_, list(blocks[exit_].exits())))
                break
        else:
            postorder.append(block)
            stack.pop()
    postorder.reverse()
    return postorder
