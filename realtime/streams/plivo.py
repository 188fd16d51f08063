"""Plivo's side, by plivo.com/docs/voice/audio-streaming and docs.plivo.com/docs/voice/xml/{audiostream,request}."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlsplit

from realtime.streams.vendor import Arrival, Fact, Form, Message, Played, matches, said


@dataclass(frozen=True, slots=True)
class Plivo:
    """Implements realtime.streams.vendor.Vendor."""

    token: str

    def signed(self, url: str, form: Form, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA256 of the URL, the sorted fields and the nonce; one signature for each token that is in use."""
        nonce = headers.get("x-plivo-signature-v3-nonce", "")
        message = f"{_base(url, form)}.{nonce}"
        given = headers.get("x-plivo-signature-v3", "")
        return bool(nonce) and any(matches(one.strip(), self.token, message, "sha256") for one in given.split(","))

    def arrival(self, form: Mapping[str, str]) -> Arrival:
        return Arrival(call=form["CallUUID"], called=form["To"], caller=form["From"])

    def stream(self, stream_url: str, then_url: str) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?><Response>'
            '<Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000">'
            f"{escape(stream_url)}</Stream>"
            f'<Redirect method="POST">{escape(then_url)}</Redirect></Response>'
        )

    def refusal(self) -> str:
        return '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected"/></Response>'

    def read(self, message: Message) -> Fact | None:
        if message["event"] == "playedStream":
            return Played(str(message["name"]))
        return said(message, call="callId", stream="streamId")

    def sound(self, stream: str, mu_law: bytes) -> Message:
        media = {
            "contentType": "audio/x-mulaw",
            "sampleRate": 8_000,
            "payload": base64.b64encode(mu_law).decode(),
        }
        return {"event": "playAudio", "media": media}

    def mark(self, stream: str, name: str) -> Message:
        return {"event": "checkpoint", "streamId": stream, "name": name}

    def clear(self, stream: str) -> Message:
        return {"event": "clearAudio", "streamId": stream}


def _base(url: str, form: Form) -> str:
    parts = urlsplit(url)
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    fields = "".join(name + value for name, value in sorted(form))
    asked = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if query or fields:
        asked += f"?{query}"
    return asked + ("." if query and fields else "") + fields
