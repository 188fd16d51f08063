"""A caller and an advisor over real connections: each hears the other's tone, and nobody hears themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from domain.line import LineRequest, Party, PartyJoined, PartyLeft, PartyRole, Phase, PhaseKind, SessionDescription
from domain.speech import SAMPLE_RATE_HZ
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.organs import Records, assemble
from realtime.webrtc import WebRtcLine, listen_on_loopback
from realtime.witness import Witness
from tests.realtime.plain import PROFILE, KeptAudit, KeptTurns, plain_organs
from tests.realtime.test_webrtc import CALLER_HZ, Peer, peak_hz

pytestmark = [pytest.mark.models, pytest.mark.timeout(120)]

ADVISOR_HZ = 850
BRIDGED = Phase(kind=PhaseKind.BRIDGED, number=1, handoff_id="c1-1")


def level_at(pcm: bytes, hz: int) -> float:
    """How loud one frequency is, against the loudest."""
    spectrum = np.abs(np.fft.rfft(np.frombuffer(pcm, "<i2").astype(float)))
    return float(spectrum[round(hz * len(pcm) / 2 / SAMPLE_RATE_HZ)] / spectrum.max())


@pytest.fixture
async def peers() -> AsyncIterator[Callable[[int], Peer]]:
    listen_on_loopback()
    made: list[Peer] = []

    def make(hz: int) -> Peer:
        made.append(Peer(hz))
        return made[-1]

    yield make
    for peer in made:
        await peer.close()


async def test_both_hear_each_other_and_the_advisor_can_come_back(
    peers: Callable[[int], Peer], vad: SileroActivity, recogniser: WhisperRecogniser
) -> None:
    kept, caller, advisor = KeptTurns(), peers(CALLER_HZ), peers(ADVISOR_HZ)
    line = WebRtcLine()
    conversation, people = assemble(
        LineRequest(call_id="c1", tenant_id=PROFILE.tenant_id, lease=1, phase=BRIDGED),
        PROFILE,
        line,
        plain_organs(vad, recogniser),
        Records(recorder=kept, facts=kept, witness=Witness(KeptAudit())),
    )
    await caller.call(line)
    assert await line.connected()
    talking = asyncio.create_task(conversation.run([]))

    async def join(peer: Peer) -> None:
        joined = len(kept.facts)
        maha = Party(party_id="maha", role=PartyRole.ADVISOR)

        async def answer(offer: SessionDescription) -> SessionDescription:
            return await people.join(maha, offer, WebRtcLine())

        await peer.offer_to(answer)
        await peer.until(lambda: PartyJoined(lease=1, party_id="maha", role=PartyRole.ADVISOR) in kept.facts[joined:])

    async def each_hears_the_other(other: Peer) -> None:
        for listener, hz, own_hz in ((caller, ADVISOR_HZ, CALLER_HZ), (other, CALLER_HZ, ADVISOR_HZ)):
            have = len(listener.heard)
            await listener.until(lambda p=listener, n=have: len(p.heard) > n + 6 * SAMPLE_RATE_HZ)
            heard = bytes(listener.heard[-2 * SAMPLE_RATE_HZ :])
            assert peak_hz(heard) == pytest.approx(hz, abs=3)
            assert level_at(heard, own_hz) < 0.1

    await join(advisor)
    await each_hears_the_other(advisor)

    # The page is reloaded: a new connection of the same person, while the old one just stops.
    again = peers(ADVISOR_HZ)
    await join(again)
    await each_hears_the_other(again)
    assert not any(isinstance(fact, PartyLeft) for fact in kept.facts)

    await again.connection.close()
    await caller.until(lambda: any(isinstance(fact, PartyLeft) for fact in kept.facts))
    assert kept.facts[-1] == PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=True)
    caller.channel.send('{"type":"hangup"}')
    async with asyncio.timeout(20):
        await talking
    await people.close(lost=False)
