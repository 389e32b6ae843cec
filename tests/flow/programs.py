"""Random programs that nest every statement and terminate."""

from __future__ import annotations

from random import Random
from textwrap import indent

_NAMES = ("a", "b", "c")
_ATOMS = (*_NAMES, *_NAMES, "0", "1", "2", "-1", "read()", "[]", "'x'", "None")
_FORMS = (
    "{}", "log({})", "log({})", "({} or {})", "({} and {})", "(not {})", "({} if {} else {})", "({} == {} != {})",
    "(a := {})", "({}, {})", "[{} for b in range(2) if {}]", "[c, (c := {}), c]", "(lambda b={}: {})()",
    "[{}, *({}, {})]",
)  # fmt: skip
_SIMPLE = ("log", "log", "assign", "assign", "unpack", "augment", "return", "raise", "expression", "assert", "delete")
_COMPOUND = ("if", "for", "while", "try", "finally", "with", "def", "match")


class Program:
    """The body of a function over the variables `a`, `b` and `c`."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.source = f"def main():\n    a, b, c = 1, 2, [3]\n{self._block(3)}\n    return a, b, c\n"

    def _value(self, depth: int = 2) -> str:
        if depth == 0:
            return self._random.choice(_ATOMS)
        form = self._random.choice(_FORMS)
        return form.format(*(self._value(depth - 1) for _ in range(form.count("{}"))))

    def _name(self) -> str:
        return self._random.choice(_NAMES)

    def _block(self, depth: int, *, in_loop: bool = False, in_handler: bool = False) -> str:
        statements = (self._statement(depth, in_loop, in_handler) for _ in range(self._random.randint(1, 3)))
        return indent("\n".join(statements), "    ")

    def _statement(self, depth: int, in_loop: bool, in_handler: bool) -> str:
        kinds = [*_SIMPLE, *["break", "continue"] * 2 * in_loop, *["reraise"] * in_handler]
        if depth > 0 and self._random.random() < 0.6:
            return self._compound(self._random.choice(_COMPOUND), depth - 1, in_loop, in_handler)
        return self._simple(self._random.choice(kinds), self._value())

    def _simple(self, kind: str, value: str) -> str:
        name = self._name()
        match kind:
            case "log":
                return "log(e)" if self._random.random() < 0.1 else f"log((a, b, c, {value}))"
            case "assign":
                return f"{name} = {value}"
            case "unpack":
                return f"{name}, *{self._name()} = {value}, read()"
            case "augment":
                return f"{name} += {value}"
            case "return":
                return f"return {value}"
            case "raise":
                return self._random.choice(["raise Boom(1)", "raise Bang(2) from Boom(3)", f"boom({value})"])
            case "reraise":
                return "raise"
            case "assert":
                return f"assert {value} or c, {self._value(1)}"
            case "delete":
                return f"{name} = {value}; del {name}; {name} = read()"
            case "break" | "continue":
                return f"if {value}: {kind}"
        return value

    def _compound(self, kind: str, depth: int, in_loop: bool, in_handler: bool) -> str:
        def block() -> str:
            return self._block(depth, in_loop=in_loop, in_handler=in_handler)

        def optional(head: str) -> str:
            return f"\n{head}:\n{block()}" if self._random.random() < 0.5 else ""

        value = self._value()
        match kind:
            case "if":
                return f"if {value}:\n{block()}" + optional(f"elif {self._value()}") + optional("else")
            case "for":
                inner = self._block(depth, in_loop=True, in_handler=in_handler)
                return f"for {self._name()} in range(3):\n{inner}" + optional("else")
            case "while":
                inner = self._block(depth, in_loop=True, in_handler=in_handler)
                return f"while more() and {value}:\n{inner}" + optional("else")
            case "try":
                kinds = self._random.choice(["Boom", "Bang", "(Bang, TypeError)", "log(Exception)"])
                name = self._random.choice(["", " as e"])
                handled = self._block(depth, in_loop=in_loop, in_handler=True)
                clause = f"try:\n{block()}\nexcept {kinds}{name}:\n{handled}"
                return clause + optional("else") + optional("finally")
            case "finally":
                return f"try:\n{block()}\nfinally:\n{block()}"
            case "with":
                swallow = self._random.random() < 0.5
                return f"with manager({value}, {swallow}) as {self._name()}:\n{block()}"
            case "def":
                first = ["nonlocal a\n    b = c = 3", "nonlocal b, c\n    a = 4", "a = b = c = 0"]
                declared = self._random.choice(first)
                return f"def inner(d={value}):\n    {declared}\n{self._block(depth)}\nlog(inner())"
        pattern = self._random.choice(["[a, *_]", "0 | 1", "None", "(b, c)", "str() as c", "{'x': a}", "a if b"])
        return f"match {value}:\n    case {pattern}:\n{indent(block(), '    ')}\n    case _:\n        log(a)"
