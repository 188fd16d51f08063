"""WhatsApp through Meta's Cloud API: no idempotency and no way to look, so an unclear send stays unknown."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import fields
from connectors.http import Connection, Refusal, VendorHttp, made
from connectors.once import Once, Write
from domain.actions import is_action_key
from domain.errors import NotFound, Refused, Unavailable
from domain.messaging import (
    ACCOUNT_TROUBLE,
    BAD_NUMBER,
    BLOCKED_CONTENT,
    NOT_REACHED,
    OPTED_OUT,
    OUTSIDE_WINDOW,
    TEMPLATE_MISFIT,
    TEMPLATE_UNKNOWN,
    Channel,
    DeliveryReported,
    DeliveryState,
    FilledTemplate,
    MessageRefused,
    Receipt,
    Text,
    TextReceived,
    WebhookFact,
)

SYSTEM = "whatsapp"
API_VERSION = "v23.0"
LONGEST_BODY = 4096
LIMITS_MS = {"4": 60_000, "80007": 60_000, "130429": 1_000, "131056": 6_000, "133016": 60_000}
"""Meta's codes for a reached limit, some of them with status 400; 131056 is one message to a person each 6 s."""
REASONS = {
    "131021": BAD_NUMBER,
    "131026": NOT_REACHED,
    "131031": ACCOUNT_TROUBLE,
    "131042": ACCOUNT_TROUBLE,
    "131045": ACCOUNT_TROUBLE,
    "131047": OUTSIDE_WINDOW,
    "131048": ACCOUNT_TROUBLE,
    "131049": BLOCKED_CONTENT,
    "131050": OPTED_OUT,
    "132000": TEMPLATE_MISFIT,
    "132001": TEMPLATE_UNKNOWN,
    "132005": TEMPLATE_MISFIT,
    "132007": BLOCKED_CONTENT,
    "132012": TEMPLATE_MISFIT,
    "132015": TEMPLATE_UNKNOWN,
    "132016": TEMPLATE_UNKNOWN,
    "368": ACCOUNT_TROUBLE,
}
"""Meta's codes that somebody here can act on. They come with the answer or later by the status webhook."""
ATTACHMENTS = frozenset({"audio", "image", "video", "document", "sticker", "location", "contacts"})
STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


class WhatsApp:
    """The Messaging port. Meta gives the key back in its status webhooks, which settle what was unknown."""

    system = SYSTEM
    channels = frozenset({Channel.WHATSAPP})

    def __init__(self, connection: Connection, *, phone_number_id: str) -> None:
        """`connection.url` is https://graph.facebook.com."""
        self._http = VendorHttp(SYSTEM, connection)
        self._once = Once(SYSTEM, connection.attempts, connection.clock)
        self._number = f"/{API_VERSION}/{phone_number_id}"
        self._path = f"{self._number}/messages"

    async def close(self) -> None:
        await self._http.close()

    async def check(self) -> str:
        number = fields.record(
            await self._http.read("GET", self._number, params={"fields": "display_phone_number,verified_name"}), SYSTEM
        )
        return f"{number.get('verified_name')} ({number.get('display_phone_number')})"

    async def send(self, text: Text, key: str) -> Receipt:
        """Free text reaches a person only within 24 hours of their last message; an approved template at any time."""
        fields.sendable(text, self.channels, LONGEST_BODY, SYSTEM)
        message: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": text.to.removeprefix("+"),
            "biz_opaque_callback_data": key,
        }
        if text.template is None:
            message |= {"type": "text", "text": {"body": text.body, "preview_url": False}}
        else:
            message |= {"type": "template", "template": _filled(text.template)}

        async def send() -> str:
            try:
                answer = await self._http.write("POST", self._path, body=message)
            except Refusal as refusal:
                if refusal.code in LIMITS_MS:
                    raise Unavailable(SYSTEM, "its rate limit is reached", LIMITS_MS[refusal.code]) from refusal
                if refusal.code in REASONS:
                    raise MessageRefused(SYSTEM, REASONS[refusal.code]) from None
                raise
            except NotFound:
                # 132001 comes with status 404; a wrong number of our own with 400.
                if text.template is not None:
                    raise MessageRefused(SYSTEM, TEMPLATE_UNKNOWN) from None
                raise
            return made(answer, "messages", 0, "id")

        sent = await self._once.do(Write(key=key, send=send, look=None))
        return Receipt(message_id=sent, state=DeliveryState.ACCEPTED)

    async def delivery(self, message_id: str) -> DeliveryState | None:
        """Meta tells by its webhook only."""
        return None


def _filled(template: FilledTemplate) -> dict[str, Any]:
    """The values stand in the body, by their order."""
    values = [{"type": "text", "text": value} for value in template.values]
    filled: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    return filled | ({"components": [{"type": "body", "parameters": values}]} if values else {})


# ---------------------------------------------------------------- the way in


def is_signed(app_secret: str, body: bytes, given: str | None) -> bool:
    """X-Hub-Signature-256, in constant time. An empty secret signs nothing."""
    expected = b"sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest().encode()
    return bool(app_secret) and hmac.compare_digest(expected, (given or "").encode("utf-8", "replace"))


def challenge(query: Mapping[str, str], verify_token: str) -> str:
    """The answer to Meta's question when a webhook is set up. Raises Refused("bad_signature")."""
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    known = bool(verify_token) and hmac.compare_digest(given, verify_token.encode())
    if query.get("hub.mode") != "subscribe" or not known:
        raise Refused("bad_signature", "The verify token is not ours.")
    return query.get("hub.challenge", "")


class WhatsAppWebhook:
    """The Webhook port for incoming texts and delivery reports; what else Meta sends is passed over."""

    def __init__(self, app_secret: str) -> None:
        self._app_secret = app_secret

    def open(self, url: str, headers: Mapping[str, str], body: bytes) -> list[WebhookFact]:
        if not is_signed(self._app_secret, body, headers.get("x-hub-signature-256")):
            raise Refused("bad_signature", "The request isn't signed by Meta.")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused("bad_webhook", "The body is not JSON.") from None
        return [fact for value in _values(told) for fact in (*_texts(value), *_reports(value))]


def _values(told: Any) -> Iterator[dict[str, Any]]:
    for entry in fields.objects(told, "entry"):
        for change in fields.objects(entry, "changes"):
            if change.get("field") == "messages":
                yield fields.inner(change, "value")


def _texts(value: Mapping[str, Any]) -> Iterator[TextReceived]:
    recipient = fields.text(fields.inner(value, "metadata"), "display_phone_number") or ""
    for message in fields.objects(value, "messages"):
        kind = str(message.get("type"))
        body, attachment = _content(message, kind)
        sender, identity = fields.text(message, "from"), fields.text(message, "id")
        if (body or attachment) and sender and identity:
            yield TextReceived(
                channel=Channel.WHATSAPP,
                message_id=identity,
                sender=f"+{fields.digits(sender)}",
                recipient=f"+{fields.digits(recipient)}",
                body=body,
                at=_time(message),
                attachment=attachment,
            )


def _content(message: Mapping[str, Any], kind: str) -> tuple[str, str | None]:
    """Words, and what came beside them; neither of what asks for no answer, such as a reaction."""
    if kind == "text":
        return fields.text(fields.inner(message, "text"), "body") or "", None
    if kind == "button":
        return fields.text(fields.inner(message, "button"), "text") or "", None
    if kind in ATTACHMENTS:
        return fields.text(fields.inner(message, kind), "caption") or "", kind
    return "", None


def _reports(value: Mapping[str, Any]) -> Iterator[DeliveryReported]:
    for status in fields.objects(value, "statuses"):
        state, identity = STATES.get(str(status.get("status"))), fields.text(status, "id")
        key = fields.text(status, "biz_opaque_callback_data") or ""
        if state and identity:
            known = key if is_action_key(key) else None
            yield DeliveryReported(message_id=identity, state=state, key=known, reason=_reason(status))


def _reason(status: Mapping[str, Any]) -> str | None:
    codes = (str(error.get("code")) for error in fields.objects(status, "errors"))
    return next((REASONS[code] for code in codes if code in REASONS), None)


def _time(message: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(message.get("timestamp"))), UTC)
    except (ValueError, OverflowError, OSError):
        return None
