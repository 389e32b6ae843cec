"""`match`, generators, coroutines, module bodies: by their lowering and by Python itself."""

from __future__ import annotations

from textwrap import indent

import pytest

from .agree import assert_agrees

_SUBJECTS = """[
    0, 1, -1, 2.5, 3j, True, None, 'a', 'abc', b'x', [], [1], [1, 2], (1, 2, 3), {'a': 1}, {'a': 1, 'b': 2, 'c': 3},
    {}, P(1, 2), P(3, Q()), Q(), [[1, 2], 3], 'get', ValueError('x'), {'p': P(0, 0)}, range(2), 1.0, 404, 500,
]"""
_CASES = [
    "case 1: yield 'one'",
    "case -1 | 2.5 | 3j: yield 'number'",
    "case 0 + 3j: yield 'complex'",
    "case None | True: yield 'singleton'",
    "case 'a' | 'a' 'bc' | b'x': yield 'text'",
    "case K.value: yield 'dotted'",
    "case x if log(x): yield 'guarded', x",
    "case x if x in (0, 1) and not (yield 'in guard'): yield x",
    "case []: yield 'empty'",
    "case [x]: yield x",
    "case (x, _): yield x",
    "case [x, *rest]: yield x, rest",
    "case [*_, x]: yield x",
    "case (1, *middle, 3): yield middle",
    "case [_, _, *_]: yield 'two or more'",
    "case [[x, y], z]: yield x, y, z",
    "case {}: yield 'mapping'",
    "case {'a': 1}: yield 'a is 1'",
    "case {'a': x, **rest}: yield x, rest",
    "case {'a': 1 | 2 as x, K.key: y}: yield x, y",
    "case {'p': P(x=0 as x)}: yield x",
    "case P(): yield 'any P'",
    "case P(1, y): yield y",
    "case P(x=3, y=Q() as q): yield type(q).__name__",
    "case P(x, y=2): yield x",
    "case P(missing=1): yield 'no'",
    "case int(x): yield x",
    "case str() | bytes() as x: yield x",
    "case list([x, y]): yield 'list of two'",
    "case bool() | (int() | float()) as x: yield x",
    "case (1 | 0) | [1, *_] : yield 'nested or'",
    "case [x, y] | {'a': x, 'b': y}: yield x, y",
    "case ValueError(args=(text,)): yield text",
    "case 400 | 404 as code: yield code",
    "case code if isinstance(code, int) and 500 <= code < 600: yield code",
]


@pytest.mark.parametrize("case", [*_CASES, "case 1: yield 'first'\n        case int() | [*_]: yield 'second'\n"])
def test_match(case: str) -> None:
    assert_agrees(f"""
class K:
    value = 'get'
    key = 'b'
class Q:
    def __repr__(self): return 'Q'
class P:
    def __repr__(self): return 'P'
    __match_args__ = ('x', 'y')
    def __init__(self, x, y):
        self.x, self.y = x, y
def named(subject):
    x = 'before'
    match log(subject):
        {case}
        case _: yield 'other'
    yield x
def falls_through(subject):
    match subject:
        {case.splitlines()[0]}
    yield 'end'
def main():
    for subject in {_SUBJECTS}:
        for found in [*named(subject), *falls_through(subject)]:
            log(found)
""")


def test_match_binds_only_what_matched() -> None:
    assert_agrees("""
def main():
    x = y = 0
    match [1, 2]:
        case [x, y, 3]: pass
        case [x, 3]: pass
        case [x, y] if log((x, y)) and False: pass
        case z: return x, y, z
""")


def test_match_subject_is_evaluated_once_and_kept() -> None:
    assert_agrees("""
def main():
    x = [1, [2, 3]]
    match x:
        case [x, [y, 4]]: pass
        case [a, [x, b]]: return a, b, x
    match log(1), log(2):
        case a, b: return a
""")


_GENERATORS = {
    "values sent": """
def g():
    x = yield 1
    log(x)
    y = yield log(x + 1)
    return (yield y)
def main():
    it = g()
    out = [next(it), it.send(5), it.send(6)]
    try: it.send(7)
    except StopIteration as end: out.append(end.value)
    return out
""",
    "yield from": """
def inner():
    try:
        x = yield 1
        yield x
    except Boom as error:
        yield error.args
    return 'result'
def g():
    r = yield from inner()
    yield r
    yield from [8, 9]
def main():
    a, b = g(), g()
    return [next(a), a.send(4), next(a), list(a)], [next(b), b.throw(Boom(3)), list(b)]
""",
    "closing": """
def g():
    with manager('m'):
        try:
            while True:
                yield 1
        finally:
            log('closed')
def main():
    it = g()
    next(it)
    it.close()
    log('after')
""",
    "in expressions": """
def g():
    return [(yield 1), (yield), f"{(yield 2)}"], ((yield 3) or (yield 4)), [(yield i) for i in ()] if False else 0
def main():
    it = g()
    log(next(it))
    try:
        for value in range(9): log(it.send(value))
    except StopIteration as end: return end.value
""".replace(", [(yield i) for i in ()] if False else 0", ""),
    "await": """
import asyncio
async def f(x):
    await asyncio.sleep(0)
    return log(x)
async def main():
    async with manager('a') as a, manager('b'):
        log(await f(a))
    return await f(1) + await f(2), [await f(n) for n in range(2)], (await f(3)).bit_length()
""",
    "async iteration": """
import asyncio
async def numbers(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield i
    finally:
        log('done')
async def main():
    out = []
    async for i in numbers(5):
        if i == 1: continue
        if i == 3: break
        out.append(i)
    else:
        out.append('no')
    async for i in numbers(1): pass
    else: out.append('else')
    return out, [i async for i in numbers(3) if i], {i: j async for i in numbers(2) for j in range(2)}
""",
    "async with swallows": """
async def main():
    async with manager('a', True):
        boom(1)
    try:
        async with manager('b'):
            return log(2)
    finally:
        log(3)
""",
}


@pytest.mark.parametrize("name", _GENERATORS)
def test_suspended(name: str) -> None:
    assert_agrees(_GENERATORS[name])


def test_module_body() -> None:
    assert_agrees("""
import math as m, os.path
from os import sep, path as p
limit = 3
total = 0
for i in range(limit):
    total += i
    later = lambda: [total, i, limit]
squares = [(lambda: i * i)() for i in range(3)]
try:
    boom(1)
except Boom as error:
    seen = error.args
else:
    seen = None
if (n := log(4)) > 3: del limit
def change():
    global total, fresh, squares
    total = total + 1
    fresh = 'x'
    del squares
    return total
class C:
    total = total + 1
    def get(self): return total
change()
def main():
    return later() if False else (total, fresh, seen, n, i, C.total, C().get(), p is os.path, m.pi, 'limit' in globals()
        if False else 0, 'error' in dir() if False else 1)
""")


def test_declarations_reach_inwards() -> None:
    """`global` holds for the functions inside, and `nonlocal` reaches through several."""
    assert_agrees("""
x = 'global'
def main():
    def a():
        global x
        def b(): return x
        x = 'set'
        return b()
    def c():
        y = 1
        def d():
            def e():
                nonlocal y
                y += 1
                return [y for _ in range(2)]
            return e()
        return d(), y
    x = 'local'
    return a(), c(), x
""")


@pytest.mark.parametrize(
    "expression",
    [
        "[[x for x in range(y)] for y in range(3)]",
        "[(x, y) for x in [1, 2] for y in [x, x + 1]]",
        "[lambda: (x, y) for x in [1] for y in [2]][0]()",
        "[[lambda: x for _ in 'a'][0]() for x in range(3)]",
        "[x for x in [x for x in range(4)] if x % 2]",
        "(lambda x: [x + y for y in [x]])(2)",
        "(lambda: (lambda: x)())()",
        "{x: [x for x in [x]] for x in [x]}",
        "[x for x in (lambda: [x])()]",
        "[y := 1, y, [y := 2 for _ in 'a'], y]",
    ],
)
@pytest.mark.parametrize("place", ["return {}", "f = lambda: {}\nreturn f()", "class C:\n    z = {}\nreturn C.z"])
def test_scopes_of_comprehensions_and_lambdas(expression: str, place: str) -> None:
    if ":=" in expression and "class" in place:
        pytest.skip("not allowed by Python")
    body = indent("x = 7\n" + place.format(expression), "    ")
    assert_agrees(f"x = 'global'\ndef main():\n{body}\n")
