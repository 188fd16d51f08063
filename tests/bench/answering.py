"""A process that answers SIP calls with the product's own line and stand-ins for its slow models."""

from __future__ import annotations

import asyncio
import signal
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.line import LineRequest, Phase, SessionDescription
from domain.speech import Language, Transcript
from engines.model_files import verified
from engines.silero import SileroActivity
from realtime.course.context import DeskSide
from realtime.organs import Organs, Records, assemble
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.recorded import Recorded
from realtime.sip.endpoint import SipEndpoint
from realtime.witness import Witness
from tests.realtime.plain import MUSIC, PROFILE, KeptAudit, KeptTurns, PlainBrain, PlainValues, ToneVoice
from workers.settings import Settings

MOST = 1_000


class AtOnce:
    """A recogniser that hears the same in everything."""

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        return Transcript(text="hello", language=Language.EN, language_confidence=1.0, confidence=1.0)


async def serve(port: int) -> None:
    vad = SileroActivity(verified("silero-vad", Settings().models_dir))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    talking: set[asyncio.Task[None]] = set()

    async def receive(line: PhoneLine, tenant_id: str, call_id: str) -> None:
        await line.answer(SessionDescription(type="offer", sdp="ticket"))
        await line.connected()
        task = asyncio.create_task(_talk(line, call_id, vad))
        talking.add(task)
        task.add_done_callback(talking.discard)

    with TemporaryDirectory() as folder:
        endpoint = SipEndpoint(
            host="127.0.0.1",
            port=port,
            numbers={"demo": PROFILE.tenant_id},
            most_calls=MOST,
            lock=Path(folder) / "sip.lock",
            receive=receive,
            door=Door(sources=[ip_network("127.0.0.1")], most_legs=MOST, most_a_minute=MOST, most_of_tenant=MOST),
            refusals=Refusals(lambda *line: None),
        )
        endpoint.start()
        await endpoint.listening.wait()
        print("ready", flush=True)
        await stop.wait()
        await endpoint.close()


async def _talk(line: PhoneLine, call_id: str, vad: SileroActivity) -> None:
    kept = KeptTurns()
    conversation, people = assemble(
        LineRequest(call_id=call_id, tenant_id=PROFILE.tenant_id, lease=1, phase=Phase()),
        PROFILE,
        line,
        Organs(
            vad=vad,
            recogniser=AtOnce(),
            voice=ToneVoice(),
            values=PlainValues(),
            recorded=Recorded(),
            think=lambda _: PlainBrain(),
            music=MUSIC,
        ),
        Records(recorder=kept, facts=kept, witness=Witness(KeptAudit()), desk=DeskSide()),
    )
    try:
        await conversation.run([])
    finally:
        await line.close()
        await people.close(lost=False)
