"""Looking at one source text: what rules and the engine may do wrong, and which fixes are offered."""

from __future__ import annotations

import builtins
import os
import time
from collections.abc import Callable, Iterator

import libcst as cst
import pytest

from errlint import checks, outcomes
from errlint.analysis import Module, ModuleAnalyser, builtin_packs
from errlint.checks.base import ALWAYS_ON, Report, Rule
from errlint.checks.branch_on_error_text import BranchOnErrorText
from errlint.fixing import fix
from errlint.flow.facts import ModuleFacts
from errlint.flow.relevance import Exports
from errlint.lint import Result, lint
from errlint.model import Applicability, Fix
from errlint.settings import ALL, Selection, Settings, resolve
from errlint.source import Source
from errlint.syntax.edits import Editor, NotEditable

CLIENT = """\
import requests


def fetch(url):
    response = requests.get(url, timeout=5)
    if response.status_code == 404:
        return None
    response.raise_for_status()
    return response.json()
"""


class Names(Rule):
    """Reports every `404`, to be replaced by what a test asks for."""

    code = "ERR999"
    number = "404"
    replacement = ""
    applicability: Applicability = "safe"
    changes = outcomes.NOTHING

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        stack: list[cst.CSTNode] = [facts.module.tree]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Integer) and node.value == self.number:
                yield Report(f"this is {self.number}", node, fix=self._fix_of(node))
            stack.extend(node.children)

    def _fix_of(self, node: cst.Integer) -> Callable[[Editor], Fix | None]:
        def make(edit: Editor) -> Fix:
            edits = (edit.replace(node, self.replacement),)
            return Fix("replace it", self.applicability, edits, self.changes)

        return make


class Crashing(Names):
    code = "ERR998"

    def check(self, facts: ModuleFacts) -> Iterator[Report]:
        yield from super().check(facts)
        raise KeyError("of the rule")


class Contractual(Names):
    code = "ERR997"
    tier = "contract"


class Teapots(Names):
    code = "ERR995"
    number = "418"


class Unfixable(Names):
    code = "ERR996"

    def _fix_of(self, node: cst.Integer) -> Callable[[Editor], Fix | None]:
        def make(edit: Editor) -> Fix:
            raise NotEditable

        return make


class Alone:
    """The surroundings of a module that has no project."""

    def __init__(self) -> None:
        self.exports: dict[str, Exports | None] = {}

    def module(self, name: str) -> Module | None:
        return None

    def concerned(self, name: str) -> bool:
        return False


ANALYSE = ModuleAnalyser(builtin_packs(), "client", False, Alone())


def with_rules(*rules: Rule, by_hand: frozenset[str] = frozenset()) -> Settings:
    """These rules, and the one about files that do not parse, which is always on."""
    always = [rule for rule in checks.load() if rule.code in ALWAYS_ON]
    return Settings((*rules, *always), by_hand, frozenset(rule.code for rule in rules))


def run(text: str, *rules: Rule, by_hand: frozenset[str] = frozenset()) -> Result:
    return lint(Source.decode("client.py", text.encode()), with_rules(*rules, by_hand=by_hand), ANALYSE)


def rule(replacement: str, changes: int = outcomes.NOTHING) -> Names:
    class Replacing(Names):
        pass

    Replacing.replacement = replacement
    Replacing.changes = changes
    return Replacing()


def offered(replacement: str, changes: int = outcomes.NOTHING, text: str = CLIENT) -> Applicability | None:
    [finding] = run(text, rule(replacement, changes)).findings
    return finding.fix.applicability if finding.fix else None


# --- crashes --------------------------------------------------------------------------------------------------------


def test_a_rule_that_crashes_is_lost_and_nothing_else() -> None:
    result = run(CLIENT, Crashing(), Names())
    assert [finding.code for finding in result.findings] == ["ERR999"]
    [problem] = result.problems
    assert problem.startswith(
        "client.py: ERR998 is not checked: the rule crashed: KeyError: 'of the rule' (test_lint.py:"
    )


def test_an_engine_that_crashes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*arguments: object) -> None:
        raise RuntimeError("of the engine")

    monkeypatch.setattr("errlint.flow.analyse.analyse", crash)
    result = run(CLIENT, Names())
    assert result.findings == ()
    [problem] = result.problems
    assert problem.startswith("client.py: is not checked: the analysis crashed: RuntimeError: of the engine")


# --- contracts ------------------------------------------------------------------------------------------------------


def test_a_rule_about_contracts_is_silent_where_none_holds_unless_it_is_asked_for() -> None:
    assert run(CLIENT, Contractual()).findings == ()
    assert len(run(CLIENT, Contractual(), by_hand=frozenset({"ERR997"})).findings) == 1


# --- which fixes are offered ----------------------------------------------------------------------------------------


def test_a_fix_that_changes_only_what_it_names_is_offered() -> None:
    changed = outcomes.status(404) | outcomes.status(410)
    assert offered("410", changed) == "safe"


def test_a_fix_that_changes_other_outcomes_is_not() -> None:
    assert offered("410", outcomes.status(404)) is None


def test_a_fix_that_repairs_nothing_is_not() -> None:
    assert offered("404 ", outcomes.EVERYTHING) is None


def test_a_fix_that_does_not_parse_is_not() -> None:
    assert offered("(", outcomes.EVERYTHING) is None


def test_a_fix_that_brings_another_finding_is_not() -> None:
    [finding] = run(CLIENT, rule("418", outcomes.EVERYTHING), Teapots()).findings
    assert finding.fix is None


def test_a_fix_of_what_is_not_exactly_understood_is_unsafe() -> None:
    text = CLIENT.replace("    if", "    unknown(lambda: response)\n    if")
    assert offered("410", outcomes.EVERYTHING, text) == "unsafe"


def test_where_the_text_cannot_be_edited_there_is_no_fix() -> None:
    [finding] = run(CLIENT, Unfixable()).findings
    assert finding.fix is None


# --- applying fixes -------------------------------------------------------------------------------------------------


def test_fixes_are_applied_until_none_is_left() -> None:
    text = CLIENT + "\n\nCODES = {404, 404}\n"
    source = Source.decode("client.py", text.encode())
    fixed = fix(source, with_rules(rule("410", outcomes.EVERYTHING)), ANALYSE, frozenset({"safe"}))
    assert fixed.source.text == text.replace("404", "410")
    assert len(fixed.repaired) == 3
    assert fixed.result.findings == ()


def test_unsafe_fixes_are_applied_only_where_they_may() -> None:
    class Unsafe(Names):
        replacement = "410"
        applicability: Applicability = "unsafe"
        changes = outcomes.EVERYTHING

    settings = with_rules(Unsafe())
    source = Source.decode("client.py", CLIENT.encode())
    assert fix(source, settings, ANALYSE, frozenset({"safe"})).source == source
    assert fix(source, settings, ANALYSE, frozenset({"safe", "unsafe"})).source != source


# --- purity ---------------------------------------------------------------------------------------------------------


def test_nothing_is_read_but_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = resolve(checks.load(), Selection(select=(ALL,)))
    source = Source.decode("client.py", CLIENT.encode())
    before = lint(source, settings, ANALYSE)  # Whatever is imported late has been imported now.

    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError(f"reads from outside: {arguments}")

    with monkeypatch.context() as patched:
        for owner, names in ((builtins, ["open"]), (os, ["stat", "open", "listdir", "getcwd"]), (time, ["time"])):
            for name in names:
                patched.setattr(owner, name, refuse)
        after = lint(source, settings, ANALYSE)
    assert before == after


@pytest.mark.parametrize(
    ("parameter", "before", "said"),
    [
        ("response: requests.Response", "", "what gets the answer"),
        ("url", "response = requests.get(url)", "the request"),
    ],
)
def test_the_way_begins_at_the_request_or_where_an_answer_is_given(parameter: str, before: str, said: str) -> None:
    text = f"""import requests


def judge({parameter}):
    {before or "pass"}
    if response.status_code == 409 and "exists already" in response.text:
        return None
    return response
"""
    (finding,) = run(text, BranchOnErrorText()).findings
    assert finding.related[0].message == said
