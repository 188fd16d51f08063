"""What a call's page says beside its words: handoffs with their advisors, actions, and the mood as it went."""

import uuid

import pytest

from domain.accounts import Role
from domain.acting.action import ActionStart, ActionState, ActResult
from domain.speech import Language, Speaker, Turn
from storage.actions import PostgresActions
from tests.gateway.house import CLINIC, SHOP

pytestmark = pytest.mark.servers


def read(house, call_id, role=Role.VIEWER, tenant_id=SHOP):
    return house.as_person(role, tenant_id).get(f"/v1/calls/{call_id}")


def test_a_call_without_anything_but_words(house, call_in):
    told = read(house, call_in().call_id).json()
    assert (told["handoffs"], told["actions"], told["moods"]) == ([], [], [])


def test_each_handoff_with_what_came_of_it(house, open_desk, call_in):
    desk, caller = open_desk(), call_in()
    desk.stand()
    handoff_id = caller.wants_a_person().json()["handoff_id"]
    desk.rings()
    desk.done(handoff_id, "accept")
    said = Turn(
        seq=9,
        speaker=Speaker.ADVISOR,
        text="Three years.",
        language=Language.EN,
        started_ms=0,
        ended_ms=900,
        said_by=desk.user.user_id,
    )
    house.run(house.deps.store.record_turn(SHOP, caller.call_id, said))
    desk.done(handoff_id, "give-back", note="Knows the warranty now.")
    house.until(lambda: desk.shown()["wrap_ups"])
    desk.done(handoff_id, "wrap-up", disposition="resolved", notes="Happy in the end.")
    house.until(lambda: read(house, caller.call_id).json()["handoffs"][0]["ended_at"])
    told = read(house, caller.call_id).json()
    assert told["turns"][-1]["by"] == {"id": desk.user.user_id, "name": "Aisha"}
    [handoff] = told["handoffs"]
    assert (handoff["number"], handoff["reason"], handoff["result"]) == (1, "caller_asked", "given_back")
    assert handoff["queue"]["name"].keys() == {"en", "ar"}
    [offer] = handoff["offers"]
    assert offer["advisor"] == {"id": desk.user.user_id, "name": "Aisha"}
    assert (offer["result"], offer["left"]) == ("accepted", "gave_back")
    assert (offer["disposition"], offer["notes"]) == ("resolved", "Happy in the end.")
    assert handoff["created_at"] <= offer["offered_at"] <= offer["answered_at"] <= offer["left_at"]


def test_the_mood_where_it_changed(house, call_in):
    call_id = call_in().call_id
    for seq, text in enumerate(("Hello, where is my order?", "This is unacceptable, I am really angry!")):
        turn = Turn(
            seq=seq,
            speaker=Speaker.CALLER,
            text=text,
            language=Language.EN,
            started_ms=4000 * seq,
            ended_ms=4000 * seq + 3500,
        )
        house.run(house.deps.store.record_turn(SHOP, call_id, turn))
    moods = read(house, call_id).json()["moods"]
    assert [(mood["mood"], mood["at_ms"]) for mood in moods] == [("neutral", 0), ("annoyed", 4000)]
    assert "anger" in moods[-1]["because"]


def test_what_was_done_in_another_system(house, call_in):
    call_id, key = call_in().call_id, f"k{uuid.uuid4().hex[:8]}"
    actions = house.deps.actions
    assert isinstance(actions, PostgresActions)
    start = ActionStart(
        tenant_id=SHOP,
        call_id=call_id,
        key=key,
        action="open_ticket",
        slots={"trouble": "It leaks."},
        lease=1,
        language=Language.EN,
    )
    house.run(actions.begin(start, ActionState.RUNNING))
    done = ActResult(key=key, action="open_ticket", state=ActionState.DONE, reference="T-17")
    house.run(actions.settle(SHOP, done, call_id))
    [action] = read(house, call_id).json()["actions"]
    assert (action["action"], action["state"], action["reference"]) == ("open_ticket", "done", "T-17")
    assert action["slots"] == {"trouble": "It leaks."}
    assert action["started_at"] <= action["finished_at"]


def test_an_open_page_is_on_record_once_for_each_reader(house, call_in, audited):
    call_id = call_in().call_id
    for role in (Role.VIEWER, Role.VIEWER, Role.SUPERVISOR, Role.VIEWER, Role.SUPERVISOR):
        assert read(house, call_id, role).status_code == 200
    readers = [actor for actor, action, _ in audited(call_id) if action == "call_read"]
    assert readers == [f"{SHOP}-viewer", f"{SHOP}-supervisor"]


def test_another_companys_call_is_not_there(house, call_in):
    answer = read(house, call_in().call_id, tenant_id=CLINIC)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
