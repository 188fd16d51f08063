"""MCP servers over HTTP: who may, what is refused, what a server truly answers, and which of its tools callers get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.accounts import Role
from tests.connectors.mcp_server import Shop, serving
from tests.gateway.house import CLINIC, SHOP, House
from workers.settings import Settings

pytestmark = pytest.mark.servers

BOTH = {"en": "loyalty points", "ar": "نقاط الولاء"}
CARD = {"card": {"en": "What is your card number?", "ar": "ما هو رقم بطاقتك؟"}}
POINTS: dict[str, Any] = {
    "remote": "loyalty_points",
    "about": BOTH,
    "answer": {"en": "You have {points} points.", "ar": "لديك {points} نقطة."},
    "examples": {"en": ["how many points do I have"], "ar": ["كم نقطة عندي"]},
    "asks": CARD,
    "writes": False,
    "proof": "phone",
    "timeout_ms": 5_000,
}
TABLE: dict[str, Any] = {
    **POINTS,
    "remote": "book_table",
    "answer": {"en": "Booked, number {reference}.", "ar": "تم الحجز، الرقم {reference}."},
    "asks": {"branch": BOTH, "people": BOTH},
    "writes": True,
    "proof": None,
    "reference": "number",
    "needs_advisor": True,
}


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """The tests' own machine stands for a host of the operator's."""
    return settings.model_copy(update={"private_hook_hosts": "127.0.0.1"})


@pytest.fixture
def shop(house: House) -> Iterator[Shop]:
    with serving(Shop(token="s3cr3t")) as running:
        admin = house.as_person(Role.ADMIN)
        asked = {"url": running.url, "timeout_ms": 5_000, "secret": "s3cr3t"}
        saved = admin.put("/v1/tool-servers/shop", json=asked)
        assert saved.status_code == 200, saved.text
        assert saved.json()["server"]["has_secret"] is True
        yield running
        admin.delete("/v1/tool-servers/shop")


def tools_of(house: House) -> dict[str, dict[str, Any]]:
    answer = house.as_person(Role.ADMIN).post("/v1/tool-servers/shop/test").json()
    assert answer["works"], answer
    return {tool["remote"]: tool for tool in answer["tools"]}


def offer(house: House, name: str, asked: dict[str, Any], **changed: Any) -> Any:
    approved = {"approved": tools_of(house)[asked["remote"]]["digest"]} if "approved" not in changed else {}
    body = {**asked, **approved, **changed}
    return house.as_person(Role.ADMIN).put(f"/v1/tool-servers/shop/tools/{name}", json=body)


def test_a_server_tells_what_it_has_and_a_tool_of_it_is_offered_tried_and_removed(house: House, shop: Shop) -> None:
    admin = house.as_person(Role.ADMIN)
    answer = admin.post("/v1/tool-servers/shop/test").json()
    assert (answer["works"], answer["product"]) == (True, "corner-shop 3.1")
    found = tools_of(house)["loyalty_points"]
    assert (found["only_reads"], found["unfit"], found["offered_as"]) == (True, None, [])
    # What the server describes by a reference is shown, and asked for, as what it names.
    opening = tools_of(house)["opening"]
    assert (opening["unfit"], "$ref" in str(opening["input"])) == (None, False)
    assert opening["input"]["properties"]["branch"]["enum"] == ["Marina", "مارينا"]
    saved = offer(house, "points", POINTS)
    assert saved.status_code == 200, saved.text
    assert saved.json()["tool"]["effect"] == "read"
    assert tools_of(house)["loyalty_points"]["offered_as"] == ["points"]
    tried = admin.post("/v1/tools/points/test", json={"input": {"card": "7712"}}).json()
    assert tried["works"], tried
    assert tried["said"]["en"] == "You have 120 points."
    listed = admin.get("/v1/tools")
    assert "s3cr3t" not in listed.text + admin.get("/v1/tool-servers").text
    (own,) = listed.json()["own"]
    assert (own["server"], own["remote"], own["off_because"]) == ("shop", "loyalty_points", None)
    # The other tenant sees neither, and can't reach it by name.
    clinic = house.as_person(Role.ADMIN, CLINIC)
    assert clinic.get("/v1/tool-servers").json()["servers"] == []
    assert clinic.post("/v1/tool-servers/shop/test").status_code == 404
    assert clinic.put("/v1/tool-servers/shop/tools/points", json={**POINTS, "approved": "0" * 64}).status_code == 404
    assert clinic.delete("/v1/tool-servers/shop").status_code == 404
    # With its server its tools go.
    assert admin.delete("/v1/tool-servers/shop").status_code == 204
    assert admin.get("/v1/tools").json()["own"] == []
    lines = house.run(house.deps.audit.lines(SHOP))  # type: ignore[attr-defined]
    assert {"tool_server_saved", "tool_server_tried", "tool_server_removed"} <= {line.action for line in lines}


def test_a_tool_that_changed_is_off_and_says_so_until_it_is_approved_again(house: House, shop: Shop) -> None:
    assert offer(house, "points", POINTS).status_code == 200
    seen = tools_of(house)["loyalty_points"]["digest"]
    shop.describe_otherwise()
    assert "everybody's cards" in tools_of(house)["loyalty_points"]["about"]
    admin = house.as_person(Role.ADMIN)
    (own,) = admin.get("/v1/tools").json()["own"]
    assert (own["enabled"], own["off_because"]) == (False, "changed")
    stale = offer(house, "points", POINTS, approved=seen)
    assert (stale.status_code, stale.json()["code"]) == (409, "tool_changed")
    again = offer(house, "points", POINTS)
    assert again.status_code == 200, again.text
    (own,) = admin.get("/v1/tools").json()["own"]
    assert (own["enabled"], own["off_because"]) == (True, None)


def test_one_that_writes_is_not_tried_and_is_switched_off_while_its_server_is_away(house: House, shop: Shop) -> None:
    saved = offer(house, "table", TABLE)
    assert saved.status_code == 200, saved.text
    tool = saved.json()["tool"]
    assert (tool["effect"], tool["needs_advisor"], tool["idempotent"]) == ("write", True, False)
    admin = house.as_person(Role.ADMIN)
    tried = admin.post("/v1/tools/table/test", json={"input": {"branch": "Marina", "people": 4}})
    assert (tried.status_code, tried.json()["code"]) == (409, "has_effect")
    shop.fail_with = 503
    away = admin.post("/v1/tool-servers/shop/test").json()
    assert (away["works"], away["trouble"]["code"]) == (False, "unavailable")
    off = offer(house, "table", TABLE, approved=tool["approved"], enabled=False)
    assert (off.status_code, off.json()["tool"]["enabled"]) == (200, False)
    other = offer(house, "other", TABLE, approved=tool["approved"])
    assert (other.status_code, other.json()["code"]) == (409, "server_away")
    assert shop.bookings == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"writes": True, "proof": None}, "invalid"),
        ({"reference": "points"}, "invalid"),
        ({"needs_advisor": True}, "invalid"),
        ({"proof": "points"}, "bad_schema"),
        ({"proof": "nothing"}, "bad_schema"),
        ({"asks": {}}, "bad_schema"),
        ({"answer": {"en": "{secret}", "ar": "{points}"}}, "bad_schema"),
        ({"approved": "x"}, "invalid"),
        ({"approved": "0" * 64}, "tool_changed"),
        ({"remote": "none", "approved": "0" * 64}, "tool_changed"),
        ({"examples": {"en": [], "ar": ["كم"]}}, "invalid"),
        ({"input": {"type": "object"}}, "invalid"),
    ],
)
def test_what_no_offered_tool_may_be_is_refused(house: House, shop: Shop, change: dict[str, Any], code: str) -> None:
    refused = offer(house, "points", POINTS, **change)
    assert refused.json()["code"] == code, refused.text
    assert house.as_person(Role.ADMIN).get("/v1/tools").json()["own"] == []


def test_names_are_taken_once(house: House, shop: Shop) -> None:
    assert offer(house, "create_ticket", POINTS).json()["code"] == "built_in"
    assert offer(house, "points", POINTS).status_code == 200
    admin = house.as_person(Role.ADMIN)
    web = {
        **{key: POINTS[key] for key in ("about", "answer", "examples", "asks")},
        "method": "GET",
        "url": "https://points.invalid/",
        "input": {"type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"]},
        "output": {"type": "object", "properties": {"points": {"type": "integer"}}},
    }
    assert admin.put("/v1/tools/points", json=web).json()["code"] == "name_taken"
    assert admin.put("/v1/tools/other", json=web).status_code == 200
    assert offer(house, "other", POINTS).json()["code"] == "name_taken"
    admin.delete("/v1/tools/other")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"url": "https://10.0.0.8/mcp"}, 422, "bad_address"),
        ({"url": "http://shop.example/mcp"}, 422, "bad_address"),
        ({"url": ""}, 422, "invalid"),
        ({"timeout_ms": 60_000}, 422, "invalid"),
        ({"secret": ""}, 422, "invalid"),
        ({"surprise": 1}, 422, "invalid"),
    ],
)
def test_what_no_server_may_be_is_refused(house: House, change: dict[str, Any], status: int, code: str) -> None:
    admin = house.as_person(Role.ADMIN)
    refused = admin.put("/v1/tool-servers/other", json={"url": "https://shop.example/mcp", **change})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert admin.put("/v1/tool-servers/No-Name", json={"url": "https://shop.example/mcp"}).status_code == 422
    assert admin.get("/v1/tool-servers").json()["servers"] == []


def test_a_token_stays_at_its_address(house: House) -> None:
    admin = house.as_person(Role.ADMIN)
    asked = {"url": "https://shop.invalid/mcp"}
    assert admin.put("/v1/tool-servers/other", json={**asked, "secret": "x"}).json()["server"]["has_secret"] is True
    assert admin.put("/v1/tool-servers/other", json=asked).json()["server"]["has_secret"] is True
    elsewhere = admin.put("/v1/tool-servers/other", json={"url": "https://elsewhere.invalid/mcp"})
    assert elsewhere.json()["server"]["has_secret"] is False
    tried = admin.post("/v1/tool-servers/other/test").json()
    assert (tried["works"], tried["trouble"]["code"]) == (False, "unavailable")
    admin.delete("/v1/tool-servers/other")


def test_only_an_administrator_has_to_do_with_servers(house: House) -> None:
    for role in (Role.VIEWER, Role.ADVISOR, Role.SUPERVISOR):
        person = house.as_person(role)
        assert person.get("/v1/tool-servers").status_code == 403
        assert person.put("/v1/tool-servers/shop", json={"url": "https://shop.example/"}).status_code == 403
        assert person.post("/v1/tool-servers/shop/test").status_code == 403
        assert person.put("/v1/tool-servers/shop/tools/points", json=POINTS).status_code == 403
        assert person.delete("/v1/tool-servers/shop").status_code == 403
