"""Callers who cost this machine little: by SIP with sipp and RTP, and by WebRTC with packets that are coded before."""

from __future__ import annotations

import asyncio
import json
import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, Self

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, CodecContext, Packet

from tests.bench.load.waits import Waits
from tests.realtime.phone.rtp import PACKET, TABLES, RtpCaller
from tests.realtime.phone.sipp import Scenario
from workers.caller.audio_file import read_clip

LOUD = 500
"""Silence by G.711 stays below 10, the stand-in's tone is above 4,000."""
LOUD_PACKET_BYTES = 30
"""Opus takes a few bytes for 20 ms of silence, and 60 or more for a tone."""
CONNECTS_S = 30.0
RATE_HZ = 48_000
FRAME = RATE_HZ // 50


class Question:
    """A short question of a real voice, up to its last loud sample, as each kind of caller needs it."""

    def __init__(self, path: Path) -> None:
        sound = read_clip(path)
        last = int(np.flatnonzero(np.abs(sound.astype(int)) > LOUD)[-1]) + 1
        sound = np.pad(sound[:last], (-last % FRAME, 0)).astype("<i2")
        self.pcm_8k = sound[::6]
        self.seconds = len(sound) / RATE_HZ
        coded = opus(np.concatenate([sound, np.zeros(10 * FRAME, "<i2")]))
        self.opus, self.opus_silence = coded[:-10], coded[-1]
        assert len(self.pcm_8k) % PACKET == 0


def opus(sound: np.ndarray) -> list[bytes]:
    coder: Any = CodecContext.create("libopus", "w")
    coder.format, coder.layout, coder.sample_rate, coder.bit_rate = "s16", "mono", RATE_HZ, 32_000
    coder.time_base = Fraction(1, RATE_HZ)
    coder.options = {"application": "voip"}
    packets: list[bytes] = []
    for at in range(0, len(sound), FRAME):
        frame = AudioFrame.from_ndarray(sound[None, at : at + FRAME], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, at, Fraction(1, RATE_HZ)
        packets += [bytes(packet) for packet in coder.encode(frame)]
    return packets


class LoadCaller(Protocol):
    waits: Waits

    async def hang_up(self) -> None:
        """Raises for a call that did not go as it should."""
        ...

    async def ask(self, until_s: float) -> None: ...


class _RtpEar(RtpCaller):
    waits: Waits

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        super().datagram_received(data, addr)
        self.forget()
        self.waits.packet(bool(np.abs(TABLES[self.law][np.frombuffer(data[12:], np.uint8)].astype(int)).mean() > LOUD))


class PhoneCaller:
    """PCMU by RTP; sipp signals, and hangs up after `seconds`."""

    def __init__(self, question: Question, ear: _RtpEar) -> None:
        self.waits = ear.waits = Waits()
        self._question = question
        self._ear = ear
        self._folder = TemporaryDirectory()
        self._call: asyncio.Task[None]

    @classmethod
    async def call(cls, port: int, question: Question, seconds: float) -> Self:
        made = cls(question, await _RtpEar.open("PCMU", 0))
        scenario = Scenario(law="PCMU", media_port=made._ear.port).established()
        scenario = scenario.pause(round(seconds * 1000)).bye().answered()
        made._call = asyncio.create_task(scenario.play(port, Path(made._folder.name), within_s=seconds + 60))
        return made

    async def ask(self, until_s: float) -> None:
        await self.waits.ask(self._say, until_s)

    def _say(self) -> float:
        self._ear.says(self._question.pcm_8k)
        return self._question.seconds

    async def hang_up(self) -> None:
        try:
            await self._call
        finally:
            await self._ear.close()
            self._folder.cleanup()


class _CodedTrack(MediaStreamTrack):
    """Sends packets of Opus as they are, one every 20 ms, and silence between them."""

    kind = "audio"

    def __init__(self, silence: bytes) -> None:
        super().__init__()
        self.waiting: list[bytes] = []
        self._silence = silence
        self._next_s = time.monotonic()
        self._pts = 0

    async def recv(self) -> Packet:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(max(0.0, self._next_s - time.monotonic()))
        self._next_s += 0.02
        packet = Packet(self.waiting.pop(0) if self.waiting else self._silence)
        packet.pts, packet.time_base = self._pts, Fraction(1, RATE_HZ)
        self._pts += FRAME
        return packet


class WebCaller:
    """Opus over WebRTC with a data channel, as the page does; what comes back is counted and not decoded."""

    def __init__(self, question: Question) -> None:
        self.waits = Waits()
        self._question = question
        self._track = _CodedTrack(question.opus_silence)
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._channel = self._peer.createDataChannel("hatif")
        self._peer.addTrack(self._track)

    @classmethod
    async def call(cls, port: int, question: Question) -> Self:
        made = cls(question)
        peer = made._peer
        connected = asyncio.Event()
        made._channel.on("open", connected.set)
        await peer.setLocalDescription(await peer.createOffer())
        answer = await asked(port, {"sdp": peer.localDescription.sdp})
        peer.getReceivers()[0]._handle_rtp_packet = made._heard
        await peer.setRemoteDescription(RTCSessionDescription(type="answer", sdp=answer["sdp"]))
        async with asyncio.timeout(CONNECTS_S):
            await connected.wait()
        return made

    async def _heard(self, packet: Any, arrival_time_ms: int) -> None:
        self.waits.packet(len(packet.payload) > LOUD_PACKET_BYTES)

    async def ask(self, until_s: float) -> None:
        await self.waits.ask(self._say, until_s)

    def _say(self) -> float:
        self._track.waiting += self._question.opus
        return self._question.seconds

    async def hang_up(self) -> None:
        still_open = self._channel.readyState == "open"
        if still_open:
            self._channel.send(json.dumps({"type": "hangup"}))
            await asyncio.sleep(1)
        await self._peer.close()
        if not still_open:
            raise AssertionError("the call had ended by itself")


async def asked(port: int, what: dict[str, Any]) -> dict[str, Any]:
    """Of the web port of an answering process."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        writer.write(json.dumps(what).encode() + b"\n")
        return json.loads(await reader.readline())
    finally:
        writer.close()
