"""Findings as text."""

from errlint.model import Finding, Fix, Related, Span
from errlint.report.findings import concise, full, summary
from errlint.report.machine import diff
from errlint.report.paint import plain
from errlint.source import Source


def span(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


def written(text: str, part: str, *steps: tuple[str, str], **more: Source) -> str:
    """The full report of a finding at `part`, with steps as pairs of message and part, without its first line."""
    sources = {"a.py": Source("a.py", text), **more}
    related = tuple(
        Related(message, path, span(sources[path].text, at))
        for message, at in steps
        for path in [next(path for path, source in sources.items() if at in source.text)]
    )
    finding = Finding("ERR999", "example", "is wrong", span(text, part), "warning", related=related)
    return full("a.py", finding, sources.__getitem__, plain, unsafe=False).partition("\n")[2]


def test_the_path_through_the_code() -> None:
    text = "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\n"
    assert written(text, "wo", ("the request", "one"), ("sent again", "six")) == (
        "  --> a.py:3:2\n"
        "  |\n"
        "1 | zero\n"
        "2 | one\n"
        "  | --- 1: the request\n"
        "3 | two\n"
        "  |  ^^\n"
        "4 | three\n"
        "5 | four\n"
        "6 | five\n"
        "7 | six\n"
        "  | --- 2: sent again\n"
        "8 | seven\n"
        "  |\n"
    )


def test_lines_between_that_say_nothing_are_left_out() -> None:
    text = "".join(f"line{number};\n" for number in range(1, 21))
    assert written(text, "line2;", ("the request", "line14")) == (
        "  --> a.py:2:1\n"
        "   |\n"
        " 1 | line1;\n"
        " 2 | line2;\n"
        "   | ^^^^^^\n"
        " 3 | line3;\n"
        "...\n"
        "13 | line13;\n"
        "14 | line14;\n"
        "   | ------ 1: the request\n"
        "15 | line15;\n"
        "   |\n"
    )


def test_a_step_at_the_finding_itself_is_its_label() -> None:
    assert written("one two\n", "two", ("sent again", "two")) == (
        "  --> a.py:1:5\n  |\n1 | one two\n  |     ^^^ 1: sent again\n  |\n"
    )


def test_steps_in_other_files_have_frames_of_their_own() -> None:
    other = Source("b.py", "there\n")
    assert written("here\n", "here", ("the request", "there"), **{"b.py": other}) == (
        "  --> a.py:1:1\n  |\n1 | here\n  | ^^^^\n  |\n  --> b.py:1:1\n  |\n1 | there\n  | ----- 1: the request\n  |\n"
    )


def test_marks_stand_below_what_they_mark() -> None:
    assert "1 |     \N{GRINNING FACE} \u6f22 x\n  |           ^\n" in written("\t\N{GRINNING FACE} \u6f22 x\n", "x")
    assert "1 | e\u0301 x\n  |   ^\n" in written("e\u0301 x\n", "x")


def test_source_text_does_not_steer_the_terminal() -> None:
    text = written("'\x1b[2J\u202e' x\n", "x")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_of_long_lines_a_part_is_shown() -> None:
    lines = written("a" * 5000 + "b" * 7 + "c" * 5000 + "\n", "b" * 7).splitlines()
    assert max(map(len, lines)) < 200
    shown, marked = lines[2], lines[3]
    assert shown.index("b") == marked.index("^")
    assert marked.count("^") == 7


def test_lines_end_where_those_of_python_do() -> None:
    assert "2 | \u240c \N{REPLACEMENT CHARACTER} x = 1\n  |     ^\n" in written("a = 1\n\x0c \u2028 x = 1\n", "x")


def test_of_several_lines_the_first_is_marked() -> None:
    assert "1 | call(\n  | ^^^^^\n" in written("call(\n    1,\n)\n", "call(\n    1,\n)")


def test_a_place_at_the_end_of_the_file() -> None:
    finding = Finding("ERR902", "syntax-error", "unexpected end", Span(4, 4), "error")
    text = full("a.py", finding, lambda path: Source(path, "if (\n"[:4] + "\n"), plain, unsafe=False)
    assert "1 | if (\n  |     ^\n" in text


def test_an_empty_file() -> None:
    finding = Finding("ERR902", "syntax-error", "is binary", Span(0, 0), "error")
    assert "1 |\n  | ^\n" in full("a.py", finding, lambda path: Source(path, ""), plain, unsafe=False)


def test_the_star_marks_what_will_be_fixed() -> None:
    def line(applicability: str, unsafe: bool) -> str:
        fix = Fix("repair", "unsafe" if applicability == "unsafe" else "safe", (), 0)
        finding = Finding("ERR999", "example", "is wrong", Span(0, 1), "warning", fix=fix)
        return concise("a.py", finding, lambda path: Source(path, "x"), plain, unsafe=unsafe)

    assert line("safe", False) == "a.py:1:1: ERR999 [*] is wrong"
    assert line("unsafe", False) == "a.py:1:1: ERR999 is wrong"
    assert line("unsafe", True) == "a.py:1:1: ERR999 [*] is wrong"


def test_summary() -> None:
    safe, unsafe = Fix("repair", "safe", (), 0), Fix("repair", "unsafe", (), 0)
    findings = [
        Finding("ERR999", "example", "is wrong", Span(0, 1), "warning", fix=fix) for fix in (safe, unsafe, None)
    ]
    assert summary(findings, unsafe=False) == (
        "Found 3 problems, 1 fixable with `--fix`, 1 with `--fix --unsafe-fixes`."
    )
    assert summary(findings, unsafe=True) == "Found 3 problems, 2 fixable with `--fix --unsafe-fixes`."
    assert summary(findings[2:], unsafe=False) == "Found 1 problem."


def test_diff_keeps_line_ends() -> None:
    assert diff("a.py", "one\r\ntwo", "one\r\n2", plain) == (
        "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n one\r\n-two\n\\ No newline at end of file\n"
        "+2\n\\ No newline at end of file\n"
    )
