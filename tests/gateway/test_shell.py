"""What surrounds every route: limits on bodies, problem answers, headers, and other origins."""

import socket

import pytest

from gateway.shell import MAX_BODY_BYTES, MAX_JSON_DEPTH, content_security_policy
from tests.gateway.house import CUSTOMER

pytestmark = pytest.mark.servers

JSON = {"Content-Type": "application/json"}


def refused(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


def test_a_body_up_to_the_limit_is_read_and_one_byte_more_is_not(house):
    padding = MAX_BODY_BYTES - len('{"site_key": ""}')
    fits, over = ('{"site_key": "' + "x" * (padding + more) + '"}' for more in (0, 1))
    client = house.client(Origin=house.url, **JSON)
    assert refused(client.post("/v1/call-tokens", content=fits)) == (422, "invalid")
    assert refused(client.post("/v1/call-tokens", content=over)) == (413, "too_large")


def test_a_body_without_a_length_is_cut_off_at_the_limit(house):
    def endless():
        for _ in range(100):
            yield b"[" + b" " * 4096

    assert refused(house.client(**JSON).post("/v1/call-tokens", content=endless())) == (413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_no_json_by_its_own_words(house, content_type):
    answer = house.client().post(
        "/v1/auth/login", content=b'{"tenant": "shop"}', headers={"Content-Type": content_type}
    )
    assert refused(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b"nonsense", b'{"a": NaN}', b'"', b"\0", b'{"a":1}{"b":2}', b"1e999999"]
)
def test_a_body_that_is_no_json(house, content):
    answer = house.client().post("/v1/auth/login", content=content, headers=JSON)
    assert answer.status_code in (400, 422)
    assert refused(answer)[1] in ("bad_request", "invalid")


@pytest.mark.parametrize("content", [b"[" * 60_000, b'{"a":' * 12_000, b"[" * 13 + b"]" * 13, b'["\\"]",' + b"[" * 13])
def test_json_that_goes_too_deep(house, content):
    assert refused(house.client().post("/v1/auth/login", content=content, headers=JSON)) == (400, "too_deep")


def test_brackets_inside_of_strings_are_no_depth(house):
    body = {"tenant": "[" * 60, "email": '"{"' * 40, "password": "\\" * 9 + "{" * 900}
    assert refused(house.client().post("/v1/auth/login", json=body)) == (401, "wrong_credentials")
    assert MAX_JSON_DEPTH < 60


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/nothing", (404, "not_found")),
        ("POST", "/v1/nothing", (404, "not_found")),
        ("GET", "/v1", (404, "not_found")),
        ("POST", "/anything", (404, "not_found")),
        ("PUT", "/v1/calls", (405, "method_not_allowed")),
        ("PATCH", "/v1/auth/login", (405, "method_not_allowed")),
        ("OPTIONS", "/v1/auth/login", (405, "method_not_allowed")),
        ("GET", "/docs.json", (404, "not_found")),
    ],
)
def test_addresses_and_methods_that_are_not_there(house, method, path, expected):
    assert refused(house.client().request(method, path)) == expected


def test_every_answer_carries_the_security_headers(house):
    for path in ("/", "/healthz", "/v1/me", "/v1/nothing", "/assets/none.js"):
        headers = house.client().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "microphone=(self)" in headers["permissions-policy"]
        assert "script-src 'self' blob:" in headers["content-security-policy"]
        assert "server" not in headers or "uvicorn" in headers["server"]
    assert house.client().get("/healthz").headers["cache-control"] == "no-store"


def test_the_policy_allows_what_the_pages_do_and_no_more():
    policy = content_security_policy(frozenset({"https://voice.example"}))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["connect-src"] == "'self' wss://voice.example"
    assert rules["worker-src"] == "'self' blob:"
    assert rules["default-src"] == "'self'"
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in rules["script-src"]
    assert "*" not in policy


def preflight(house, path, origin, method="POST"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return house.client(**headers).options(path)


@pytest.mark.parametrize(
    "path", ["/v1/call-tokens", "/v1/calls", "/v1/calls/x", "/v1/calls/x/reconnect", "/v1/calls/x/rating"]
)
def test_a_customers_page_may_ask_before_it_calls(house, path):
    answer = preflight(house, path, CUSTOMER)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == CUSTOMER
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/v1/auth/login", CUSTOMER),
        ("/v1/auth/refresh", CUSTOMER),
        ("/v1/me", CUSTOMER),
        ("/v1/calls/x/y", CUSTOMER),
        ("/v1/codec/decode", CUSTOMER),
        ("/", CUSTOMER),
        ("/v1/calls", "null"),
        ("/v1/calls", "javascript:alert(1)"),
    ],
)
def test_no_other_page_may(house, path, origin):
    answer = preflight(house, path, origin)
    assert refused(answer) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


def test_the_temporal_ui_may_ask_the_codec(house):
    origin = f"http://127.0.0.1:{house.settings.temporal_ui_port}"
    answer = preflight(house, "/v1/codec/decode", origin)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "x-namespace" in answer.headers["access-control-allow-headers"]


def test_an_unforeseen_failure_tells_nothing_of_the_inside(house, monkeypatch, capsys):
    async def broken(*_: object) -> None:
        raise RuntimeError("postgresql://user:secret@inside")

    monkeypatch.setattr(house.deps.accounts, "site_key", broken)
    answer = house.client(Origin=house.url).post("/v1/call-tokens", json={"site_key": "site-shop-0001"})
    assert refused(answer) == (500, "internal")
    assert "secret" not in answer.text
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "secret" not in logged


def test_a_client_that_leaves_in_the_middle_of_a_body_harms_nobody(house):
    with socket.create_connection(("127.0.0.1", house.settings.gateway_port), timeout=10) as client:
        client.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client.sendall(b"Content-Length: 1000\r\n\r\n{")
    assert house.client().get("/healthz").json() == {"status": "ok"}
