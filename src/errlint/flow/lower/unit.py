"""What the codes of one module share: which code belongs to which node, and their scopes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from errlint.flow.code import ClassDefinition, Code, Frame, Parameter
from errlint.flow.lower.scopes import Scope
from errlint.flow.lower.survey import survey

_ParameterKind = Literal["positional-only", "positional", "var-positional", "keyword-only", "var-keyword"]


@dataclass(slots=True, eq=False)
class Unit:
    """The functions and classes of a module by their nodes.

    `anchors` holds, for an expression that stands in a class inside a function, the node under which the survey of that
    function filed the scope of the expression.
    """

    functions: dict[cst.CSTNode, Code] = field(default_factory=dict)
    definitions: dict[cst.CSTNode, ClassDefinition] = field(default_factory=dict)
    anchors: dict[Code, cst.CSTNode] = field(default_factory=dict)
    _scopes: dict[Code, Scope] = field(default_factory=dict)

    def scope(self, code: Code) -> Scope:
        """The scope that a code runs in; surveys the outermost function around it."""
        known = self._scopes.get(code)
        if known is not None:
            return known
        path = [code]
        while path[-1].parent is not None and path[-1] not in self._scopes:
            path.append(path[-1].parent)
        scope = self._scopes.get(path[-1])
        if scope is None:
            scope = self._scopes[path[-1]] = _outermost(path[-1])
        for inner in reversed(path[:-1]):
            scope = self._scopes[inner] = scope.inner[self.anchors.get(inner, inner.node)]
        return scope

    def frame(self, code: Code) -> Frame:
        scope = self.scope(code)
        return Frame(frozenset(scope.cells), scope.is_generator)

    def lambda_code(self, node: cst.Lambda, parent: Code) -> Code:
        """The code of a lambda that `parent` makes."""
        prefix = parent.qualname + ".<locals>." if parent.kind in ("function", "lambda") else ""
        if not prefix and parent.owner is not None:
            prefix = parent.owner.qualname + "."
        return Code(
            name="<lambda>",
            qualname=prefix + "<lambda>",
            kind="lambda",
            node=node,
            parameters=parameter_list(node.params),
            parent=parent,
            owner=None,
            module=parent.module,
            is_async=False,
            lower=parent.lower,
            survey=parent.survey,
        )


def _outermost(code: Code) -> Scope:
    if code.kind == "expression":
        if code.owner is not None:
            return survey(code.node, "class", code.owner.bindings)
        return survey(code.node, "expression")
    return survey(code.node, code.kind)


def parameter_list(node: cst.Parameters) -> tuple[Parameter, ...]:
    """The parameters of a function or lambda, in order."""
    result = [_parameter(item, "positional-only") for item in node.posonly_params]
    result += [_parameter(item, "positional") for item in node.params]
    if isinstance(node.star_arg, cst.Param):
        result.append(_parameter(node.star_arg, "var-positional"))
    result += [_parameter(item, "keyword-only") for item in node.kwonly_params]
    if node.star_kwarg is not None:
        result.append(_parameter(node.star_kwarg, "var-keyword"))
    return tuple(result)


def _parameter(node: cst.Param, kind: _ParameterKind) -> Parameter:
    annotation = None if node.annotation is None else node.annotation.annotation
    return Parameter(node.name.value, kind, node.default is not None, annotation)
