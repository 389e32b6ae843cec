"""What a test is about: which parts of an answer, of an exception or of the program it reads."""

from __future__ import annotations

from errlint.flow.callables import External
from errlint.flow.headers import attribute, membership
from errlint.flow.ir import Const
from errlint.flow.state import State
from errlint.flow.values import Abstract, Among, Answer, Apply, Dictionary, Fault, Instance, Part, Ref, Sequence, Symbol


def about(state: State, value: Abstract) -> frozenset[str]:
    """Words for what a value was computed from.

    `status`, `reason`, `text`, `body`, `member:/error/code`, `header:retry-after`, `headers`, `exception-text`,
    `clock`, `random`, `element`, `unknown`.
    """
    words: set[str] = set()
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, (Among, Answer)):
            words.add("status")
        elif isinstance(current, Part):
            words.add(f"header:{current.name}" if current.kind == "header" else current.kind)
        elif isinstance(current, Apply):
            pointer, header = member(current), membership(current)
            if pointer is not None:
                words.add(f"member:{pointer}")
            elif header is not None:
                words.add(f"header:{header}")
            elif (
                current.operator in ("call:str", "call:repr", "formatted", "format") and _of_exception(state, current)
            ) or (current.operator == "attribute" and _is_exception_text(state, current)):
                words.add("exception-text")
            else:
                if current.operator == "perhaps":
                    words.add("header:location")
                elif current.operator == "attribute":
                    stack.extend(_given(state, current.operands[0]))
                stack.extend(current.operands)
        elif isinstance(current, (Sequence, Dictionary)):
            stack.extend(current.items if isinstance(current, Sequence) else [p for i in current.items for p in i])
        elif isinstance(current, Symbol):
            words.add(str(current.origin[0]) if current.origin[0] in ("clock", "random", "element") else "unknown")
        elif not isinstance(current, Const):
            words.add("unknown")
    return frozenset(words)


def _given(state: State, value: Abstract) -> list[Abstract]:
    """What a library's class, which may make its attributes of all of it, was given for an object."""
    content = state.heap[value.id] if isinstance(value, Ref) else None
    if not isinstance(content, Instance) or not isinstance(content.cls, External):
        return []
    return [field for _, field in content.fields]


def member(value: Apply) -> str | None:
    """The JSON pointer of a member of a parsed body; None for anything else."""
    path: list[str] = []
    current: Abstract = value
    while isinstance(current, Apply) and len(current.operands) > 1:
        around, key = current.operands[:2]
        if current.operator == "call":
            reached = attribute(around)
            if reached is None or reached[1] != "get":
                return None
            around = reached[0]
        elif current.operator not in ("item", "method:get"):
            return None
        if type(key) is not Const:
            return None
        path.append(str(key.value))
        current = around
    return "/" + "/".join(reversed(path)) if isinstance(current, Part) and current.kind == "body" and path else None


def _of_exception(state: State, value: Apply) -> bool:
    return any(_is_exception(state, o) for o in value.operands)


def _is_exception(state: State, value: Abstract) -> bool:
    return isinstance(value, (Fault, Ref))


def _is_exception_text(state: State, value: Apply) -> bool:
    name = value.operands[1]
    return _is_exception(state, value.operands[0]) and type(name) is Const and name.value in ("args", "message", "msg")
