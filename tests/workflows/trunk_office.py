"""A tenant with a trunk at Debian's kamailio, a media worker that dials by it, and Debian's baresip as the called."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

from domain.call import Outcome
from domain.line import LineRequest, SessionDescription
from domain.outbound.calling_out import OutboundResult
from domain.tenant import CallbackDialling, CallingHours, DialTries, OpenHours
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.durable import Dialling, DurableLines, WorkflowFacts
from realtime.phone.door import Door
from realtime.phone.legs import Legs
from realtime.phone.reception import Receive, Reception
from realtime.phone.refusals import Refusals
from realtime.phone.screening import Screening
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.origin import TRACE
from realtime.sip.trunks import Standing, TrunkLines
from storage.desk.callbacks import PostgresCallbacks
from storage.outbound import PostgresDialBook
from storage.tenants import PostgresTenants
from tests.conftest import free_port
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.test_trunks import registrar, trunk_at, until
from tests.workflows.desk_side import Desk
from tests.workflows.far_side import House
from tests.workflows.quiet_lines import OFFER, QuietLines
from workers.settings import Settings
from workflows.outbound.requests import OutboundCalls

WORKER = "a"
ANSWERS, IS_BUSY, RINGS = "+971501234567", "+971500000486", "+971500000180"
NOTHING = bytes(60 * 16_000)
"""What the called phone says: its owner waits to hear who it is."""
TRIES = DialTries(most=3, busy_min=1)


class PhoneLines(QuietLines):
    """Quiet ones that answer the leg which waits under an offer's ticket."""

    legs: Legs

    async def open(self, request: LineRequest) -> SessionDescription:
        assert request.offer is not None
        await self.legs.taken(request.offer.sdp).answer(request.offer)
        return await super().open(replace(request, offer=OFFER))


class Rings(logging.Handler):
    """Tells when the number that only rings does."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the stack's thread."""
        message = record.getMessage()
        if RINGS in message and "SIP/2.0 180" in message:
            self._loop.call_soon_threadsafe(self.heard.set)


@dataclass
class Office:
    """Open around the clock."""

    house: House
    calls: OutboundCalls
    contacts: PostgresCallbacks
    book: PostgresDialBook
    phone: SipPhone
    lines: PhoneLines
    dialling: Dialling
    registrar: int
    """Its port."""
    rung: asyncio.Event
    dials: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def dialled(self, key: str, number: str) -> tuple[str, OutboundResult]:
        call_id = await self.calls.begin(self.house.tenant_id, key, number)
        return call_id, await self.calls.result(self.house.tenant_id, call_id)

    async def outcome(self, call_id: str) -> Outcome | None:
        row = await self.house.store.call(self.house.tenant_id, call_id)
        assert row is not None
        return row.outcome

    async def rings(self) -> None:
        """Wait until the number that only rings does."""
        async with asyncio.timeout(60):
            await self.rung.wait()
        self.rung.clear()

    def begins_to_dial(self) -> None:
        self.dials.add(asyncio.create_task(self.dialling.run()))

    async def stops_dialling(self) -> None:
        for task in self.dials:
            task.cancel()
        await asyncio.gather(*self.dials, return_exceptions=True)
        self.dials.clear()


async def always_open(house: House) -> None:
    tenants = PostgresTenants(house.database, house.keys)
    profile = await tenants.profile(house.tenant_id)
    assert profile is not None
    hours = tuple(OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7))
    always = CallingHours(earliest="00:00", latest="24:00")
    profile = replace(profile, hours=hours, calling_hours=always, dial_tries=TRIES, dials_lost_callers=True)
    await tenants.save(profile)


async def callbacks_are_dialled(desk: Desk, who: CallbackDialling) -> None:
    profile = await desk.tenants.profile(desk.tenant_id)
    assert profile is not None
    await desk.tenants.save(replace(profile, callback_dialling=who))


def endpoint_of(tenant_id: str, receive: Receive, port: int, lock: Path) -> SipEndpoint:
    """`port` is the registrar's."""
    return SipEndpoint(
        host="127.0.0.1",
        port=free_port(),
        numbers={},
        most_calls=4,
        lock=lock,
        receive=receive,
        door=Door(sources=[ip_network("127.0.0.0/8")], most_legs=8, most_a_minute=1_000, most_of_tenant=8),
        refusals=Refusals(lambda *line: None),
        trunks=TrunkLines([trunk_at(port, tenant_id, "trunk", "right password")]),
    )


async def registered(endpoint: SipEndpoint) -> None:
    await until(endpoint.trunks, endpoint.trunks.trunks[0].name, Standing.REGISTERED)


def screening() -> Screening:
    models = Settings().models_dir
    return Screening(
        SileroActivity(verified("silero-vad", models)), WhisperRecogniser(verified("whisper-base", models))
    )


def with_room(call_id: str) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()


@contextlib.asynccontextmanager
async def open_office(house: House, folder: Path) -> AsyncIterator[Office]:
    await always_open(house)
    client, codec = await house.connect()
    contacts, book = PostgresCallbacks(house.database, house.keys), PostgresDialBook(house.database, house.keys)
    lines = PhoneLines(store=house.store, worker=WORKER)
    lines.legs = Legs()
    durable = DurableLines(client, lines, WorkflowFacts(client), worker=WORKER, drain_s=1.0)
    reception = Reception(
        worker=WORKER,
        legs=lines.legs,
        calls=await house.gateway(),
        store=house.store,
        contacts=contacts,
        has_room=lambda call_id: True,
    )
    port, phone = free_port(), SipPhone(folder, NOTHING)
    endpoint = endpoint_of(house.tenant_id, reception.receive, port, folder / "sip.lock")
    rung = Rings()
    logging.getLogger(TRACE).addHandler(rung)
    async with contextlib.AsyncExitStack() as running:
        await running.enter_async_context(registrar(folder, port, phone.port))
        running.callback(logging.getLogger(TRACE).removeHandler, rung)
        running.push_async_callback(phone.close)
        await phone.wait()
        running.push_async_callback(endpoint.close)
        endpoint.start()
        await registered(endpoint)
        serving = asyncio.create_task(durable.run())
        office = Office(
            house=house,
            calls=OutboundCalls(client, codec, book),
            contacts=contacts,
            book=book,
            phone=phone,
            lines=lines,
            dialling=Dialling(client, endpoint, contacts, book, room_for=with_room, screening=screening()),
            registrar=port,
            rung=rung.heard,
        )
        office.begins_to_dial()
        yield office
        await office.stops_dialling()
        for call_id in list(lines.lines):
            await lines.end(call_id, Outcome.ENDED_BY_OPERATOR)
        await durable.drain()
        await asyncio.gather(serving, return_exceptions=True)
