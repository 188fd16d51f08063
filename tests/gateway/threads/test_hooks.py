"""Messaging services at the door: what they sign is taken in once; what is forged or stale is refused on record."""

import time

import pytest

from domain.messaging import DeliveryState
from gateway.throttle import ACCOUNT_FAILURES
from tests.gateway.house import SHOP
from tests.gateway.threads.conftest import VERIFY_TOKEN

pytestmark = pytest.mark.servers


def refusals(house):
    lines = house.run(house.deps.audit.lines(SHOP))
    return [line.detail["reason"] for line in lines if line.action == "message_refused"]


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_message_is_answered_in_a_thread_that_the_history_shows(person, channel):
    writer = person(channel)
    writer.writes("I want to speak to somebody who sells fridges, are you open now?")
    assert writer.reads(1)
    told = writer.thread()
    assert told["call"]["channel"] == channel
    assert [turn["speaker"] for turn in told["turns"]][:2] == ["caller", "agent"]
    assert told["turns"][0]["text"].startswith("I want to speak")
    assert told["turns"][1]["text"] == writer.read[0]


def test_a_message_that_is_delivered_again_is_one(person):
    writer = person()
    message_id = writer.writes("hello there")
    writer.reads(1)
    writer.writes("hello there", message_id)
    writer.writes("are you open?")
    writer.reads(2)
    said = [turn["text"] for turn in writer.thread()["turns"] if turn["speaker"] == "caller"]
    assert said == ["hello there", "are you open?"]


@pytest.mark.parametrize("change", [{"token": "other"}, {"connection": "wa"}, {"connection": "none"}], ids=str)
def test_what_twilio_did_not_sign_is_refused_on_record(house, services, refused, change):
    before = len(refusals(house))
    form = {"MessageSid": "SM1", "From": "+966501112223", "To": "+15005550006", "Body": "hi"}
    assert refused(services.twilio_says(**change, **form)) == (401, "bad_signature")
    assert refusals(house)[before:] == ["forged"]


def test_what_meta_did_not_sign_is_refused_on_record(house, services, refused):
    before = len(refusals(house))
    message = {"from": "966501112223", "id": "wamid.1", "type": "text", "text": {"body": "hi"}}
    assert refused(services.meta_says({"messages": [message]}, secret="other")) == (401, "bad_signature")
    old = {**message, "timestamp": str(int(time.time()) - 8 * 86_400)}
    assert refused(services.meta_says({"messages": [old]})) == (401, "stale")
    assert refusals(house)[before:] == ["forged", "stale"]


def test_a_flood_of_forgeries_does_not_fill_the_audit(house, services, refused):
    before = len(refusals(house))
    codes = [refused(services.twilio_says(token="other", MessageSid="SM1"))[0] for _ in range(ACCOUNT_FAILURES + 2)]
    assert codes == [401] * ACCOUNT_FAILURES + [429] * 2
    assert len(refusals(house)) == before + ACCOUNT_FAILURES


def test_meta_gets_its_challenge_back_for_the_right_token(house, services, refused):
    def ask(token, connection="wa"):
        params = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444"}
        return house.client().get(f"/v1/hooks/whatsapp/shop/{connection}", params=params)

    assert ask(VERIFY_TOKEN).text == "1158201444"
    assert refused(ask("other")) == (403, "bad_signature")
    assert refused(ask(VERIFY_TOKEN, "sms")) == (403, "bad_signature")


@pytest.mark.parametrize(
    ("path", "status"),
    [("twilio/nowhere/sms", 401), ("twilio/shop/a%00b", 422), ("twilio/Sh%20op/sms", 422), ("fax/shop/sms", 404)],
)
def test_there_is_no_other_door(house, path, status):
    assert house.client().post(f"/v1/hooks/{path}", content=b"").status_code == status


def test_a_body_without_end_and_signed_nonsense_are_refused(house, services, refused):
    answer = house.client().post("/v1/hooks/twilio/shop/sms", content=b"a" * 70_000)
    assert refused(answer) == (413, "too_large")
    assert refused(services.twilio_says(Body="no id")) == (422, "invalid")


def test_a_late_report_never_takes_a_state_back(person, services):
    writer = person()
    writer.writes("hello there")
    writer.reads(1)
    (message_id,) = [sid for sid, (_, to, _) in services.twilio.texts.items() if to == writer.number]

    def state():
        return writer.thread()["deliveries"][0]["state"]

    services.house.until(lambda: state() == DeliveryState.ACCEPTED)
    for status, shown in (("delivered", "delivered"), ("sent", "delivered"), ("read", "read"), ("sending", "read")):
        assert services.twilio_says(MessageSid=message_id, MessageStatus=status).status_code == 204
        assert state() == shown
    assert services.twilio_says(MessageSid="SM" + "f" * 32, MessageStatus="delivered").status_code == 204
