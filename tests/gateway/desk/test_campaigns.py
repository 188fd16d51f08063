"""Campaigns by HTTP, over the real procedure; no trunk is there to dial by."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import replace
from typing import Any

import httpx
import pytest

from domain.accounts import Role
from domain.tenant import CallingHours
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

ADDRESS = "/v1/campaigns"
LIST = "number,name,item\n050 123 4567,Sara,oven\nnobody,Omar,hob\n+971501111111,Noor,\n+971502222222,=1+1,fridge\n"
PLAN: dict[str, Any] = {
    "name": "Deliveries",
    "purpose": "service",
    "opening": {"en": "Your {item} comes tomorrow.", "ar": "يصل {item} غداً."},
    "about": "Deliveries of tomorrow.",
    "days": [0, 1, 2, 3, 4, 5, 6],
    "earliest": "00:00",
    "latest": "24:00",
    "at_once": 1,
    "contacts": LIST,
}


@pytest.fixture
def supervisor(house) -> httpx.Client:
    """At a time at which people are called."""
    profile = house.run(house.deps.tenants.profile(SHOP))
    always = CallingHours(earliest="00:00", latest="24:00")
    house.run(house.deps.tenants.save(replace(profile, calling_hours=always)))
    return house.as_person(Role.SUPERVISOR)


def test_a_campaign_is_looked_through_run_paused_stopped_reported_and_removed(house, supervisor, refused, audited):
    made = supervisor.post(ADDRESS, json=PLAN)
    assert made.status_code == 201
    campaign = made.json()
    address = f"{ADDRESS}/{campaign['id']}"
    assert made.headers["location"] == address
    assert (campaign["state"], campaign["people"], campaign["refused_count"]) == ("ready", 2, 2)
    assert campaign["preview"][0] == {
        "number": "+971501234567",
        "language": "en",
        "fields": {"name": "Sara", "item": "oven"},
    }
    assert campaign["refused"] == [
        {"line": 3, "code": "bad_number", "column": "number"},
        {"line": 4, "code": "empty_field", "column": "item"},
    ]
    assert campaign["id"] in [one["id"] for one in supervisor.get(ADDRESS).json()["campaigns"]]
    assert refused(supervisor.post(f"{address}/pause")) == (409, "campaign_not_started")

    theirs = house.as_person(Role.SUPERVISOR, CLINIC)
    assert campaign["id"] not in [one["id"] for one in theirs.get(ADDRESS).json()["campaigns"]]
    for asked in (theirs.get(address), theirs.post(f"{address}/start"), theirs.delete(address)):
        assert refused(asked) == (404, "not_found")
    assert refused(theirs.get(f"{address}/report")) == (404, "not_found")

    def becomes(state: str) -> dict[str, Any]:
        return house.until(lambda: (now := supervisor.get(address).json())["state"] == state and now)

    assert supervisor.post(f"{address}/start").status_code == 202
    assert supervisor.post(f"{address}/start").status_code == 202
    becomes("running")
    assert refused(supervisor.delete(address)) == (409, "campaign_runs")
    assert supervisor.post(f"{address}/pause").status_code == 202
    becomes("paused")
    assert supervisor.post(f"{address}/resume").status_code == 202
    becomes("running")
    assert supervisor.post(f"{address}/stop").status_code == 202
    stopped = becomes("stopped")
    assert stopped["ended_at"] is not None
    assert refused(supervisor.post(f"{address}/start")) == (409, "campaign_over")

    report = supervisor.get(f"{address}/report")
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(report.content.decode("utf-8-sig"))))
    assert [(row["number"], row["name"]) for row in rows] == [("+971501234567", "Sara"), ("+971502222222", "'=1+1")]
    assert supervisor.delete(address).status_code == 204
    assert refused(supervisor.get(address)) == (404, "not_found")
    me = f"{SHOP}-{Role.SUPERVISOR.value}"
    noted = audited(campaign["id"])
    for act, code in [
        ("created", ""),
        ("pause_asked_refused", "campaign_not_started"),
        ("start_asked", ""),
        ("stop_asked", ""),
        ("report_read", ""),
        ("removed", ""),
    ]:
        assert (me, f"campaign_{act}", code) in noted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"contacts": ""}, "bad_list"),
        ({"contacts": "name\nSara\n"}, "bad_list"),
        ({"contacts": 'number,item\n"+97150'}, "bad_list"),
        ({"contacts": 7}, "invalid"),
        ({"contacts": None}, "invalid"),
        ({"opening": {"en": "Hello {age}", "ar": "مرحبا"}}, "unknown_column"),
        ({"opening": {"en": "Hello"}}, "invalid"),
        ({"purpose": "fun"}, "invalid"),
        ({"days": []}, "bad_days"),
        ({"days": ["0"]}, "invalid"),
        ({"a_minute": 0}, "bad_pace"),
        ({"at_once": 10**9}, "bad_pace"),
        ({"earliest": "24:00"}, "bad_hours"),
        ({"earliest": "nine"}, "bad_hours"),
        ({"name": ""}, "bad_name"),
        ({"when": "now"}, "invalid"),
    ],
)
def test_what_is_no_campaign_is_refused(supervisor, refused, change, code):
    assert refused(supervisor.post(ADDRESS, json=PLAN | change)) == (422, code)


def test_only_supervisors_have_campaigns(house, refused):
    advisor = house.as_person(Role.ADVISOR)
    somewhere = f"{ADDRESS}/{uuid.uuid4()}"
    assert refused(advisor.get(ADDRESS)) == (403, "forbidden")
    assert refused(advisor.post(ADDRESS, json=PLAN)) == (403, "forbidden")
    assert refused(advisor.post(f"{somewhere}/start")) == (403, "forbidden")
    assert refused(advisor.get(f"{somewhere}/report")) == (403, "forbidden")
    assert refused(advisor.delete(somewhere)) == (403, "forbidden")


def test_what_was_never_made_is_not_there(supervisor, refused):
    somewhere = f"{ADDRESS}/{uuid.uuid4()}"
    assert refused(supervisor.get(somewhere)) == (404, "not_found")
    assert refused(supervisor.post(f"{somewhere}/start")) == (404, "not_found")
    assert refused(supervisor.post(f"{somewhere}/dance")) == (422, "invalid")
    assert refused(supervisor.get(f"{ADDRESS}/7")) == (422, "invalid")
