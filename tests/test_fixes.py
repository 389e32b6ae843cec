"""How fixed code looks: as if its author had written it."""

from textwrap import dedent

import pytest

from errlint import checks
from errlint.analysis import builtin_packs
from errlint.packs.locate import builtin_words
from errlint.project import Project
from errlint.roots import Reach
from errlint.settings import Selection, resolve


def fixed(text: str, code: str) -> str:
    """A module after all fixes of one rule."""
    settings = resolve(checks.load(), Selection(select=(code,)))
    project = Project(builtin_packs(), Reach(builtin_words()))
    return project.fix("module.py", dedent(text).encode(), settings, frozenset({"safe", "unsafe"})).source.text


LOOP = """
    import requests

    def describe(error):
        return str(error)

    def fetch(url, times):
        for _ in range(TIMES):
            try:
                response = requests.get(url, timeout=10)
                response.raise_for_status()
                return response
            except requests.HTTPError:
                BODY
        return None
"""


@pytest.mark.parametrize("indent", ["    ", "\t", "  "])
def test_a_guard_takes_the_place_of_pass_and_a_name_that_is_free_in_the_function(indent: str) -> None:
    text = dedent(LOOP.replace("TIMES", "5").replace("BODY", "pass"))
    result = fixed(text.replace("    ", indent), "ERR101").replace(indent, "    ")
    assert result.endswith(
        """
        except requests.HTTPError as error:
            if 400 <= error.response.status_code < 500 and error.response.status_code not in {408, 425, 429}:
                break
    return None
"""
    )


@pytest.mark.parametrize(
    ("after", "statement"), [("return None", "break"), ("return {}", "break"), ("raise OSError(url)", "raise")]
)
def test_what_is_refused_ends_as_it_does_after_the_last_attempt(after: str, statement: str) -> None:
    program = LOOP.replace("TIMES", "5").replace("BODY", "pass").replace("return None", after)
    assert f"not in {{408, 425, 429}}:\n                {statement}\n    {after}\n" in fixed(program, "ERR101")


def test_a_handler_that_lists_what_it_retries_gets_a_shorter_list() -> None:
    body = """if error.response.status_code not in [400, 500, 503]:
                    raise"""
    program = LOOP.replace("TIMES", "5").replace("HTTPError:", "HTTPError as error:").replace("BODY", body)
    assert fixed(program, "ERR101") == dedent(program).replace("[400, 500, 503]", "[500, 503]")


@pytest.mark.parametrize(("times", "seconds"), [("5", "2**attempt"), ("20", "min(2**attempt, 60)")])
def test_a_wait_is_a_minute_at_most(times: str, seconds: str) -> None:
    result = fixed(LOOP.replace("TIMES", times).replace("BODY", "print(url)"), "ERR103")
    assert f"    for attempt in range({times}):\n        if attempt > 0:\n            time.sleep({seconds} + " in result


@pytest.mark.parametrize("mark", ["'", '"'])
def test_a_default_is_quoted_as_the_header_is(mark: str) -> None:
    program = f"""
        import requests

        def wait_of(url):
            response = requests.get(url, timeout=10)
            if response.status_code == 429:
                return response.headers[{mark}Retry-After{mark}]
            return {'"a" + "b"' if mark == "'" else "'a' + 'b'"}
    """
    assert f".headers.get({mark}Retry-After{mark}, {mark}60{mark})" in fixed(program, "ERR201")


@pytest.mark.parametrize(("send", "applicability"), [("requests.post", "safe"), ("pooled.deliver", "unsafe")])
def test_a_fix_in_what_is_not_followed_is_unsafe(send: str, applicability: str) -> None:
    program = f"""
        import pooled
        import requests

        def notify(url, text):
            try:
                pooled.prepare(url)
                {send}(url, data=text).raise_for_status()
            except requests.RequestException as error:
                if error.response and error.response.status_code == 404:
                    return False
                raise
            return True
    """
    settings = resolve(checks.load(), Selection(select=("ERR403",)))
    project = Project(builtin_packs(), Reach(builtin_words()))
    found = project.fix("module.py", dedent(program).encode(), settings, frozenset()).result.findings
    assert [finding.fix.applicability for finding in found if finding.fix is not None] == [applicability]


def test_a_loop_is_not_bounded_where_it_goes_round_from_elsewhere_too() -> None:
    program = """
        import time

        import requests

        def wait_for(url):
            while True:
                try:
                    response = requests.get(url, timeout=10)
                    response.raise_for_status()
                    break
                except requests.ConnectionError:
                    time.sleep(5)
                except KeyError:
                    LAST
            return response
    """
    assert "for attempt in range(5):" in fixed(program.replace("LAST", "raise"), "ERR102")
    assert "for attempt in range(5):" not in fixed(program.replace("LAST", "continue"), "ERR102")
