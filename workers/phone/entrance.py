"""A media worker's entrances for phone calls, put together from the settings."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from temporalio.client import Client

from domain.errors import SetupError
from domain.ports import CallStore
from realtime.audiosocket.server import AudioSocketServer
from realtime.durable import Dialling
from realtime.lines import Lines
from realtime.phone.door import Door
from realtime.phone.reception import Reception
from realtime.phone.refusals import Refusals
from realtime.phone.screening import Screening
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.trunks import Trunk, TrunkLines
from realtime.streams.server import StreamServer
from realtime.witness import Witness
from storage.accounts import PostgresAccounts
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing
from storage.outbound import PostgresDialBook
from storage.session import Database
from workers.phone.certificates import sip_tls
from workers.phone.exchanges import exchanges_by_port
from workers.phone.number_plan import every_writing
from workers.phone.streams import stream_server
from workers.phone.trunk_board import TrunkBoard
from workers.phone.trunks import trunk_entries
from workers.settings import (
    Settings,
    audiosocket_ports,
    phone_networks,
    rtp_port_range,
    sip_address,
    sip_codec_list,
    sip_number_list,
)
from workflows.calls import Calls

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEntrance:
    """`start` it, `refuse` when the process goes away, `close` when its calls have ended."""

    audiosocket: AudioSocketServer
    streams: StreamServer | None
    sip: SipEndpoint | None
    lines: Lines
    contacts: PostgresCallbacks
    book: PostgresDialBook

    async def start(self) -> None:
        """Raises SetupError."""
        await self.audiosocket.start()
        if self.streams is not None:
            await self.streams.start()
        if self.sip is not None:
            self.sip.start()

    async def dial(self, client: Client) -> None:
        """Dial what is asked for, until cancelled. Raises when that fails for good."""
        if self.sip is not None:
            organs = self.lines.organs
            await Dialling(
                client,
                self.sip,
                self.contacts,
                self.book,
                room_for=self.lines.room_for,
                screening=Screening(organs.vad, organs.recogniser),
            ).run()

    def refuse(self) -> None:
        """Take no more calls; those that are here stay."""
        self.audiosocket.close()
        if self.streams is not None:
            self.streams.refuse()
        if self.sip is not None:
            self.sip.refuse()

    async def close(self) -> None:
        for exchange in self.audiosocket.exchanges.values():
            await exchange.close()
        if self.streams is not None:
            await self.streams.close()
        if self.sip is not None:
            await self.sip.close()


async def phone_entrance(
    settings: Settings,
    lines: Lines,
    store: CallStore,
    calls: Calls,
    database: Database,
    keys: PostgresKeyRing,
    witness: Witness,
) -> PhoneEntrance:
    """Raises SetupError for a tenant that nobody knows."""
    accounts, contacts = PostgresAccounts(database), PostgresCallbacks(database, keys)
    reception = Reception(
        worker=lines.worker,
        legs=lines.legs,
        calls=calls,
        store=store,
        contacts=contacts,
        has_room=lines.has_room,
    )
    tenants: dict[int, str] = {}
    for port, slug in audiosocket_ports(settings.audiosocket).items():
        if (tenant_id := await accounts.tenant_id(slug)) is None:
            raise SetupError(f"HATIF_AUDIOSOCKET: there is no tenant {slug}.")
        tenants[port] = tenant_id
    door = Door(
        sources=phone_networks(settings.phone_sources),
        most_legs=settings.phone_legs_per_source,
        most_a_minute=settings.phone_legs_per_minute,
        most_of_tenant=settings.phone_legs_per_tenant,
    )
    refusals = Refusals(witness.refused)
    audiosocket = AudioSocketServer(
        host=settings.host,
        tenants=tenants,
        door=door,
        refusals=refusals,
        receive=reception.receive,
        exchanges=exchanges_by_port(settings.ari, tenants),
    )
    streams = await stream_server(settings, store, accounts, door, refusals, reception)
    sip = await _sip_endpoint(settings, accounts, door, refusals, reception)
    lines.phones = sip if sip.numbers or sip.trunks.trunks else None
    return PhoneEntrance(
        audiosocket=audiosocket,
        streams=streams,
        sip=lines.phones,
        lines=lines,
        contacts=contacts,
        book=PostgresDialBook(database, keys),
    )


async def _sip_endpoint(
    settings: Settings, accounts: PostgresAccounts, door: Door, refusals: Refusals, reception: Reception
) -> SipEndpoint:
    """Raises SetupError."""
    numbers: dict[str, str] = {}
    for number, slug in every_writing(sip_number_list(settings.sip_numbers)).items() if settings.sip_port else ():
        if tenant_id := await accounts.tenant_id(slug):
            numbers[number] = tenant_id
        else:
            # The demonstration's number is there by default, and its tenant may be gone.
            log.warning("sip_number_without_tenant", number=number, tenant=slug)
    trunks = await _trunks(settings, accounts)
    by_tls = any(trunk.transport == "tls" for trunk in trunks)
    return SipEndpoint(
        host=sip_address(settings.sip_host),
        port=settings.sip_port,
        numbers=numbers,
        most_calls=2 * settings.media_slots,  # a caller, and the extension that they are bridged to
        lock=settings.data_dir / "sip.lock",
        receive=reception.receive,
        door=door,
        refusals=refusals,
        trunks=_trunk_lines(settings, trunks),
        rtp_ports=rtp_port_range(settings.sip_rtp_ports, settings.media_workers * settings.media_slots),
        tls=sip_tls(settings, by_trunks=by_tls) if settings.sip_port else None,
        codecs=sip_codec_list(settings.sip_codecs),
        srtp=settings.sip_srtp,
    )


def _trunk_lines(settings: Settings, trunks: list[Trunk]) -> TrunkLines:
    if not trunks:
        return TrunkLines(())
    return TrunkLines(trunks, TrunkBoard(settings.data_dir, trunks).tell, shared_by=settings.media_workers)


async def _trunks(settings: Settings, accounts: PostgresAccounts) -> list[Trunk]:
    """Raises SetupError."""
    if settings.sip_trunks is None or not settings.sip_port:
        return []
    found: list[Trunk] = []
    for entry in trunk_entries(settings.sip_trunks):
        if (tenant_id := await accounts.tenant_id(entry.tenant)) is None:
            raise SetupError(f"HATIF_SIP_TRUNKS: there is no tenant {entry.tenant}.")
        found.append(entry.trunk(tenant_id, settings.sip_trunks.parent))
    return found
