"""What names of the project stand for: module bindings, class attributes, the fields that constructors set.

Bindings are evaluated when they are first asked for, each in an empty state of its own; what they leave in the heap is
copied into the state of whoever reads them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING

from errlint.flow import calls, construction
from errlint.flow.callables import Class, External, Function
from errlint.flow.code import Binding, ClassDefinition, Code, ModuleCode, TooDeep
from errlint.flow.held import (
    Attribute,
    Held,
    Kind,
    annotated_name,
    annotation_path,
    hold,
    import_path,
    imported,
    thawed,
)
from errlint.flow.ir import Import
from errlint.flow.record import Limit
from errlint.flow.standard import is_transparent_decorator
from errlint.flow.state import State
from errlint.flow.values import Abstract, Dictionary, Instance, Ref, Sequence, Symbol, Value

if TYPE_CHECKING:
    import libcst as cst

    from errlint.flow.engine import Engine

Resolver = Callable[[str], ModuleCode | None]
"""Finds a module of the project by its dotted name."""


class Names:
    """Names of one project, resolved lazily and once."""

    def __init__(self, resolver: Resolver) -> None:
        self._find = resolver
        self._globals: dict[tuple[int, str], Held] = {}
        self._classes: dict[int, Class] = {}
        self._deriving = 0
        """How many classes there are whose bases are being looked for: what they derive from is not settled."""
        self._lineages: dict[int, list[Abstract]] = {}
        self._attributes: dict[tuple[int, str], Attribute] = {}
        self._defaults: dict[Abstract, Held] = {}
        self._fields: dict[tuple[int, bool], tuple[tuple[str, Held], ...]] = {}
        self._busy: set[object] = set()

    # --- modules -----------------------------------------------------------------------------------------------------

    def read(self, engine: Engine, state: State, module: ModuleCode, name: str) -> Abstract:
        """The value of a module-level name or builtin."""
        key = f"{module.name}:{name}"
        written = state.globals.get(key)
        if written is not None:
            return written
        bindings = module.bindings.get(name)
        if bindings is None:
            return self._from_star(engine, state, module, name)
        if name in module.global_writes:
            return Symbol(("global", module.name, name))
        held = self._globals.get((id(module), name))
        if held is None:
            held = self._bound(engine, module, name, bindings)
        value = held.put_into(state)
        if name in engine.survey.mutated:
            value = thawed(state, value)
        if held.heap or value is not held.value:
            state.globals[key] = value
        return value

    def _from_star(self, engine: Engine, state: State, module: ModuleCode, name: str) -> Abstract:
        """A name that the module does not bind by itself: from a star import, or a builtin."""
        if "*" in module.bindings and ("*", id(module)) not in self._busy:
            self._busy.add(("*", id(module)))
            try:
                for binding in module.bindings["*"]:
                    if binding.imported is None:
                        continue
                    path = f"{import_path(module, binding.imported.module, binding.imported.level)}.{name}"
                    found = self.outside(engine, state, path)
                    if not isinstance(found, External) or engine.knowledge.canonical(path) is not None:
                        return found
            finally:
                self._busy.discard(("*", id(module)))
        return External(name) if hasattr(builtins, name) else Symbol(("global", module.name, name))

    def outside(self, engine: Engine, state: State, path: str) -> Abstract:
        """What a dotted path stands for: a name of another module of the project, or something outside it."""
        owner, dot, name = path.rpartition(".")
        if not dot or engine.knowledge.canonical(path) is not None:
            return External(path)
        module = self._find(owner)
        if module is None or (id(module), name) in self._busy:
            return External(path)
        if name in module.bindings:
            return self.read(engine, state, module, name)
        found = self._from_star(engine, state, module, name)
        return External(path) if isinstance(found, Symbol) or found == External(name) else found

    def imported(self, engine: Engine, state: State, module: ModuleCode, op: Import) -> Abstract:
        """What an import statement binds, followed into the project."""
        value = imported(module, op)
        found = value if op.attribute is None else self.outside(engine, state, value.path)
        if found == value and self._find(value.path) is None:
            # Many projects import a library through a module that only adjusts it.
            library = engine.knowledge.wrapped(value.path)
            return found if library is None else External(library)
        return found

    def _bound(self, engine: Engine, module: ModuleCode, name: str, bindings: tuple[Binding, ...]) -> Held:
        key = (id(module), name)
        unknown = Held(Symbol(("global", module.name, name)))
        if key in self._busy:
            return unknown
        self._busy.add(key)
        try:
            held = self._evaluate(engine, module, _preferred(bindings), unknown)
        finally:
            self._busy.discard(key)
        self._globals[key] = held
        return held

    def _evaluate(self, engine: Engine, module: ModuleCode, binding: Binding | None, unknown: Held) -> Held:
        if binding is None or binding.kind == "opaque":
            return unknown
        if binding.kind == "import":
            assert binding.imported is not None
            state = State()
            return hold(state, self.imported(engine, state, module, binding.imported))
        if binding.kind == "class":
            assert binding.definition is not None
            return Held(self.class_value(engine, binding.definition))
        if binding.kind == "function":
            assert binding.code is not None
            return self.decorated(engine, self.function(engine, binding.code), binding.decorators)
        held = None if binding.code is None else self.evaluate(engine, binding.code)
        if held is None or _is_empty_container(held.value):
            return unknown
        value = held.value
        for index in binding.path:
            if not isinstance(value, Sequence) or index >= len(value.items):
                return unknown
            value = value.items[index]
        return Held(value, held.heap, held.masks)

    def evaluate(self, engine: Engine, code: Code) -> Held | None:
        """The one value of an expression outside any function; None where there is not just one."""
        with engine.apart():
            try:
                exits = [e for e in engine.run(code, State()) if not e.state.phantom]
            except (Limit, TooDeep):
                return None
        if len(exits) != 1 or exits[0].raised:
            return None
        return hold(exits[0].state, exits[0].value)

    def function(self, engine: Engine, code: Code) -> Function:
        """A module-level function or a method, with the values of its defaults."""
        defaults: list[tuple[str, Abstract]] = []
        for name, default in code.defaults:
            held = self.evaluate(engine, default)
            shared = Symbol(("default", code.module.name, code.qualname, name))
            if held is not None and held.heap:
                self._defaults[shared] = held
            defaults.append((name, shared if held is None or held.heap else held.value))
        return Function(code, (), tuple(defaults))

    def default(self, state: State, value: Abstract) -> Abstract:
        """The default of a parameter: an object is made when the function is defined, and all calls share it."""
        held = self._defaults.get(value)
        if held is None:
            return value
        key = ":".join(["default", *map(str, value.origin[1:])]) if isinstance(value, Symbol) else ""
        if key not in state.globals:
            state.globals[key] = held.put_into(state)
        return state.globals[key]

    def decorated(self, engine: Engine, function: Abstract, decorators: tuple[Code, ...]) -> Held:
        """A function after its decorators (outermost first) were applied."""
        held = Held(function)
        for decorator in reversed(decorators):
            state = State()
            value = held.put_into(state)
            with engine.apart():
                found = self.evaluate(engine, decorator)
                if found is None:
                    return Held(Symbol(("decorated", id(decorator))))
                wrapper = found.put_into(state)
                if is_transparent_decorator(engine, wrapper):
                    continue
                try:
                    steps = calls.apart(engine, state, wrapper, value, decorator.node)
                except (Limit, TooDeep):
                    return Held(Symbol(("decorated", id(decorator))))
            if len(steps) != 1 or steps[0][2]:
                return Held(Symbol(("decorated", id(decorator))))
            held = hold(steps[0][0], steps[0][1])
        return held

    # --- classes -----------------------------------------------------------------------------------------------------

    def class_value(self, engine: Engine, definition: ClassDefinition) -> Class:
        known = self._classes.get(id(definition))
        if known is None:
            self._classes[id(definition)] = Class(definition, ())
            bases: list[Abstract] = []
            self._deriving += 1
            for base in definition.bases:
                held = self.evaluate(engine, base)
                bases.append(Symbol(("base", definition.qualname)) if held is None else held.value)
            self._deriving -= 1
            known = self._classes[id(definition)] = Class(definition, tuple(bases))
        return known

    def annotated(self, engine: Engine, module: ModuleCode, annotation: cst.BaseExpression | None) -> Class | None:
        """The class of the project that an annotation names."""
        text = annotated_name(annotation)
        if text is None:
            return None
        path = annotation_path(module, annotation)
        if path is not None:
            value = self.outside(engine, State(), path)
        elif any(binding.kind == "class" for binding in module.bindings.get(text, ())):
            value = self.read(engine, State(), module, text)
        else:
            return None
        return value if isinstance(value, Class) else None

    def concerns_requests(self, engine: Engine, cls: Class) -> bool:
        """Whether a method that the project gives a class may send."""
        return any(
            engine.survey.matters(binding.code)
            for base in self.lineage(engine, cls)
            if isinstance(base, Class)
            for bindings in base.definition.bindings.values()
            for binding in bindings
            if binding.kind == "function" and binding.code is not None
        )

    def lineage(self, engine: Engine, cls: Class) -> list[Abstract]:
        """The class and everything it derives from, nearest first."""
        known = self._lineages.get(id(cls.definition))
        if known is None:
            known = self._lineage(engine, cls)
            if not self._deriving:
                self._lineages[id(cls.definition)] = known
        return known

    def _lineage(self, engine: Engine, cls: Class) -> list[Abstract]:
        found: list[Abstract] = []
        stack: list[Abstract] = [cls]
        while stack:
            current = stack.pop(0)
            if current in found or len(found) > 50:
                continue
            found.append(current)
            if isinstance(current, Class):
                current = self.class_value(engine, current.definition)
                stack[:0] = current.bases
        return found

    def attribute(
        self, engine: Engine, cls: Class, name: str, after: Class | None = None
    ) -> Attribute | Abstract | None:
        """What `name` is in a class: a project attribute, or the outside base that may have it, or None.

        With `after` the search starts behind that class, as `super()` does.
        """
        lineage = self.lineage(engine, cls)
        if after is not None and after in lineage:
            lineage = lineage[lineage.index(after) + 1 :]
        for base in lineage:
            if not isinstance(base, Class):
                if isinstance(base, External) and base.path in _FEATURELESS:
                    continue
                return base
            if name in base.definition.bindings:
                return self._attribute(engine, base, name)
        return None

    def _attribute(self, engine: Engine, owner: Class, name: str) -> Attribute:
        key = (id(owner.definition), name)
        known = self._attributes.get(key)
        if known is not None:
            return known
        unknown = Held(Symbol(("class attribute", owner.definition.qualname, name)))
        if key in self._busy:
            return Attribute(unknown, "plain", owner)
        self._busy.add(key)
        try:
            binding = _preferred(owner.definition.bindings[name])
            kind: Kind = "plain"
            if binding is not None and binding.kind == "function":
                assert binding.code is not None
                kind, decorators = self._method_kind(engine, name, binding)
                held = self.decorated(engine, self.function(engine, binding.code), decorators)
            else:
                held = self._evaluate(engine, owner.definition.module, binding, unknown)
        finally:
            self._busy.discard(key)
        found = self._attributes[key] = Attribute(held, kind, owner)
        return found

    def _method_kind(self, engine: Engine, name: str, binding: Binding) -> tuple[Kind, tuple[Code, ...]]:
        kind: Kind = "class" if name in ("__init_subclass__", "__class_getitem__") else "plain"
        if name == "__new__":
            kind = "static"
        rest: list[Code] = []
        for decorator in binding.decorators:
            held = self.evaluate(engine, decorator)
            path = held.value.path if held is not None and isinstance(held.value, External) else ""
            if path in _METHOD_KINDS:
                kind = _METHOD_KINDS[path]
            elif path not in _MARKERS and not path.endswith(".setter"):
                rest.append(decorator)
        return kind, tuple(rest)

    def fields(self, engine: Engine, cls: Class) -> tuple[tuple[str, Held], ...]:
        """What the constructor leaves in the instance's fields, for an instance made with the default arguments."""
        key = (id(cls.definition), engine.switched_on)
        known = self._fields.get(key)
        if known is not None:
            return known
        self._fields[key] = ()
        state = State()
        number = state.allocate(Instance(cls))
        result: tuple[tuple[str, Held], ...] = ()
        with engine.construction():
            try:
                steps = construction.construct(engine, state, cls, Ref(number))
            except (Limit, TooDeep):
                steps = []
        contents = [(s, s.heap[number]) for s, _, raised in steps if not raised and not s.phantom]
        if contents:
            result = _common_fields(contents)
        self._fields[key] = result
        return result

    def field(self, engine: Engine, cls: Class, name: str) -> Held | None:
        """The value of a field that only constructors set; None where other methods write it too, or none does."""
        lineage = [c for c in self.lineage(engine, cls) if isinstance(c, Class)]
        writers = {m for c in lineage for m in c.definition.self_writes.get(name, ())}
        held = dict(self.fields(engine, cls)).get(name)
        if held is None:
            return None
        if writers - {"__init__", "__post_init__", "__new__"} and not held.heap:
            return None
        return held


def _common_fields(contents: list[tuple[State, Value]]) -> tuple[tuple[str, Held], ...]:
    first_state, first = contents[0]
    if not isinstance(first, Instance):
        return ()
    result: list[tuple[str, Held]] = []
    for name, value in first.fields:
        held = hold(first_state, value)
        others = [hold(s, v) for s, c in contents[1:] if isinstance(c, Instance) and (v := c.get(name)) is not None]
        same = len(others) == len(contents) - 1 and all(_alike(held, o) for o in others)
        if same:
            result.append((name, held))
    return tuple(result)


def _alike(one: Held, other: Held) -> bool:
    return one == other or (bool(one.heap) and [c for _, c in one.heap] == [c for _, c in other.heap])


_FEATURELESS = frozenset({"object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"})
_METHOD_KINDS: dict[str, Kind] = {
    "property": "property",
    "functools.cached_property": "property",
    "staticmethod": "static",
    "classmethod": "class",
    "abc.abstractproperty": "property",
}
_MARKERS = frozenset({"abc.abstractmethod", "typing.override", "typing_extensions.override", "typing.overload"})


def _preferred(bindings: tuple[Binding, ...]) -> Binding | None:
    """The binding that counts where a name has several: an import over its fallback, else only a plain redefinition."""
    if len(bindings) == 1:
        return bindings[0]
    imports = [b for b in bindings if b.kind == "import"]
    if imports:
        return imports[0]
    if all(b.kind == "function" for b in bindings):
        return next((b for b in bindings if b.conditional), bindings[-1]) if bindings[-1].conditional else bindings[-1]
    if not any(b.conditional for b in bindings) and bindings[-1].kind in ("function", "class", "value"):
        return bindings[-1]
    return None


def _is_empty_container(value: Abstract) -> bool:
    """An empty list, set or dictionary is there to be filled."""
    return (isinstance(value, Sequence) and not value.items and value.kind in ("list", "set")) or (
        isinstance(value, Dictionary) and not value.items
    )
