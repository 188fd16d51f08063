"""A WebRTC line against a real aiortc peer on loopback."""

import asyncio
import fractions
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import numpy as np
import pytest
from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame as AvFrame

from domain.errors import Refused
from domain.line import SessionDescription
from domain.speech import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ
from realtime.web.packets import HELD_PACKETS
from realtime.webrtc import ABSENT_MS, STALL_MS, WebRtcLine, listen_on_loopback
from tests.loop_watch import LoopWatch

CALLER_HZ = 450
AGENT_HZ = 1000
"""Whole cycles in each frame, as every tone here that goes over a bridge: where a frame comes late and silence is put
in its place, the tone goes on in phase. Others are cut into pieces whose sum peaks some Hz beside the tone."""

pytestmark = pytest.mark.timeout(60)


def tone(frequency_hz: int, start: int, samples: int, rate_hz: int) -> bytes:
    t = (np.arange(samples) + start) / rate_hz
    return (8000 * np.sin(2 * math.pi * frequency_hz * t)).astype("<i2").tobytes()


def peak_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * SAMPLE_RATE_HZ / len(samples))


FROZEN_S = 2


class ToneTrack(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz: int = CALLER_HZ) -> None:
        super().__init__()
        self.hz = hz
        self.silent = asyncio.Event()
        self._start = 0
        self._next_s: float | None = None

    @property
    def frames(self) -> int:
        """That have left."""
        return self._start // 960

    async def recv(self) -> AvFrame:
        """Every 20 ms by the clock: with a pause after each frame it would speak slower than it is listened to."""
        now_s = time.monotonic()
        self._next_s = (self._next_s or now_s) + FRAME_MS / 1000
        await asyncio.sleep(max(0.0, self._next_s - now_s))
        if self.silent.is_set():
            await asyncio.Event().wait()
        frame = AvFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(tone(self.hz, self._start, 960, 48_000))
        frame.sample_rate = 48_000
        frame.pts = self._start
        frame.time_base = fractions.Fraction(1, 48_000)
        self._start += 960
        return frame


class Peer:
    """The caller's side."""

    def __init__(self, hz: int = CALLER_HZ) -> None:
        self.connection = RTCPeerConnection()
        self.track = ToneTrack(hz)
        self.heard = bytearray()
        self.stamps: list[int] = []
        self.messages: list[dict[str, object]] = []
        self.changed = asyncio.Event()
        self.lost = False
        self.channel: RTCDataChannel = self.connection.createDataChannel("hatif")
        self.connection.addTrack(self.track)
        self.channel.on("message", self._on_message)
        self.connection.on("track", lambda track: setattr(self, "task", asyncio.create_task(self._hear(track))))

    def _on_message(self, raw: str) -> None:
        self.messages.append(json.loads(raw))
        self.changed.set()

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            self.stamps.append(frame.pts)
            samples = frame.to_ndarray().reshape(-1, 2)[::3, 0]
            self.heard += samples.astype("<i2").tobytes()
            self.changed.set()

    async def until(self, condition: object) -> None:
        assert callable(condition)
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def call(self, line: WebRtcLine) -> None:
        await self.offer_to(line.answer)

    async def offer_to(self, answerer: Callable[[SessionDescription], Awaitable[SessionDescription]]) -> None:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await answerer(SessionDescription(type="offer", sdp=self.connection.localDescription.sdp))
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=answer.sdp, type="answer"))

    def lose_next(self) -> None:
        """Its next packet of sound gets lost on the way."""
        transport = self.connection.getSenders()[0].transport
        send = transport._send_rtp

        async def lose(data: bytes) -> None:
            if data[1] & 0x7F in range(96, 128):  # RTCP's kinds lie beyond
                transport._send_rtp = send
                self.lost = True
                self.changed.set()
            else:
                await send(data)

        transport._send_rtp = lose

    async def close(self) -> None:
        await self.connection.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def connected() -> AsyncIterator[tuple[WebRtcLine, Peer]]:
    listen_on_loopback()
    line, peer = WebRtcLine(), Peer()
    await peer.call(line)
    assert await line.connected()
    yield line, peer
    await line.close()
    await peer.close()


async def test_connecting_and_parting_block_nothing(unblocked_loop: LoopWatch) -> None:
    async def call() -> None:
        listen_on_loopback()
        line, peer = WebRtcLine(), Peer()
        await peer.call(line)
        assert await line.connected()
        await line.close()
        await peer.close()

    await asyncio.create_task(call())


async def test_both_sides_hear_each_other(connected: tuple[WebRtcLine, Peer], unblocked_loop: LoopWatch) -> None:
    line, peer = connected
    start = 0

    def pull(now_ms: int) -> bytes:
        nonlocal start
        start += FRAME_SAMPLES
        return tone(AGENT_HZ, start, FRAME_SAMPLES, SAMPLE_RATE_HZ)

    line.play(pull)
    heard = bytearray()
    stamps: list[int] = []
    async for frame in line.frames():
        heard += frame.pcm
        stamps.append(frame.at_ms)
        if len(stamps) == 75:
            break
    assert stamps == list(range(0, 75 * FRAME_MS, FRAME_MS))
    assert peak_hz(bytes(heard[-SAMPLE_RATE_HZ:])) == pytest.approx(CALLER_HZ, abs=3)
    await peer.until(lambda: len(peer.heard) >= 3 * SAMPLE_RATE_HZ)
    assert peak_hz(bytes(peer.heard[-SAMPLE_RATE_HZ:])) == pytest.approx(AGENT_HZ, abs=3)


async def test_messages_go_both_ways_and_nonsense_is_told(connected: tuple[WebRtcLine, Peer]) -> None:
    line, peer = connected
    line.send({"type": "ready", "call_id": "c", "lease": 1})
    await peer.until(lambda: peer.messages)
    peer.channel.send("garbage")
    peer.channel.send(json.dumps({"type": "ping", "t": 7}))
    peer.channel.send(json.dumps({"type": "dtmf", "digit": "5"}))
    await peer.until(lambda: len(peer.messages) == 3)
    assert [m.get("code") or m["type"] for m in peer.messages] == ["ready", "bad_message", "pong"]
    assert await anext(line.messages()) == {"type": "dtmf", "digit": "5"}


async def test_a_caller_who_sends_nothing_is_silence_on_a_running_clock(connected: tuple[WebRtcLine, Peer]) -> None:
    line, peer = connected
    frames = line.frames()
    await anext(frames)
    peer.track.silent.set()
    quiet = 0
    async with asyncio.timeout(20):
        async for frame in frames:
            quiet = quiet + 1 if not any(frame.pcm) else 0
            if quiet == 25:
                break
    assert quiet == 25
    assert line.quiet_ms >= STALL_MS
    peer.channel.send(json.dumps({"type": "ping", "t": 1}))
    await peer.until(lambda: any(message["type"] == "pong" for message in peer.messages))
    assert line.quiet_ms < STALL_MS


async def test_a_caller_of_whom_a_packet_was_lost_is_heard_no_later(connected: tuple[WebRtcLine, Peer]) -> None:
    line, peer = connected
    frames = line.frames()
    heard = quiet = behind = 0
    async with asyncio.timeout(20):
        async for frame in frames:
            heard += any(frame.pcm)
            if heard == 10:
                behind = behind or peer.track.frames - heard
                peer.lose_next()
            elif heard == 50:
                peer.track.silent.set()  # what is held back now is never heard
            quiet = quiet + 1 if not any(frame.pcm) else 0
            if quiet == 20:
                break
    assert peer.lost
    assert peer.track.frames - 1 - heard <= behind + HELD_PACKETS


async def test_what_arrives_is_tapped_whether_or_not_anybody_listens(connected: tuple[WebRtcLine, Peer]) -> None:
    line, _ = connected
    heard = bytearray()
    enough = asyncio.Event()

    def tap(pcm: bytes) -> None:
        heard.extend(pcm)
        if len(heard) >= 2 * SAMPLE_RATE_HZ:
            enough.set()

    line.tap(tap)
    async with asyncio.timeout(20):
        await enough.wait()
    assert peak_hz(bytes(heard[-SAMPLE_RATE_HZ:])) == pytest.approx(CALLER_HZ, abs=3)


async def test_hanging_up_ends_the_frames(connected: tuple[WebRtcLine, Peer]) -> None:
    line, peer = connected
    await peer.connection.close()
    async with asyncio.timeout(20):
        async for _ in line.frames():
            pass
    assert await anext(line.messages(), None) is None


async def test_after_a_freeze_nothing_is_said_until_the_lease_is_confirmed(
    connected: tuple[WebRtcLine, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, peer = connected
    asked = asyncio.Event()
    allowed = asyncio.Event()

    async def still_ours() -> bool:
        asked.set()
        await allowed.wait()
        return True

    pulled = 0

    def pull(now_ms: int) -> None:
        nonlocal pulled
        pulled += 1

    line.guard(still_ours)
    line.play(pull)
    await peer.until(lambda: peer.stamps)
    assert line._outlet._next_s is not None
    line._outlet._next_s -= FROZEN_S  # as if the loop had last run so long ago
    async with asyncio.timeout(20):
        await asked.wait()
    before = pulled
    have = len(peer.heard)
    await peer.until(lambda: len(peer.heard) > have + SAMPLE_RATE_HZ // 2)
    assert pulled == before
    # By their stamps its sound did not come late, but was not sent meanwhile.
    assert max(np.diff(peer.stamps)) >= FROZEN_S * 48_000
    allowed.set()
    async with asyncio.timeout(20):
        while pulled == before:
            await peer.until(lambda: True)
            await asyncio.sleep(FRAME_MS / 1000)


async def test_nothing_is_said_to_nobody_and_whoever_comes_back_to_a_lost_lease_hears_nothing(
    connected: tuple[WebRtcLine, Peer],
) -> None:
    line, peer = connected
    asked = asyncio.Event()
    pulled = 0

    async def still_ours() -> bool:
        asked.set()
        return False

    def pull(now_ms: int) -> None:
        nonlocal pulled
        pulled += 1

    line.guard(still_ours)
    line.play(pull)
    peer.track.silent.set()
    await peer.until(lambda: line.quiet_ms >= ABSENT_MS + 5 * FRAME_MS)
    before, have = pulled, len(peer.heard)
    await peer.until(lambda: len(peer.heard) > have + SAMPLE_RATE_HZ // 2)
    assert pulled == before
    assert not asked.is_set()

    peer.channel.send(json.dumps({"type": "ping", "t": 1}))
    async with asyncio.timeout(20):
        async for _ in line.frames():  # until the line closes
            pass
    assert asked.is_set()
    assert pulled == before


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        "v=0\r\n",
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n",
        "\x00" * 1000,
    ],
)
async def test_a_corrupt_offer_is_refused(sdp: str) -> None:
    with pytest.raises(Refused) as refusal:
        await WebRtcLine().answer(SessionDescription(type="offer", sdp=sdp))
    assert refusal.value.code == "bad_offer"
