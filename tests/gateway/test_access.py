"""Every route says who may use it, and means it."""

import re

import pytest
from fastapi import APIRouter, FastAPI, WebSocket

from domain.accounts import Role
from gateway.access import SOCKET, LoopbackOnly, OwnPages, Public, SignedIn, WithCallToken, require_rules, rules
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /v1/sites",
    "POST /v1/call-tokens",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
    "POST /v1/hooks/desk/{slug}",
    "GET /v1/connections/callback",
    "POST /v1/hooks/twilio/{slug}/{connection_id}",
    "POST /v1/hooks/whatsapp/{slug}/{connection_id}",
    "GET /v1/hooks/whatsapp/{slug}/{connection_id}",
    "GET,HEAD /{path:path}",
}
"""Added to by hand, after somebody has thought about it."""
SOME_CALL = "8c2f1d3e-6f0b-4c36-9f0e-1f2a3b4c5d6e"


def test_every_route_has_a_rule_and_the_public_ones_are_known(house):
    declared = dict(rules(house.app))
    assert len(declared) > 15
    assert all(rule is not None for rule in declared.values())
    public = {name: rule for name, rule in declared.items() if isinstance(rule, Public)}
    assert set(public) == PUBLIC
    assert all(len(rule.reason) > 10 for rule in public.values())
    assert isinstance(declared["GET /metrics"], LoopbackOnly)
    assert isinstance(declared["POST /v1/auth/refresh"], OwnPages)


def test_a_route_without_a_rule_stops_the_start():
    app = FastAPI(openapi_url=None)
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: {})
    app.include_router(router)
    with pytest.raises(RuntimeError, match="GET /forgotten"):
        require_rules(app)


def test_a_socket_without_a_rule_stops_the_start_too():
    app = FastAPI(openapi_url=None)

    @app.websocket("/forgotten")
    async def forgotten(socket: WebSocket) -> None:
        await socket.accept()

    with pytest.raises(RuntimeError, match="WS /forgotten"):
        require_rules(app)


def guarded(house):
    for name, rule in rules(house.app):
        method, path = name.split(" ")
        # What a socket says to strangers is in tests/gateway/live.
        if not isinstance(rule, Public) and method != SOCKET:
            yield method, re.sub(r"\{.*?\}", SOME_CALL, path), rule


def test_without_a_token_nothing_opens(house):
    for method, path, _ in guarded(house):
        answer = house.client().request(method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer " + "A" * 4000, "bearer é"])
def test_nonsense_for_a_token_opens_nothing(house, header):
    for method, path, _ in guarded(house):
        answer = house.client().request(method, path, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401, (method, path)


def test_a_call_token_opens_no_page_and_an_access_token_no_line(house):
    call_token, person = house.call_token(), house.as_person(Role.ADMIN)
    for method, path, rule in guarded(house):
        client = person if isinstance(rule, WithCallToken) else house.client(Authorization=f"Bearer {call_token}")
        assert client.request(method, path).status_code == 401, (method, path)


def test_a_lower_role_is_refused_where_a_higher_is_needed(house):
    answer = house.as_person(Role.SUPERVISOR).post("/v1/codec/decode", json={"payloads": []})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "admin" in answer.json()["detail"]
    assert house.as_person(Role.VIEWER).get("/v1/calls").status_code == 200


def test_roles_include_those_below():
    assert SignedIn(Role.VIEWER).role is Role.VIEWER
    assert [role for role in Role if role.covers(Role.ADVISOR)] == [Role.ADMIN, Role.SUPERVISOR, Role.ADVISOR]


def test_each_tenant_sees_its_own(house):
    assert house.as_person(Role.VIEWER, SHOP).get("/v1/me").json()["tenant"] == SHOP
    assert house.as_person(Role.VIEWER, CLINIC).get("/v1/me").json()["tenant"] == CLINIC
