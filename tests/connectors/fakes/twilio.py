"""Twilio's documented Messages resource: no idempotency, forms in, JSON out."""

from __future__ import annotations

import email.utils
import re
from typing import Any

from domain.messaging import Channel
from tests.connectors.fakes.server import Answer, Clock, Fake, Refused, Request, main, route

ACCOUNT = "AC" + "0" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
SENDERS = {Channel.SMS: "+15005550006", Channel.WHATSAPP: "+14155238886"}


class FakeTwilio(Fake):
    """A Twilio account with a number for each channel."""

    system = "twilio"
    documented_wait_ms = 10_000
    unreachable = "+15005550001"
    """Twilio's own number for tests of an invalid recipient."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.messages: dict[str, dict[str, Any]] = {}
        self.opted_out: set[str] = set()
        """Who has written STOP to one of the account's numbers."""

    @property
    def texts(self) -> dict[str, tuple[Channel, str, str]]:
        """What was really sent."""
        return {
            sid: (
                Channel.WHATSAPP if one["to"].startswith("whatsapp:") else Channel.SMS,
                one["to"].removeprefix("whatsapp:"),
                one["body"],
            )
            for sid, one in self.messages.items()
        }

    def deliver(self, message_id: str, status: str) -> None:
        self.messages[message_id]["status"] = status

    def unauthorised(self) -> Answer:
        return Answer(401, {"code": 20003, "message": "Authenticate", "status": 401})

    def limited(self) -> Answer:
        return Answer(429, {"code": 20429, "message": "Too Many Requests", "status": 429})

    def unknown(self) -> Answer:
        return Answer(404, {"code": 20404, "message": "not found", "status": 404})

    @route("GET", rf"/2010-04-01/Accounts/{ACCOUNT}\.json")
    def account(self, request: Request) -> Answer:
        return Answer(200, {"sid": ACCOUNT, "friendly_name": "Demo Shop", "status": "active", "type": "Full"})

    @route("POST", MESSAGES + r"\.json")
    def create(self, request: Request) -> Answer:
        asked = request.form()
        plain = asked.get("To", "").removeprefix("whatsapp:")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", plain) or plain == self.unreachable:
            raise Refused(400, {"code": 21211, "message": f"The 'To' number {plain} is not valid", "status": 400})
        if plain in self.opted_out:
            raise Refused(400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400})
        if asked.get("From", "").removeprefix("whatsapp:") not in SENDERS.values():
            raise Refused(400, {"code": 21606, "message": "not a Twilio number", "status": 400})
        if not asked.get("Body") or len(asked["Body"]) > 1600:
            raise Refused(400, {"code": 21617, "message": "body exceeds the 1600 character limit", "status": 400})
        made = {
            "sid": f"SM{len(self.messages) + 1:032x}",
            "to": asked["To"],
            "from": asked["From"],
            "body": asked["Body"],
            "status": "queued",
            "date_created": email.utils.formatdate(self.clock(), usegmt=False),
        }
        self.messages[made["sid"]] = made
        key = re.search(r"[?&]key=([0-9a-f]{40})", asked.get("StatusCallback", ""))
        self.effects[key[1] if key else ""] += 1
        return Answer(201, made)

    @route("GET", MESSAGES + r"\.json")
    def list_messages(self, request: Request) -> Answer:
        found = [
            one
            for one in reversed(self.messages.values())
            if one["to"] == request.query.get("To", one["to"]) and one["from"] == request.query.get("From", one["from"])
        ]
        size = int(request.query.get("PageSize", 50))
        return Answer(200, {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

    @route("GET", MESSAGES + r"/(SM[0-9a-f]{32})\.json")
    def show(self, request: Request, sid: str) -> Answer:
        if sid not in self.messages:
            return self.unknown()
        return Answer(200, self.messages[sid])


if __name__ == "__main__":
    fake = FakeTwilio(Clock(runs=True))
    fake.let_in(ACCOUNT, "auth-token")
    main(fake)
