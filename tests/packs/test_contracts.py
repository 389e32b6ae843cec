"""What the contracts say about each API, and how code is bound to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from errlint import outcomes
from errlint.packs.contract_files import builtin_contracts
from errlint.packs.contracts import Contract, Retry
from errlint.packs.locate import rules_folder
from errlint.packs.urls import is_below

CONTRACTS = builtin_contracts()
HTTP = CONTRACTS.baseline


def of(name: str) -> Contract:
    contract = CONTRACTS.get(name)
    assert contract is not None
    return contract


def test_every_file_is_there() -> None:
    names = {file.stem for file in (rules_folder() / "apis").glob("*.toml")}
    assert {HTTP.name, *CONTRACTS.named} == names == {"http", "sazabi", "semji", "seogeo", "sessions", "smartepi"}
    assert CONTRACTS.get("nobody") is None


# --- HTTP ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("advice", "statuses"),
    [
        ("backoff", "408, 425, 429, 500, 502-504"),
        ("new-credentials", "401, 407"),
        ("after-refetch", "409, 412, 428"),
        ("if-retry-after", "413"),
        ("other-connection", "421"),
        ("after-change", "423, 424"),
        ("never", "400, 402-406, 410, 411, 414-417, 422, 426, 431, 451, 501, 505, 508, 510, 511"),
        ("not-documented", "420, 430, 449, 460, 499, 520-527, 529, 530, 598, 599"),
    ],
)
def test_http_advice(advice: str, statuses: str) -> None:
    for status in outcomes.codes(outcomes.parse(statuses)):
        assert HTTP.retry(status).advice == advice, status


def test_unknown_statuses_are_as_the_first_of_their_class() -> None:
    assert HTTP.retry(418).advice == HTTP.retry(400).advice == "never"
    assert HTTP.retry(599 - 42).advice == HTTP.retry(500).advice == "backoff"


def test_every_error_status_has_one_advice() -> None:
    every = [HTTP.advised(advice) for advice in {HTTP.retry(status).advice for status in range(400, 600)}]
    assert sum(every) == outcomes.CLIENT_ERRORS | outcomes.SERVER_ERRORS


def test_http_promises_little() -> None:
    for status in range(400, 600):
        assert not HTTP.promises_error_body(status)
        assert HTTP.retry_after(status).presence != "sent"
        assert HTTP.proves_absence(status) == (status == 410)
        assert HTTP.may_send(status)
    assert HTTP.retry_after(429).unit == HTTP.retry_after(503).unit == "seconds-or-date"
    assert HTTP.layer(502) == "gateway"
    assert HTTP.is_idempotent("put")
    assert not HTTP.is_idempotent("POST")
    reset = HTTP.rate_limit_header("x-ratelimit-reset")
    assert reset is not None
    assert reset.unit == "not-documented"


# --- the five --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "backoff", "never"),
    [
        ("semji", "429, 500, 502, 503", "400, 401, 403, 404, 422"),
        ("sessions", "429", "400, 401, 403, 404, 409, 422"),
        ("sazabi", "429, 500, 503", "400, 401, 403, 404, 413"),
        ("seogeo", "nothing", "400, 403, 404, 409"),
        ("smartepi", "429, 500", "400, 401, 404, 405, 422"),
    ],
)
def test_documented_advice(name: str, backoff: str, never: str) -> None:
    assert outcomes.render(of(name).advised("backoff", documented=True)) == outcomes.render(
        outcomes.NOTHING if backoff == "nothing" else outcomes.parse(backoff)
    )
    assert of(name).advised("never", documented=True) == outcomes.parse(never)


@pytest.mark.parametrize("name", sorted(CONTRACTS.named))
def test_what_all_of_them_warn_of(name: str) -> None:
    contract = of(name)
    assert not contract.proves_absence(404)
    assert contract.proves_absence(410), "where an API is silent, HTTP holds"
    assert contract.code_member is not None
    assert contract.member(contract.code_member) == "code"
    assert contract.text_members
    assert {contract.member(pointer) for pointer in contract.text_members} == {"text"}
    assert contract.member(["elsewhere"]) is None
    assert contract.advised("never") & outcomes.status(404)
    assert contract.retry(504) == replace(HTTP.retry(504), documented=False)


def test_retry_after() -> None:
    for name in ("semji", "sessions", "sazabi"):
        assert (of(name).retry_after(429).presence, of(name).retry_after(429).unit) == ("sent", "seconds")
        assert of(name).retry_after(503).presence == "not-guaranteed"
        assert not of(name).retry_after(503).documented
    assert of("smartepi").retry_after(429).presence == "not-guaranteed"
    assert of("smartepi").retry_after(429).documented
    assert of("seogeo").retry_after(429) == replace(HTTP.retry_after(429), documented=False)


def test_conflicts_differ_by_code() -> None:
    smartepi, sazabi = of("smartepi"), of("sazabi")
    assert smartepi.retry(409).advice == "after-refetch"
    assert smartepi.retry(409, "urn:smartepi:error:conflict").advice == "after-refetch"
    assert smartepi.retry(409, "urn:smartepi:error:duplicate_name").advice == "never"
    assert smartepi.retry(409, "urn:smartepi:error:resource_in_use").advice == "never"
    assert smartepi.retry(409, "urn:smartepi:error:unheard_of") == smartepi.retry(409)
    assert sazabi.retry(409, "already_exists").advice == "never"
    assert sazabi.retry(409, "conflict").advice == "after-refetch"
    assert of("sessions").retry(500, "internal_error") == Retry("backoff", None, documented=False)


def test_a_new_key_takes_a_minute() -> None:
    advice = of("smartepi").retry(403)
    assert (advice.advice, advice.wait) == ("after-wait", 60)


def test_two_layers() -> None:
    smartepi = of("smartepi")
    for status in (401, 403, 429):
        assert smartepi.layer(status) == "gateway"
        assert not smartepi.promises_error_body(status)
        assert smartepi.request_id(status).presence == "absent"
    for status in (400, 404, 405, 409, 422, 500):
        assert smartepi.layer(status) == "application"
        assert smartepi.promises_error_body(status)
        assert smartepi.request_id(status).header == "X-Request-Id"
    assert smartepi.layer(502) == "gateway", "by definition of HTTP"
    assert not smartepi.promises_error_body(502)
    assert of("semji").promises_error_body(502), "documented with the body of its own errors"
    assert ("Message",) in smartepi.text_members


def test_request_ids() -> None:
    assert of("seogeo").request_id(500).pointer == ("error", "requestId")
    assert of("seogeo").request_id(500).presence == "sent"
    assert of("sessions").request_id(500).presence == "not-guaranteed"
    assert of("semji").request_id(500).presence == "not-documented"


def test_codes() -> None:
    assert of("semji").codes(422) == {"validation_error"}
    assert len(of("sazabi").codes()) == 16
    assert of("seogeo").codes(418) == frozenset()
    assert {name for name in CONTRACTS.named if of(name).knows_every_code()} == {"semji", "sazabi", "seogeo"}
    assert not of("semji").may_send(418)
    assert of("semji").may_send(201)
    assert of("smartepi").may_send(418)


def test_what_requests_need() -> None:
    precondition = of("smartepi").requests.precondition
    assert precondition is not None
    assert (precondition.headers, precondition.members) == (("If-Match",), (("_version",),))
    assert precondition.missing == outcomes.status(400)
    assert of("seogeo").requests.idempotency_key is not None
    assert {c.header: c.prefix for c in of("sazabi").credentials} == {
        "x-sazabi-key": "pk_",
        "x-sazabi-secret-key": "sk_",
    }
    assert of("sazabi").error_in_success == ("error",)
    assert of("semji").error_in_success is None
    assert of("semji").names_field(422)
    assert not of("semji").names_field(400)
    assert of("semji").meaning(404)
    assert of("semji").meaning(410) == HTTP.meaning(410)
    assert of("semji").is_idempotent("GET")


def test_resets_are_unix_times() -> None:
    for name in ("sessions", "sazabi"):
        header = of(name).rate_limit_header("X-Ratelimit-Reset")
        assert header is not None
        assert (header.unit, header.presence, header.on) == ("unix-time", "sent", outcomes.status(429))
    assert of("semji").rate_limit_header("X-RateLimit-Reset") == HTTP.rate_limit_header("X-RateLimit-Reset")
    assert of("semji").rate_limit_header("X-Other") is None


# --- binding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://api.semji.com/v1/me", "semji"),
        ("https://api.semji.com", "semji"),
        ("HTTPS://API.Semji.com:443/v1?x=1", "semji"),
        ("https://api.semji.com?x=1", "semji"),
        ("https://seogeo.tools/api/public/v1/projects", "seogeo"),
        ("https://seogeo.tools/api/public/v1", "seogeo"),
        ("https://seogeo.tools/api/public/v12", None),
        ("https://seogeo.tools/api", None),
        ("https://api.semji.com.example/", None),
        ("https://api.semji.com:8443/", None),
        ("/v1/me", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_urls(url: str, api: str | None) -> None:
    found = CONTRACTS.for_url(url)
    assert (found.name if found is not None else None) == api
    for contract in CONTRACTS.named.values():
        assert contract.matches_url(url) == (contract.name == api)


@pytest.mark.parametrize(
    ("header", "value", "api"),
    [
        ("X-Sazabi-Key", "", "sazabi"),
        ("x-sazabi-secret-key", "sk_live_1", "sazabi"),
        ("Authorization", "Bearer sg_live_1", "seogeo"),
        ("Authorization", "sg_live_", "seogeo"),
        ("Authorization", "Bearer sk_1", None),
        ("x-api-key", "sk_1", None),
    ],
)
def test_credentials(header: str, value: str, api: str | None) -> None:
    found = CONTRACTS.for_credential(header, value)
    assert (found.name if found is not None else None) == api


def test_binding_by_configuration() -> None:
    bound = CONTRACTS.bind("smartepi", ["https://epi.example/v2/"])
    found = bound.for_url("https://epi.example/v2/employees")
    assert found is not None
    assert found.name == "smartepi"
    assert CONTRACTS.for_url("https://epi.example/v2/employees") is None
    deeper = bound.bind("semji", ["https://epi.example/v2/semji"]).for_url("https://epi.example/v2/semji/me")
    assert deeper is not None
    assert deeper.name == "semji", "the longest base decides"
    with pytest.raises(KeyError):
        CONTRACTS.bind("nobody", [])


def test_a_base_may_end_with_a_slash() -> None:
    assert is_below("https://a.example/x", "https://a.example/")
    assert is_below("https://a.example", "https://a.example/")
