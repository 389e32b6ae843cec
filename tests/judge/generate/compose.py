"""Puts a program together from a row of choices."""

from random import Random

from . import decide, raising
from .asynchronous import make_asynchronous
from .clients import write_client
from .draft import Draft, Lines, suite
from .drivers import write_driven
from .features import DRIVERS, Row
from .frame import define, enclose, make_site, surround
from .limits import write_limit
from .loops import write_loop
from .program import Program, Source
from .sends import write_send
from .site import Site
from .transports import session_factory

FUNCTIONS = ("fetch", "load", "get_item", "sync", "read_report")
CLASSES = ("Client", "Service", "ItemsApi")


def write_program(row: Row, name: str, rng: Random) -> Program:
    """The program that these choices describe."""
    draft = Draft(rng)
    function, owner = rng.choice(FUNCTIONS), rng.choice(CLASSES)
    on_self = row["structure"] == "method"
    call = f"{owner}().{function}()" if on_self else f"{function}()"
    if row["loop"] in DRIVERS:
        lines = write_driven(draft, row, function, owner)
    else:
        factory = session_factory(draft, row) if row["send"] == "in_adapter" else None
        client = write_client(draft, row["client"], row["method"], factory)
        limit = write_limit(draft, row["limit"])
        loop = write_loop(draft, row["loop"], f"self.{function}" if on_self else function, limit)
        body = surround(make_site(draft, row, client, loop), _body)
        lines = enclose(draft, row, client, owner, define(row, function, body, loop.parameters), limit.init)
    waits = row["mode"] == "async"
    call = f"asyncio.run({call})" if waits else call
    header = [f"# judge: call {call}"]
    if row["modules"] == "one":
        sources = [Source(name, draft.render(header, lines))]
    else:
        apart, text = draft.render_apart(header, lines, f"{name}_common")
        sources = [Source(f"{name}_common", apart), Source(name, text)]
    if waits:
        sources = [Source(each.module, make_asynchronous(each.text, function)) for each in sources]
    return Program(tuple(sources), call, features=frozenset(f"{feature}:{value}" for feature, value in row.items()))


def _body(site: Site) -> Lines:
    """The statements of the function under test."""
    site.send, before = write_send(site.draft, site.client, site.row["send"])
    style = site.row["style"]
    attempt = decide.write(site, style) if style in decide.KINDS else raising.write(site, style)
    lines = before + site.wrap(attempt, outlives=style not in ("sentinel", "pair"))
    return suite(site.client.wrap, lines) if site.client.wrap else lines
