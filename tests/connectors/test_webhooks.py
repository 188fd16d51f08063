"""What comes in from the messaging services: signed, read, and refused when it is not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from connectors import whatsapp
from connectors.twilio import TwilioWebhook, is_signed, signature
from connectors.whatsapp import WhatsAppWebhook, challenge
from domain.errors import Refused
from domain.messaging import Channel, DeliveryReported, DeliveryState, TextReceived

KEY = "a" * 40
TOKEN = "12345"
URL = f"https://example.com/hooks/twilio?key={KEY}"


def twilio(url=URL, token=TOKEN, given=None, **form):
    body = urlencode(form).encode()
    headers = {"x-twilio-signature": given if given is not None else signature(token, url, list(form.items()))}
    return TwilioWebhook(TOKEN).open(url, headers, body)


# ---------------------------------------------------------------- Twilio


def test_the_example_of_twilios_own_documentation():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, list(form.items())) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize("prefix", ["", "whatsapp:"])
def test_a_text_is_taken_in(prefix):
    (fact,) = twilio(MessageSid="SM1", From=f"{prefix}+966501234567", To=f"{prefix}+15005550006", Body="مرحبا + 1")
    channel = Channel.WHATSAPP if prefix else Channel.SMS
    assert fact == TextReceived(
        channel=channel, message_id="SM1", sender="+966501234567", recipient="+15005550006", body="مرحبا + 1"
    )


@pytest.mark.parametrize(
    ("kind", "attachment"), [("audio/ogg", "audio"), ("image/png", "image"), ("application/pdf", "document")]
)
def test_what_is_no_text_is_known_by_its_kind(kind, attachment):
    media = {"NumMedia": "1", "MediaContentType0": kind}
    (fact,) = twilio(MessageSid="SM1", From="+966501234567", To="+15005550006", Body="", **media)
    assert (fact.attachment, fact.body) == (attachment, "")


def test_a_report_is_taken_in_with_its_key():
    reported = twilio(MessageSid="SM1", MessageStatus="delivered", SmsStatus="delivered")
    assert reported == [DeliveryReported(message_id="SM1", state=DeliveryState.DELIVERED, key=KEY)]
    other = "https://example.com/hooks/twilio?key=nonsense"
    assert twilio(url=other, MessageSid="SM1", MessageStatus="failed")[0].key is None
    assert twilio(MessageSid="SM1", MessageStatus="brand-new") == []


OTHERS = signature("other", URL, [("MessageSid", "SM1")])


@pytest.mark.parametrize("given", ["", "x", "L/OH5YylLD5NRKLltdqwSvS0BnU=", "ü", OTHERS])
def test_a_wrong_signature_is_refused(given):
    with pytest.raises(Refused) as refused:
        twilio(given=given, MessageSid="SM1")
    assert refused.value.code == "bad_signature"


def test_a_signature_holds_for_one_address_and_one_form():
    form = [("MessageSid", "SM1"), ("Body", "a")]
    given = signature(TOKEN, URL, form)
    assert is_signed(TOKEN, URL, list(reversed(form)), given)
    assert not is_signed(TOKEN, URL + "0", form, given)
    assert not is_signed(TOKEN, URL, [*form, ("Extra", "")], given)
    assert not is_signed(TOKEN, URL, form, None)
    assert not is_signed("", URL, form, signature("", URL, form))


@pytest.mark.parametrize("form", [{"Body": "x", "From": "+9665"}, {"MessageSid": "SM1", "Body": "x"}])
def test_a_signed_form_without_what_matters_is_refused(form):
    with pytest.raises(Refused) as refused:
        twilio(**form)
    assert refused.value.code == "bad_webhook"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a=1" for _ in range(1000))])
def test_a_body_that_is_no_form_is_refused(body):
    with pytest.raises(Refused):
        TwilioWebhook(TOKEN).open(URL, {}, body)


# ---------------------------------------------------------------- Meta


def meta(told, secret="app-secret", given=None):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    own = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return WhatsAppWebhook("app-secret").open("", {"x-hub-signature-256": own if given is None else given}, body)


def notice(**value):
    metadata = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def test_texts_and_what_is_no_text_are_taken_in_and_the_rest_passed_over():
    said = {
        "from": "966501234567",
        "id": "wamid.1",
        "timestamp": "1749416383",
        "type": "text",
        "text": {"body": "أين؟"},
    }
    picture = {"from": "966501234567", "id": "wamid.2", "timestamp": "1749416383", "type": "image"}
    shown = {**picture, "id": "wamid.3", "image": {"id": "1", "caption": "Look"}}
    reaction = {**picture, "id": "wamid.4", "type": "reaction", "reaction": {"emoji": "👍"}}
    fact, *others = meta(notice(messages=[said, picture, shown, reaction]))
    assert [(each.attachment, each.body) for each in others] == [("image", ""), ("image", "Look")]
    assert fact == TextReceived(
        channel=Channel.WHATSAPP,
        message_id="wamid.1",
        sender="+966501234567",
        recipient="+15550783881",
        body="أين؟",
        at=datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC),
    )


def test_reports_are_taken_in_with_their_key():
    statuses = [
        {"id": "wamid.1", "status": "read", "biz_opaque_callback_data": KEY},
        {"id": "wamid.2", "status": "sent", "biz_opaque_callback_data": "somebody else's"},
        {"id": "wamid.3", "status": "brand-new"},
        {"status": "failed"},
    ]
    assert meta(notice(statuses=statuses)) == [
        DeliveryReported(message_id="wamid.1", state=DeliveryState.READ, key=KEY),
        DeliveryReported(message_id="wamid.2", state=DeliveryState.SENT),
    ]


@pytest.mark.parametrize("given", ["", "sha256=", "sha1=abc", "sha256=" + "0" * 64, "ü"])
def test_a_wrong_signature_of_meta_is_refused(given):
    with pytest.raises(Refused) as refused:
        meta(notice(), given=given)
    assert refused.value.code == "bad_signature"


def test_without_a_secret_nothing_is_signed():
    assert not whatsapp.is_signed("", b"x", "sha256=" + hmac.new(b"", b"x", hashlib.sha256).hexdigest())
    with pytest.raises(Refused):
        meta(notice(), secret="other")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_signed_and_no_json_is_refused(body):
    with pytest.raises(Refused) as refused:
        meta(body)
    assert refused.value.code == "bad_webhook"


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"entry": 7},
        {"entry": [7, {"changes": None}, {"changes": [{"field": "messages"}, {"field": "other", "value": {}}]}]},
        notice(messages="x", statuses=[None]),
        notice(messages=[{"type": "text", "text": 7, "from": [], "id": {}}]),
        notice(messages=[{"type": "text", "text": {"body": ""}, "from": "1", "id": "x"}]),
    ],
)
def test_json_of_another_shape_says_nothing(told):
    assert meta(told) == []


def test_a_time_of_nonsense_is_no_time():
    said = {"from": "1", "id": "w", "timestamp": "9" * 40, "type": "text", "text": {"body": "x"}}
    assert meta(notice(messages=[said]))[0].at is None


def test_the_question_at_the_setup_is_answered_to_whoever_knows_the_token():
    question = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1158201444"}
    assert challenge(question, "v") == "1158201444"
    for wrong in (question | {"hub.verify_token": "x"}, question | {"hub.mode": "x"}, {}, {"hub.mode": "subscribe"}):
        with pytest.raises(Refused):
            challenge(wrong, "v")
    with pytest.raises(Refused):
        challenge(question | {"hub.verify_token": ""}, "")
