"""The entrance for telephony services' streams, from the settings."""

from __future__ import annotations

import re

from domain.errors import SetupError
from domain.ports import CallStore
from realtime.phone.door import Door
from realtime.phone.reception import Reception
from realtime.phone.refusals import Refusals
from realtime.streams.plivo import Plivo
from realtime.streams.server import StreamServer
from realtime.streams.twilio import Twilio
from realtime.streams.vendor import Vendor
from storage.accounts import PostgresAccounts
from workers.settings import Settings, stream_number_list

_PUBLIC_URL = re.compile(r"https://[^\s?#/]+(/[A-Za-z0-9._/-]*)?")


async def stream_server(
    settings: Settings,
    store: CallStore,
    accounts: PostgresAccounts,
    door: Door,
    refusals: Refusals,
    reception: Reception,
) -> StreamServer | None:
    """None where no port is set. Raises SetupError for what is set by half."""
    if not settings.streams_port:
        return None
    vendors: dict[str, Vendor] = {}
    if settings.twilio_auth_token is not None:
        vendors["twilio"] = Twilio(settings.twilio_auth_token.get_secret_value())
    if settings.plivo_auth_token is not None:
        vendors["plivo"] = Plivo(settings.plivo_auth_token.get_secret_value())
    if not all(vendor.token for vendor in vendors.values()) or not vendors:
        raise SetupError("HATIF_STREAMS_PORT needs HATIF_TWILIO_AUTH_TOKEN or HATIF_PLIVO_AUTH_TOKEN.")
    if not _PUBLIC_URL.fullmatch(settings.streams_url):
        raise SetupError('HATIF_STREAMS_URL must be where the services reach us: "https://voice.example.com/phone".')
    numbers: dict[str, str] = {}
    for number, slug in stream_number_list(settings.streams_numbers).items():
        if (tenant_id := await accounts.tenant_id(slug)) is None:
            raise SetupError(f"HATIF_STREAMS_NUMBERS: there is no tenant {slug}.")
        numbers[number] = tenant_id
    if not numbers:
        raise SetupError("HATIF_STREAMS_PORT needs HATIF_STREAMS_NUMBERS.")

    async def ended(tenant_id: str, call_id: str) -> bool:
        row = await store.call(tenant_id, call_id)
        return row is not None and row.ended_at is not None

    return StreamServer(
        host=settings.host,
        port=settings.streams_port,
        public_url=settings.streams_url.rstrip("/"),
        vendors=vendors,
        numbers=numbers,
        door=door,
        refusals=refusals,
        receive=reception.receive,
        ended=ended,
    )
