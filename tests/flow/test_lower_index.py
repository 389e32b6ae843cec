"""The index of a module: bindings, classes, functions, what methods write."""

from __future__ import annotations

import libcst as cst

from errlint.flow.code import Binding, ClassDefinition, ModuleCode
from errlint.flow.control import Return
from errlint.flow.ir import Const
from errlint.flow.lower import lower_module


def _module(source: str) -> ModuleCode:
    return lower_module(cst.parse_module(source), "program", False)


def _kinds(bindings: dict[str, tuple[Binding, ...]]) -> dict[str, list[str]]:
    return {name: [binding.kind + "?" * binding.conditional for binding in found] for name, found in bindings.items()}


def _class(module: ModuleCode, qualname: str) -> ClassDefinition:
    return next(definition for definition in module.classes if definition.qualname == qualname)


def test_names_and_how_they_are_bound() -> None:
    module = _module("""
import os.path, json as j
from . import sibling
from ..up import name as other
from everything import *
LIMIT = 3
a, (b, *c, d) = e = 1, (2, 3)
typed: int = 4
declared: str
LIMIT += 1
for i, k in []: inner = 1
with x as (w, self.y): pass
try: import fast
except ImportError as error: fast = None
if (walrus := 1):
    def f(): local = 1
else:
    class C: inside = 1
while z[(y := 2)]: pass
match q:
    case [m, *n] if (o := m): p = m
    case {'k': r, **s}: pass
    case t as u: pass
del b
@decorated
async def g(): pass
type Alias = int
lambda: (never := 1)
x.attribute = 1
print([(deep := v) for v in z])
""")
    assert _kinds(module.bindings) == {
        "os": ["import"], "j": ["import"], "sibling": ["import"], "other": ["import"], "*": ["import"],
        "LIMIT": ["value", "opaque"], "a": ["value"], "b": ["value", "opaque"], "c": ["opaque"], "d": ["opaque"],
        "e": ["value"], "typed": ["value"], "declared": ["value"], "i": ["opaque"], "k": ["opaque"],
        "inner": ["value?"], "w": ["opaque"], "fast": ["import?", "value?"], "error": ["opaque?"],
        "walrus": ["opaque"], "f": ["function?"], "C": ["class?"], "y": ["opaque"], "m": ["opaque?"],
        "n": ["opaque?"], "o": ["opaque?"], "p": ["value?"], "r": ["opaque?"], "s": ["opaque?"], "t": ["opaque?"],
        "u": ["opaque?"], "g": ["function"], "Alias": ["opaque"], "deep": ["opaque"],
    }  # fmt: skip


def test_values_of_one_assignment_share_their_code() -> None:
    bindings = _module("a, (b, c) = d = 1, (2, 3)\n").bindings
    assert {name: found[0].path for name, found in bindings.items()} == {"a": (0,), "b": (1, 0), "c": (1, 1), "d": ()}
    assert len({found[0].code for found in bindings.values()}) == 1


def test_imports() -> None:
    bindings = _module("import a.b, c.d as e\nfrom ...x.y import z as w\nfrom . import v\nfrom u import *\n").bindings
    found = {}
    for name, (binding,) in bindings.items():
        imported = binding.imported
        assert imported is not None
        assert imported.target == name
        found[name] = (imported.module, imported.level, imported.attribute, imported.whole)
    assert found == {
        "a": ("a.b", 0, None, False),
        "e": ("c.d", 0, None, True),
        "w": ("x.y", 3, "z", False),
        "v": ("", 1, "v", False),
        "*": ("u", 0, "*", False),
    }


def test_functions_in_source_order_with_qualified_names() -> None:
    module = _module("""
@(lambda f: f)
def outer(a):
    def inner():
        class Local:
            def method(self): return lambda: 1
        return Local
    if a:
        async def conditional(): yield 1
class C:
    def method(self):
        def nested(): pass
    class D:
        def deep(self): pass
def last(): pass
""")
    assert [code.qualname for code in module.functions] == [
        "outer", "outer.<locals>.inner", "outer.<locals>.inner.<locals>.Local.method", "outer.<locals>.conditional",
        "C.method", "C.method.<locals>.nested", "C.D.deep", "last",
    ]  # fmt: skip
    assert [definition.qualname for definition in module.classes] == ["outer.<locals>.inner.<locals>.Local", "C", "C.D"]
    by_name = {code.name: code for code in module.functions}
    assert by_name["inner"].parent is by_name["outer"]
    assert by_name["conditional"].is_async
    assert by_name["conditional"].is_generator
    assert not by_name["outer"].is_generator
    assert by_name["deep"].owner is _class(module, "C.D")
    assert by_name["nested"].owner is None
    assert by_name["method"].parent is None
    assert module.body.kind == "module"


def test_parameters_defaults_and_annotations() -> None:
    (code,) = _module("def f(a, b: int = 1, /, c=2, *d, e, f: str = 'x', **g) -> bool: pass\n").functions
    assert [(parameter.name, parameter.kind, parameter.has_default) for parameter in code.parameters] == [
        ("a", "positional-only", False),
        ("b", "positional-only", True),
        ("c", "positional", True),
        ("d", "var-positional", False),
        ("e", "keyword-only", False),
        ("f", "keyword-only", True),
        ("g", "var-keyword", False),
    ]
    assert [name for name, _ in code.defaults] == ["b", "c", "f"]
    assert [default.graph.blocks[0].end for _, default in code.defaults] == [
        Return(default.node, Const(value)) for (_, default), value in zip(code.defaults, [1, 2, "x"], strict=True)
    ]
    annotation = code.parameters[1].annotation
    assert isinstance(annotation, cst.Name)
    assert annotation.value == "int"
    assert isinstance(code.returns, cst.Name)


def test_what_methods_write_on_their_receiver() -> None:
    module = _module("""
class C:
    def __init__(self, other):
        self.a = self.b = 1
        self.c, (other.d, self.e) = 1, (2, 3)
        self.f: int = 1
        self.declared: int
        self.g += 1
        del self.h
        for self.i in []: pass
        with x as self.j: pass
        self.k.l = 1
        self[0] = 1
        if x:
            while y: self.m = 1
    def other(this):
        this.a = 2
        self.n = 1
        def inner():
            this.o = 1
        def shadow(this):
            this.p = 1
    @classmethod
    def make(cls): cls.q = 1
    def none(): x.r = 1
    class D:
        def method(self): self.s = 1
def function(self): self.t = 1
""")
    writes = {name: set(methods) for name, methods in _class(module, "C").self_writes.items()}
    assert writes == {
        "a": {"__init__", "other"}, "b": {"__init__"}, "c": {"__init__"}, "e": {"__init__"}, "f": {"__init__"},
        "g": {"__init__"}, "h": {"__init__"}, "i": {"__init__"}, "j": {"__init__"}, "m": {"__init__"},
        "o": {"other"}, "q": {"make"},
    }  # fmt: skip
    assert set(_class(module, "C.D").self_writes) == {"s"}


def test_classes() -> None:
    module = _module("""
@dataclass(frozen=True)
class A(Base, *others, metaclass=M):
    x: int
    y: str = 'y'
    @property
    def z(self): return 1
@dataclasses.dataclass
class B: pass
@attr.define
class C: pass
@register
class D: pass
""")
    assert [definition.is_dataclass for definition in module.classes] == [True, True, True, False]
    first = module.classes[0]
    assert len(first.bases) == 2
    assert _kinds(first.bindings) == {"x": ["value"], "y": ["value"], "z": ["function"]}
    assert first.bindings["x"][0].code is None
    assert first.bindings["x"][0].annotation is not None
    assert len(first.bindings["z"][0].decorators) == 1
    assert len(module.bindings["A"][0].decorators) == 1


def test_global_declarations_are_collected() -> None:
    module = _module("def f():\n    global a\n    def g():\n        if x:\n            global b, c\n")
    assert module.global_writes == {"a", "b", "c"}


def test_nothing_is_lowered_by_the_index() -> None:
    module = _module("def f():\n    return 1\nx = f()\n")
    codes = [module.body, *module.functions, module.bindings["x"][0].code]
    assert all(code is not None and code._graph is None and code._frame is None for code in codes)
