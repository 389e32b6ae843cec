"""Functions and methods of a pack: `like`, `passes-on`, and what parameters mean where they have their usual names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from errlint.packs.document import CallText, ClassText, ExceptionText, MethodText, PackText
from errlint.packs.effects import Describes, Raising, Sends, Shape
from errlint.packs.notation import ParameterName, Path
from errlint.packs.reading import Place, Reader, suggest
from errlint.packs.schema import Function
from errlint.packs.signature import Parameter, Signature
from errlint.packs.transport import Adapter


class Calls:
    """Makes the functions and methods of a file, each when it is asked for, so that they may stand in any order.

    `scopes` receives the signature that holds for what stands at each place.
    """

    def __init__(
        self, reader: Reader, text: PackText, rename: Callable[[Path], Path], scopes: dict[Place, list[Signature]]
    ) -> None:
        self.reader = reader
        self.text = text
        self.rename = rename
        self.scopes = scopes
        self.functions: dict[Path, Function] = {}
        self.unread = dict(self._calls())
        """What is not in `functions` yet."""

    def _function(self, path: Path, text: CallText, at: Place) -> Function:
        name = path.rpartition(".")[2]
        like = (
            self.find(self.rename(Path(text.like.replace("{name}", name))), (*at, "like"))
            if text.like
            else Function(path)
        )
        signature = text.signature or like.signature
        if text.passes_on:
            target = self.find(text.passes_on, (*at, "passes-on"))
            signature = _extend(signature, target.signature)
        self.scopes.setdefault(at, []).append(signature)
        effect = text.effect or like.effect
        if isinstance(effect, Sends):
            timeout = effect.timeout or self._meant(self.text.request.timeout, signature)
            shape = self.shape(effect.sends, name, signature)
            raising, adapter = effect.raising or self._raising(signature), effect.adapter or self._adapter(signature)
            effect = Sends(shape, timeout, raising, adapter, effect.answer or self.text.request.answer)
        elif isinstance(effect, Describes):
            effect = Describes(self.shape(effect.describes, name, signature))
        return Function(
            path=path,
            signature=signature,
            effect=effect,
            returns=like.returns if text.returns is None else text.returns,
            form=text.form or like.form,
            raises=like.raises if text.raises is None else text.raises,
            through=text.through or like.through,
        )

    def find(self, path: Path, at: Place) -> Function:
        """The function or method at a path, wherever in the file it stands."""
        if path in self.unread:
            # Taken out first: what is like itself is not found.
            text, place = self.unread.pop(path)
            self.functions[path] = self._function(path, text, place)
        if path not in self.functions:
            known = [*self.functions, *self.unread]
            raise self.reader.fail(at, f"there is no function {path} that this could be like{suggest(path, known)}")
        return self.functions[path]

    def _calls(self) -> Iterator[tuple[Path, tuple[CallText, Place]]]:
        for i, function in enumerate(self.text.function):
            for path in function.path:
                yield path, (function, ("function", f"[{i}]"))
        owners: list[tuple[str, tuple[ClassText | ExceptionText, ...]]] = [
            ("class", self.text.class_),
            ("exception", self.text.exception),
        ]
        for key, texts in owners:
            for i, text in enumerate(texts):
                for owner in text.path:
                    yield from self._method_calls(owner, text.method, (key, f"[{i}]"))
        for i, constants in enumerate(self.text.constants):
            yield from self._method_calls(constants.path, constants.method, ("constants", f"[{i}]"))

    @staticmethod
    def _method_calls(
        owner: Path, methods: tuple[MethodText, ...], at: Place
    ) -> Iterator[tuple[Path, tuple[CallText, Place]]]:
        for i, method in enumerate(methods):
            for name in method.name:
                yield Path(f"{owner}.{name}"), (method, (*at, "method", f"[{i}]"))

    def shape(self, shape: Shape, name: str, signature: Signature) -> Shape:
        if shape.prepared:
            return shape
        meant = self.text.request
        method_parameter = shape.method_parameter or self._meant(meant.method, signature)
        return Shape(
            method=shape.method or (None if method_parameter else name.upper()),
            method_parameter=None if shape.method and not shape.with_body else method_parameter,
            url=shape.url or self._meant(meant.url, signature),
            identity=shape.identity or tuple(p for p in meant.identity if signature.find(p)),
            headers=shape.headers or tuple(p for p in meant.headers if signature.find(p)),
            with_body=shape.with_body,
        )

    @staticmethod
    def _meant(name: ParameterName | None, signature: Signature) -> ParameterName | None:
        return name if name and signature.find(name) else None

    def _raising(self, signature: Signature) -> Raising | None:
        meant = self.text.request.raising
        usual = meant is not None and (meant.parameter is None or signature.find(meant.parameter))
        return meant if usual else None

    def _adapter(self, signature: Signature) -> Adapter | None:
        meant = self.text.request.adapter
        return meant if meant and self._meant(meant.policy, signature) else None

    def methods(self, owner: Path, texts: tuple[MethodText, ...], at: Place) -> dict[str, Function]:
        return {name: self.find(Path(f"{owner}.{name}"), at) for text in texts for name in text.name}


def _extend(signature: Signature, target: Signature) -> Signature:
    """`signature` with its `**kwargs` written out as the parameters of `target` that have a default."""
    named = {parameter.name for parameter in signature.parameters}
    added = (
        Parameter(parameter.name, "keyword-only", parameter.default)
        for parameter in target.parameters
        if parameter.default is not None and parameter.name not in named
    )
    return Signature((*(p for p in signature.parameters if p.kind != "var-keyword"), *added))
