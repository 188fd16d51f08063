"""A text to a caller on its way out: allowed first, sent once under its action's key, and put on record."""

from __future__ import annotations

from domain.acting.action import ActionStart
from domain.errors import NotFound, OutcomeUnknown, Refused, Rejected
from domain.messaging import NO_CONNECTION, Channel, DeliveryState, MessageRefused, Text
from domain.texting.book import NO_NUMBER, TEXT_REFUSED, TextBook, TextServices


class CallerTexts:
    """May be asked again and again under one key: the book keeps the first permission, the connector the one send."""

    def __init__(self, book: TextBook, services: TextServices) -> None:
        self._book = book
        self._services = services

    async def send(self, start: ActionStart) -> str:
        """The service's id of the message.

        Raises Refused where it may not be sent or the service will not, and else what a write of the Messaging port
        does: Unavailable, OutcomeUnknown.
        """
        tenant_id, to, words = start.tenant_id, start.slots.get("to", ""), start.slots.get("text", "")
        if not to or not words:
            raise Refused(NO_NUMBER, "A text needs a number that is the caller's own, and words.")
        sender = await self._services.sender(tenant_id, Channel.SMS)
        if sender is None:
            raise Refused(NO_CONNECTION, "No service is connected for text messages.")
        sender = await self._book.begin(tenant_id, start.call_id, start.key, to, sender)
        try:
            messaging = await self._services.of(tenant_id, sender)
            if messaging is None or Channel.SMS not in messaging.channels:
                raise MessageRefused("connections", NO_CONNECTION)
            receipt = await messaging.send(Text(channel=Channel.SMS, to=to, body=words), start.key)
        except OutcomeUnknown:
            await self._book.settle(tenant_id, start.key, DeliveryState.UNKNOWN)
            raise
        except (NotFound, Rejected) as refusal:
            code = refusal.code if isinstance(refusal, MessageRefused) else TEXT_REFUSED
            await self._book.settle(tenant_id, start.key, DeliveryState.FAILED, reason=code)
            raise Refused(code, "The service will not send it.") from None
        await self._book.settle(tenant_id, start.key, receipt.state, receipt.message_id)
        return receipt.message_id
