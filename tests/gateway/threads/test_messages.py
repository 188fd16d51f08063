"""A thread at the desk: the person who asks for somebody gets them, in writing, and the agent back afterwards."""

import uuid

import pytest

from domain.accounts import Role
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC

pytestmark = pytest.mark.servers


def message(text):
    return {"text": text, "id": uuid.uuid4().hex}


def test_a_person_is_asked_for_in_a_thread_and_answers_it_at_the_desk(house, person, open_desk, refused):
    desk, writer = open_desk(), person("whatsapp")
    desk.stand()
    writer.writes("I want to talk to a person")
    offer = desk.rings()
    handoff_id = offer["handoff_id"]
    assert offer["channel"] == "whatsapp"
    assert "person" in offer["brief"]["sentence"]
    desk.done(handoff_id, "accept")
    house.until(lambda: desk.shown()["handoff"]["joined_at"])
    assert refused(desk.ask(handoff_id, "join", offer=OFFERED)) == (409, "no_line")
    told = len(writer.read)
    said = message("Good day, this is Aisha.")
    for _ in range(2):  # A page that heard no answer sends it again.
        assert desk.ask(handoff_id, "messages", **said).status_code == 202
    assert writer.reads(told + 1)[-1] == said["text"]
    writer.writes("Is the fridge ready?")
    house.until(lambda: writer.thread()["turns"][-1]["text"] == "Is the fridge ready?")
    desk.done(handoff_id, "give-back", note="He asks about his fridge")
    house.until(lambda: writer.read[-1].startswith("You are back with me"))
    desk.done(handoff_id, "wrap-up", disposition="resolved")
    assert writer.read.count(said["text"]) == 1
    speakers = [turn["speaker"] for turn in writer.thread()["turns"]]
    assert speakers[0] == "caller"
    assert "advisor" in speakers
    assert speakers[-1] == "agent"


def test_an_advisor_who_finishes_ends_the_thread_and_the_next_message_begins_another(house, person, open_desk, refused):
    desk, writer = open_desk(), person()
    desk.stand()
    writer.writes("a human please")
    handoff_id = desk.rings()["handoff_id"]
    desk.done(handoff_id, "accept")
    first = writer.thread()["call"]["call_id"]
    house.until(lambda: desk.shown()["handoff"]["joined_at"])
    desk.done(handoff_id, "finish")
    assert house.until_ended(first).outcome == "handed_off"
    assert refused(desk.ask(handoff_id, "messages", **message("late"))) == (409, "handoff_over")
    desk.done(handoff_id, "wrap-up")
    before = len(writer.read)
    writer.writes("are you open?")
    writer.reads(before + 1)
    assert writer.thread()["call"]["call_id"] != first


def test_what_may_not_be_written(house, person, open_desk, refused):
    desk, other, writer = open_desk(), open_desk(), person("whatsapp")
    assert refused(
        desk.http.post("/v1/messages", json={**message("hi"), "channel": "whatsapp", "to": writer.number})
    ) == (
        409,
        "outside_window",
    )
    for wrong in ({"channel": "fax"}, {"to": "0501234567"}, {"text": " "}, {"text": "x" * 1601}, {"id": "!"}):
        asked = {**message("hi"), "channel": "sms", "to": writer.number, **wrong}
        assert refused(desk.http.post("/v1/messages", json=asked)) == (422, "invalid")
    asked = {**message("hi"), "channel": "sms", "to": writer.number}
    assert refused(house.as_person(Role.ADVISOR, CLINIC).post("/v1/messages", json=asked)) == (409, "no_connection")
    assert refused(house.as_person(Role.VIEWER).post("/v1/messages", json=asked)) == (403, "forbidden")
    desk.stand()
    writer.writes("I want to talk to a person")
    handoff_id = desk.rings()["handoff_id"]
    assert refused(desk.ask(handoff_id, "messages", **message("hi"))) == (409, "not_yours")
    desk.done(handoff_id, "accept")
    assert refused(other.ask(handoff_id, "messages", **message("hi"))) == (409, "not_yours")
    assert refused(other.http.get(f"/v1/desk/handoffs/{handoff_id}/messages")) == (409, "not_yours")
    shown = desk.http.get(f"/v1/desk/handoffs/{handoff_id}/messages").json()
    assert shown["turns"][0]["text"] == "I want to talk to a person"
    house.until(lambda: desk.shown()["handoff"]["joined_at"])
    desk.done(handoff_id, "finish")
    desk.done(handoff_id, "wrap-up")


def test_an_advisor_writes_first_and_the_answer_arrives_in_the_same_thread(person, open_desk):
    desk, writer = open_desk(), person()
    asked = {**message("Your fridge is repaired."), "channel": "sms", "to": writer.number}
    answers = [desk.http.post("/v1/messages", json=asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert writer.reads(1) == [asked["text"]]
    writer.writes("thanks, when are you open?")
    writer.reads(2)
    assert writer.thread()["call"]["call_id"] == answers[0].json()["call_id"]


@pytest.mark.parametrize("word", ["STOP", "إيقاف"])
def test_who_wants_no_messages_gets_one_more_and_then_none(person, open_desk, refused, word):
    desk, writer = open_desk(), person()
    writer.writes(word)
    writer.reads(1)
    asked = {**message("An offer!"), "channel": "sms", "to": writer.number}
    assert refused(desk.http.post("/v1/messages", json=asked)) == (409, "opted_out")
    writer.writes("hello?")
    writer.writes("START")
    assert len(writer.reads(2)) == 2
    assert desk.http.post("/v1/messages", json={**asked, **message("Welcome")}).status_code == 202
    assert writer.reads(3)[2] == "Welcome"


def test_a_voice_note_is_declined_politely(person):
    writer = person("whatsapp")
    writer.writes("")
    assert "voice notes" in writer.reads(1)[0]
