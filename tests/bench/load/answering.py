"""A process that answers web and SIP calls with the product's own lines, and stand-ins for its slow models.

`python -m tests.bench.load.answering --sip 5060 --web 5061`. The web port takes one JSON object a line: an offer, which
is answered, or a census, which tells what lives here.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from domain.line import LineRequest, Phase, SessionDescription
from domain.speech import SAMPLE_RATE_HZ, Language, Transcript
from engines.model_files import verified
from engines.silero import SileroActivity
from realtime.course.context import DeskSide
from realtime.line import AnsweringLine
from realtime.organs import Records, assemble
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from realtime.webrtc import WebRtcLine, listen_on_loopback
from realtime.witness import Witness
from tests.realtime.plain import CHAR_MS, PROFILE, KeptAudit, KeptTurns, ToneVoice, plain_organs
from workers.settings import Settings

MOST = 1_000
TONE = (
    (8_000 * np.sin(2 * np.pi * 500 * np.arange(CHAR_MS * SAMPLE_RATE_HZ // 1000) / SAMPLE_RATE_HZ))
    .astype("<i2")
    .tobytes()
)


class AtOnce:
    """A recogniser that hears the same in everything."""

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        return Transcript(text="hello", language=Language.EN, language_confidence=1.0, confidence=1.0)


class AudibleVoice(ToneVoice):
    """A tone that every codec carries."""

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        for _ in text:
            yield TONE
            await asyncio.sleep(0)


class Answering:
    """Every call of the process."""

    def __init__(self) -> None:
        self._vad = SileroActivity(verified("silero-vad", Settings().models_dir))
        self._talking: set[asyncio.Task[None]] = set()

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        await line.answer(SessionDescription(type="offer", sdp="ticket"))
        self._begin(line)

    async def take_offers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await self._asked(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _asked(self, what: dict[str, Any]) -> dict[str, Any]:
        if "sdp" not in what:
            if not self._talking:
                gc.collect()
            return {"calls": len(self._talking), "tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
        line = WebRtcLine()
        answer = await line.answer(SessionDescription(type="offer", sdp=what["sdp"]))
        self._begin(line)
        return {"sdp": answer.sdp}

    def _begin(self, line: AnsweringLine) -> None:
        task = asyncio.create_task(self._talk(line))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)

    async def _talk(self, line: AnsweringLine) -> None:
        kept = KeptTurns()
        conversation, people = assemble(
            LineRequest(call_id="c1", tenant_id=PROFILE.tenant_id, lease=1, phase=Phase()),
            PROFILE,
            line,
            plain_organs(self._vad, AtOnce(), voice=AudibleVoice()),
            Records(recorder=kept, facts=kept, witness=Witness(KeptAudit()), desk=DeskSide()),
        )
        try:
            if await line.connected():
                await conversation.run([])
        finally:
            await line.close()
            conversation.close()
            await people.close(lost=False)


async def serve(sip_port: int, web_port: int) -> None:
    answering = Answering()
    listen_on_loopback()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with TemporaryDirectory() as folder:
        endpoint = SipEndpoint(
            host="127.0.0.1",
            port=sip_port,
            numbers={"demo": PROFILE.tenant_id},
            most_calls=MOST,
            lock=Path(folder) / "sip.lock",
            receive=answering.receive,
            door=Door(sources=[ip_network("127.0.0.1")], most_legs=MOST, most_a_minute=MOST, most_of_tenant=MOST),
            refusals=Refusals(lambda *line: None),
        )
        endpoint.start()
        async with await asyncio.start_server(answering.take_offers, "127.0.0.1", web_port):
            await endpoint.listening.wait()
            print("ready", flush=True)
            await stop.wait()
        await endpoint.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sip", type=int, required=True)
    parser.add_argument("--web", type=int, required=True)
    parser.add_argument("--core", type=int, help="the only one that it may use")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    asyncio.run(serve(options.sip, options.web))


if __name__ == "__main__":
    main()
