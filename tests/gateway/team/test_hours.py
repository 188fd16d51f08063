"""When the tenant is open, as an administrator says it."""

import json

import pytest

from domain.accounts import Role
from domain.tenant import Stretch
from tests.gateway.house import CLINIC, SHOP, a_tenant

pytestmark = pytest.mark.servers

HOURS = "/v1/team/hours"
PLAN = {
    "time_zone": "Asia/Riyadh",
    "calendar": {"weekend": ["friday", "saturday"], "announced": [{"month": "1448-09", "starts": "2027-02-08"}]},
    "hours": [
        {"days": ["sunday", "monday"], "opens": "09:00", "closes": "13:00"},
        {"days": ["monday"], "opens": "16:00", "closes": "01:00"},
    ],
    "holidays": [
        {"name": {"en": "National Day", "ar": "اليوم الوطني"}, "date": "09-23", "days": 1, "hours": []},
        {
            "name": {"en": "Eid al-Fitr", "ar": "عيد الفطر"},
            "hijri": "10-01",
            "days": 3,
            "hours": [{"opens": "16:00", "closes": "20:00"}],
        },
    ],
    "ramadan": {"hours": [{"days": ["sunday"], "opens": "20:00", "closes": "02:00"}]},
    "calling": {"earliest": "10:00", "latest": "19:30"},
}


@pytest.fixture
def admin(house):
    yield house.as_person(Role.ADMIN)
    house.run(house.deps.tenants.save(a_tenant(SHOP, "shop", "Shop"), undo_changes=True))


def test_the_whole_plan_is_kept(house, admin):
    answer = admin.put(HOURS, json=PLAN)
    assert answer.status_code == 200
    assert answer.json()["hours"] == PLAN
    assert admin.get(HOURS).json()["hours"] == PLAN
    profile = house.run(house.deps.tenants.profile(SHOP))
    assert profile.time_zone == "Asia/Riyadh"
    assert profile.holidays[1].hours == (Stretch(opens="16:00", closes="20:00"),)
    lines = house.run(house.deps.audit.lines(SHOP))
    assert "hours_changed" in [line.action for line in lines]


def test_what_is_left_out_is_as_in_a_file(admin):
    shown = admin.put(HOURS, json={"time_zone": "Asia/Dubai"}).json()
    assert shown["hours"]["calendar"]["weekend"] == ["saturday", "sunday"]
    assert shown["hours"]["hours"] == []
    assert shown["open_now"] is False


def test_today_is_told_in_both_calendars(house):
    shown = house.as_person(Role.VIEWER, CLINIC).get(HOURS).json()
    assert shown["today"]["en"].endswith("AH)")
    assert "هـ" in shown["today"]["ar"]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": 7}, "time_zone"),
        ({"hours": {}}, "hours"),
        ({"hours": [{"days": ["monday"], "opens": "25:00", "closes": "26:00"}]}, "hours[1].opens"),
        ({"hours": [{"days": ["monday"], "opens": "09:00", "closes": "09:00"}]}, "hours[1]"),
        ({"hours": [{"days": ["caturday"], "opens": "09:00", "closes": "10:00"}]}, "hours[1].days"),
        ({"holidays": [{"name": {"en": "x"}, "date": "09-23"}]}, "holidays[1].name"),
        ({"holidays": [{"name": {"en": "x", "ar": "y"}, "date": "02-30"}]}, "holidays[1].date"),
        ({"calendar": {"announced": [{"month": "1448-09", "starts": "soon"}]}}, "calendar.announced[1].starts"),
        ({"calendar": {"announced": [{"month": "1448-09", "starts": "2027-05-01"}]}}, "calendar.announced[1]"),
        ({"calling": {"earliest": "20:00", "latest": "08:00"}}, "calling"),
        ({"greeting": {"en": "x", "ar": "y"}}, "greeting"),
        ({"holidays": [{"name": {"en": "a\x00b", "ar": "y"}, "date": "09-23"}]}, "control characters"),
        ({"holidays": [{"name": {"en": "\ud800", "ar": "y"}, "date": "09-23"}]}, "surrogate"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_is_one_sentence_that_says_where(admin, wrong, place):
    before = admin.get(HOURS).json()
    body = json.dumps({"time_zone": "Asia/Dubai", **wrong})
    answer = admin.put(HOURS, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert place in answer.json()["detail"]
    assert admin.get(HOURS).json() == before


def test_only_administrators_change_them(house):
    answer = house.as_person(Role.SUPERVISOR).put(HOURS, json=PLAN)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
