"""Asking for calls out by HTTP, over the real procedure; no trunk is there to dial by."""

from __future__ import annotations

import uuid
from dataclasses import replace

import httpx
import pytest

from domain.accounts import Role
from domain.outbound.opening import reaching_out
from domain.tenant import CallingHours
from storage.outbound import PostgresDialBook
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

ADDRESS = "/v1/calls/outbound"
NUMBER = "+971501234567"


@pytest.fixture
def supervisor(house) -> httpx.Client:
    """At a time at which people are called."""
    profile = house.run(house.deps.tenants.profile(SHOP))
    always = CallingHours(earliest="00:00", latest="24:00")
    house.run(house.deps.tenants.save(replace(profile, calling_hours=always)))
    return house.as_person(Role.SUPERVISOR)


def ask(client: httpx.Client, key: str | None, **body: object) -> httpx.Response:
    return client.post(ADDRESS, json=body, headers={} if key is None else {"Idempotency-Key": key})


def test_a_call_out_is_asked_for_once_looked_at_and_called_off(house, supervisor, refused, audited):
    asked = ask(supervisor, "k-1", number="050 123 4567", tries=2)
    assert asked.status_code == 202
    request = asked.json()["call_id"]
    assert asked.headers["location"] == f"{ADDRESS}/{request}"
    assert ask(supervisor, "k-1", number=NUMBER).json() == {"call_id": request}
    said = house.run(PostgresDialBook(house.database, house.deps.keys).opening(SHOP, request))
    assert said == reaching_out(house.run(house.deps.tenants.profile(SHOP)))
    assert refused(ask(supervisor, "k-1", number="+971501111111")) == (409, "key_taken")
    once = ask(supervisor, "k-2", number=NUMBER).json()["call_id"]

    def ended(call_id: str):
        """Where no trunk was there to dial by."""
        standing = supervisor.get(f"{ADDRESS}/{call_id}").json()
        return standing if standing["result"] else None

    waits = house.until(lambda: ended(request))
    assert (waits["call_id"], waits["tries"], waits["result"]) == (request, 1, "no_line")
    assert waits["next_at"] > house.deps.wall_clock()
    assert supervisor.delete(f"{ADDRESS}/{request}").status_code == 204
    house.until(lambda: ended(request)["result"] == "stopped")
    assert refused(supervisor.delete(f"{ADDRESS}/{request}")) == (409, "call_ended")
    assert house.until(lambda: ended(once)) == {"call_id": once, "tries": 1, "result": "no_line", "next_at": None}

    theirs = house.as_person(Role.SUPERVISOR, CLINIC)
    assert refused(theirs.get(f"{ADDRESS}/{request}")) == (404, "not_found")
    assert refused(theirs.delete(f"{ADDRESS}/{request}")) == (404, "not_found")
    me = f"{SHOP}-{Role.SUPERVISOR.value}"
    noted = audited(request)
    for act, code in [
        ("asked", ""),
        ("asked_refused", "key_taken"),
        ("stopped", ""),
        ("stopped_refused", "call_ended"),
    ]:
        assert (me, f"call_out_{act}", code) in noted


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        (None, {"number": NUMBER}, "invalid"),
        ("", {"number": NUMBER}, "invalid"),
        ("with space", {"number": NUMBER}, "invalid"),
        ("k" * 101, {"number": NUMBER}, "invalid"),
        ("k", {"number": "nobody"}, "bad_number"),
        ("k", {"number": ""}, "invalid"),
        ("k", {"number": 971501234567}, "invalid"),
        ("k", {"number": NUMBER, "tries": 0}, "invalid"),
        ("k", {"number": NUMBER, "tries": 11}, "invalid"),
        ("k", {"number": NUMBER, "when": "now"}, "invalid"),
        ("k", {}, "invalid"),
    ],
)
def test_what_is_no_request_is_refused(supervisor, refused, key, body, code):
    assert refused(ask(supervisor, key, **body)) == (422, code)


def test_only_supervisors_have_people_called(house, refused):
    advisor = house.as_person(Role.ADVISOR)
    assert refused(ask(advisor, "k", number=NUMBER)) == (403, "forbidden")
    assert refused(advisor.get(f"{ADDRESS}/{uuid.uuid4()}")) == (403, "forbidden")


def test_what_was_never_asked_for_is_not_there(supervisor, refused):
    assert refused(supervisor.get(f"{ADDRESS}/{uuid.uuid4()}")) == (404, "not_found")
    assert refused(supervisor.delete(f"{ADDRESS}/{uuid.uuid4()}")) == (404, "not_found")
