"""What values were computed from: their leaves, and what is kept of a value that is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from errlint.flow.values import Abstract, Among, Answer, Apply, Dictionary, Part, Sequence, Symbol, depth_of


def leaves(value: Abstract) -> Iterator[Abstract]:
    """The values that a composite one was computed from; a value that was not computed is its own leaf."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, Apply):
            stack.extend(current.operands)
        elif isinstance(current, Sequence):
            stack.extend(current.items)
        elif isinstance(current, Dictionary):
            stack.extend(part for item in current.items for part in item)
            if current.rest is not None:
                stack.append(current.rest)
        else:
            yield current


def replace_leaves(value: Abstract, replace: Callable[[Abstract], Abstract]) -> Abstract:
    """Rebuild a composite value with each leaf replaced; the rebuilt operations are not evaluated again."""
    if isinstance(value, Apply):
        return Apply(value.operator, tuple([replace_leaves(o, replace) for o in value.operands]))
    if isinstance(value, Sequence):
        return Sequence(value.kind, tuple([replace_leaves(o, replace) for o in value.items]))
    if isinstance(value, Dictionary):
        items = tuple([(replace_leaves(k, replace), replace_leaves(v, replace)) for k, v in value.items])
        return Dictionary(items, None if value.rest is None else replace_leaves(value.rest, replace))
    return replace(value)


def decisive_attempts(value: Abstract) -> set[int]:
    """The attempts whose outcome the value is computed from."""
    return {
        leaf.attempt
        for leaf in leaves(value)
        if isinstance(leaf, Among) or (isinstance(leaf, Part) and leaf.kind == "status")
    }


# --- giving up detail ------------------------------------------------------------------------------------------------


MAX_DEPTH = 14
"""Values nest no deeper than this: what would is given up by whoever builds it (see `shallow`)."""


def shallow(value: Abstract) -> Abstract:
    """The value, or what it was computed from where it nests too deep to be kept."""
    if depth_of(value) <= MAX_DEPTH:
        return value
    return Apply("mix", tuple(dict.fromkeys(leaves(value)))[:MAX_DEPTH])


def blurred(values: Iterable[Abstract]) -> Apply:
    """The content of a container that is not followed any more: all that is kept is which answers it came from."""
    parts = dict.fromkeys(leaf for value in values for leaf in leaves(value) if isinstance(leaf, (Part, Answer)))
    return Apply("mix", (*sorted(parts, key=lambda part: part.ids), Symbol(("blurred",))))
