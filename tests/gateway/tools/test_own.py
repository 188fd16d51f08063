"""Tools over HTTP: who may, what is refused, and a true answer to a try."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts import Role
from tests.gateway.house import CLINIC, SHOP, House

pytestmark = pytest.mark.servers

POINTS: dict[str, Any] = {
    "about": {"en": "loyalty points", "ar": "نقاط الولاء"},
    "method": "GET",
    "url": "https://points.invalid/points",
    "input": {"type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"]},
    "output": {"type": "object", "properties": {"points": {"type": "integer"}, "phone": {"type": "string"}}},
    "answer": {"en": "You have {points} points.", "ar": "لديك {points} نقطة."},
    "examples": {"en": ["how many points do I have"], "ar": ["كم نقطة عندي"]},
    "asks": {"card": {"en": "What is your card number?", "ar": "ما هو رقم بطاقتك؟"}},
    "assurance": "second_fact",
    "proof": "phone",
}


def test_a_tool_is_saved_shown_without_its_secret_and_removed(house: House) -> None:
    admin = house.as_person(Role.ADMIN)
    saved = admin.put("/v1/tools/points", json={**POINTS, "secret": "s3cr3t"})
    assert saved.status_code == 200, saved.text
    assert saved.json()["tool"]["has_secret"] is True
    listed = admin.get("/v1/tools")
    assert "s3cr3t" not in listed.text
    assert {"get_order_status", "create_ticket"} <= {tool["name"] for tool in listed.json()["built_in"]}
    assert [tool["name"] for tool in listed.json()["own"]] == ["points"]
    assert house.as_person(Role.ADMIN, CLINIC).get("/v1/tools").json()["own"] == []
    assert house.as_person(Role.ADMIN, CLINIC).delete("/v1/tools/points").status_code == 404

    # The token stays at its address, and doesn't go to another one.
    assert admin.put("/v1/tools/points", json=POINTS).json()["tool"]["has_secret"] is True
    elsewhere = {**POINTS, "url": "https://elsewhere.invalid/"}
    assert admin.put("/v1/tools/points", json=elsewhere).json()["tool"]["has_secret"] is False

    assert admin.delete("/v1/tools/points").status_code == 204
    assert admin.delete("/v1/tools/points").status_code == 404
    lines = house.run(house.deps.audit.lines(SHOP))  # type: ignore[attr-defined]
    assert [line.action for line in lines if line.subject == "points"][-2:] == ["tool_saved", "tool_removed"]


def test_a_try_says_truly_what_came_of_it(house: House) -> None:
    admin = house.as_person(Role.ADMIN)
    assert admin.put("/v1/tools/points", json=POINTS).status_code == 200
    tried = admin.post("/v1/tools/points/test", json={"input": {"card": 5}}).json()
    assert (tried["works"], tried["trouble"]["code"]) == (False, "rejected")
    tried = admin.post("/v1/tools/points/test", json={"input": {"card": "5"}}).json()
    assert (tried["works"], tried["trouble"]["code"]) == (False, "unavailable")
    assert admin.post("/v1/tools/none/test", json={}).status_code == 404
    admin.delete("/v1/tools/points")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "https://10.0.0.8/"}, "bad_address"),
        ({"url": "http://points.example/"}, "bad_address"),
        ({"input": {"type": "array"}}, "bad_schema"),
        ({"input": {**POINTS["input"], "properties": {"card": {"$ref": "https://elsewhere.invalid/c"}}}}, "bad_schema"),
        ({"answer": {"en": "{nothing}", "ar": "{points}"}}, "bad_schema"),
        ({"answer": {"en": "{phone}", "ar": "{points}"}}, "bad_schema"),
        ({"proof": None}, "invalid"),
        ({"asks": {}}, "bad_schema"),
        ({"asks": {"card": {"en": "Card?"}}}, "invalid"),
        ({"examples": {"en": [], "ar": ["كم نقطة عندي"]}}, "invalid"),
        ({"input": {"type": "object", "properties": {}, "required": ["card"]}}, "bad_schema"),
        ({"proof": "other"}, "bad_schema"),
        ({"method": "DELETE"}, "invalid"),
        ({"timeout_ms": 60_000}, "invalid"),
        ({"surprise": 1}, "invalid"),
    ],
)
def test_what_no_tool_may_be_is_refused(house: House, change: dict[str, Any], code: str) -> None:
    refused = house.as_person(Role.ADMIN).put("/v1/tools/points", json={**POINTS, **change})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_names_are_names_and_built_in_ones_are_taken(house: House) -> None:
    admin = house.as_person(Role.ADMIN)
    assert admin.put("/v1/tools/create_ticket", json=POINTS).json()["code"] == "built_in"
    assert admin.put("/v1/tools/No-Name", json=POINTS).status_code == 422


def test_only_an_administrator_sees_and_changes_tools(house: House) -> None:
    for role in (Role.VIEWER, Role.ADVISOR, Role.SUPERVISOR):
        person = house.as_person(role)
        assert person.get("/v1/tools").status_code == 403
        assert person.put("/v1/tools/points", json=POINTS).status_code == 403
        assert person.post("/v1/tools/points/test", json={}).status_code == 403
