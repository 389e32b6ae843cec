"""Runs the intermediate representation on real values: the judge of the lowering.

Real calls, real exceptions, real context managers; generators and coroutines too. Before each block the registers that
are not live there are dropped, so that wrong liveness shows as an unbound variable.
"""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from errlint.flow import control, ir
from errlint.flow.code import ClassDefinition, Code
from errlint.flow.ir import Const, Operand
from errlint.flow.lower import lower_module

Values = dict[str, Any]

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "<<": operator.lshift, ">>": operator.rshift,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
_IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd, "-": operator.isub, "*": operator.imul, "/": operator.itruediv, "//": operator.ifloordiv,
    "%": operator.imod, "**": operator.ipow, "@": operator.imatmul, "<<": operator.ilshift, ">>": operator.irshift,
    "&": operator.iand, "|": operator.ior, "^": operator.ixor,
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "is": operator.is_, "is not": operator.is_not, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
}  # fmt: skip
_UNARY: dict[str, Callable[[Any], Any]] = {
    "not": operator.not_, "-": operator.neg, "+": operator.pos, "~": operator.invert,
}  # fmt: skip
_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_SELF_MATCHING = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


@dataclass
class Frame:
    """The variables of one running code; `namespace` is that of the class body an expression stands in."""

    around: Frame | None
    namespace: Values
    registers: Values = field(default_factory=dict)
    cells: Values = field(default_factory=dict)

    def at(self, depth: int) -> Frame:
        frame = self
        for _ in range(depth):
            assert frame.around is not None
            frame = frame.around
        return frame


@dataclass
class Request:
    """What a running code asks of the driver around it."""

    kind: str
    value: Any


@dataclass
class Ended:
    """How a running code ended. A `StopIteration` could not be raised out of the generator that runs it."""

    value: Any
    error: BaseException | None = None

    def result(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


def run_source(source: str, given: Mapping[str, Any]) -> Values:
    """Run a module through its lowering; returns its globals."""
    module = lower_module(cst.parse_module(source), "program", False)
    machine = Machine({"__name__": "program", **given})
    machine.run(module.body, Frame(None, {}))
    return machine.globals


class Machine:
    def __init__(self, values: Values) -> None:
        self.globals = values

    # --- codes -------------------------------------------------------------------------------------------------------

    def run(self, code: Code, frame: Frame) -> Any:
        steps = self._steps(code, frame)
        try:
            request = next(steps)
        except StopIteration as done:
            ended: Ended = done.value
        else:
            raise AssertionError(f"{code.qualname} is no generator, but gives {request}")
        return ended.result()

    def function(self, code: Code, around: Frame | None, defaults: Mapping[str, Any]) -> Callable[..., Any]:
        kinds = {
            "positional-only": inspect.Parameter.POSITIONAL_ONLY,
            "positional": inspect.Parameter.POSITIONAL_OR_KEYWORD,
            "var-positional": inspect.Parameter.VAR_POSITIONAL,
            "keyword-only": inspect.Parameter.KEYWORD_ONLY,
            "var-keyword": inspect.Parameter.VAR_KEYWORD,
        }
        for parameter in code.parameters:
            assert parameter.has_default == (parameter.name in defaults)
        signature = inspect.Signature(
            [
                inspect.Parameter(
                    parameter.name,
                    kinds[parameter.kind],
                    default=defaults.get(parameter.name, inspect.Parameter.empty),
                )
                for parameter in code.parameters
            ]
        )

        def call(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            frame = Frame(around, {}, dict(bound.arguments))
            if code.is_async:
                return self._drive_async_generator(code, frame) if code.is_generator else self._drive_async(code, frame)
            return self._drive_generator(code, frame) if code.is_generator else self.run(code, frame)

        call.__name__ = code.name
        call.__qualname__ = code.qualname
        return call

    def _drive_generator(self, code: Code, frame: Frame) -> Generator[Any, Any, Any]:
        steps = self._steps(code, frame)
        resume = _sending(steps, None)
        while True:
            request = resume()
            if isinstance(request, Ended):
                return request.result()
            try:
                sent = (yield request.value) if request.kind == "yield" else (yield from request.value)
                resume = _sending(steps, sent)
            except BaseException as error:
                resume = _throwing(steps, error)

    async def _drive_async(self, code: Code, frame: Frame) -> Any:
        steps = self._steps(code, frame)
        resume = _sending(steps, None)
        while True:
            request = resume()
            if isinstance(request, Ended):
                return request.result()
            try:
                resume = _sending(steps, await request.value)
            except BaseException as error:
                resume = _throwing(steps, error)

    async def _drive_async_generator(self, code: Code, frame: Frame) -> AsyncIterator[Any]:
        steps = self._steps(code, frame)
        resume = _sending(steps, None)
        while True:
            request = resume()
            if isinstance(request, Ended):
                request.result()
                return
            try:
                sent = (yield request.value) if request.kind == "yield" else await request.value
                resume = _sending(steps, sent)
            except BaseException as error:
                resume = _throwing(steps, error)

    def _steps(self, code: Code, frame: Frame) -> Generator[Request, Any, Ended]:
        graph = code.graph
        number = 0
        while True:
            block = graph.blocks[number]
            frame.registers = {name: value for name, value in frame.registers.items() if name in graph.live[number]}
            try:
                for op in block.ops:
                    if isinstance(op, ir.Await) or getattr(op, "is_async", False):
                        yield from self._suspend(op, frame)
                    else:
                        self._op(op, frame)
                end = block.end
                if isinstance(end, control.Return):
                    return Ended(self._read(end.value, frame))
                if isinstance(end, control.Yield):
                    kind = "delegate" if end.delegate else "yield"
                    frame.registers[end.target] = yield Request(kind, self._read(end.value, frame))
                    number = end.resume
                elif isinstance(end, control.Next) and end.is_async:
                    try:
                        element = yield Request("await", anext(self._read(end.iterator, frame)))
                    except StopAsyncIteration:
                        number = end.done
                    else:
                        frame.registers[end.target] = element
                        number = end.body
                else:
                    number = self._end(end, frame)
            except BaseException as error:
                if block.handler is None:
                    return Ended(None, error)
                frame.registers[block.handler.register] = error
                number = block.handler.block

    # --- operations --------------------------------------------------------------------------------------------------

    def _read(self, operand: Operand, frame: Frame) -> Any:
        if isinstance(operand, Const):
            return operand.value
        if operand not in frame.registers:
            raise UnboundLocalError(operand)
        return frame.registers[operand]

    def _suspend(self, op: ir.Op, frame: Frame) -> Iterator[Request]:
        match op:
            case ir.Await(_, target, value):
                frame.registers[target] = yield Request("await", self._read(value, frame))
            case ir.Enter(_, target, manager):
                manager = self._read(manager, frame)
                frame.registers[target] = yield Request("await", type(manager).__aenter__(manager))
            case ir.Exit(_, target, manager, exception):
                manager, error = self._read(manager, frame), self._read(exception, frame)
                left = yield Request("await", type(manager).__aexit__(manager, *_details(error)))
                frame.registers[target] = bool(left)
            case ir.GetIter(_, target, iterable):
                frame.registers[target] = aiter(self._read(iterable, frame))
            case _:
                raise AssertionError(op)

    def _op(self, op: ir.Op, frame: Frame) -> None:
        match op:
            case ir.Unpack(_, targets, value, starred):
                values = _unpacked(self._read(value, frame), len(targets), starred)
                frame.registers.update(zip(targets, values, strict=True))
            case _:
                target = getattr(op, "target", None)
                if target is None:
                    self._effect(op, frame)
                else:
                    frame.registers[target] = self._result(op, frame)

    def _result(self, op: ir.Op, frame: Frame) -> Any:
        read = self._read
        match op:
            case ir.Move(_, _, value):
                return read(value, frame)
            case ir.LoadGlobal(_, _, name):
                return self._global(name)
            case ir.LoadName(_, _, name):
                return frame.namespace[name] if name in frame.namespace else self._global(name)
            case ir.LoadCell(_, _, depth, name):
                cells = frame.at(depth).cells
                if name not in cells:
                    raise NameError(name) if depth else UnboundLocalError(name)
                return cells[name]
            case ir.GetAttr(_, _, owner, name):
                return getattr(read(owner, frame), name)
            case ir.GetItem(_, _, owner, index):
                return read(owner, frame)[read(index, frame)]
            case ir.Unary(_, _, sign, operand):
                return _UNARY[sign](read(operand, frame))
            case ir.Binary(_, _, sign, left, right, in_place):
                return (_IN_PLACE if in_place else _BINARY)[sign](read(left, frame), read(right, frame))
            case ir.Compare(_, _, sign, left, right):
                return _COMPARE[sign](read(left, frame), read(right, frame))
            case ir.Build(_, _, kind, elements):
                return self._build(kind, elements, frame)
            case ir.Format(_, _, parts):
                return "".join(part if isinstance(part, str) else self._formatted(part, frame) for part in parts)
            case ir.MakeSlice(_, _, lower, upper, step):
                return slice(read(lower, frame), read(upper, frame), read(step, frame))
            case ir.Call(_, _, function, arguments):
                args: list[Any] = []
                kwargs: Values = {}
                for argument in arguments:
                    value = read(argument.value, frame)
                    if argument.name is not None:
                        kwargs[argument.name] = value
                    elif argument.star == 2:
                        kwargs.update(value)
                    elif argument.star == 1:
                        args.extend(value)
                    else:
                        args.append(value)
                return read(function, frame)(*args, **kwargs)
            case ir.MakeFunction(_, _, code, defaults):
                return self.function(code, frame, {name: read(value, frame) for name, value in defaults})
            case ir.MakeClass(_, _, definition, bases):
                return self._class(definition, tuple(read(base, frame) for base in bases), frame)
            case ir.Import(_, _, module, level, attribute, whole):
                assert level == 0
                imported = __import__(module, fromlist=["*"] if whole or attribute else [])
                if attribute is not None and not hasattr(imported, attribute):
                    raise ImportError(attribute)
                return imported if attribute is None else getattr(imported, attribute)
            case ir.GetIter(_, _, iterable):
                return iter(read(iterable, frame))
            case ir.Enter(_, _, manager):
                value = read(manager, frame)
                return type(value).__enter__(value)
            case ir.Exit(_, _, manager, exception):
                value = read(manager, frame)
                return bool(type(value).__exit__(value, *_details(read(exception, frame))))
            case ir.MatchSequence(_, _, subject, length, at_least):
                value = read(subject, frame)
                is_sequence = isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
                return is_sequence and (len(value) >= length if at_least else len(value) == length)
            case ir.MatchKeys(_, _, subject, keys):
                value = read(subject, frame)
                return isinstance(value, Mapping) and all(read(key, frame) in value for key in keys)
            case ir.MatchClass(_, _, subject, kind_, attributes, positional):
                value, type_ = read(subject, frame), read(kind_, frame)
                return isinstance(value, type_) and all(
                    hasattr(value, name) for name in (*attributes, *_match_names(type_, positional))
                )
            case ir.MatchPositional(_, _, subject, kind_, index):
                names = _match_names(read(kind_, frame), index + 1)
                return getattr(read(subject, frame), names[index]) if names else read(subject, frame)
        raise AssertionError(op)

    def _effect(self, op: ir.Op, frame: Frame) -> None:
        read = self._read
        match op:
            case ir.StoreCell(_, depth, name, value):
                frame.at(depth).cells[name] = read(value, frame)
            case ir.StoreGlobal(_, name, value):
                self.globals[name] = read(value, frame)
            case ir.SetAttr(_, owner, name, value):
                setattr(read(owner, frame), name, read(value, frame))
            case ir.SetItem(_, owner, index, value):
                read(owner, frame)[read(index, frame)] = read(value, frame)
            case ir.Append(_, collection, value, key):
                built = read(collection, frame)
                if key is not None:
                    built[read(key, frame)] = read(value, frame)
                else:
                    add = built.add if isinstance(built, set) else built.append
                    add(read(value, frame))
            case ir.Delete(_, name):
                frame.registers.pop(name, None)
            case ir.DeleteCell(_, depth, name):
                frame.at(depth).cells.pop(name, None)
            case ir.DeleteGlobal(_, name):
                self.globals.pop(name, None)
            case ir.DeleteItem(_, owner, index, attribute):
                if attribute:
                    delattr(read(owner, frame), read(index, frame))
                else:
                    del read(owner, frame)[read(index, frame)]
            case _:
                raise AssertionError(op)

    def _end(self, end: control.Terminator, frame: Frame) -> int:
        match end:
            case control.Jump(_, block):
                return block
            case control.Branch(_, test, then, otherwise):
                return then if self._read(test, frame) else otherwise
            case control.Next(_, target, iterator, body, done):
                elements = self._read(iterator, frame)
                try:
                    frame.registers[target] = next(elements)
                except StopIteration:
                    return done
                return body
            case control.Catch(_, exception, types, matched, otherwise):
                kinds = BaseException if types is None else self._read(types, frame)
                return matched if isinstance(self._read(exception, frame), kinds) else otherwise
            case control.Raise(_, exception, cause, again):
                error = self._read(exception, frame)
                if again and error is None:
                    raise RuntimeError("No active exception to reraise")
                if cause is None:
                    raise error
                raise error from self._read(cause, frame)
        raise AssertionError(end)

    def _global(self, name: str) -> Any:
        if name in self.globals:
            return self.globals[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise NameError(name)

    def _build(self, kind: str, elements: Sequence[ir.Element], frame: Frame) -> Any:
        if kind == "dict":
            built: Values = {}
            for element in elements:
                value = self._read(element.value, frame)
                if element.key is None:
                    built.update(value)
                else:
                    built[self._read(element.key, frame)] = value
            return built
        values: list[Any] = []
        for element in elements:
            value = self._read(element.value, frame)
            values += value if element.starred else [value]
        if kind == "list":
            return values
        return tuple(values) if kind == "tuple" else set(values)

    def _formatted(self, part: ir.FormatPart, frame: Frame) -> str:
        value = self._read(part.value, frame)
        if part.conversion is not None:
            value = _CONVERSIONS[part.conversion](value)
        return format(value, "" if part.spec is None else self._read(part.spec, frame))

    def _class(self, definition: ClassDefinition, bases: tuple[type, ...], around: Frame) -> type:
        """Only as much as tests need: the last binding of each name, in the order of the names."""
        namespace: Values = {"__module__": "program", "__qualname__": definition.qualname}

        def run(code: Code) -> Any:
            return self.run(code, Frame(around, namespace))

        for name, bindings in definition.bindings.items():
            binding = bindings[-1]
            if binding.kind == "function" and binding.code is not None:
                defaults = {parameter: run(code) for parameter, code in binding.code.defaults}
                value: Any = self.function(binding.code, around, defaults)
            elif binding.kind == "class" and binding.definition is not None:
                inner_bases = tuple(run(base) for base in binding.definition.bases)
                value = self._class(binding.definition, inner_bases, around)
            elif binding.code is not None:
                value = run(binding.code)
                for at in binding.path:
                    value = value[at]
            else:
                continue
            for decorator in reversed(binding.decorators):
                value = run(decorator)(value)
            namespace[name] = value
        return type(definition.name, bases, namespace)


_Steps = Generator[Request, Any, Ended]
_Resume = Callable[[], Request | Ended]


def _sending(steps: _Steps, value: Any) -> _Resume:
    return lambda: _resumed(lambda: steps.send(value))


def _throwing(steps: _Steps, error: BaseException) -> _Resume:
    return lambda: _resumed(lambda: steps.throw(error))


def _resumed(resume: Callable[[], Request]) -> Request | Ended:
    try:
        return resume()
    except StopIteration as done:
        ended: Ended = done.value
        return ended


def _details(error: BaseException | None) -> tuple[Any, Any, Any]:
    return (None, None, None) if error is None else (type(error), error, error.__traceback__)


def _unpacked(value: Any, count: int, starred: int | None) -> list[Any]:
    values = list(value)
    if starred is None:
        if len(values) != count:
            raise ValueError("wrong number of values to unpack")
        return values
    rest = len(values) - count + 1
    if rest < 0:
        raise ValueError("not enough values to unpack")
    return [*values[:starred], values[starred : starred + rest], *values[starred + rest :]]


def _match_names(kind: type, count: int) -> tuple[str, ...]:
    return () if kind in _SELF_MATCHING or not count else tuple(kind.__match_args__[:count])  # type: ignore[attr-defined]
