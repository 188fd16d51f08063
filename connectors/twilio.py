"""SMS and WhatsApp through Twilio, which knows no idempotency: what is unclear is looked for among what was sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors import fields
from connectors.http import Connection, Refusal, VendorHttp, made
from connectors.once import Once, Write
from domain.actions import is_action_key
from domain.errors import Refused
from domain.messaging import (
    ACCOUNT_TROUBLE,
    BAD_NUMBER,
    BLOCKED_CONTENT,
    NOT_REACHED,
    OPTED_OUT,
    OUTSIDE_WINDOW,
    TEMPLATE_UNKNOWN,
    Channel,
    DeliveryReported,
    DeliveryState,
    MessageRefused,
    Receipt,
    Text,
    TextReceived,
    WebhookFact,
)

SYSTEM = "twilio"
LONGEST_BODY = 1600
"""Twilio's limit for both channels."""
SKEW_S = 5
"""Between our clock and Twilio's, whose times have whole seconds."""
PAGE = 100
PREFIX = {Channel.SMS: "", Channel.WHATSAPP: "whatsapp:"}
STATES = {
    "accepted": DeliveryState.ACCEPTED,
    "scheduled": DeliveryState.ACCEPTED,
    "queued": DeliveryState.ACCEPTED,
    "sending": DeliveryState.ACCEPTED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}

REASONS = {
    "21211": BAD_NUMBER,
    "21217": BAD_NUMBER,
    "21408": ACCOUNT_TROUBLE,
    "21610": OPTED_OUT,
    "21612": BAD_NUMBER,
    "21614": BAD_NUMBER,
    "30003": NOT_REACHED,
    "30004": BLOCKED_CONTENT,
    "30005": NOT_REACHED,
    "30006": NOT_REACHED,
    "30007": BLOCKED_CONTENT,
    "63016": OUTSIDE_WINDOW,
}
"""Twilio's codes that somebody here can act on; the last six come later, by the status callback."""


class Twilio:
    """The Messaging port. The key travels in the address of the status callback, which Twilio signs."""

    system = SYSTEM

    def __init__(
        self, connection: Connection, *, account: str, senders: Mapping[Channel, str], callback: str | None = None
    ) -> None:
        """`connection.url` is https://api.twilio.com; `senders` are in E.164; `callback` is our webhook's address."""
        self._http = VendorHttp(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)
        self._attempts = connection.attempts
        self._account = f"/2010-04-01/Accounts/{account}"
        self._path = f"{self._account}/Messages"
        self._senders = dict(senders)
        self._callback = callback
        self.channels = frozenset(senders)

    async def close(self) -> None:
        await self._http.close()

    async def check(self) -> str:
        account = fields.record(await self._http.read("GET", f"{self._account}.json"), SYSTEM)
        return f"{account.get('friendly_name')} ({account.get('status')})"

    async def send(self, text: Text, key: str) -> Receipt:
        """A second identical text to the same person within seconds, under another key, may count as the first."""
        fields.sendable(text, self.channels, LONGEST_BODY, SYSTEM)
        if text.template is not None:
            # Twilio has names of its own for templates (ContentSid), which nobody has written down here.
            raise MessageRefused(SYSTEM, TEMPLATE_UNKNOWN)
        prefix = PREFIX[text.channel]
        form = {"To": prefix + text.to, "From": prefix + self._senders[text.channel], "Body": text.body}
        if self._callback:
            form["StatusCallback"] = f"{self._callback}?{urlencode({'key': key})}"

        async def look() -> str | None:
            earlier = await self._attempts.earlier(SYSTEM, key)
            if earlier is None or not earlier.count:
                return None
            params = {"To": form["To"], "From": form["From"], "PageSize": PAGE}
            answer = await self._http.read("GET", f"{self._path}.json", params=params)
            for one in fields.records(answer, SYSTEM, "messages"):
                if _same(one, form["Body"]) and _made_at_s(one) >= earlier.begun_at_s - SKEW_S:
                    return fields.needed(one, "sid", SYSTEM)
            return None

        async def send() -> str:
            try:
                answer = await self._http.write("POST", f"{self._path}.json", form=form)
            except Refusal as refusal:
                if refusal.code in REASONS:
                    raise MessageRefused(SYSTEM, REASONS[refusal.code]) from None
                raise
            return made(answer, "sid")

        message = await self._once.do(Write(key=key, send=send, look=look))
        return Receipt(message_id=message, state=DeliveryState.ACCEPTED)

    async def delivery(self, message_id: str) -> DeliveryState | None:
        answer = await self._http.read("GET", f"{self._path}/{fields.sid(message_id, SYSTEM)}.json")
        return STATES.get(str(fields.record(answer, SYSTEM).get("status")))


def _same(message: Mapping[str, Any], body: str) -> bool:
    return (fields.text(message, "body") or "").strip() == body.strip()


def _made_at_s(message: Mapping[str, Any]) -> float:
    try:
        return parsedate_to_datetime(str(message.get("date_created"))).timestamp()
    except ValueError:
        return 0.0


# ---------------------------------------------------------------- the way in


def signature(auth_token: str, url: str, form: list[tuple[str, str]]) -> str:
    """X-Twilio-Signature: HMAC-SHA1 of the URL and every parameter, sorted, names and values run together."""
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def is_signed(auth_token: str, url: str, form: list[tuple[str, str]], given: str | None) -> bool:
    """In constant time. An empty token signs nothing."""
    expected = signature(auth_token, url, form).encode()
    return bool(auth_token) and hmac.compare_digest(expected, (given or "").encode("utf-8", "replace"))


class TwilioWebhook:
    """The Webhook port for incoming texts and status callbacks of both channels."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token

    def open(self, url: str, headers: Mapping[str, str], body: bytes) -> list[WebhookFact]:
        try:
            form = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200)
        except ValueError:
            raise Refused("bad_webhook", "The body is not a form.") from None
        if not is_signed(self._auth_token, url, form, headers.get("x-twilio-signature")):
            raise Refused("bad_signature", "The request isn't signed by Twilio.")
        given = dict(form)
        message = given.get("MessageSid") or given.get("SmsSid") or ""
        status = given.get("MessageStatus")
        if not message:
            raise Refused("bad_webhook", "A message needs its MessageSid.")
        if status and status not in ("received", "receiving"):
            state = STATES.get(status)
            reason = REASONS.get(given.get("ErrorCode", ""))
            return [DeliveryReported(message_id=message, state=state, key=_key(url), reason=reason)] if state else []
        channel, sender = _address(given.get("From", ""))
        _, recipient = _address(given.get("To", ""))
        if not sender:
            raise Refused("bad_webhook", "A message needs its sender.")
        return [
            TextReceived(
                channel=channel,
                message_id=message,
                sender=sender,
                recipient=recipient,
                body=given.get("Body", ""),
                attachment=_attachment(given),
            )
        ]


def _attachment(given: Mapping[str, str]) -> str | None:
    """The kind of what came with the words: the first part of its media type."""
    if given.get("NumMedia", "0") in ("", "0"):
        return None
    kind = given.get("MediaContentType0", "").partition("/")[0]
    return kind if kind in ("audio", "image", "video") else "document"


def _address(written: str) -> tuple[Channel, str]:
    prefix = PREFIX[Channel.WHATSAPP]
    if written.startswith(prefix):
        return Channel.WHATSAPP, written.removeprefix(prefix)
    return Channel.SMS, written


def _key(url: str) -> str | None:
    key = dict(parse_qsl(urlsplit(url).query)).get("key", "")
    return key if is_action_key(key) else None
