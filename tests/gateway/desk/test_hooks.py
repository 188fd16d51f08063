"""A foreign desk at the door: its messages are done once; what is forged, stale or repeated is refused on record."""

import json
import time
import uuid

import pytest

from domain.accounts import Role
from domain.desk.hooks import signature
from gateway.desk.hooks import BY_FOREIGN_DESK
from gateway.throttle import ACCOUNT_FAILURES, LoginThrottle
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers

HOOK = "/v1/team/desk-hook"
DELIVERIES = 3
"""On a busy machine a gateway says that it could not take a message in time."""


@pytest.fixture
def secret(house):
    """Of the shop's foreign desk."""
    admin = house.as_person(Role.ADMIN)
    answer = admin.put(HOOK, json={"url": "https://desk.example/hook"})
    assert answer.status_code == 200, answer.text
    yield answer.json()["secret"]
    admin.delete(HOOK)


@pytest.fixture(autouse=True)
def forgiving(house, monkeypatch):
    """No test pays for the wrong signatures of another."""
    fresh = LoginThrottle(time.monotonic)
    monkeypatch.setattr(house.deps.hook_throttle, "_windows", fresh._windows)


@pytest.fixture
def say(house, secret):
    """Sends a signed message, as a service does until it is taken; what is given instead is sent instead."""

    def say(message, *, slug="shop", message_id=None, at=None, sign_with=None, **headers):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        message_id = message_id or f"msg_{uuid.uuid4().hex}"
        timestamp = int(time.time() if at is None else at)
        sent = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(sign_with or secret, message_id, timestamp, body),
            **headers,
        }
        for _ in range(DELIVERIES):
            answer = house.client().post(f"/v1/hooks/desk/{slug}", content=body, headers=sent)
            if answer.status_code != 503:
                break
        return answer

    return say


def refusals(house, tenant_id=SHOP):
    lines = house.run(house.deps.audit.lines(tenant_id))
    return [line.detail["reason"] for line in lines if line.action == "desk_message_refused"]


def test_the_address_and_the_secret_are_the_administrators(house, refused):
    admin = house.as_person(Role.ADMIN)
    assert admin.get(HOOK).json() == {"hook": None}
    first = admin.put(HOOK, json={"url": "https://desk.example/a"}).json()
    second = admin.put(HOOK, json={"url": "https://desk.example/b"}).json()
    assert first["secret"] != second["secret"]
    assert admin.get(HOOK).json() == {"hook": {"url": "https://desk.example/b"}}
    assert refused(house.as_person(Role.SUPERVISOR).get(HOOK)) == (403, "forbidden")
    assert house.as_person(Role.ADMIN, CLINIC).get(HOOK).json() == {"hook": None}
    assert admin.delete(HOOK).status_code == 204
    assert refused(admin.delete(HOOK)) == (404, "not_found")
    actions = [line.action for line in house.run(house.deps.audit.lines(SHOP))]
    assert {"desk_hook_saved", "desk_hook_removed"} <= set(actions)


@pytest.mark.parametrize(
    "url", ["http://desk.example/", "https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]/", "no address"]
)
def test_an_address_inside_is_refused(house, refused, url):
    assert refused(house.as_person(Role.ADMIN).put(HOOK, json={"url": url})) == (422, "bad_address")


def test_a_call_is_taken_and_ended_from_the_foreign_desk(house, say, open_desk, call_in, audited):
    desk, caller = open_desk(), call_in()
    desk.stand()
    asked = say({"event": "handoff", "call_id": caller.call_id})
    assert asked.status_code == 204, asked.text
    offer = desk.rings()
    handoff_id = offer["handoff_id"]
    assert (offer["reason"], offer["by"]) == (BY_FOREIGN_DESK, BY_FOREIGN_DESK)
    assert say({"event": "message", "handoff_id": handoff_id, "text": "We are on it."}).status_code == 204
    assert house.host.guidance[-1] == "We are on it."
    about = {"handoff_id": handoff_id, "advisor": desk.user.email}
    assert say({"event": "accepted", **about}).status_code == 204
    desk.done(handoff_id, "join", offer=OFFERED)
    assert say({"event": "ended", **about}).status_code == 204
    house.until_ended(caller.call_id)
    acts = [action for actor, action, _ in audited(handoff_id) if actor == BY_FOREIGN_DESK]
    assert acts == ["foreign_message", "foreign_accepted", "foreign_ended"]


def test_what_it_may_not_is_refused_and_on_record(say, open_desk, call_in, refused, audited):
    first, second, caller = open_desk(), open_desk(), call_in()
    first.stand()
    caller.wants_a_person()
    handoff_id = first.rings()["handoff_id"]
    about = {"event": "accepted", "handoff_id": handoff_id}
    assert refused(say({**about, "advisor": second.user.email})) == (409, "offer_gone")
    assert refused(say({**about, "advisor": "nobody@shop.example"})) == (404, "not_found")
    assert refused(say({**about, "advisor": "viewer@shop.example"})) == (404, "not_found")
    assert refused(say({**about, "handoff_id": f"{uuid.uuid4()}-1", "advisor": first.user.email})) == (404, "not_found")
    codes = [code for _, action, code in audited(handoff_id) if action == "foreign_accepted_refused"]
    assert codes == ["offer_gone", "not_found", "not_found"]
    assert say({**about, "event": "declined", "advisor": first.user.email}).status_code == 204


def test_another_companys_call_is_not_there(say, call_in, refused):
    theirs = call_in(CLINIC)
    assert refused(say({"event": "handoff", "call_id": theirs.call_id})) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sign_with": "whsec_AAAA"}, "forged"),
        ({"webhook-signature": ""}, "forged"),
        ({"webhook-signature": "v1,AAAA"}, "forged"),
        ({"webhook-timestamp": "soon"}, "forged"),
        ({"webhook-timestamp": "9" * 30}, "forged"),
        ({"webhook-id": "other"}, "forged"),
        ({"at": time.time() - 3600}, "stale"),
        ({"at": time.time() + 3600}, "stale"),
    ],
    ids=str,
)
def test_a_forged_or_stale_message_is_refused_on_record(house, say, call_in, refused, change, reason):
    caller, before = call_in(), len(refusals(house))
    answer = say({"event": "handoff", "call_id": caller.call_id}, **change)
    assert refused(answer) == (401, "bad_signature")
    assert refusals(house)[before:] == [reason]
    assert house.run(house.deps.desk.handoffs_of(SHOP, caller.call_id)) == []


def test_a_message_of_another_companys_secret_is_forged(say, refused):
    assert refused(say({"event": "handoff", "call_id": str(uuid.uuid4())}, slug="clinic")) == (401, "bad_signature")
    assert refused(say({"event": "handoff", "call_id": str(uuid.uuid4())}, slug="nowhere")) == (401, "bad_signature")
    assert refused(say({"event": "handoff", "call_id": str(uuid.uuid4())}, slug="%00")) == (401, "bad_signature")


def test_a_message_is_done_once(house, say, call_in, refused):
    caller = call_in()
    wanted = {"event": "handoff", "call_id": caller.call_id}
    assert say(wanted, message_id="msg_once").status_code == 204
    assert refused(say(wanted, message_id="msg_once")) == (409, "replayed")
    assert refusals(house)[-1] == "replayed"
    assert len(house.run(house.deps.desk.handoffs_of(SHOP, caller.call_id))) <= 1


def test_a_flood_of_forgeries_does_not_fill_the_audit(house, say, refused):
    before = len(refusals(house))
    codes = [refused(say({}, sign_with="whsec_AAAA"))[0] for _ in range(ACCOUNT_FAILURES + 3)]
    assert codes == [401] * ACCOUNT_FAILURES + [429] * 3
    assert len(refusals(house)) == before + ACCOUNT_FAILURES


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        {},
        {"event": "sing"},
        {"event": "handoff", "call_id": "not an id"},
        {"event": "handoff", "call_id": str(uuid.uuid4()), "by": "admin"},
        {"event": "message", "handoff_id": "x-1", "text": " "},
        {"event": "message", "handoff_id": "x-1", "text": "a" * 1001},
        {"event": "accepted", "handoff_id": "x-1"},
        {"event": "accepted", "handoff_id": "a" * 201, "advisor": "a@b.c"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_with_a_good_signature_is_refused(say, refused, message):
    assert refused(say(message)) == (422, "invalid")
