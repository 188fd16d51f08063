"""The tenant's phone extension in living calls: Debian's baresip behind kamailio, callers by web and by sipp."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.call import Channel, Outcome
from domain.line import (
    PHONE,
    LineFact,
    LineRequest,
    PartyJoined,
    PartyLeft,
    PartyRole,
    Phase,
    PhaseKind,
    PhoneMissed,
    SessionDescription,
    SetPhase,
)
from domain.outbound.dialling import DialState
from domain.speech import Speaker
from domain.tenant import Transfer
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.audiosocket.server import AudioSocketServer
from realtime.lines import Lines
from realtime.organs import Records
from realtime.phone.line import PhoneLine
from realtime.sip.endpoint import SipEndpoint
from realtime.witness import Witness
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls, free_port
from tests.realtime.ari.asterisk import ANSWERS, Asterisk
from tests.realtime.offline import OfflineLine
from tests.realtime.phone.port_holder import EXTENSION, endpoint_of, other_worker, registered
from tests.realtime.phone.rtp import RtpCaller
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.sipp import SIPP, Scenario
from tests.realtime.phone.test_sip import pitch_hz, tone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from tests.realtime.phone.test_trunks import registrar
from tests.realtime.plain import PROFILE, KeptAudit, KeptTurns, plain_organs

pytestmark = [
    pytest.mark.models,
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
    pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine"),
    pytest.mark.skipif(SIPP is None, reason="Debian's sip-tester is not on this machine"),
]

TENANT = str(uuid.uuid4())
MASTER = os.urandom(32)
NOT_OURS = "201"
BUSY_NUMBER = "+971500000486"
THEIRS_HZ, CALLERS_HZ = 600, 1_000
SECOND = 32_000
"""Bytes of it, at 16 kHz."""
RUNG = Phase(kind=PhaseKind.BRIDGED, number=1, handoff_id="c-1", advisor_id=PHONE)
KEYED = "received event: '{}'"
"""What the phone says of a key."""
JOINED = PartyJoined(lease=1, party_id=PHONE, role=PartyRole.ADVISOR)


@dataclass
class Worker:
    """A media worker's registry of calls, its SIP line, and the phone behind the trunk."""

    lines: Lines
    endpoint: SipEndpoint
    phone: SipPhone
    registrar: int
    """Its port."""
    tenants: PostgresTenants
    calls: PostgresCalls
    kept: KeptTurns
    audit: KeptAudit
    web: list[OfflineLine]
    living: dict[str, PhoneLine]

    async def transfers(self, to: str, keys: str = "", *, refer: bool = False) -> None:
        """Calls that begin from now on are transferred so."""
        transfer = Transfer(to=to, keys=keys, refer=refer)
        await self.tenants.save(replace(PROFILE, tenant_id=TENANT, slug=f"shop-{TENANT[:8]}", transfer=transfer))

    async def opened(self, offer: SessionDescription) -> str:
        call_id = str(uuid.uuid4())
        await self.calls.create_call(TENANT, call_id, Channel.PHONE, None)
        await self.lines.open(LineRequest(call_id=call_id, tenant_id=TENANT, lease=1, offer=offer))
        return call_id

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        offer = SessionDescription(type="offer", sdp=self.lines.legs.wait(line), worker=self.lines.worker)
        self.living[await self.opened(offer)] = line

    async def rings(self, call_id: str) -> None:
        await self.lines.set_phase(SetPhase(call_id=call_id, lease=1, phase=RUNG))

    async def has(self, right: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not right():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def fact(self) -> LineFact:
        """The next one."""
        await self.has(lambda: bool(self.kept.facts))
        return self.kept.facts.pop(0)

    async def transferred(self) -> tuple[str, str]:
        """How, and with what outcome, it is next on record."""
        await self.has(lambda: bool(self.audit.lines))
        _, action, _, detail = self.audit.lines.pop(0)
        assert action == "transferred"
        return detail["how"], detail["outcome"]


@pytest.fixture
async def worker(
    database: DatabaseUrls, vad: SileroActivity, recogniser: WhisperRecogniser, tmp_path: Path
) -> AsyncIterator[Worker]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, MASTER)
    calls, tenants = PostgresCalls(db, keys), PostgresTenants(db, keys)
    kept, audit, web = KeptTurns(), KeptAudit(), list[OfflineLine]()
    phone = SipPhone(tmp_path, tone(THEIRS_HZ, 60))
    port = free_port()

    def by_web() -> OfflineLine:
        web.append(OfflineLine(speed=1))
        return web[-1]

    lines = Lines(
        slots=4,
        worker="here",
        store=calls,
        tenants=tenants,
        records=Records(recorder=kept, facts=kept, witness=Witness(audit)),
        organs=plain_organs(vad, recogniser),
        make_line=by_web,
    )
    endpoint = endpoint_of(TENANT, tmp_path, free_port(), port, lambda *leg: made.receive(*leg))  # noqa: PLW0108
    lines.phones = endpoint
    made = Worker(lines, endpoint, phone, port, tenants, calls, kept, audit, web, {})
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        stack.push_async_callback(phone.close)
        await stack.enter_async_context(registrar(tmp_path, port, phone.port))
        stack.push_async_callback(endpoint.close)
        stack.push_async_callback(lines.close, Outcome.LOST)
        await phone.wait()
        endpoint.start()
        await registered(endpoint)
        yield made


def hears_them(caller: OfflineLine, since: int) -> bool:
    """For two seconds after so many bytes: of a call shorter than one the phone says nothing when it ends."""
    latest = bytes(caller.agent[-SECOND:])
    return len(caller.agent) > since + 2 * SECOND and abs(pitch_hz(latest, 16_000) - THEIRS_HZ) < 15


async def test_a_caller_by_web_talks_with_whoever_answers_the_extension(worker: Worker) -> None:
    """Their keys go to the phone, which has had those of its extension by then, and are no words of the call."""
    await worker.transfers(EXTENSION, ",56")
    call_id = await worker.opened(SessionDescription(type="offer", sdp="v=0"))
    (caller,) = worker.web
    await caller.told("turn")
    await worker.rings(call_id)
    assert await worker.fact() == JOINED
    for key in "56":
        await worker.phone.told(KEYED.format(key))
    assert await worker.transferred() == ("bridge", "answered")
    turns = len(worker.kept.turns)
    for key in "0#":
        caller.client({"type": "dtmf", "digit": key})
        await worker.phone.told(KEYED.format(key))
    caller.speak(tone(CALLERS_HZ, 20, 16_000))
    bridged = len(caller.agent)
    await worker.has(lambda: hears_them(caller, bridged))
    worker.phone.press("b")
    assert await worker.fact() == PartyLeft(lease=1, party_id=PHONE, role=PartyRole.ADVISOR, lost=False)
    await worker.phone.told("terminated")
    heard = worker.phone.heard()
    assert pitch_hz(heard[-16_000:], 8_000) == pytest.approx(CALLERS_HZ, abs=15)
    assert not any(turn.speaker is Speaker.CALLER for turn in worker.kept.turns[turns:])


async def test_a_worker_without_the_port_rings_the_extension_and_has_the_port_once_it_is_free(
    worker: Worker, tmp_path: Path
) -> None:
    await worker.endpoint.close()
    await worker.transfers(EXTENSION)
    async with other_worker(TENANT, tmp_path, worker.endpoint.port, worker.registrar) as other:
        worker.lines.phones = ours = endpoint_of(
            TENANT, tmp_path, worker.endpoint.port, worker.registrar, worker.receive
        )
        ours.start()
        try:
            async with asyncio.timeout(30):
                await ours.dials.wait()
            call_id = await worker.opened(SessionDescription(type="offer", sdp="v=0"))
            (caller,) = worker.web
            await caller.told("turn")
            await worker.rings(call_id)
            assert await worker.fact() == JOINED
            assert not ours.listening.is_set()
            bridged = len(caller.agent)
            await worker.has(lambda: hears_them(caller, bridged))
            other.kill()
            await other.wait()
            still = len(caller.agent)
            await worker.has(lambda: hears_them(caller, still))
            assert not ours.listening.is_set()
            worker.phone.press("b")
            assert await worker.fact() == PartyLeft(lease=1, party_id=PHONE, role=PartyRole.ADVISOR, lost=False)
            await registered(ours)
            assert ours.listening.is_set()
        finally:
            await ours.close()


async def test_a_phone_in_vain_is_told_and_its_caller_stays(worker: Worker) -> None:
    for to, state in ((BUSY_NUMBER, DialState.BUSY), (NOT_OURS, DialState.UNREACHABLE)):
        await worker.transfers(to)
        call_id = await worker.opened(SessionDescription(type="offer", sdp="v=0"))
        await worker.web[-1].told("turn")
        await worker.rings(call_id)
        assert await worker.fact() == PhoneMissed(lease=1, phase_number=1, state=state)
        assert await worker.transferred() == ("bridge", state)
        await worker.lines.end(call_id, Outcome.AGENT_SAID_GOODBYE)
        assert (await worker.lines.ended(call_id)).outcome is Outcome.AGENT_SAID_GOODBYE
    assert "Incoming call" not in worker.phone.said


async def test_a_callers_exchange_is_asked_first_and_believed(worker: Worker, tmp_path: Path) -> None:
    """It takes one caller there, finds the phone busy for the next, and will not have the third, who is bridged."""
    await worker.transfers(EXTENSION, refer=True)
    caller = await RtpCaller.open("PCMA", CALLERS_HZ)

    async def calls(scenario: Scenario) -> tuple[asyncio.Task[None], str]:
        playing = asyncio.create_task(scenario.play(worker.endpoint.port, tmp_path))
        await worker.has(lambda: bool(worker.living))
        await caller.hears(25)
        call_id, _ = worker.living.popitem()
        await worker.rings(call_id)
        return playing, call_id

    established = Scenario(media_port=caller.port).established()
    playing, call_id = await calls(established.referred(202, "100 Trying", "180 Ringing", "200 OK").hung_up())
    assert (await worker.lines.ended(call_id)).outcome is Outcome.HANDED_OFF
    assert await worker.transferred() == ("refer", "answered")
    await playing

    established = Scenario(media_port=caller.port).established()
    playing, call_id = await calls(established.referred(202, "100 Trying", "486 Busy Here").hung_up())
    assert await worker.fact() == PhoneMissed(lease=1, phase_number=1, state=DialState.BUSY)
    assert await worker.transferred() == ("refer", "busy")
    await worker.lines.end(call_id, Outcome.AGENT_SAID_GOODBYE)
    await playing
    assert "Incoming call" not in worker.phone.said

    established = Scenario(media_port=caller.port).established()
    playing, call_id = await calls(established.referred(603).hung_up())
    assert await worker.fact() == JOINED
    assert await worker.transferred() == ("bridge", "answered")
    await worker.lines.end(call_id, Outcome.HANDED_OFF)
    await playing
    await worker.phone.told("session closed")
    await caller.close()


async def test_a_callers_own_asterisk_is_asked_first_and_believed(worker: Worker) -> None:
    """It takes one caller there, finds the phone busy for the next, and knows no way for the third, who is bridged."""
    await worker.transfers(EXTENSION, refer=True)
    asterisk, port = Asterisk(), free_port()
    exchange = asterisk.ari()
    server = AudioSocketServer(
        host="127.0.0.1",
        tenants={port: TENANT},
        door=worker.endpoint.door,
        refusals=worker.endpoint.refusals,
        receive=worker.receive,
        exchanges={port: exchange},
    )
    await server.start()

    async def calls(becomes: str | int) -> str:
        asterisk.phones[EXTENSION] = becomes
        await asterisk.calls(port)
        await worker.has(lambda: bool(worker.living))
        call_id, _ = worker.living.popitem()
        await worker.rings(call_id)
        return call_id

    async with asterisk.serving():
        call_id = await calls(ANSWERS)
        assert (await worker.lines.ended(call_id)).outcome is Outcome.HANDED_OFF
        assert await worker.transferred() == ("refer", "answered")
        call_id = await calls(17)
        assert await worker.fact() == PhoneMissed(lease=1, phase_number=1, state=DialState.BUSY)
        assert await worker.transferred() == ("refer", "busy")
        await worker.lines.end(call_id, Outcome.AGENT_SAID_GOODBYE)
        assert "Incoming call" not in worker.phone.said
        call_id = await calls(20)
        assert await worker.fact() == JOINED
        assert await worker.transferred() == ("bridge", "answered")
        await worker.lines.end(call_id, Outcome.HANDED_OFF)
        await worker.lines.ended(call_id)
    server.close()
    await exchange.close()
