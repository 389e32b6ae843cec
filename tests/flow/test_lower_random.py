"""Random programs, by their lowering and by Python itself."""

from __future__ import annotations

from textwrap import indent

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .agree import assert_agrees

_NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def _expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(st.one_of(_NAMES, st.sampled_from(["0", "1", "2", "-1", "read()", "[]", "'x'", "None"])))
    inner = _expressions(depth - 1)
    form = draw(
        st.sampled_from(
            [
                "{}",
                "log({})",
                "log({})",
                "({} or {})",
                "({} and {})",
                "(not {})",
                "({} if {} else {})",
                "({} == {} != {})",
                "(a := {})",
                "({}, {})",
                "[{} for b in range(2) if {}]",
                "[c, (c := {}), c]",
                "(lambda b={}: {})()",
                "[{}, *({}, {})]",
            ]
        )
    )
    return form.format(*(draw(inner) for _ in range(form.count("{}"))))


@st.composite
def _blocks(draw: st.DrawFn, depth: int, in_loop: bool, in_handler: bool) -> str:
    return "\n".join(draw(st.lists(_statements(depth, in_loop, in_handler), min_size=1, max_size=3)))


@st.composite
def _statements(draw: st.DrawFn, depth: int, in_loop: bool, in_handler: bool) -> str:
    def block(loop: bool = in_loop, handler: bool = in_handler) -> str:
        return indent(draw(_blocks(depth - 1, loop, handler)), "    ")

    def optional(head: str) -> str:
        return f"\n{head}:\n{block()}" if draw(st.booleans()) else ""

    value = draw(_expressions(2))
    simple = ["log", "assign"] * 2 + ["unpack", "augment", "return", "raise", "expression", "assert", "delete"]
    simple += ["break", "continue"] * 2 * in_loop + ["reraise"] * in_handler
    compound = ["if", "for", "while", "try", "finally", "with", "def", "match"]
    match draw(st.sampled_from(simple if depth == 0 else simple + compound * 2)):
        case "log":
            return "log(e)" if draw(st.integers(0, 9)) == 9 else f"log((a, b, c, {value}))"
        case "assign":
            return f"{draw(_NAMES)} = {value}"
        case "unpack":
            return f"{draw(_NAMES)}, *{draw(_NAMES)} = {value}, read()"
        case "augment":
            return f"{draw(_NAMES)} += {value}"
        case "delete":
            name = draw(_NAMES)
            return f"{name} = {value}; del {name}; {name} = read()"
        case "return":
            return f"return {value}"
        case "raise":
            return draw(st.sampled_from(["raise Boom(1)", "raise Bang(2) from Boom(3)", f"boom({value})"]))
        case "reraise":
            return "raise"
        case "assert":
            return f"assert {value} or c, {draw(_expressions(1))}"
        case "break" | "continue" as word:
            return f"if {value}: {word}"
        case "if":
            return f"if {value}:\n{block()}" + optional(f"elif {draw(_expressions(2))}") + optional("else")
        case "for":
            loop = f"for {draw(_NAMES)} in range(3):\n{block(loop=True)}"
            return loop + optional("else")
        case "while":
            return f"while more() and {value}:\n{block(loop=True)}" + optional("else")
        case "try":
            name = draw(st.sampled_from(["", " as e"]))
            kinds = draw(st.sampled_from(["Boom", "Bang", "(Bang, TypeError)", "log(Exception)"]))
            handled = f"try:\n{block()}\nexcept {kinds}{name}:\n{block(handler=True)}"
            return handled + optional("else") + optional("finally")
        case "finally":
            return f"try:\n{block()}\nfinally:\n{block()}"
        case "with":
            swallow = draw(st.booleans())
            return f"with manager({value}, {swallow}) as {draw(_NAMES)}:\n{block()}"
        case "def":
            body = indent(draw(_blocks(depth - 1, False, False)), "    ")
            headings = ["nonlocal a\n    b, c = 3, [4]", "nonlocal b, c\n    a = read()", "a = b = c = 0"]
            declared = draw(st.sampled_from(headings))
            return f"def inner(d={value}):\n    {declared}\n{body}\nlog(inner())"
        case "match":
            pattern = draw(st.sampled_from(["[a, *_]", "0 | 1", "None", "(b, c)", "str() as c", "{'x': a}", "a if b"]))
            return f"match {value}:\n    case {pattern}:\n{indent(block(), '    ')}\n    case _:\n        log(a)"
    return f"{value}"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_blocks(3, False, False))
def test_random_programs(body: str) -> None:
    source = f"def main():\n    a, b, c = 1, 2, [3]\n{indent(body, '    ')}\n    return a, b, c\n"
    try:
        compile(source, "program", "exec")
    except SyntaxError:  # `continue` of no loop in a class, `nonlocal` of what a comprehension binds: not our business
        return
    assert_agrees(source)
