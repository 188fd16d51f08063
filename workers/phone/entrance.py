"""A media worker's entrance for phone calls, put together from the settings."""

from __future__ import annotations

from domain.errors import SetupError
from domain.ports import CallStore
from realtime.audiosocket.server import AudioSocketServer
from realtime.lines import Lines
from realtime.phone.door import Door
from realtime.phone.reception import Reception
from storage.accounts import PostgresAccounts
from workers.settings import Settings, audiosocket_ports, phone_networks
from workflows.calls import Calls


async def phone_entrance(
    settings: Settings, lines: Lines, store: CallStore, calls: Calls, accounts: PostgresAccounts
) -> AudioSocketServer:
    """Raises SetupError for a tenant that nobody knows."""
    tenants: dict[int, str] = {}
    for port, slug in audiosocket_ports(settings.audiosocket).items():
        tenant_id = await accounts.tenant_id(slug)
        if tenant_id is None:
            raise SetupError(f"HATIF_AUDIOSOCKET: there is no tenant {slug}.")
        tenants[port] = tenant_id
    door = Door(
        sources=phone_networks(settings.phone_sources),
        most_legs=settings.phone_legs_per_source,
        most_a_minute=settings.phone_legs_per_minute,
    )
    reception = Reception(worker=lines.worker, legs=lines.legs, calls=calls, store=store, has_room=lines.has_room)
    return AudioSocketServer(host=settings.host, tenants=tenants, door=door, receive=reception.receive)
