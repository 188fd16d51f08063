"""A tenant's SMS and WhatsApp services, opened as its connections say."""

from __future__ import annotations

from connectors.http import Connection
from connectors.twilio import Twilio
from connectors.whatsapp import WhatsApp
from domain.acting.connection import ConnectionRow
from domain.errors import Rejected
from domain.messaging import Channel, Messaging

SENDERS = {Channel.SMS: "sms_sender", Channel.WHATSAPP: "whatsapp_sender"}
"""The setting that holds each channel's own number."""


def messaging_of(row: ConnectionRow, connection: Connection, callback: str | None = None) -> Messaging:
    """The caller closes it. Raises Rejected for a connection that can't be used as it is written."""
    match row.system:
        case "twilio":
            senders = {channel: row.settings[name] for channel, name in SENDERS.items() if row.settings.get(name)}
            account = row.settings.get("account", "")
            return Twilio(connection, account=account, senders=senders, callback=callback)
        case "whatsapp":
            return WhatsApp(connection, phone_number_id=row.settings.get("phone_number_id", ""))
        case _:
            raise Rejected("connections", "this system sends no messages")
