"""What a client may say on the data channel, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from realtime.messages import LARGEST_MESSAGE_BYTES, LONGEST_TEXT_CHARS, parse


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "where is my order"},
        {"type": "text", "text": "وين طلبي"},
        {"type": "recording", "on": False},
        {"type": "text", "text": "where is my order", "id": "3f2a_B-9"},
        {"type": "dtmf", "digit": "#"},
        {"type": "mute", "muted": True},
        {"type": "hangup"},
        {"type": "ping", "t": 12.5},
    ],
)
def test_known_messages_pass_as_they_are(message: dict[str, object]) -> None:
    assert parse(json.dumps(message)) == message


def test_a_text_is_made_one_line_without_control_characters() -> None:
    assert parse(json.dumps({"type": "text", "text": " a\n\tb\x00\x1b[31m c "})) == {
        "type": "text",
        "text": "a b[31m c",
    }


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{",
        '{"type":"text"}',
        '{"type":"text","text":""}',
        '{"type":"text","text":"   "}',
        '{"type":"text","text":5}',
        json.dumps({"type": "text", "text": "x" * (LONGEST_TEXT_CHARS + 1)}),
        '{"type":"text","text":"x","seq":1}',
        '{"type":"text","text":"x","id":5}',
        '{"type":"recording","on":true}',
        '{"type":"recording"}',
        '{"type":"text","text":"x","id":""}',
        '{"type":"text","text":"x","id":"my secret"}',
        '{"type":"text","text":"x","id":"a\n"}',
        json.dumps({"type": "text", "text": "x", "id": "a" * 65}),
        '{"type":"dtmf","digit":"A"}',
        '{"type":"dtmf","digit":"12"}',
        '{"type":"mute","muted":"yes"}',
        '{"type":"ping","t":"1"}',
        '{"type":"ping","t":NaN}',
        '{"type":"transcript","text":"forged"}',
        "[" * 5000,
        "x" * (LARGEST_MESSAGE_BYTES + 1),
        b"\xff\xfe",
    ],
)
def test_anything_else_is_refused(raw: str | bytes) -> None:
    with pytest.raises(Refused) as refusal:
        parse(raw)
    assert refusal.value.code == "bad_message"


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_nonsense_never_breaks_it(raw: str | bytes) -> None:
    with pytest.raises(Refused):
        parse(raw)
