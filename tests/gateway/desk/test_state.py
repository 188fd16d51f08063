"""The desk of one advisor: presence, what waits, and two tabs."""

import pytest

from domain.accounts import Role
from tests.gateway.desk.conftest import Desk
from tests.gateway.house import SHOP

pytestmark = pytest.mark.servers


def test_an_empty_desk(open_desk):
    desk = open_desk()
    shown = desk.shown()
    assert shown["me"]["id"] == desk.user.user_id
    assert (shown["presence"]["state"], shown["presence"]["away"]) == ("away", "returned")
    assert (shown["offer"], shown["handoff"], shown["wrap_ups"]) == (None, None, [])
    assert shown["queues"][0]["name"].keys() == {"en", "ar"}
    assert desk.http.get("/v1/desk/history").json() == {"handoffs": []}


def test_ready_and_away_are_chosen_and_audited(open_desk, audited):
    desk = open_desk()
    assert desk.stand("ready")["state"] == "ready"
    assert desk.stand("away")["state"] == "away"
    assert audited(desk.user.user_id) == [(desk.user.user_id, "presence_chosen", "")] * 2


def test_the_tab_that_was_replaced_chooses_nothing(house, open_desk, refused):
    first = open_desk()
    first.stand("ready")
    second = Desk(house, first.user)
    try:
        house.until(lambda: {"type": "tab_replaced"} in first.heard)
        answer = first.http.put("/v1/desk/presence", json={"state": "away", "tab": first.tab})
        assert refused(answer) == (409, "tab_replaced")
        assert second.stand("ready")["state"] == "ready"
    finally:
        second.stand("away")
        second.close()


def test_without_a_socket_nobody_is_there(house, refused):
    advisor = house.as_person(Role.ADVISOR)
    answer = advisor.put("/v1/desk/presence", json={"state": "ready", "tab": "no-such-tab"})
    assert refused(answer) == (409, "tab_replaced")
    assert advisor.get("/v1/desk").json()["presence"]["state"] == "offline"


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "busy"},
        {"state": "READY"},
        {"state": None},
        {"tab": "short"},
        {"tab": "with spaces in it"},
        {"tab": 12345678},
        {"user": f"{SHOP}-admin"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused(open_desk, refused, wrong):
    desk = open_desk()
    answer = desk.http.put("/v1/desk/presence", json={"state": "ready", "tab": desk.tab, **wrong})
    assert refused(answer) == (422, "invalid")
    assert desk.shown()["presence"]["state"] == "away"


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_history_has_bounds(open_desk, refused, limit):
    assert refused(open_desk().http.get(f"/v1/desk/history?limit={limit}")) == (422, "invalid")
