"""A conversation by phone: the real ear over a real AudioSocket, interrupted by voice and by keys."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network

import numpy as np
import pytest

from domain import sentences
from domain.line import LineRequest, Phase, SessionDescription
from domain.moves import Move, Say
from domain.speech import Language, Speaker, Utterance
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.audiosocket.server import AudioSocketServer
from realtime.course.context import DeskSide
from realtime.organs import Records, assemble
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.rates import PHONE_TIMES, Down
from realtime.witness import Witness
from tests.conftest import free_port
from tests.realtime.conftest import recording
from tests.realtime.phone.exchange import Exchange
from tests.realtime.plain import PROFILE, KeptAudit, KeptTurns, PlainBrain, plain_organs

pytestmark = pytest.mark.models
SHORT_EN = "en-lj042-0094.wav"


class Agent:
    """Answers every leg with a conversation, put together as the product does."""

    def __init__(self, vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
        self.brain, self.kept = PlainBrain(_long), KeptTurns()
        self._vad, self._recogniser = vad, recogniser

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        await line.answer(SessionDescription(type="offer", sdp="ticket"))
        conversation, people = assemble(
            LineRequest(call_id=call_id, tenant_id=tenant_id, lease=1, phase=Phase()),
            PROFILE,
            line,
            plain_organs(self._vad, self._recogniser, self.brain),
            Records(
                recorder=self.kept,
                facts=self.kept,
                witness=Witness(KeptAudit()),
                desk=DeskSide(),
                tapes=None,
                doer=None,
            ),
        )
        try:
            await conversation.run([])
        finally:
            await line.close()
            await people.close(lost=False)

    @property
    def broken_off(self) -> int:
        """How many of our turns."""
        return sum(turn.interrupted for turn in self.kept.turns)

    async def asked(self, text: str) -> None:
        await until(lambda: bool(self.brain.asked) and self.brain.asked[-1].text.endswith(text))


async def until(come: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if come():
                return
            await asyncio.sleep(0.05)


async def _long(utterance: Utterance) -> AsyncIterator[Move]:
    yield Say(text="word " * 200, language=Language.EN)


@pytest.fixture
async def call(vad: SileroActivity, recogniser: WhisperRecogniser) -> AsyncIterator[tuple[Agent, Exchange]]:
    agent, port = Agent(vad, recogniser), free_port()
    server = AudioSocketServer(
        host="127.0.0.1",
        tenants={port: PROFILE.tenant_id},
        door=Door(sources=[ip_network("127.0.0.1")], most_legs=1, most_a_minute=9, most_of_tenant=1),
        refusals=Refusals(lambda *line: None),
        receive=agent.receive,
    )
    await server.start()
    exchange = await Exchange.dial(port, uuid.uuid4())
    yield agent, exchange
    await exchange.hang_up()
    server.close()


async def test_keys_are_heard_and_a_voice_stops_the_agent(call: tuple[Agent, Exchange]) -> None:
    agent, exchange = call
    await exchange.speech(200)
    for key in "99*4572#":
        exchange.press(key)
    await agent.asked("4572")
    await exchange.speech(400, after=len(exchange.heard))

    before = agent.broken_off
    exchange.say(Down(PHONE_TIMES).feed(np.frombuffer(recording(SHORT_EN), "<i2").reshape(-1, 1)))
    await until(lambda: agent.broken_off > before)
    await until(lambda: len(agent.brain.asked) > 1)
    said = agent.brain.asked[1]
    assert not said.typed
    assert said.text.strip()
    await exchange.speech(400, after=len(exchange.heard))

    exchange.press("0")
    await agent.asked(sentences.KEY_ZERO[Language.EN])
    turns = [turn for turn in agent.kept.turns if turn.speaker is Speaker.AGENT]
    assert all(0 < len(turn.text.split()) < 200 for turn in turns if turn.interrupted)
