"""A handoff through the real procedures: it rings, is taken, joined, given back, passed on, ended and wrapped up."""

import uuid

import pytest

from domain.accounts import Role
from domain.line import PhaseKind
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC, SHOP
from tests.gateway.media import UNANSWERABLE

pytestmark = pytest.mark.servers


@pytest.fixture
def ringing(house, open_desk, call_in):
    """An advisor at whom a caller's handoff rings."""
    desk, caller = open_desk(), call_in()
    desk.stand()
    answer = caller.wants_a_person()
    assert answer.status_code == 202, answer.text
    offer = desk.rings()
    assert offer["handoff_id"] == answer.json()["handoff_id"]
    return desk, caller, offer["handoff_id"]


@pytest.fixture
def bridged(house, ringing):
    desk, caller, handoff_id = ringing
    desk.done(handoff_id, "accept")
    desk.done(handoff_id, "join", offer=OFFERED)
    return desk, caller, handoff_id


def test_a_call_rings_is_taken_joined_given_back_and_wrapped_up(house, bridged, audited):
    desk, caller, handoff_id = bridged
    assert any(each["type"] == "ring" and each["handoff_id"] == handoff_id for each in desk.heard)
    house.until(lambda: house.host.phases.get(caller.call_id, None) and desk.shown()["handoff"])
    assert house.host.phases[caller.call_id].kind is PhaseKind.BRIDGED
    assert list(house.host.people[caller.call_id]) == [desk.user.user_id]
    shown = desk.shown()
    assert (shown["presence"]["state"], shown["offer"]) == ("busy", None)
    assert shown["handoff"]["brief"]["reason"] == "caller_asked"
    desk.done(handoff_id, "give-back", note="Told them about the warranty.")
    house.until(lambda: house.host.phases[caller.call_id].kind is PhaseKind.CONVERSE)
    [form] = house.until(lambda: desk.shown()["wrap_ups"])
    assert (form["handoff_id"], desk.shown()["presence"]["state"]) == (handoff_id, "wrap_up")
    desk.done(handoff_id, "wrap-up", disposition="resolved", notes="Happy in the end.")
    house.until(lambda: desk.shown()["presence"]["state"] == "ready")
    assert desk.shown()["wrap_ups"] == []
    [past] = desk.http.get("/v1/desk/history").json()["handoffs"]
    assert (past["handoff_id"], past["disposition"], past["notes"]) == (handoff_id, "resolved", "Happy in the end.")
    read = desk.http.get(f"/v1/desk/handoffs/{handoff_id}").json()
    assert read["note"] == "Told them about the warranty."
    me = desk.user.user_id
    acts = ["handoff_accept", "handoff_join", "handoff_give_back", "handoff_wrap_up", "handoff_read"]
    assert audited(handoff_id) == [(me, act, "") for act in acts]


def test_a_finished_conversation_ends_the_call(house, bridged):
    desk, caller, handoff_id = bridged
    desk.done(handoff_id, "finish")
    house.until_ended(caller.call_id)


def test_a_second_accept_is_refused(house, ringing, open_desk, refused, audited):
    desk, _, handoff_id = ringing
    other = open_desk()
    assert refused(other.ask(handoff_id, "accept")) == (409, "offer_gone")
    desk.done(handoff_id, "accept")
    assert refused(other.ask(handoff_id, "accept")) == (409, "offer_gone")
    assert refused(desk.ask(handoff_id, "accept")) == (409, "offer_gone")
    refusals = [(other.user.user_id, "handoff_accept_refused", "offer_gone")]
    assert [line for line in audited(handoff_id) if line[0] == other.user.user_id] == refusals * 2


def test_a_finished_offer_is_gone(house, ringing, refused):
    desk, caller, handoff_id = ringing
    caller.hang_up()
    house.until_ended(caller.call_id)
    house.until(lambda: desk.shown()["offer"] is None)
    assert refused(desk.ask(handoff_id, "accept"))[0] == 409
    # The offer is withdrawn a moment before the handoff itself is on record as over.
    house.until(lambda: refused(desk.ask(handoff_id, "join", offer=OFFERED)) == (409, "handoff_over"))


def test_an_older_offer_of_the_same_call_is_gone(ringing, refused):
    desk, _, handoff_id = ringing
    assert refused(desk.ask(handoff_id, "accept", offer_number=7)) == (409, "offer_gone")


def test_a_declined_call_rings_at_the_next(house, ringing, open_desk):
    desk, _, handoff_id = ringing
    other = open_desk()
    other.stand()
    desk.done(handoff_id, "decline")
    assert other.rings()["handoff_id"] == handoff_id
    assert desk.shown()["offer"] is None


def test_another_persons_call_is_left_alone(house, bridged, open_desk, refused, audited):
    desk, caller, handoff_id = bridged
    other = open_desk()
    acts = [("give-back", {}), ("requeue", {}), ("finish", {}), ("join", {"offer": OFFERED})]
    for act, body in acts:
        assert refused(other.ask(handoff_id, act, **body)) == (409, "not_yours"), act
    assert refused(other.ask(handoff_id, "wrap-up")) == (409, "form_closed")
    assert list(house.host.people[caller.call_id]) == [desk.user.user_id]
    assert len([line for line in audited(handoff_id) if line[0] == other.user.user_id]) == 5


def test_a_call_is_passed_on_with_a_note(house, bridged, open_desk):
    desk, _, handoff_id = bridged
    other = open_desk()
    other.stand()
    desk.done(handoff_id, "requeue", note="Needs somebody who knows repairs.")
    offer = other.rings()
    assert offer["handoff_id"] == handoff_id
    assert offer["brief"]["notes"] == ["Needs somebody who knows repairs."]
    assert other.http.get(f"/v1/desk/handoffs/{handoff_id}").json()["note"] == "Needs somebody who knows repairs."


def test_another_companys_handoff_is_not_there(ringing, open_desk, refused, audited):
    _, _, handoff_id = ringing
    theirs = open_desk(tenant_id=CLINIC)
    for act, body in [("accept", {}), ("decline", {}), ("join", {"offer": OFFERED}), ("give-back", {}), ("finish", {})]:
        assert refused(theirs.ask(handoff_id, act, **body)) == (404, "not_found"), act
    assert refused(theirs.http.get(f"/v1/desk/handoffs/{handoff_id}")) == (404, "not_found")
    assert (theirs.user.user_id, "handoff_accept_refused", "not_found") in audited(handoff_id, CLINIC)
    assert all(line[0] != theirs.user.user_id for line in audited(handoff_id, SHOP))


def test_a_viewer_takes_no_calls(house, ringing, refused):
    _, _, handoff_id = ringing
    viewer = house.as_person(Role.VIEWER)
    answer = viewer.post(f"/v1/desk/handoffs/{handoff_id}/accept", json={})
    assert refused(answer) == (403, "forbidden")
    assert refused(viewer.get("/v1/desk")) == (403, "forbidden")
    lines = house.run(house.deps.audit.lines(SHOP))
    assert ("forbidden", "/v1/desk/handoffs/{handoff_id}/accept") in [(line.action, line.subject) for line in lines]


@pytest.mark.parametrize("handoff_id", ["nothing", f"{uuid.uuid4()}-1", "%00", "a" * 300])
def test_what_never_was_is_not_found(open_desk, refused, handoff_id):
    desk = open_desk()
    assert refused(desk.ask(handoff_id, "accept")) == (404, "not_found")
    assert refused(desk.http.get(f"/v1/desk/handoffs/{handoff_id}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("accept", {"offer_number": 0}),
        ("accept", {"offer_number": "1"}),
        ("accept", {"advisor_id": "somebody"}),
        ("join", {}),
        ("join", {"offer": {"type": "offer", "sdp": "nonsense"}}),
        ("join", {"offer": {"type": "answer", "sdp": OFFERED["sdp"]}}),
        ("give-back", {"note": ""}),
        ("give-back", {"note": "x" * 2001}),
        ("give-back", {"note": "a\x00b"}),
        ("requeue", {"queue": "No Queue"}),
        ("wrap-up", {"disposition": "What happened?"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused(ringing, refused, act, body):
    desk, _, handoff_id = ringing
    status, code = refused(desk.ask(handoff_id, act, **body))
    assert (status, code) in [(422, "invalid"), (422, "bad_offer")]


def test_a_queue_that_is_not_there(bridged, refused):
    desk, _, handoff_id = bridged
    assert refused(desk.ask(handoff_id, "requeue", queue="nowhere")) == (422, "unknown_queue")


def test_an_offer_that_no_line_opens_with(ringing, refused):
    desk, _, handoff_id = ringing
    desk.done(handoff_id, "accept")
    sdp = OFFERED["sdp"].replace("s=-", UNANSWERABLE)
    assert refused(desk.ask(handoff_id, "join", offer={"type": "offer", "sdp": sdp})) == (422, "bad_offer")


# ---------------------------------------------------------------- the caller's button


def test_the_button_serves_its_own_call_only(house, call_in, refused):
    caller, other = call_in(), call_in()
    assert refused(other.http.post(f"/v1/calls/{caller.call_id}/handoff")) == (404, "not_found")
    first = caller.wants_a_person().json()["handoff_id"]
    assert caller.wants_a_person().json()["handoff_id"] == first


def test_a_house_that_hands_nobody_over_says_so(house, call_in, refused):
    caller = call_in(CLINIC)
    admin = house.as_person(Role.ADMIN, CLINIC)
    assert admin.put("/v1/team/profile", json={"handoff": False}).status_code == 200
    try:
        assert refused(caller.wants_a_person()) == (403, "handoff_off")
    finally:
        admin.put("/v1/team/profile", json={"handoff": True})


def test_a_call_that_is_over_has_no_person(house, call_in, refused):
    caller = call_in()
    caller.hang_up()
    house.until_ended(caller.call_id)
    assert refused(caller.wants_a_person()) == (409, "call_ended")
