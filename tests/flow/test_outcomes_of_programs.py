"""What becomes of statuses in small programs whose shape the judge's generator does not write."""

from textwrap import dedent

from errlint.analysis import builtin_packs
from errlint.flow.table import End, Returns
from errlint.project import Project
from errlint.roots import Reach


def ends(text: str, function: str) -> set[End]:
    """How a function ends, whatever is answered; empty where it sends nothing that errlint sees."""
    project = Project(builtin_packs(), Reach(()))
    tables = project.analyse("program.py", dedent(text).encode()).facts.tables
    return {end for table in tables if table.qualname == function for row in table.rows for end in row.ends}


def test_super_without_arguments_after_a_branch() -> None:
    program = """
        import requests

        class Base:
            def __init__(self, url):
                self.session = requests.Session()

        class Client(Base):
            def __init__(self, url=None):
                if url is None:
                    url = "http://api.example.com"
                super().__init__(url)

            def fetch(self):
                return self.session.get("http://api.example.com").json()
    """
    assert Returns("data") in ends(program, "Client.fetch")
