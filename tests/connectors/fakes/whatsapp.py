"""Meta's documented Cloud API for sending: no idempotency, nothing to look up, reports by webhook."""

from __future__ import annotations

import re
from typing import Any

from domain.messaging import Channel
from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route

PHONE_NUMBER_ID = "106540352242922"
PLACE = re.compile(r"{{(\d)}}")


class FakeWhatsApp(Fake):
    """A WhatsApp Business account with one number."""

    system = "whatsapp"
    documented_wait_ms = 1_000
    unreachable = "+15005550001"
    """Somebody whose last message is more than 24 hours old."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.texts: dict[str, tuple[Channel, str, str]] = {}
        """What was really sent."""
        self.silent: set[str] = {self.unreachable}
        """Whose last message is more than 24 hours old."""
        self.templates: dict[tuple[str, str], str] = {}
        """The body of each approved template, by name and language, with {{1}}, {{2}} …"""
        self.paused: set[str] = set()

    def _error(self, status: int, code: int, message: str) -> Answer:
        return Answer(status, {"error": {"message": message, "type": "OAuthException", "code": code}})

    def unauthorised(self) -> Answer:
        return self._error(401, 190, "Access token has expired")

    def limited(self) -> Answer:
        return self._error(400, 130429, "(#130429) Rate limit hit")

    def unknown(self) -> Answer:
        return self._error(404, 100, "Unsupported request")

    @route("GET", r"/v\d+\.\d+/(\d+)")
    def number(self, request: Request, number_id: str) -> Answer:
        if number_id != PHONE_NUMBER_ID:
            return self._error(400, 100, "Unsupported get request. Object does not exist")
        shown = {"verified_name": "Demo Shop", "display_phone_number": "+1 555-0100", "id": number_id}
        asked = request.query.get("fields", "").split(",")
        return Answer(200, {name: value for name, value in shown.items() if name in asked or name == "id"})

    @route("POST", rf"/v\d+\.\d+/{PHONE_NUMBER_ID}/messages")
    def create(self, request: Request) -> Answer:
        asked = request.json()
        if asked.get("messaging_product") != "whatsapp" or asked.get("type") not in ("text", "template"):
            raise Refused(400, self._error(400, 100, "Invalid parameter").body)
        to = "+" + asked["to"].removeprefix("+")
        body = self._rendered(asked["template"]) if asked["type"] == "template" else asked["text"].get("body")
        if not body:
            raise Refused(400, self._error(400, 100, "Invalid parameter").body)
        if to in self.silent and asked["type"] == "text":
            raise Refused(400, self._error(400, 131047, f"Re-engagement message: {body}").body)
        message_id = f"wamid.{len(self.texts) + 1:032d}"
        self.texts[message_id] = (Channel.WHATSAPP, to, body)
        self.effects[asked.get("biz_opaque_callback_data", "")] += 1
        contact = {"input": asked["to"], "wa_id": to.removeprefix("+")}
        sent = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message_id}]}
        return Answer(200, sent)

    def _rendered(self, asked: dict[str, Any]) -> str:
        name, language = asked.get("name"), (asked.get("language") or {}).get("code")
        body = self.templates.get((name, language))
        if body is None:
            raise Refused(404, self._error(404, 132001, f"Template name does not exist in {language}").body)
        if name in self.paused:
            raise Refused(400, self._error(400, 132015, "Template is paused").body)
        (component,) = asked.get("components") or [{"type": "body", "parameters": []}]
        values = [one["text"] for one in component["parameters"] if one["type"] == "text"]
        if component["type"] != "body" or len(values) != len(set(PLACE.findall(body))):
            raise Refused(400, self._error(400, 132000, "Number of parameters does not match").body)
        return PLACE.sub(lambda place: values[int(place[1]) - 1], body)


if __name__ == "__main__":
    fake = FakeWhatsApp(Clock(runs=True))
    fake.credentials.add("Bearer system-user-token")
    main(fake)
