"""Packs are held against the libraries that are installed: paths, signatures, exceptions, constants."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import http
import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from errlint.packs.knowledge import Knowledge
from errlint.packs.locate import load_builtin
from errlint.packs.schema import Class, Constants, ConstantValue, Definition, ExceptionClass, Function
from errlint.packs.signature import Given, Parameter, Reference, Signature
from errlint.packs.values import Instance, Literally
from packs.answering import async_answer, standard_answer
from packs.installed import canonical, find

NEWER = {"CONTENT_TOO_LARGE", "URI_TOO_LONG", "RANGE_NOT_SATISFIABLE", "UNPROCESSABLE_CONTENT"}
"""Names of statuses that only a newer Python, or only the continuation of a library, has."""

LIBRARIES = [
    "requests",
    "urllib3",
    "httpx",
    "httpx2",
    "aiohttp.client_exceptions",
    "openai._exceptions",
    "anthropic._exceptions",
    "simple_salesforce",
    "tenacity",
    "backoff",
]
"""Those whose exceptions are all known; of some the ones of their clients."""

DIFFERENT = {("asyncio.TimeoutError", "TimeoutError")} if sys.version_info < (3, 11) else set()
"""What has become one since."""

RENAMED = {"httpx2.Timeout"}
"""Classes that a library built on theirs calls its own when it is imported."""

KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional-only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.VAR_POSITIONAL: "var-positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword-only",
    inspect.Parameter.VAR_KEYWORD: "var-keyword",
}


def definitions(*kinds: type) -> list[Any]:
    """Everything of these kinds that the packs define; the path is the name of the test."""
    return [
        pytest.param(pack.name, definition, id=path)
        for pack in load_builtin().packs
        for path, definition in pack.definitions.items()
        if isinstance(definition, kinds)
    ]


def callables() -> Iterator[Any]:
    """Functions, methods and constructors with their signatures."""
    for pack in load_builtin().packs:
        # The library's own signatures of C functions are not to be had; `test_standard_library` looks at those.
        if pack.name == "stdlib":
            continue
        for path, definition in pack.definitions.items():
            signature = None if isinstance(definition, (Constants, ConstantValue)) else definition.signature
            if signature is not None:
                yield pytest.param(path, signature, id=path)
            if not isinstance(definition, (Function, ConstantValue)):
                for name, method in definition.methods.items():
                    yield pytest.param(f"{path}.{name}", method.signature, id=f"{path}.{name}")


@pytest.mark.parametrize(("pack", "definition"), definitions(Class, ExceptionClass, Function, Constants, ConstantValue))
def test_path_exists(pack: str, definition: Definition) -> None:
    with warnings.catch_warnings():
        # Some names are on their way out.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = find(definition.path)
    if isinstance(definition, (Class, ExceptionClass)) and pack != "stdlib" and definition.path not in RENAMED:
        assert canonical(found) == definition.path
    if isinstance(definition, Function) and inspect.isfunction(found) and pack != "stdlib":
        assert f"{found.__module__}.{found.__qualname__}" == definition.path


@pytest.mark.parametrize(("path", "signature"), list(callables()))
def test_signature(path: str, signature: Signature) -> None:
    found = find(path)
    owner, _, _ = path.rpartition(".")
    if isinstance(found, type) and issubclass(found, BaseException) and found.__init__ is Exception.__init__:
        return
    actual = list(inspect.signature(found).parameters.values())
    if inspect.isfunction(found) and inspect.isclass(find(owner)):
        actual = actual[1:]
    said = {parameter.name: parameter for parameter in signature.parameters}
    accepts_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in actual)
    for parameter in actual:
        if parameter.kind is parameter.VAR_KEYWORD and parameter.name not in said:
            continue
        own = said.pop(parameter.name)
        assert KINDS[parameter.kind] == own.kind
        assert (parameter.default is parameter.empty) == (own.default is None)
        if own.default is not None:
            assert_default(own, parameter.default)
    # What remains goes through **kwargs of the actual function to another one.
    assert not said or accepts_more
    assert all(parameter.kind == "keyword-only" for parameter in said.values())


@pytest.mark.parametrize(("pack", "definition"), definitions(Function))
def test_parameters_in_the_standard_library(pack: str, definition: Function) -> None:
    with contextlib.suppress(ValueError):
        # There is none for some functions written in C.
        actual = inspect.signature(find(definition.path)).parameters
        named = {p.name for p in definition.signature.parameters if p.kind in ("positional", "keyword-only")}
        accepts_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in actual.values())
        assert pack != "stdlib" or accepts_all or named <= actual.keys()


def assert_default(said: Parameter, actual: object) -> None:
    if isinstance(said.default, Given):
        assert said.default.value == actual
    elif isinstance(said.default, Reference):
        named = find(said.default.path)
        assert type(actual) is named if said.default.called else actual is named


@pytest.mark.parametrize("pack", load_builtin().packs, ids=lambda pack: pack.roots[0])
def test_exports_are_the_same_objects(pack: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for alias, path in pack.exports.items():
            if path.rpartition(".")[2] not in NEWER and (alias, path) not in DIFFERENT:
                assert find(alias) is find(path), alias


def test_modules_are_the_same() -> None:
    assert find("requests.packages.urllib3") is importlib.import_module("urllib3")


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_exception_is_known(library: str, knowledge: Knowledge) -> None:
    for cls in exceptions_of(library):
        known = knowledge.exception(canonical(cls))
        assert known is not None
        assert list(known.bases) == [canonical(base) for base in cls.__bases__]


@pytest.mark.parametrize("library", LIBRARIES)
def test_hierarchy(library: str, knowledge: Knowledge) -> None:
    classes = [*exceptions_of(library), *exceptions_of("json.decoder"), *exceptions_of("builtins")]
    for one in classes:
        for other in classes:
            assert knowledge.is_subclass(canonical(one), canonical(other)) == issubclass(one, other)


@pytest.mark.parametrize("library", [*LIBRARIES, "builtins"])
def test_order_of_bases(library: str, knowledge: Knowledge) -> None:
    for cls in exceptions_of(library):
        foreign = [base for base in cls.__mro__[:-1] if knowledge.exception(canonical(base)) is None]
        assert not foreign
        assert list(knowledge.ancestors(canonical(cls))) == [canonical(base) for base in cls.__mro__[:-1]]


def exceptions_of(library: str) -> list[type[BaseException]]:
    """The exception classes, warnings aside, of a module and the modules below it."""
    root = importlib.import_module(library)
    names = [info.name for info in pkgutil.iter_modules(getattr(root, "__path__", ()))]
    skipped = {"_main", "__main__", "tornadoweb", "help", "certs"}
    modules = [root]
    for name in names:
        # Parts that need further packages are not known to packs either.
        with contextlib.suppress(ModuleNotFoundError):
            if name not in skipped:
                modules.append(importlib.import_module(f"{library}.{name}"))
    found = {value for module in modules for value in vars(module).values() if is_exception(value, library)}
    return sorted(found, key=canonical)


def is_exception(value: object, library: str) -> bool:
    if not isinstance(value, type) or not issubclass(value, BaseException) or issubclass(value, Warning):
        return False
    root = value.__module__.split(".")[0]
    # The pack of a clone says what the clone has in common with the original.
    original = {"httpx2": "httpx"}.get(root)
    shared = original is None or hasattr(importlib.import_module(original), value.__name__)
    return shared and root == library.split(".")[0]


@pytest.mark.parametrize(("pack", "definition"), definitions(ExceptionClass))
def test_outcomes_of_bases_include_those_of_subclasses(
    pack: str, definition: ExceptionClass, knowledge: Knowledge
) -> None:
    for path in knowledge.ancestors(definition.path):
        base = knowledge.exception(path)
        assert base is not None
        if "." in path and pack != "stdlib" and path.split(".")[0] == definition.path.split(".")[0]:
            assert definition.outcomes & ~base.outcomes == 0


@pytest.mark.parametrize(("pack", "definition"), definitions(ExceptionClass))
def test_attributes_of_exceptions(pack: str, definition: ExceptionClass) -> None:
    """They are complete: what is not listed is an AttributeError."""
    cls = find(definition.path)
    if pack == "stdlib":
        return
    parameters = definition.signature.parameters if definition.signature else ()
    required = [p for p in parameters if p.default is None and not p.kind.startswith("var-")]
    positional: list[object] = [Stub() for p in required if p.kind == "positional"]
    named = {p.name: Stub() for p in required if p.kind == "keyword-only"}
    if issubclass(cls, json.JSONDecodeError):
        positional = ["message", "text", 0]
    instance = cls(*positional, **named)
    public = {name for name in dir(instance) if not name.startswith("_")} - set(dir(BaseException))
    assert public <= {*definition.attributes, *definition.methods}
    # The constructor of one leaves out that of its base.
    assert definition.attributes.keys() - {"scheme"} <= public


class Stub(str):
    """Whatever a constructor wants to look at."""

    def tell(self) -> int:
        return 0

    length_remaining = 0
    errno = 0
    strerror = ""
    # A response, and what came of one.
    request = None
    status_code = 0
    headers: ClassVar[dict[str, str]] = {}
    usage = None


@pytest.mark.parametrize(("pack", "definition"), definitions(Constants))
def test_constants(pack: str, definition: Constants, knowledge: Knowledge) -> None:
    found = find(definition.path)
    if definition.enum:
        assert issubclass(found, enum.IntEnum)
        actual = {name: int(member) for name, member in found.__members__.items()}
        said = {name: code for name, code in definition.members.items() if name.isupper()}
        assert said == {**actual, **{name: code for name, code in said.items() if name in NEWER}}
    else:
        actual = {name: code for name, code in vars(found).items() if name[0] not in "\\/" and name != "name"}
        assert dict(definition.members) == actual
        assert all(found[name] == code for name, code in actual.items())
    for name, code in definition.members.items():
        assert knowledge.constant(f"{definition.path}.{name}") == code
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert getattr(found, name, code) == code
    with pytest.raises(AttributeError):
        _ = found.no_such_status
    missing = find(definition.missing_item) if definition.missing_item else None
    if missing is None:
        assert found["no_such_status"] is None
    else:
        with pytest.raises(missing):
            found["no_such_status"]


@pytest.mark.parametrize(("pack", "definition"), definitions(ConstantValue))
def test_constant_values(pack: str, definition: ConstantValue) -> None:
    found = find(definition.path)
    if isinstance(definition.value, Literally):
        said = definition.value.literally
        assert set(said) == set(found) if isinstance(said, tuple) else said == found


def test_members_of_http_client(knowledge: Knowledge) -> None:
    for name, member in http.HTTPStatus.__members__.items():
        assert knowledge.constant(f"http.client.{name}") == member


def state() -> Any:
    return find("tenacity.RetryCallState")(find("tenacity.Retrying")(), None, (), {})


def httpx_instances(root: str) -> dict[str, Callable[[], Any]]:
    """How to make an instance of each class of httpx, or a clone, that has attributes."""
    request = find(f"{root}.Request")("GET", "http://x")
    return {
        f"{root}._client.BaseClient": find(f"{root}.Client"),
        f"{root}.Client": find(f"{root}.Client"),
        f"{root}.AsyncClient": find(f"{root}.AsyncClient"),
        f"{root}.Request": lambda: request,
        f"{root}.Response": lambda: find(f"{root}.Response")(200, request=request),
    }


async def in_loop(make: Callable[[], Any]) -> Any:
    """What can only be made while a loop runs."""
    return make()


AZURE = {"api_key": "key", "api_version": "1", "azure_endpoint": "http://x"}
INSTANCES: dict[str, Callable[[], Any]] = {
    "requests.sessions.Session": find("requests.Session"),
    "requests.models.Request": find("requests.Request"),
    "requests.models.PreparedRequest": find("requests.PreparedRequest"),
    "requests.models.Response": find("requests.Response"),
    **httpx_instances("httpx"),
    **httpx_instances("httpx2"),
    "aiohttp.client.ClientSession": lambda: asyncio.run(in_loop(find("aiohttp.ClientSession"))),
    "aiohttp.client_reqrep.ClientResponse": lambda: async_answer(200),
    "anthropic.Anthropic": lambda: find("anthropic.Anthropic")(api_key="key"),
    "anthropic.AsyncAnthropic": lambda: find("anthropic.AsyncAnthropic")(api_key="key"),
    "openai.OpenAI": lambda: find("openai.OpenAI")(api_key="key"),
    "openai.AsyncOpenAI": lambda: find("openai.AsyncOpenAI")(api_key="key"),
    "openai.lib.azure.AzureOpenAI": lambda: find("openai.AzureOpenAI")(**AZURE),
    "openai.lib.azure.AsyncAzureOpenAI": lambda: find("openai.AsyncAzureOpenAI")(**AZURE),
    "simple_salesforce.api.Salesforce": lambda: find("simple_salesforce.Salesforce")(session_id="key", instance="x"),
    "urllib.request.Request": lambda: find("urllib.request.Request")("http://x", method="GET"),
    "http.client.HTTPResponse": lambda: standard_answer(200),
    "urllib3.util.retry.Retry": find("urllib3.Retry"),
    "urllib3.poolmanager.PoolManager": find("urllib3.PoolManager"),
    "urllib3.poolmanager.ProxyManager": lambda: find("urllib3.ProxyManager")("http://x"),
    "urllib3.connectionpool.HTTPConnectionPool": lambda: find("urllib3.HTTPConnectionPool")("x"),
    "urllib3.connectionpool.HTTPSConnectionPool": lambda: find("urllib3.HTTPSConnectionPool")("x"),
    "urllib3.response.BaseHTTPResponse": find("urllib3.HTTPResponse"),
    "urllib3.response.HTTPResponse": find("urllib3.HTTPResponse"),
    "tenacity.Retrying": find("tenacity.Retrying"),
    "tenacity.asyncio.AsyncRetrying": find("tenacity.AsyncRetrying"),
    "tenacity.RetryCallState": state,
    "tenacity.AttemptManager": lambda: find("tenacity.AttemptManager")(state()),
    "tenacity.Future": lambda: find("tenacity.Future")(1),
}


def close(client: Any) -> None:
    # Asked of the class: some clients have any attribute, and nothing to close.
    name = next((name for name in ("aclose", "close", "clear") if hasattr(type(client), name)), None)
    closing = getattr(client, name)() if name else None
    if inspect.isawaitable(closing):
        asyncio.run(_awaited(closing))


async def _awaited(value: Any) -> Any:
    return await value


NEEDS_AN_ANSWER = {"elapsed", "next_request"}
MADE_WHEN_READ = {"bulk", "bulk2"}


@pytest.mark.parametrize(("pack", "definition"), definitions(Class))
def test_attributes_and_methods(pack: str, definition: Class) -> None:
    found = find(definition.path)
    for name in definition.methods:
        assert callable(getattr(found, name))
    # `test_services` looks at parts.
    if (definition.attributes or definition.closed) and not definition.part:
        instance = INSTANCES[definition.path]()
        public = {name for name in dir(instance) if not name.startswith("_")}
        known = {*definition.attributes, *definition.methods}
        assert definition.attributes.keys() - NEEDS_AN_ANSWER - MADE_WHEN_READ <= public
        assert not definition.closed or public <= known
        if definition.client:
            close(instance)


@pytest.mark.parametrize(("pack", "definition"), definitions(Class, Function))
def test_instances_are_of_known_classes(pack: str, definition: Class | Function, knowledge: Knowledge) -> None:
    values = [definition.returns] if isinstance(definition, Function) else [*definition.attributes.values()]
    for value in values:
        if isinstance(value, Instance):
            assert knowledge.type(value.instance) is not None
