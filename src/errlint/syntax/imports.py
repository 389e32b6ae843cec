"""Imports that a fix needs: found where they are already there, otherwise added beside the others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from errlint.model import Edit, Span
from errlint.syntax.layout import Layout
from errlint.syntax.names import bindings, bound_by, dotted, free, words


@dataclass(frozen=True, slots=True)
class Import:
    """What to write for something imported, and the edits that import it; none where it is imported already."""

    reference: str
    edits: tuple[Edit, ...]


def need(layout: Layout, module: str, name: str | None = None) -> Import:
    """A module, or something in it."""
    if found := _found(layout, module, name):
        return Import(found, ())
    if name is not None and (container := _found(layout, module, None)):
        return Import(f"{container}.{name}", ())
    wanted = name or module
    root = wanted.partition(".")[0]
    is_free = _is_only(layout, root, module, name) and free(root, frozenset()) == root
    bound = root if is_free else free(root, words(layout.source.text))
    # `import a.b as c` binds the module itself, `import a.b` its package.
    alias = wanted if bound == root else f"{wanted} as {bound}"
    reference = wanted if bound == root else bound
    if name is not None:
        if (existing := _from(layout, module)) is not None:
            return Import(reference, (_merged(layout, existing, alias),))
        return Import(reference, (_added(layout, module, f"from {module} import {alias}", is_from=True),))
    return Import(reference, (_added(layout, module, f"import {alias}", is_from=False),))


def together(layout: Layout, *needed: Import) -> tuple[Edit, ...]:
    """The edits of several imports; lines that go to one place stand there together, in order."""
    contents: dict[Span, list[str]] = {}
    for edit in (edit for one in needed for edit in one.edits):
        known = contents.setdefault(edit.span, [])
        if edit.content not in known:
            known.append(edit.content)
    return tuple(Edit(span, _as_one(layout, texts)) for span, texts in sorted(contents.items()))


def _as_one(layout: Layout, texts: list[str]) -> str:
    lines = sorted((text.strip() for text in texts), key=lambda line: (line.startswith("from "), line))
    if len(lines) == 1 or not lines[0].startswith(("import ", "from ")):
        return "".join(texts)
    before, _, after = texts[0].partition(texts[0].strip())
    return before + layout.newline.join(lines) + after


# --- what is there ----------------------------------------------------------------------------------------------------


def _statements(layout: Layout) -> Iterator[tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]]:
    """The imports that run whenever the module does, each with the line that it stands on."""
    for line in layout.tree.body:
        if isinstance(line, cst.SimpleStatementLine):
            for small in line.body:
                if isinstance(small, (cst.Import, cst.ImportFrom)):
                    yield line, small


def _found(layout: Layout, module: str, name: str | None) -> str | None:
    """What an import of the module binds it (or something in it) to, unless something else has that name too."""
    for _, statement in _statements(layout):
        if isinstance(statement, cst.ImportFrom):
            if name is None or _source_of(statement) != module or isinstance(statement.names, cst.ImportStar):
                continue
            for alias in statement.names:
                if dotted(alias.name) == name and _is_only(layout, bound_by(alias), module, name):
                    return bound_by(alias)
        elif name is None:
            for alias in statement.names:
                if dotted(alias.name) == module and _is_only(layout, bound_by(alias), module, None):
                    return bound_by(alias) if alias.asname is not None else module
    return None


def _source_of(statement: cst.ImportFrom) -> str:
    return "" if statement.relative else dotted(statement.module)


def _is_only(layout: Layout, bound: str, module: str, name: str | None) -> bool:
    """Whether a name is bound to nothing but this import, anywhere in the file."""
    for other, node in bindings(layout.tree):
        if other != bound:
            continue
        if not isinstance(node, cst.ImportAlias):
            # `import a as b` binds `b` by the `as`, too.
            if isinstance(node, cst.AsName) and isinstance(layout.parent(node), cst.ImportAlias):
                continue
            return False
        statement = layout.parent(node)
        if name is None:
            same = isinstance(statement, cst.Import) and (
                dotted(node.name) == module
                or (node.asname is None and dotted(node.name).partition(".")[0] == module.partition(".")[0])
            )
        else:
            same = (
                isinstance(statement, cst.ImportFrom) and _source_of(statement) == module and dotted(node.name) == name
            )
        if not same:
            return False
    return True


def _from(layout: Layout, module: str) -> cst.ImportFrom | None:
    for _, statement in _statements(layout):
        if (
            isinstance(statement, cst.ImportFrom)
            and not isinstance(statement.names, cst.ImportStar)
            and _source_of(statement) == module
        ):
            return statement
    return None


# --- adding -----------------------------------------------------------------------------------------------------------


def _merged(layout: Layout, statement: cst.ImportFrom, alias: str) -> Edit:
    """Puts one more name among those of `from x import a`: where its place is if they are sorted, otherwise last."""
    assert not isinstance(statement.names, cst.ImportStar)
    texts = [dotted(item.name) for item in statement.names]
    following = [index for index, text in enumerate(texts) if _order(text) > _order(alias)]
    if following and texts == sorted(texts, key=_order):
        start = layout.whole(statement.names[following[0]]).start
        before = layout.before(start)
        gap = layout.newline + before if not before.strip() else " "
        return Edit(Span(start, start), f"{alias},{gap}")
    last = statement.names[-1]
    start = layout.whole(last).start
    before = layout.before(start)
    gap = layout.newline + before if not before.strip() else " "
    end = layout.exact(last).end if last.asname is None else layout.whole(last.asname).end
    if last.asname is None:
        end = layout.whole(last.name).end
    return Edit(Span(end, end), f",{gap}{alias}")


def _order(text: str) -> tuple[int, str, str]:
    """As import sorters have it: constants, classes, the rest."""
    kind = 0 if text.isupper() and len(text) > 1 else 1 if text[:1].isupper() else 2
    return kind, text.lower(), text


def _added(layout: Layout, module: str, line: str, *, is_from: bool) -> Edit:
    imports = [
        (statement, small)
        for statement, small in _statements(layout)
        if len(statement.body) == 1 and not _is_future(small) and _is_in_head(layout, statement)
    ]
    kind = _kind(module)
    alike = [(statement, small) for statement, small in imports if _kind(_module_of(small)) == kind]
    newline = layout.newline
    if alike:
        before = [s for s, small in alike if _key(small) <= (is_from, module.lower())]
        if before:
            return _below(layout, before[-1], line)
        start = _line_start(layout, alike[0][0])
        return Edit(Span(start, start), line + newline)
    if imports:
        lower = [s for s, small in imports if _kind(_module_of(small)) < kind]
        if lower:
            return _below(layout, lower[-1], newline + line)
        start = _line_start(layout, imports[0][0])
        return Edit(Span(start, start), line + newline * 2)
    head = [s for s in layout.tree.body if _belongs_above(layout, s)]
    if head:
        return _below(layout, head[-1], newline + line)
    if layout.tree.body:
        start = _start_of_body(layout)
        return Edit(Span(start, start), line + newline * 2)
    end = len(layout.source.text)
    return Edit(Span(end, end), line + newline)


def _below(layout: Layout, statement: cst.CSTNode, text: str) -> Edit:
    row = layout.row(layout.exact(statement).end)
    newline = layout.newline
    if row == layout.source.rows:
        end = len(layout.source.text)
        return Edit(Span(end, end), newline + text)
    start = layout.next_line(row)
    return Edit(Span(start, start), text + newline)


def _line_start(layout: Layout, statement: cst.SimpleStatementLine) -> int:
    return layout.source.line(layout.row(layout.exact(statement).start)).start


def _start_of_body(layout: Layout) -> int:
    """Above the first statement, and the comments that belong to it, where there is no other head to the file."""
    first = layout.tree.body[0]
    leading = getattr(first, "leading_lines", ())
    return layout.whole(leading[0] if leading else first).start


def _belongs_above(layout: Layout, statement: cst.CSTNode) -> bool:
    """Whether this is the docstring, or an import from `__future__`."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    small = statement.body[0]
    if isinstance(small, cst.Expr) and statement is layout.tree.body[0]:
        return isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))
    return isinstance(small, cst.ImportFrom) and _is_future(small)


def _is_in_head(layout: Layout, statement: cst.CSTNode) -> bool:
    """Whether nothing but imports, conditions and constants precedes."""
    for other in layout.tree.body:
        if other is statement:
            return True
        if isinstance(other, (cst.FunctionDef, cst.ClassDef)):
            return False
    return False


def _is_future(statement: cst.Import | cst.ImportFrom) -> bool:
    return isinstance(statement, cst.ImportFrom) and _source_of(statement) == "__future__"


def _module_of(statement: cst.Import | cst.ImportFrom) -> str:
    if isinstance(statement, cst.ImportFrom):
        return "." * len(statement.relative) + dotted(statement.module)
    return dotted(statement.names[0].name)


def _kind(module: str) -> int:
    """Standard library, others, this package's own: the order in which they stand."""
    if module.startswith("."):
        return 2
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1


def _key(statement: cst.Import | cst.ImportFrom) -> tuple[bool, str]:
    return isinstance(statement, cst.ImportFrom), _module_of(statement).lower()
