"""A thread at the desk: the person who asks for somebody gets them, in writing, and the agent back afterwards."""

import time
import uuid
from dataclasses import replace

import pytest

from domain.accounts import Role
from domain.speech import Language
from domain.tenant import MessageTemplate
from tests.gateway.desk.conftest import OFFERED
from tests.gateway.house import CLINIC, SHOP

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
    said = message("Good day, this is Aisha.")
    for _ in range(2):  # A page that heard no answer sends it again.
        assert desk.ask(handoff_id, "messages", **said).status_code == 202
    house.until(lambda: said["text"] in writer.read)
    writer.writes("Is the fridge ready?")
    house.until(lambda: writer.thread()["turns"][-1]["text"] == "Is the fridge ready?")
    desk.done(handoff_id, "give-back", note="He asks about his fridge")
    house.until(lambda: writer.read[-1].startswith("You are back with me"))
    desk.done(handoff_id, "wrap-up", disposition="resolved")
    assert writer.read.count(said["text"]) == 1
    turns = writer.thread()["turns"]
    by = {turn["text"]: turn["by"] for turn in turns if turn["speaker"] == "advisor"}
    assert by == {said["text"]: {"id": desk.user.user_id, "name": desk.user.name}}
    speakers = [turn["speaker"] for turn in turns]
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
    assert (shown["free_text"]["open"], shown["free_text"]["because"]) == (True, None)
    assert shown["free_text"]["until"] > time.time()
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


READY = MessageTemplate(
    name="ready", language="en", body="Hello {{1}}, it is ready.", values=({Language.EN: "Name", Language.AR: "الاسم"},)
)


def test_a_template_reaches_somebody_who_is_silent_and_their_answer_opens_the_window(
    services, house, person, open_desk, refused
):
    profile = replace(house.run(house.deps.tenants.profile(SHOP)), message_templates=(READY,))
    house.run(house.deps.tenants.change(profile, ["message_templates"]))
    meta, desk, writer = services.whatsapp, open_desk(), person("whatsapp")
    meta.templates["ready", "en"] = READY.body
    meta.silent.add(writer.number)

    def send(values=("Mona",), **changes):
        template = {"name": "ready", "language": "en", "values": list(values)}
        asked = {"id": uuid.uuid4().hex, "channel": "whatsapp", "to": writer.number, "template": template, **changes}
        return desk.http.post("/v1/messages", json={name: value for name, value in asked.items() if value is not None})

    assert send().status_code == 202
    assert writer.reads(1) == ["Hello Mona, it is ready."]
    assert refused(send(template=None, text="Hello!")) == (409, "outside_window")
    assert refused(send(text="Hello!")) == (422, "invalid")
    assert refused(send(template=None)) == (422, "invalid")
    assert refused(send(values=())) == (422, "template_misfit")
    assert refused(send(values=("a\nb",))) == (422, "template_misfit")
    assert refused(send(template={"name": "other", "language": "en", "values": []})) == (409, "template_unknown")
    assert refused(send(channel="sms")) == (409, "template_unknown")

    (sent,) = [message for message, (_, to, _) in meta.texts.items() if to == writer.number]
    for status, codes, reason in (("delivered", [], None), ("failed", [131026], "not_reached")):
        errors = [{"code": code} for code in codes]
        services.meta_says({"metadata": {}, "statuses": [{"id": sent, "status": status, "errors": errors}]})
        (delivery,) = writer.thread()["deliveries"]
        assert (delivery["state"], delivery["reason"]) == (status, reason)
    meta.silent.discard(writer.number)
    writer.writes("yes please")
    writer.reads(2)
    assert send(template=None, text="Until Monday!").status_code == 202
    assert writer.reads(3)[2] == "Until Monday!"


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
