"""What stands around a function's statements: its `def` line, its class."""

from collections.abc import Callable, Sequence

from .clients import Client
from .draft import Draft, Lines, indent, suite
from .ends import api_error
from .features import Row
from .loops import Loop
from .site import Site

RESPONSES = ("response", "r", "resp", "res")


def make_site(draft: Draft, row: Row, client: Client, loop: Loop) -> Site:
    """The place where the request is sent."""
    return Site(draft, row, client, client.send, loop, draft.rng.choice(RESPONSES))


def define(row: Row, name: str, body: Lines, parameters: Sequence[str] = ()) -> Lines:
    """The function, or the method, of this body."""
    own = ["self"] if row["structure"] == "method" else []
    return suite(f"def {name}({', '.join([*own, *parameters])}):", body)


def enclose(draft: Draft, row: Row, client: Client, owner: str, function: Lines, init: Sequence[str] = ()) -> Lines:
    """The class around a method; a function is left as it is."""
    if row["structure"] != "method":
        return function
    lines = [*client.attributes, *([""] if client.attributes else [])]
    if client.init or init:
        lines += [*suite("def __init__(self):", [*client.init, *init]), ""]
    for method in draft.methods:
        lines += [*method, ""]
    return [f"class {owner}:", *indent([*lines, *function])]


def surround(site: Site, write_body: Callable[[Site], Lines]) -> Lines:
    """The function's statements, in a `try` of their own if the row says so."""
    body = write_body(site)
    kind = site.row["around"]
    if kind == "none":
        return body
    if kind == "finally":
        return suite("try:", body) + suite("finally:", ['print("finished")'])
    if kind == "swallow":
        caught = site.draft.pick("Exception", site.client.errors.base)
        handler = ["print(failure)", site.draft.pick("return None", "return False")]
    else:
        caught = site.client.errors.base
        handler = [f'raise {api_error(site.draft, "FetchFailed")}("could not fetch") from failure']
    return suite("try:", body) + suite(f"except {caught} as failure:", handler)
