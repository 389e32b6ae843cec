"""How a program sends its request: the client library, the call, the exceptions."""

from dataclasses import dataclass, replace

from .draft import Draft

HOST = "http://api.example.com"
WITH_BODY = ("post", "put", "patch")


@dataclass(frozen=True)
class Errors:
    """A library's exceptions as a program may name them."""

    status: str
    transport: tuple[str, ...]
    timeout: str
    connection: str
    base: str


@dataclass(frozen=True)
class Client:
    """A client library and one way to hold it.

    `wrap` is the `with` statement that the function's body stands in, if any.
    `on_self` says that the call needs a method around it.
    """

    library: str
    send: str
    errors: Errors
    wrap: str | None = None
    on_self: bool = False
    init: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


KINDS = (
    "requests",
    "requests_request",
    "requests_session",
    "requests_with",
    "requests_self",
    "requests_attribute",
    "httpx",
    "httpx_client",
    "httpx_with",
    "httpx_self",
    "httpx2",
    "httpx2_with",
)
SESSIONS = ("requests_session", "requests_with", "requests_self", "requests_attribute")
HTTPX_CLIENTS = ("httpx_client", "httpx_with", "httpx_self")
RELATIVE = (*HTTPX_CLIENTS, "httpx2_with")
ON_SELF = ("requests_self", "requests_attribute", "httpx_self")


def library_of(kind: str) -> str:
    """The library that a kind of client belongs to."""
    return kind.partition("_")[0]


def write_client(draft: Draft, kind: str, method: str, factory: str | None = None) -> Client:
    """The client of this kind; `factory` is an expression that makes its session."""
    library = library_of(kind)
    draft.use(f"import {library}")
    made = factory or ("requests.Session()" if library == "requests" else _httpx_client(draft, library))
    relative = kind in RELATIVE and "base_url" in made
    client = _holder(draft, kind, made, _errors(draft, library))
    name = method
    arguments = [_url(draft, relative)]
    if kind == "requests_request" or draft.chance(0.1):
        name = "request"
        arguments.insert(0, f'"{method.upper()}"')
    if method in WITH_BODY:
        arguments.append(draft.pick('json={"name": "x"}', "json=PAYLOAD", 'data={"name": "x"}'))
    if "json=PAYLOAD" in arguments:
        draft.constant("PAYLOAD", '{"name": "x", "size": 3}')
    arguments += draft.pick([], [], ["timeout=5"], ["timeout=TIMEOUT"], ['headers={"Accept": "application/json"}'])
    if "timeout=TIMEOUT" in arguments:
        draft.constant("TIMEOUT", "10")
    return replace(client, send=f"{client.send}.{name}({', '.join(arguments)})")


def _httpx_client(draft: Draft, library: str) -> str:
    draft.constant("BASE", f'"{HOST}"')
    return f"{library}.Client({draft.pick('', 'timeout=5', 'base_url=BASE')})"


def _holder(draft: Draft, kind: str, made: str, errors: Errors) -> Client:
    """The client whose `send` is what stands before `.get`."""
    library = library_of(kind)
    name = draft.pick("session", "http") if library == "requests" else "client"
    if kind.endswith("_with"):
        return Client(library, name, errors, wrap=f"with {made} as {name}:")
    if kind.endswith("_self"):
        return Client(library, f"self.{name}", errors, on_self=True, init=(f"self.{name} = {made}",))
    if kind.endswith("_attribute"):
        return Client(library, f"self.{name}", errors, on_self=True, attributes=(f"{name} = {made}",))
    if kind in ("requests_session", "httpx_client"):
        # Not among the constants: it may be made by a function, which must come before it.
        draft.define([f"{name} = {made}"])
        return Client(library, name, errors)
    return Client(library, library, errors)


def _url(draft: Draft, relative: bool) -> str:
    draft.constant("BASE", f'"{HOST}"')
    if relative:
        return '"/items/1"'
    return draft.pick('f"{BASE}/items/1"', 'BASE + "/items/1"', f'"{HOST}/items/1"', '"{}/items/1".format(BASE)')


def _errors(draft: Draft, library: str) -> Errors:
    if library != "requests":
        transport = (f"{library}.{draft.pick('TransportError', 'RequestError')}",)
        return Errors(
            f"{library}.HTTPStatusError",
            transport,
            f"{library}.TimeoutException",
            f"{library}.ConnectError",
            f"{library}.HTTPError",
        )
    prefix = draft.pick("requests", "requests.exceptions")
    return Errors(
        f"{prefix}.HTTPError",
        (f"{prefix}.ConnectionError", f"{prefix}.Timeout"),
        f"{prefix}.Timeout",
        f"{prefix}.ConnectionError",
        f"{prefix}.RequestException",
    )
