"""The library of all packs, as the engine asks it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from errlint.packs.effects import Sends
from errlint.packs.notation import Path
from errlint.packs.python_exceptions import other_names, python_exceptions
from errlint.packs.reading import PackError
from errlint.packs.references import resolves
from errlint.packs.repeating import Retrier
from errlint.packs.schema import Class, Constants, Definition, ExceptionClass, Failures, Function, Pack
from errlint.packs.values import Instance


def sends_any(function: Function) -> bool:
    """Whether a function sends with the method that is its first argument."""
    first = [parameter.name for parameter in function.signature.parameters[:1]]
    return isinstance(function.effect, Sends) and first == [function.effect.sends.method_parameter]


class Knowledge:
    """Every pack, merged; nothing changes after construction. A path that is asked for may be any public alias.

    Raises `PackError` where two packs define one thing, or one refers to what no pack has.
    """

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(packs)
        self._definitions: dict[Path, Definition] = dict(python_exceptions())
        self._exports: dict[str, Path] = dict(other_names())
        self._modules: dict[str, str] = {}
        self._owners: dict[str, Pack] = {}
        for pack in self.packs:
            for root in pack.roots:
                if self._owners.setdefault(root, pack) is not pack:
                    raise PackError(
                        f"pack {pack.name}: {root} has a pack already, {self._owners[root].name}; join them"
                    )
            for path in sorted(pack.definitions.keys() & self._definitions.keys()):
                raise PackError(f"pack {pack.name}: {path} is defined by another pack too; remove one of them")
            self._definitions.update(pack.definitions)
            self._exports.update(pack.exports)
            self._modules.update(pack.modules)
        self._namespaces = frozenset(_prefixes((*self._definitions, *self._exports, *self._modules)))
        for pack in self.packs:
            for path, place in pack.foreign.items():
                if not resolves(path, self._definitions):
                    raise PackError(f"{place}: {path} is in no pack; correct it, or add a pack that defines it")
        self._canonical: dict[str, Path | None] = {}
        self._ancestors: dict[Path, tuple[Path, ...]] = {}

    def canonical(self, path: str) -> Path | None:
        """The canonical path of a definition, a method, a constant or a module; None where nothing is known of it."""
        if path not in self._canonical:
            self._canonical[path] = self._find(path)
        return self._canonical[path]

    def aliases(self, path: str) -> tuple[str, ...]:
        """The other paths by which a definition can be imported."""
        return tuple(alias for alias, known in self._exports.items() if known == path and alias != path)

    def _find(self, path: str) -> Path | None:
        if path in self._exports:
            return self._exports[path]
        if path in self._modules:
            return Path(self._modules[path])
        known = Path(path)
        if resolves(known, self._definitions) or self.is_namespace(path):
            return known
        owner, dot, name = path.rpartition(".")
        around = self.canonical(owner) if dot else None
        return self.canonical(f"{around}.{name}") if around not in (None, owner) else None

    def is_namespace(self, path: str) -> bool:
        """Whether the path is a module or package below which something is known."""
        return path in self._namespaces and Path(path) not in self._definitions

    def get(self, path: str) -> Definition | None:
        """The definition at a path; methods (`module.Class.method`) included, members of `Constants` not."""
        found = self.canonical(path)
        if found is None:
            return None
        owner, _, name = found.rpartition(".")
        around = self._definitions.get(Path(owner))
        if isinstance(around, (Class, ExceptionClass, Constants)) and name in around.methods:
            return around.methods[name]
        return self._definitions.get(found)

    def function(self, path: str) -> Function | None:
        found = self.get(path)
        return found if isinstance(found, Function) else None

    def type(self, path: str) -> Class | None:
        found = self.get(path)
        return found if isinstance(found, Class) else None

    def exception(self, path: str) -> ExceptionClass | None:
        """Libraries' and builtin classes alike."""
        found = self.get(path)
        return found if isinstance(found, ExceptionClass) else None

    def constant(self, path: str) -> int | None:
        """The number that a path such as `requests.codes.not_found` stands for."""
        owner, _, name = (self.canonical(path) or "").rpartition(".")
        around = self._definitions.get(Path(owner))
        return around.members.get(name) if isinstance(around, Constants) else None

    def ancestors(self, path: str) -> tuple[Path, ...]:
        """The method resolution order of an exception class, itself first, without `object`; () if it is not known."""
        found = self.exception(path)
        if found is None:
            return ()
        if found.path not in self._ancestors:
            orders = [list(self.ancestors(base)) for base in found.bases]
            self._ancestors[found.path] = (found.path, *_merge([*orders, list(found.bases)]))
        return self._ancestors[found.path]

    def is_subclass(self, path: str, other: str) -> bool | None:
        """Whether exception class `path` is `other` or derives from it; None where either is not known."""
        sought = self.exception(other)
        ancestors = self.ancestors(path)
        return sought.path in ancestors if sought and ancestors else None

    def subclasses(self, path: str) -> tuple[Path, ...]:
        """The known exception classes that derive from this one, itself excluded."""
        top = self.canonical(path)
        candidates = (known for known, found in self._definitions.items() if isinstance(found, ExceptionClass))
        return tuple(known for known in candidates if known != top and top in self.ancestors(known))

    def pack(self, path: str) -> Pack | None:
        """The pack of the library that a path belongs to."""
        return self._owners.get((self.canonical(path) or path).partition(".")[0])

    def wrapped(self, path: str) -> str | None:
        """The library that `path`, which ends in its name, gives in its place; None for others."""
        owner, _, root = path.rpartition(".")
        return root if owner and root in self._owners and root not in sys.stdlib_module_names else None

    def generic_sender(self, module: str) -> Path | None:
        """The function of a library that sends with any method, given the library's module; None where it has none."""
        for path, function in self._definitions.items():
            if path.startswith(f"{module}.") and isinstance(function, Function) and sends_any(function):
                return path
        return None

    def failures(self, path: str) -> Failures | None:
        """How transport failures show in the library that defines `path`."""
        pack = self.pack(path)
        return pack.failures if pack else None

    def retrier(self, path: str, name: str) -> Retrier | None:
        """The retrier of this name in the library that defines `path`."""
        pack = self.pack(path)
        return pack.retriers.get(name) if pack else None

    def answers(self, path: str) -> bool:
        """Whether a class is that of a library's answers, or one that they derive from."""
        found = self.canonical(path)
        responses = () if found is None else self.responses(found.partition(".")[0])
        return any(found in (each.path, *each.bases) for each in responses)

    def fails(self, path: str) -> bool:
        """Whether an exception class stands for outcomes, and its library's answers are known."""
        found = self.exception(path)
        return found is not None and bool(found.outcomes) and bool(self.responses(found.path.partition(".")[0]))

    def responses(self, root: str) -> tuple[Class, ...]:
        """The classes that requests sent by this top-level package return."""
        pack = self._owners.get(root)
        found = {path: None for function in _functions(pack) if (path := _response(function))} if pack else {}
        return tuple(cls for path in found if (cls := self.type(path)))

    @property
    def words(self) -> tuple[bytes, ...]:
        """A file in which none of these occurs cannot concern errlint."""
        return tuple(dict.fromkeys(word.encode() for pack in self.packs for word in pack.words))


def _functions(pack: Pack) -> Iterator[Function]:
    for definition in pack.definitions.values():
        if isinstance(definition, Function):
            yield definition
        elif isinstance(definition, Class):
            yield from definition.methods.values()


def _response(function: Function) -> Path | None:
    if not isinstance(function.effect, Sends):
        return None
    return function.effect.answer or (function.returns.instance if isinstance(function.returns, Instance) else None)


def _prefixes(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        while "." in path:
            path = path.rpartition(".")[0]
            yield path


def _merge(orders: list[list[Path]]) -> list[Path]:
    """The C3 merge by which Python orders base classes."""
    merged: list[Path] = []
    while orders := [order for order in orders if order]:
        heads = (order[0] for order in orders)
        # A wrong hierarchy has no order; then the first class goes first, so that this always ends.
        head = next((h for h in heads if not any(h in order[1:] for order in orders)), orders[0][0])
        merged.append(head)
        orders = [[cls for cls in order if cls != head] for order in orders]
    return merged
