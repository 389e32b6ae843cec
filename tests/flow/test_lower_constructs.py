"""Every construct of the language, by its lowering and by Python itself."""

from __future__ import annotations

import sys
from textwrap import indent

import pytest

from .agree import assert_agrees

# Each is the body of a function; `log` notes its argument and returns it.
_BODIES = {
    "literals": r"""
return [1, -1, 0x1F, 1_000, 00, 1.5, -2.5e3, 3j, -4j, True, None, ..., "a" 'b', b"x" b"\xff\101", r"\d", "\d\t\x41",
    '''two
lines''', "\N{BULLET}\u00e9\U0001F600\777", "line \
continued", u"u", "\"quoted\"", 'it\'s', rb"\d", -0.0, 10 ** 20, --1, - -1.5, not 0]
""",
    "f-strings": r"""
w, x = 8, 3.14159
return [f"{x:{w}.2f}|{x!r:>{w}}|{{}}|{'q'}" "tail" f"{x!s}", f"{x=} {x = :.1f} {w+1=!s}", rf"\d{w}", f"",
    f"\N{BULLET}{w}",
    f"{log(1)}{log(2):{log(3)}}", f'''{
    w}''', f"{w:05}", f"{'a' 'b'!a}", f"{x:{'>'}{w}}"]
""",
    "operators": """
a, b = 7, 3
return [a + b, a - b, a * b, a / b, a // b, a % b, a ** b, a << b, a >> b, a & b, a | b, a ^ b, -a, +a, ~a, not a,
    a + b * a - b, -a ** 2, (a + b) * 2]
""",
    "comparisons": """
a = 5
return [1 < a < 10, 1 < a < 3, 1 < log(2) < log(3) < log(1) < log(9), a == 5 != 4, a is a, a is not None,
    a in [5], a not in [5], a >= 5, a <= 4, (1 < a) == True]
""",
    "short circuits": """
return [log(0) or log(1), log(1) or log(2), log(0) and log(1), log(1) and log(2), log(0) or log('') or log([]),
    not log(0) and log(3), (log(1) and log(0)) or log(4), log(1) and (log(0) or log(5))]
""",
    "conditions": """
out = []
for a in (0, 1):
    for b in (0, 1):
        for c in (0, 1):
            if log(a) and log(b) or not log(c):
                out.append((a, b, c))
            if not (a and not (b or c)):
                out.append(1)
            if (a if b else c):
                out.append(2)
            elif 0 < a <= b < 2:
                out.append(3)
            elif (d := a + b) and d > 1:
                out.append(d)
            else:
                out.append(4)
            while a and (b or c):
                a = 0
            out.append(5 if not a and b else 6 if c else 7)
return out
""",
    "constant conditions": """
while True:
    if 0:
        log('no')
    if 1 and log(2):
        break
assert True
if not None: return 1
""",
    "assert": """
assert log(1), log('not evaluated')
assert 1 < 2 and log(3)
assert not log(1), log('evaluated')
""",
    "assert without message": "assert log(0)",
    "calls": """
def f(*a, **k): return a, sorted(k.items())
return [f(log(1), *log([2, 3]), log(4), x=log(5), **log({'y': 6})), f(x=log(1), *log([2])), f(**{'a': 1}, b=2), f()]
""",
    "parameters": """
def f(a, b=log(1), /, c=log(2), *d, e=log(3), g, **h): return a, b, c, d, e, g, h
def k(a, *, b=4): return a, b
return [f(0, g=1), f(1, 2, 3, 4, 5, e=6, g=7, i=8), k(1), (lambda x, *y, z=log(5): (x, y, z))(1, 2, 3)]
""",
    "displays": """
a, d = [1, 2], {'x': 1}
return [(), (1,), (*a, 3), [*a, *a], {*a, 3}, {**d, 'y': log(2), **{'x': 3}}, {log('k'): log('v')}, [[], [()]], {}]
""",
    "subscripts": """
a = list(range(10))
class Indexed:
    def __getitem__(self, index): return index
i = Indexed()
return [a[1], a[-1], a[1:3], a[:3], a[3:], a[::2], a[8:2:-2], a[:], i[1, 2], i[1:2, 3], i[1,],
    i[log(1), log(2):log(3)]]
""",
    "assignment order": """
x = [0, 0, 0]
i, x[i] = 1, 5
def at(n): log(n); return x
at(1)[log(0)] = log(9)
at(2)[log(1)], at(3)[log(2)] = log(7), log(8)
a = b = x[log(0)] = c = log(4)
a, b = b, a + 1
[p, (q, *r)], s = (1, 'xyz'), 2
(t) = 1
return x, i, a, b, c, p, q, r, s, t
""",
    "starred targets": """
a, *b = range(4)
*c, d = range(4)
e, *f, g = range(2)
*h, = 'xy'
return a, b, c, d, e, f, g, h
""",
    "unpacking fails": """
a = 0
try:
    a, b = log([1, 2, 3])
except ValueError:
    return a
""",
    "augmented": """
class O: pass
o, x, l = O(), 1, [1]
m = l
o.n = 1
x += 2; x *= 3; x -= 1; x //= 3; x **= 3; x %= 5; x <<= 3; x |= 3; x &= 6; x ^= 1; x >>= 1; x /= 2
l += [2]
def at(n): log(n); return o
at(1).n += log(2)
l[log(0)] += log(5)
l[0:1] += [8]
return x, l, m, m is l, o.n
""",
    "annotated": """
x: int = 3
y: list[undefined]
class O: pass
o = O()
o.a: int = log(4)
z: int
try:
    return log(y)
except UnboundLocalError:
    return x, o.a
""",
    "deletion": """
class O: pass
a, b, o, d = 1, 2, O(), {'x': 1, 'y': 2, 'z': 3}
o.p = o.q = 1
del a, d['x'], o.p
del (d[log('y')], [b])
try:
    print(a)
except NameError:
    return d, vars(o)
""",
    "walrus": """
x = 1
l = [x, (x := 2), x, (y := x + 1)]
def f(*a): return a
return l, x + (x := 5), f(x, x := 6, x), [(z := n) for n in range(3)], z, {x: (x := 7), x: x}, (x := 8) + x
""",
    "walrus before a method": """
x = [3, 1]
x.append((x := 5)) if False else None
y = [x, (x := [1])][0]
x += [(x := [2])]
return x, y
""",
    "comprehensions": """
x = 10
return [[x for x in range(3)], {x % 2 for x in range(5)}, {x: -x for x in range(3)}, list(x for x in range(3)), x,
    [(a, b) for a in range(3) if a for b in range(a) if not b % 2 if log(b) is not None],
    [[y for y in range(x)] for x in range(3)], {log(k): log(v) for k, v in [(1, 2)]},
    [a + b for a, (b, *c) in [(1, (2, 3))]], [x for x in [x, x]], sum(i for i in (1, 2)),
    [i for i in range(4) if 0 < i < 3 or i == 0], [f() for f in [lambda: i for i in range(3)]]]
""",
    "comprehension that fails": """
l = 'before'
try:
    l = [1 // n for n in (1, 0)]
except ZeroDivisionError:
    return l
""",
    "for": """
out = []
for i in range(3):
    if i == 1: continue
    out.append(i)
else:
    out.append('else')
for i, (j, k) in enumerate([(1, 2), (3, 4)]):
    out.append((i, j, k))
    if k == 2: break
else:
    out.append('no')
d = {}
for d[log('key')] in range(2): out.append(dict(d))
for i in []: pass
return out, i
""",
    "while": """
n, out = 0, []
while n < 5:
    n += 1
    if n == 2: continue
    if n == 4: break
    out.append(n)
else:
    out.append('no')
while n < 6: n += 1
else: out.append('else')
return out
""",
    "closures": """
def counter(start):
    n = start
    def up(by=1):
        nonlocal n
        n += by
        return n
    def get(): return n
    return up, get
up, get = counter(5)
up(); up(by=3)
fs = []
for i in range(3):
    fs.append(lambda i=i: i)
    fs.append(lambda: i)
def deep():
    def deeper():
        def deepest(): return i, up
        return deepest
    return deeper()()[0]
return get(), [f() for f in fs], deep()
""",
    "captured parameters": """
def f(a, b=2, *c, **d):
    def g():
        nonlocal a
        a += 1
        return a, b, c, d
    a = a * 10
    return g(), a
return f(1, 3, 4, x=5)
""",
    "captured loop, except and with variables": """
def later(): return i
for i in range(2):
    log(later())
def error_seen():
    try: return type(e).__name__
    except NameError: return 'unbound'
try:
    boom(1)
except Boom as e:
    log(error_seen())
log(error_seen())
with manager('m') as m:
    def managed(): return m
return managed(), [a for a in [(lambda: b)() for b in 'xy']]
""",
    "captured import and class": """
import math as m
from os import path
import os.path
def f(): return m.pi, path.join('a', 'b'), os.path is path, C.x, g()
class C: x = 3
def g(): return 4
del path
try:
    f()
except NameError:
    path = os.path
return f()
""",
    "unbound": """
try:
    log(never)
except NameError: log(1)
try:
    log(later)
except UnboundLocalError: log(2)
later = 1
def f():
    return free
try: f()
except NameError: log(3)
free = 1
return f()
""",
    "decorators": """
def tag(n):
    log(('made', n))
    def apply(f):
        log(('applied', n))
        return lambda *a: (n, f(*a))
    return apply
@tag(1)
@tag(2)
def f(x=log('default')): return x
@log
class C: pass
return f(5), f(), C.__name__
""",
    "classes": """
k = 5
class Base:
    def hello(self): return 'base', self.x
class A(Base):
    x = k + 1
    y, (z, w) = 1, (2, 3)
    both = also = [n * 2 for n in range(3)]
    f = lambda self: k
    def __init__(self, a=k, *, b=x):
        self.a, self.b = a, b
        self.x += 1
    @property
    def total(self): return self.a + self.b + k
    @staticmethod
    def s(v): return v
    class Inner(Base):
        x = 9
        def get(self): return self.x, k
a = A(b=3)
return (a.total, a.hello(), A.x, A.y, A.z, A.w, A.also, a.f(), A.s(4), A().b, A.Inner().get(), A.Inner().hello(),
    A.__qualname__)
""",
    "class names are not seen by methods": """
x = 'function'
class A:
    x = 'class'
    y = [x for _ in range(2)]
    def get(self): return x
    z = (lambda: x)()
return A.y, A().get(), A.z, A.x
""",
    "imports": """
import os.path, math as m
from math import floor as down, ceil
from os import path
return os.path is path, m.pi, down(1.5), ceil(1.5)
""",
    "import fails": """
try:
    from math import nothing
except ImportError:
    return 1
""",
    "lambda": """
return (lambda a, /, b=2, *c, d=4, **e: (a, b, c, d, e))(1, 3, 5, d=6, f=7), list((lambda: (yield 3))())
""",
    "long chains": "return (" + "+".join(["1"] * 1200) + ") + len('x'" + ".strip()" * 800 + ")",
    "long and": "return [" + " and ".join(["log(1)"] * 300) + ", " + " or ".join(["0"] * 900) + "]",
    "long elif": "x = 700\nif x == 0: pass\n" + "".join(f"elif x == {n}: return {n}\n" for n in range(1, 900)),
    "long conditional": "x = 3\nreturn " + " if x == 1 else ".join(map(str, range(500))),
    "long literals": "return (" + "'a' " * 2000 + ", " + "f'{1}' 'b' " * 500 + ")",
    "statements on one line": "a = 1; b = 2; return a + b",
    "dead code": "return 1\nlog('never')\nfor x in y: pass",
    "return in the middle": "for i in range(3):\n    if i: return i\n    log(i)",
    "no return": "log(1)",
    "type alias lookalike": "type = 3\nmatch = 4\nreturn type + match",
    "exception in a condition": """
try:
    if log(1) and boom(2) and log(3): log(4)
except Boom:
    return 5
""",
    "nested statements": """
for i in range(3):
    with manager(i):
        try:
            while True:
                if i == 1:
                    raise Boom(i)
                break
        except Boom as e:
            for j in e.args: log(j)
            continue
        finally:
            log('f')
""",
}


@pytest.mark.parametrize("name", _BODIES)
def test_body(name: str) -> None:
    _assert_body_agrees(_BODIES[name])


def _assert_body_agrees(body: str) -> None:
    assert_agrees("def main():\n" + indent(body.strip("\n"), "    ", lambda line: True) + "\n")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")
def test_starred_subscripts() -> None:
    _assert_body_agrees("""
class Indexed:
    def __getitem__(self, index): return index
return Indexed()[*[1, 2], 3], Indexed()[*'ab']
""")
