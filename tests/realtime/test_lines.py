"""The registry of lines over the real store: slots, leases, takeovers and how calls end."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from domain.call import Channel, Outcome
from domain.errors import LineBusy, LineLost, Refused
from domain.line import (
    GuideAgent,
    JoinLine,
    LeaveLine,
    LineEnded,
    LineRequest,
    Party,
    PartyJoined,
    PartyLeft,
    PartyMode,
    PartyRole,
    Phase,
    PhaseKind,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from domain.speech import Speaker
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.lines import Lines
from realtime.organs import Records
from realtime.witness import Witness
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.spool import TurnSpool
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import PROFILE, KeptAudit, KeptTurns, plain_organs

pytestmark = [pytest.mark.models, pytest.mark.servers]

OFFER = SessionDescription(type="offer", sdp="v=0")
SLOTS = 2
MASTER = os.urandom(32)


class House:
    """Two media workers' registries over one store."""

    def __init__(
        self,
        calls: PostgresCalls,
        make: Callable[[str], Lines],
        opened: dict[str, list[OfflineLine]],
        kept: KeptTurns,
    ) -> None:
        self.calls = calls
        self.facts = kept.facts
        self.opened = opened
        self.first = make("worker-1")
        self.second = make("worker-2")

    async def request(self, lease: int = 1) -> LineRequest:
        call_id = str(uuid.uuid4())
        await self.calls.create_call(PROFILE.tenant_id, call_id, Channel.WEB, None)
        return LineRequest(call_id=call_id, tenant_id=PROFILE.tenant_id, lease=lease, offer=OFFER)


@pytest.fixture
async def house(
    database: DatabaseUrls, vad: SileroActivity, recogniser: WhisperRecogniser, tmp_path: Path
) -> AsyncIterator[House]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, MASTER)
    calls, tenants = PostgresCalls(db, keys), PostgresTenants(db, keys)
    await tenants.save(PROFILE)
    spool = TurnSpool(calls, keys, tmp_path / "spool")
    opened: dict[str, list[OfflineLine]] = {}
    kept = KeptTurns()

    def make(name: str) -> Lines:
        def line() -> OfflineLine:
            opened.setdefault(name, []).append(OfflineLine())
            return opened[name][-1]

        return Lines(
            slots=SLOTS,
            worker=name,
            store=calls,
            tenants=tenants,
            records=Records(recorder=spool, facts=kept, witness=Witness(KeptAudit())),
            organs=plain_organs(vad, recogniser),
            make_line=line,
        )

    made = House(calls, make, opened, kept)
    yield made
    await made.first.close(Outcome.LOST)
    await made.second.close(Outcome.LOST)
    await spool.close()
    await db.close()


def line_of(house: House, worker: str, index: int = -1) -> OfflineLine:
    return house.opened[worker][index]


async def ended(lines: Lines, call_id: str) -> LineEnded:
    async with asyncio.timeout(30):
        return await lines.ended(call_id)


async def test_a_call_is_answered_lives_and_ends_with_its_turns_stored(house: House) -> None:
    request = await house.request()
    answer = await house.first.open(request)
    assert answer.type == "answer"
    line = line_of(house, "worker-1")
    await line.told("turn")
    waiting = asyncio.create_task(ended(house.first, request.call_id))
    line.client({"type": "text", "text": "hello there"})
    await line.told("answered")
    line.client({"type": "hangup"})
    assert await waiting == LineEnded(
        lease=1, outcome=Outcome.CALLER_HUNG_UP, turns=3, language=PROFILE.default_language
    )
    turns = await house.calls.turns(request.tenant_id, request.call_id)
    assert [t.speaker for t in turns] == [Speaker.AGENT, Speaker.CALLER, Speaker.AGENT]
    assert turns[1].text == "hello there"
    assert house.first.active == 0
    with pytest.raises(LineLost):
        await house.first.ended(request.call_id)


async def test_a_full_worker_is_busy_and_takes_the_next_when_one_ends(house: House) -> None:
    requests = [await house.request() for _ in range(SLOTS + 1)]
    for request in requests[:SLOTS]:
        await house.first.open(request)
    with pytest.raises(LineBusy):
        await house.first.open(requests[-1])
    await house.first.end(requests[0].call_id, Outcome.ENDED_BY_OPERATOR)
    await ended(house.first, requests[0].call_id)
    await house.first.open(requests[-1])


async def test_a_higher_lease_elsewhere_goes_on_with_what_was_said(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    line_of(house, "worker-1").client({"type": "text", "text": "remember me"})
    await line_of(house, "worker-1").told("answered")
    await house.second.open(replace(request, lease=2))
    back = line_of(house, "worker-2")
    await back.told("turn")
    assert await house.calls.current_lease(request.tenant_id, request.call_id) == 2
    with pytest.raises(LineLost):
        await house.first.open(replace(request, lease=1))
    confirm = line_of(house, "worker-1", 0).still_ours
    assert confirm is not None
    assert await confirm() is False
    back_confirm = back.still_ours
    assert back_confirm is not None
    assert await back_confirm() is True


async def test_a_reconnect_to_the_same_worker_replaces_the_line(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    await line_of(house, "worker-1").told("turn")
    old = asyncio.create_task(ended(house.first, request.call_id))
    await asyncio.sleep(0)
    await house.first.open(replace(request, lease=2))
    with pytest.raises(LineLost):
        await old
    await line_of(house, "worker-1").told("ready", lease=2)
    assert house.first.active == 1


async def test_adoption_raises_the_lease_and_the_call_goes_on(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    line = line_of(house, "worker-1")
    await line.told("turn")
    assert await house.first.adopt(replace(request, lease=2, offer=None))
    line.client({"type": "text", "text": "still here"})
    await line.told("answered")
    await house.first.end(request.call_id, Outcome.ENDED_BY_OPERATOR)
    assert (await ended(house.first, request.call_id)).lease == 2
    turns = await house.calls.turns(request.tenant_id, request.call_id)
    assert [t.lease for t in turns] == [1, 2, 2]


async def test_nobody_adopts_what_is_not_there_or_was_overtaken(house: House) -> None:
    request = await house.request()
    assert not await house.first.adopt(request)
    await house.first.open(request)
    await house.second.open(replace(request, lease=3))
    assert not await house.first.adopt(replace(request, lease=2))
    assert house.first.active == 0


async def test_a_line_that_lost_its_activity_is_let_go_once_another_holds_the_call(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    await house.first.release(request.call_id)
    assert house.first.active == 1
    await house.second.open(replace(request, lease=2))
    await house.first.release(request.call_id)
    await house.first.release("never heard of")
    assert house.first.active == 0
    assert not any(message["type"] in ("ended", "move") for message in line_of(house, "worker-1").sent)


async def test_a_worker_that_goes_away_asks_everybody_to_connect_again(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    await line_of(house, "worker-1").told("turn")
    await house.first.join(join_of(request))
    await line_of(house, "worker-1", 1).told("phase")
    house.first.move()
    for index in (0, 1):
        await line_of(house, "worker-1", index).told("move")

    await house.second.open(replace(request, lease=2))
    with pytest.raises(LineLost):
        await ended(house.first, request.call_id)
    assert house.first.active == 0


async def test_a_call_that_is_dialled_keeps_its_place_until_it_is_answered_or_given_up(house: House) -> None:
    requests = [await house.request() for _ in range(SLOTS + 1)]
    dialled, last = requests[0], requests[-1]
    with house.first.room_for(dialled.call_id):
        for request in requests[1:SLOTS]:
            await house.first.open(request)
        with pytest.raises(LineBusy):
            await house.first.open(last)
        with pytest.raises(Refused), house.first.room_for(last.call_id):
            pass
        await house.first.open(dialled)
    assert house.first.active == SLOTS
    await house.first.end(dialled.call_id, Outcome.ENDED_BY_OPERATOR)
    await ended(house.first, dialled.call_id)
    with house.first.room_for(last.call_id):
        assert not house.first.has_room("another")
    await house.first.open(last)


def join_of(request: LineRequest, lease: int = 1) -> JoinLine:
    return JoinLine(
        call_id=request.call_id,
        tenant_id=request.tenant_id,
        lease=lease,
        party=Party(party_id="maha", role=PartyRole.ADVISOR),
        offer=OFFER,
    )


async def test_commands_reach_the_line_that_they_are_for_and_no_other(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    line = line_of(house, "worker-1")
    await line.told("turn")
    call_id, held = request.call_id, Phase(kind=PhaseKind.HELD, number=1)
    await house.first.set_phase(SetPhase(call_id=call_id, lease=1, phase=held))
    await line.told("phase", phase=PhaseKind.HELD)
    await house.first.join(join_of(request))
    await line_of(house, "worker-1", 1).told("phase", phase=PhaseKind.HELD)
    mode = SetPartyMode(call_id=call_id, lease=1, party_id="maha", mode=PartyMode.LISTEN)
    await house.first.set_party_mode(mode)
    await house.first.guide_agent(GuideAgent(call_id=call_id, lease=1, text="be kind"))
    await house.first.leave(LeaveLine(call_id=call_id, lease=1, party_id="maha"))
    with pytest.raises(Refused):
        await house.first.set_party_mode(mode)
    assert house.facts == [
        PartyJoined(lease=1, party_id="maha", role=PartyRole.ADVISOR),
        PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=False),
    ]
    assert await house.first.adopt(replace(request, lease=2, offer=None, phase=replace(held, number=2, position=1)))
    await line.told("phase", position=1)
    for lost in (
        house.first.set_phase(SetPhase(call_id=call_id, lease=1, phase=held)),
        house.second.join(join_of(request)),
    ):
        with pytest.raises(LineLost):
            await lost


async def test_a_reconnect_elsewhere_brings_the_phase_and_lets_people_go(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    await line_of(house, "worker-1").told("turn")
    await house.first.join(join_of(request))
    await line_of(house, "worker-1", 1).told("phase")
    bridged = Phase(kind=PhaseKind.BRIDGED, number=3, handoff_id="h-1")
    await house.second.open(replace(request, lease=2, phase=bridged))
    await line_of(house, "worker-2").told("phase", phase=PhaseKind.BRIDGED)
    await house.second.join(join_of(request, lease=2))
    await line_of(house, "worker-2", 1).told("phase", phase=PhaseKind.BRIDGED)
    await house.first.release(request.call_id)
    assert line_of(house, "worker-1", 1).sent[-1] == {"type": "move"}
    assert PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=True) in house.facts


async def test_a_persons_line_is_guarded_by_the_lease_of_the_call(house: House) -> None:
    request = await house.request()
    await house.first.open(request)
    await house.first.join(join_of(request))
    await line_of(house, "worker-1", 1).told("phase")
    confirm = line_of(house, "worker-1", 1).still_ours
    assert confirm is not None
    assert await confirm()
    await house.second.open(replace(request, lease=2))
    assert not await confirm()


async def test_a_line_needs_an_offer(house: House) -> None:
    with pytest.raises(Refused):
        await house.first.open(replace(await house.request(), offer=None))


async def test_a_tenant_without_a_profile_is_refused(house: House) -> None:
    with pytest.raises(Refused) as refusal:
        await house.first.open(replace(await house.request(), tenant_id=str(uuid.uuid4())))
    assert refusal.value.code == "unknown_tenant"
