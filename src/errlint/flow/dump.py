"""Readable text of the intermediate representation: one operation a line."""

from __future__ import annotations

from collections.abc import Iterable

from errlint.flow import control, ir
from errlint.flow.control import Graph
from errlint.flow.ir import Const, Operand


def dump(graph: Graph) -> str:
    """The graph, block by block: the registers that live at its start, where exceptions go, its operations."""
    lines: list[str] = []
    for number, block in enumerate(graph.blocks):
        live = f" live {' '.join(sorted(graph.live[number]))}" if graph.live[number] else ""
        handler = f" except {block.handler.register} -> {block.handler.block}" if block.handler is not None else ""
        lines.append(f"{number}:{live}{handler}")
        lines.extend(f"    {_line(op)}" for op in block.ops)
        lines.append(f"    {_end(block.end)}")
    return "\n".join(lines) + "\n"


def _line(op: ir.Op) -> str:
    target = ", ".join(op.targets) if isinstance(op, ir.Unpack) else getattr(op, "target", None)
    text = _effect(op) if target is None else _result(op)
    return text if target is None else f"{target} = {text}"


def _result(op: ir.Op) -> str:  # what an operation with a target computes
    match op:
        case ir.Move(_, _, value):
            return _show(value)
        case ir.LoadGlobal(_, _, name):
            return f"global {name}"
        case ir.LoadName(_, _, name):
            return f"name {name}"
        case ir.LoadCell(_, _, depth, name):
            return f"cell {name}^{depth}"
        case ir.GetAttr(_, _, owner, name):
            return f"{_show(owner)}.{name}"
        case ir.GetItem(_, _, owner, index):
            return f"{_show(owner)}[{_show(index)}]"
        case ir.Unary(_, _, operator, operand):
            return f"{operator} {_show(operand)}"
        case ir.Binary(_, _, operator, left, right, in_place):
            return f"{_show(left)} {operator}{'=' * in_place} {_show(right)}"
        case ir.Compare(_, _, operator, left, right):
            return f"{_show(left)} {operator} {_show(right)}"
        case ir.Build(_, _, kind, elements):
            return f"{kind}({_all(map(_element, elements))})"
        case ir.Format(_, _, parts):
            return "f" + "".join(repr(part) if isinstance(part, str) else _field(part) for part in parts)
        case ir.MakeSlice(_, _, lower, upper, step):
            return f"slice({_all(map(_show, (lower, upper, step)))})"
        case ir.Call(_, _, function, arguments):
            return f"{_show(function)}({_all(map(_argument, arguments))})"
        case ir.Await(_, _, value):
            return f"await {_show(value)}"
        case ir.MakeFunction(_, _, code, defaults):
            return f"function {code.qualname}({_all(f'{name}={_show(value)}' for name, value in defaults)})"
        case ir.MakeClass(_, _, definition, bases):
            return f"class {definition.qualname}({_all(map(_show, bases))})"
        case ir.Import(_, _, module, level, attribute, whole):
            return f"import {'.' * level}{module}{' whole' * whole}{f' {attribute}' if attribute else ''}"
        case ir.Opaque(_, _, operands):
            return f"opaque({_all(map(_show, operands))})"
        case ir.GetIter(_, _, iterable, is_async):
            return f"{'async ' * is_async}iter {_show(iterable)}"
        case ir.Unpack(_, _, value, starred):
            return f"unpack {_show(value)}{'' if starred is None else f' *{starred}'}"
        case ir.Enter(_, _, manager, is_async):
            return f"{'async ' * is_async}enter {_show(manager)}"
        case ir.Exit(_, _, manager, exception, is_async):
            return f"{'async ' * is_async}exit {_show(manager)} with {_show(exception)}"
        case ir.MatchSequence(_, _, subject, length, at_least):
            return f"{_show(subject)} is sequence of {length}{'+' * at_least}"
        case ir.MatchKeys(_, _, subject, keys):
            return f"{_show(subject)} is mapping with {_all(map(_show, keys))}"
        case ir.MatchClass(_, _, subject, kind_, attributes, positional):
            return f"{_show(subject)} is {_show(kind_)}({_all([*'_' * positional, *attributes])})"
        case ir.MatchPositional(_, _, subject, kind_, index):
            return f"{_show(subject)} as {_show(kind_)} part {index}"
    return type(op).__name__


def _effect(op: ir.Op) -> str:
    match op:
        case ir.StoreCell(_, depth, name, value):
            return f"cell {name}^{depth} = {_show(value)}"
        case ir.StoreGlobal(_, name, value):
            return f"global {name} = {_show(value)}"
        case ir.SetAttr(_, owner, name, value):
            return f"{_show(owner)}.{name} = {_show(value)}"
        case ir.SetItem(_, owner, index, value):
            return f"{_show(owner)}[{_show(index)}] = {_show(value)}"
        case ir.Append(_, collection, value, key):
            return f"append {collection} {f'{_show(key)}: ' if key is not None else ''}{_show(value)}"
        case ir.Delete(_, name):
            return f"del {name}"
        case ir.DeleteCell(_, depth, name):
            return f"del cell {name}^{depth}"
        case ir.DeleteGlobal(_, name):
            return f"del global {name}"
        case ir.DeleteItem(_, owner, index, attribute):
            return f"del {_show(owner)}{f'.{_bare(index)}' if attribute else f'[{_show(index)}]'}"
    return type(op).__name__


def _end(end: control.Terminator) -> str:
    match end:
        case control.Jump(_, block):
            return f"goto {block}"
        case control.Branch(_, test, then, otherwise):
            return f"if {_show(test)} goto {then} else {otherwise}"
        case control.Next(_, target, iterator, body, done, is_async):
            return f"{target} = {'async ' * is_async}next {iterator} goto {body} else {done}"
        case control.Return(_, value):
            return f"return {_show(value)}"
        case control.Yield(_, target, value, resume, delegate):
            return f"{target} = yield {'from ' * delegate}{_show(value)} goto {resume}"
        case control.Raise(_, exception, cause, again):
            return f"raise {_show(exception)}{f' from {_show(cause)}' if cause is not None else ''}{' again' * again}"
        case control.Catch(_, exception, types, matched, otherwise):
            kinds = "" if types is None else f" as {_show(types)}"
            return f"catch {exception}{kinds} goto {matched} else {otherwise}"


def _show(operand: Operand) -> str:
    if isinstance(operand, Const):
        return "..." if operand.value is ... else repr(operand.value)
    return operand


def _bare(operand: Operand) -> str:
    return str(operand.value) if isinstance(operand, Const) else operand


def _all(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _element(element: ir.Element) -> str:
    if element.key is not None:
        return f"{_show(element.key)}: {_show(element.value)}"
    return f"{'*' * element.starred}{_show(element.value)}"


def _argument(argument: ir.Argument) -> str:
    return f"{'*' * argument.star}{f'{argument.name}=' if argument.name else ''}{_show(argument.value)}"


def _field(part: ir.FormatPart) -> str:
    conversion = f"!{part.conversion}" if part.conversion else ""
    spec = f":{_show(part.spec)}" if part.spec is not None else ""
    return f"{{{_show(part.value)}{conversion}{spec}}}"
