"""Edits: what rules build their fixes with."""

from collections.abc import Callable

import libcst as cst
import pytest

from errlint.editing import apply
from errlint.model import Edit
from errlint.syntax.edits import Editor, NotEditable

from .trees import editor_of, first, named


def edited(text: str, edit: Callable[[Editor], Edit | tuple[Edit, ...]]) -> str:
    edits = edit(editor_of(text))
    return apply(text, edits if isinstance(edits, tuple) else (edits,))


# --- expressions -----------------------------------------------------------------------------------------------------


def test_replacing_an_expression_takes_its_parentheses_away() -> None:
    assert edited("x = (a), b\n", lambda e: e.replace(named(e.tree, "a"), "c")) == "x = c, b\n"


def test_replacing_a_statement_keeps_what_is_around_it() -> None:
    text = "# above\nx = 1  # after\n"
    assert edited(text, lambda e: e.replace(e.tree.body[0], "y = 2")) == "# above\ny = 2  # after\n"


def test_wrapping_leaves_room_for_edits_inside() -> None:
    def edits(editor: Editor) -> tuple[Edit, ...]:
        call = first(editor.tree, cst.Call)
        return (*editor.wrap(call, "min(", ", 9)"), editor.replace(named(editor.tree, "a"), "b"))

    assert edited("x = f( a )\n", edits) == "x = min(f( b ), 9)\n"


def test_code() -> None:
    editor = editor_of("# above\nx = ( a )  # after\n")
    assert editor.code(named(editor.tree, "a")) == "( a )"
    assert editor.code(editor.tree.body[0]) == "x = ( a )"


# --- style -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "literal"),
    [("", '"x"'), ("a = 'b'\n", "'x'"), ('a = \'b\', "c", "d"\n', '"x"'), ('"""it\'s"""\na = \'b\'\nc = \'d\'', "'x'")],
)
def test_quotation_marks(text: str, literal: str) -> None:
    assert editor_of(text).string("x") == literal


@pytest.mark.parametrize(
    ("text", "newline", "indent"),
    [("", "\n", "    "), ("a\r\nb\r\nc\n", "\r\n", "    "), ("if a:\n\tb\n", "\n", "\t"), ("if a:\n  b\n", "\n", "  ")],
)
def test_layout(text: str, newline: str, indent: str) -> None:
    editor = editor_of(text)
    assert (editor.newline, editor.indent) == (newline, indent)


@pytest.mark.parametrize(
    ("text", "base", "name"),
    [("a\n", "b", "b"), ("b\n", "b", "b_2"), ("b, b_2\n", "b", "b_3"), ("# b\n", "b", "b_2"), ("", "id", "id_2")],
)
def test_free_names(text: str, base: str, name: str) -> None:
    assert editor_of(text).free_name(base) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# b\ndef other(b): pass\n", "b"),
        ("a.b(b=1)\n", "b"),
        ("import b\n", "b_2"),
        ("class b: pass\n", "b_2"),
    ],
)
@pytest.mark.parametrize(
    ("body", "taken"),
    [("pass", False), ("x.b(b=1)", False), ("print(b)", True), ("[1 for b in x]", True)],
)
def test_free_names_in_a_function(text: str, name: str, body: str, taken: bool) -> None:
    editor = editor_of(f"{text}def f():\n    {body}\n")
    function = editor.tree.body[-1]
    assert isinstance(function, cst.FunctionDef)
    assert editor.free_name("b", function.body) == ("b_2" if taken else name)


# --- elements --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "removed", "expected"),
    [
        ("{1, 2, 3}", [0], "{2, 3}"),
        ("{1, 2, 3}", [1], "{1, 3}"),
        ("{1, 2, 3}", [2], "{1, 2}"),
        ("{1, 2, 3}", [0, 2], "{2}"),
        ("{1, 2, 3}", [1, 2], "{1}"),
        ("{1, 2, 3,}", [2], "{1, 2,}"),
        ("{ 1 }", [0], "set()"),
        ("[1]", [0], "[]"),
        ("(1,)", [0], "()"),
        ("1,", [0], "()"),
        ("{1: 2}", [0], "{}"),
        ("{1: 2, **a, 3: 4}", [0, 2], "{**a}"),
        ("(1, 2)", [0], "(2,)"),
        ("(1, 2)", [1], "(1,)"),
        ("(1, 2,)", [1], "(1,)"),
        ("(1, 2, 3)", [0, 2], "(2,)"),
        ("1, 2", [0], "2,"),
        ("{(1), (2) , (3)}", [1], "{(1), (3)}"),
        ("[\n    1,  # one\n    2,  # two\n]", [0], "[\n    2,  # two\n]"),
        ("[\n    1,  # one\n    2,  # two\n]", [1], "[\n    1,  # one\n]"),
        ("(\n    1,  # one\n    2  # two\n)", [0], "(\n    2,  # two\n)"),
        ("(\n    1,  # one\n    2\n)", [1], "(\n    1,  # one\n)"),
        ("[1,\n 2]", [0], "[2]"),
        ("[1,\n 2]", [1], "[1]"),
        ("{\n    1, 2,\n    3, 4,\n}", [1, 2], "{\n    1, 4,\n}"),
    ],
)
def test_elements(text: str, removed: list[int], expected: str) -> None:
    def edits(editor: Editor) -> tuple[Edit, ...]:
        literal = first(editor.tree, cst.Assign).value
        assert isinstance(literal, (cst.Set, cst.List, cst.Tuple, cst.Dict))
        return editor.remove_elements(literal, [literal.elements[index] for index in removed])

    assert edited(f"x = {text}\n", edits) == f"x = {expected}\n"


# --- statements ------------------------------------------------------------------------------------------------------


LINES = ("if x:", "    y")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("here\n", "if x:\n    y\nhere\n", "here\nif x:\n    y\n"),
        ("here", "if x:\n    y\nhere", "here\nif x:\n    y"),
        ("a\r\nhere\r\n", "a\r\nif x:\r\n    y\r\nhere\r\n", "a\r\nhere\r\nif x:\r\n    y\r\n"),
        ("a\n\n# about\nhere  # it\nb\n", "a\n\nif x:\n    y\n# about\nhere  # it\nb\n", None),
        ("if a:\n\there\n", "if a:\n\tif x:\n\t\ty\n\there\n", "if a:\n\there\n\tif x:\n\t\ty\n"),
        ("if a: here\n", "if a:\n    if x:\n        y\n    here\n", "if a:\n    here\n    if x:\n        y\n"),
        ("a; here\n", NotEditable, "a; here\nif x:\n    y\n"),
        ("here; a\n", "if x:\n    y\nhere; a\n", NotEditable),
        ("while here:\n    a\n    # end\nb\n", None, "while here:\n    a\nif x:\n    y\n    # end\nb\n"),
        ("if a:\n    b\nelif here:\n    c\n", NotEditable, NotEditable),
        ("f(\n    here\n)\n", "if x:\n    y\nf(\n    here\n)\n", "f(\n    here\n)\nif x:\n    y\n"),
        ("@here\ndef f():\n    a\n", "if x:\n    y\n@here\ndef f():\n    a\n", None),
        ("if a:\n    here", None, "if a:\n    here\n    if x:\n        y"),
    ],
)
def test_lines_around_a_statement(text: str, before: str | type | None, after: str | type | None) -> None:
    editor = editor_of(text)
    for expected, insert in ((before, editor.insert_before), (after, editor.insert_after)):
        if isinstance(expected, str):
            assert apply(text, insert(named(editor.tree, "here"), LINES)) == expected
        elif expected is not None:
            with pytest.raises(NotEditable):
                insert(named(editor.tree, "here"), LINES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nhere  # x\nb\n", "a\nb\n"),
        ("a\nhere", "a\n"),
        ("a; here; b\n", "a; b\n"),
        ("a; here\n", "a\n"),
        ("here; a\n", "a\n"),
        ("if a:\n    here  # x\nb\n", "if a:\n    pass  # x\nb\n"),
        ("if a: here\n", "if a: pass\n"),
        ("if a: b; here\n", "if a: b\n"),
        ("a\n@d\ndef f():\n    if here:\n        b\n", "a\n@d\ndef f():\n    pass\n"),
        ("a\nwhile here:\n    b\nc\n", "a\nc\n"),
        ("a\n@here\ndef f():\n    b\nc\n", "a\nc\n"),
    ],
)
def test_removing_a_statement(text: str, expected: str) -> None:
    assert edited(text, lambda e: e.remove_statement(named(e.tree, "here"))) == expected


# --- imports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("import time\n", "time", "import time\n"),
        ("import time as t\n", "t", "import time as t\n"),
        ("import os\nimport zlib\n", "time", "import os\nimport time\nimport zlib\n"),
        ("import requests\n", "time", "import time\n\nimport requests\n"),
        ("from os import path\n\nimport requests\n", "time", "import time\nfrom os import path\n\nimport requests\n"),
        ('"""Doc."""\n\nx = 1\n', "time", '"""Doc."""\n\nimport time\n\nx = 1\n'),
        (
            "from __future__ import annotations\n\nx = 1\n",
            "time",
            "from __future__ import annotations\n\nimport time\n\nx = 1\n",
        ),
        ("#!/bin/sh\n\nx = 1\n", "time", "#!/bin/sh\n\nimport time\n\nx = 1\n"),
        ("", "time", "import time\n"),
        ("import os\r\n", "time", "import os\r\nimport time\r\n"),
        ("import os", "time", "import os\nimport time"),
        ("def f(time): pass\n", "time_2", "import time as time_2\n\ndef f(time): pass\n"),
        ("import time\ntime = 1\n", "time_2", "import time\nimport time as time_2\ntime = 1\n"),
        ("if x:\n    import time\n", "time", "import time\n\nif x:\n    import time\n"),
        (
            "def f():\n    import time\n\n\nimport os\n",
            "time",
            "import time\n\ndef f():\n    import time\n\n\nimport os\n",
        ),
    ],
)
def test_importing_a_module(text: str, reference: str, expected: str) -> None:
    found = editor_of(text).need_import("time")
    assert (found.reference, apply(text, found.edits)) == (reference, expected)


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("import random\n", "random.uniform", "import random\n"),
        ("from random import uniform as u\n", "u", "from random import uniform as u\n"),
        ("from random import choice\n", "uniform", "from random import choice, uniform\n"),
        ("from random import shuffle, zz\n", "uniform", "from random import shuffle, uniform, zz\n"),
        (
            "from random import (\n    choice,\n    zz,\n)\n",
            "uniform",
            "from random import (\n    choice,\n    uniform,\n    zz,\n)\n",
        ),
        ("from random import (\n    choice\n)\n", "uniform", "from random import (\n    choice,\n    uniform\n)\n"),
        ("from random import zz as y, choice\n", "uniform", "from random import zz as y, choice, uniform\n"),
        ("from random import *\n", "uniform", "from random import *\nfrom random import uniform\n"),
        ("from .random import choice\n", "uniform", "from random import uniform\n\nfrom .random import choice\n"),
        ("import os\nuniform = 1\n", "uniform_2", "import os\nfrom random import uniform as uniform_2\nuniform = 1\n"),
    ],
)
def test_importing_something_of_a_module(text: str, reference: str, expected: str) -> None:
    found = editor_of(text).need_import("random", "uniform")
    assert (found.reference, apply(text, found.edits)) == (reference, expected)


def test_several_imports_in_one_place() -> None:
    text = "import requests\n"
    editor = editor_of(text)
    needed = (editor.need_import("time"), editor.need_import("random"), editor.need_import("email.utils", "parsedate"))
    expected = "import random\nimport time\nfrom email.utils import parsedate\n\nimport requests\n"
    assert apply(text, editor.together(*needed)) == expected


def test_what_libcst_does_not_write_is_not_edited() -> None:
    text = "if a:\n    c\n\x0c    b = 2\n"
    with pytest.raises(NotEditable):
        edited(text, lambda e: e.replace(named(e.tree, "b"), "c"))
