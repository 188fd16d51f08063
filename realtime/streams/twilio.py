"""Twilio's side, by twilio.com/docs/voice/media-streams/websocket-messages and /docs/usage/security."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from realtime.streams.vendor import Arrival, Fact, Form, Message, Played, matches, said

WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad: for a caller who withholds their number."""


@dataclass(frozen=True, slots=True)
class Twilio:
    """Implements realtime.streams.vendor.Vendor."""

    token: str

    def signed(self, url: str, form: Form, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA1 of the URL with every field's name and value behind it, by name; a repeated one stands once."""
        fields = "".join(name + value for name, value in sorted(set(form)))
        return matches(headers.get("x-twilio-signature", ""), self.token, url + fields, "sha1")

    def arrival(self, form: Mapping[str, str]) -> Arrival:
        return Arrival(call=form["CallSid"], called=form["To"], caller="" if form["From"] in WITHHELD else form["From"])

    def stream(self, stream_url: str, then_url: str) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?><Response>'
            f'<Connect><Stream url="{escape(stream_url)}"/></Connect>'
            f'<Redirect method="POST">{escape(then_url)}</Redirect></Response>'
        )

    def refusal(self) -> str:
        return '<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>'

    def read(self, message: Message) -> Fact | None:
        if message["event"] == "mark":
            return Played(str(message["mark"]["name"]))
        return said(message, call="callSid", stream="streamSid")

    def sound(self, stream: str, mu_law: bytes) -> Message:
        return {"event": "media", "streamSid": stream, "media": {"payload": base64.b64encode(mu_law).decode()}}

    def mark(self, stream: str, name: str) -> Message:
        return {"event": "mark", "streamSid": stream, "mark": {"name": name}}

    def clear(self, stream: str) -> Message:
        return {"event": "clear", "streamSid": stream}
