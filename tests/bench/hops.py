"""Hops of a call that think nothing: `python -m tests.bench.hops [--url http://127.0.0.1:8080] [--json]`.

The bridge and the VAD are measured in this process; the gateway only where a running product is named by --url.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from domain.line import SessionDescription
from domain.speech import FRAME_SAMPLES, SAMPLE_RATE_HZ, SILENT_FRAME
from engines.silero import SileroActivity
from realtime.webrtc import WebRtcLine, listen_on_loopback
from workers.caller import Caller
from workers.caller.microphone import Microphone
from workers.caller.recording import Leg
from workers.settings import Settings

BURSTS = 40
BURST_FRAMES = 5
PAUSE_FRAMES = 20
"""The codec's and the jitter buffers' memory is over in a tenth of this."""
LOUD = 1000
LOUD_PACKET_BYTES = 30
"""Opus takes 3 bytes for 20 ms of silence and hundreds for a tone at aiortc's 96 kbit/s."""
VAD_CHUNKS = 500
GATEWAY_CALLS = 10

TONE = (8000 * np.sin(2 * np.pi * 500 * np.arange(FRAME_SAMPLES) / SAMPLE_RATE_HZ)).astype("<i2").tobytes()


class Onsets:
    """Moments at which something turned loud after silence."""

    def __init__(self) -> None:
        self.at_s: list[float] = []
        self._loud = False

    def saw(self, loud: bool) -> None:
        if loud and not self._loud:
            self.at_s.append(time.monotonic())
        self._loud = loud


@asynccontextmanager
async def connected(said: Onsets, decoded: Onsets, left: Onsets) -> AsyncIterator[tuple[WebRtcLine, Microphone]]:
    """A line of the media worker and a caller, on loopback, with moments taken on both sides of the line."""
    listen_on_loopback()
    line, caller = WebRtcLine(), RTCPeerConnection(RTCConfiguration(iceServers=[]))
    leg = Leg()
    microphone = Microphone(leg, asyncio.get_running_loop().time(), lambda: said.saw(leg.loud_until == leg.end))
    line._peer.on("track", lambda track: tap(track, decoded))
    caller.addTrack(microphone)
    caller.createDataChannel("hatif")
    await caller.setLocalDescription(await caller.createOffer())
    answer = await line.answer(SessionDescription(type="offer", sdp=caller.localDescription.sdp))
    tap_packets(caller.getReceivers()[0], left)
    await caller.setRemoteDescription(RTCSessionDescription(type="answer", sdp=answer.sdp))
    assert await line.connected()
    try:
        yield line, microphone
    finally:
        await caller.close()
        await line.close()


def tap(track: Any, decoded: Onsets) -> None:
    """Note when aiortc hands a decoded frame to the line."""
    inner = track.recv

    async def recv() -> Any:
        frame = await inner()
        decoded.saw(bool(np.abs(frame.to_ndarray().astype(int)).max() > LOUD))
        return frame

    track.recv = recv


def tap_packets(receiver: Any, left: Onsets) -> None:
    """Note when a packet of the line reaches the caller's socket, before any jitter buffer."""
    inner = receiver._handle_rtp_packet

    async def handle(packet: Any, arrival_time_ms: int) -> None:
        left.saw(len(packet.payload) > LOUD_PACKET_BYTES)
        await inner(packet, arrival_time_ms)

    receiver._handle_rtp_packet = handle


async def bridge() -> dict[str, list[float]]:
    """In: a decoded frame of the caller until the ear gets it. Out: a frame of the mouth until its packet arrives."""
    said, decoded, heard, pulled, left = Onsets(), Onsets(), Onsets(), Onsets(), Onsets()
    sent = 0

    def pull(now_ms: int) -> bytes:
        nonlocal sent
        loud = sent % (BURST_FRAMES + PAUSE_FRAMES) >= PAUSE_FRAMES
        sent += 1
        pulled.saw(loud)
        return TONE if loud else SILENT_FRAME

    burst = np.concatenate([np.zeros(PAUSE_FRAMES * 960), np.repeat(np.frombuffer(TONE, "<i2"), 3 * BURST_FRAMES)])
    async with connected(said, decoded, left) as (line, microphone):
        line.play(pull)
        talking = microphone.say(np.tile(burst.astype(np.int16), BURSTS))
        async for frame in line.frames():
            heard.saw(bool(np.abs(np.frombuffer(frame.pcm, "<i2").astype(int)).max() > LOUD))
            if talking.done() and len(heard.at_s) >= len(said.at_s):
                break
    return {
        "bridge in": gaps_ms(decoded, heard),
        "bridge out": gaps_ms(pulled, left),
        "(with the jitter buffer: caller's frame → ear)": gaps_ms(said, heard),
    }


def gaps_ms(before: Onsets, after: Onsets) -> list[float]:
    """Each onset after, against the last one before it; the first two are the connection warming up."""
    gaps: list[float] = []
    for at in after.at_s:
        earlier = [start for start in before.at_s if start <= at]
        if earlier:
            gaps.append((at - earlier[-1]) * 1000)
    return gaps[2:]


async def vad() -> dict[str, list[float]]:
    """One 32 ms chunk, from the ear's call to the probability."""
    activity = SileroActivity(Settings().models_dir / "silero-vad")
    stream = activity.open()
    noise = np.random.default_rng(1).normal(0, 800, activity.chunk_samples).astype("<i2").tobytes()
    took: list[float] = []
    for _ in range(VAD_CHUNKS):
        began = time.perf_counter()
        await stream.probability(noise)
        took.append((time.perf_counter() - began) * 1000)
    activity.close()
    return {"vad": took[10:]}


async def gateway(url: str) -> dict[str, list[float]]:
    """What the gateway itself and the durable side took to place a call, by the Server-Timing header."""
    took: dict[str, list[float]] = {}
    for _ in range(GATEWAY_CALLS):
        async with Caller(url) as caller:
            for name, ms in caller.hops_ms.items():
                took.setdefault(name, []).append(ms)
    return took


def row(ms: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(ms, [50, 95])
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2), "n": len(ms)}


async def measure(url: str | None) -> dict[str, dict[str, float]]:
    found = {**await bridge(), **await vad()}
    if url is not None:
        found |= await gateway(url)
    return {name: row(ms) for name, ms in found.items() if ms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a running product, for the gateway's hop")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.url))
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for name, figures in rows.items():
        print(f"{name:<50} p50 {figures['p50_ms']:7.2f} ms   p95 {figures['p95_ms']:7.2f} ms   n={figures['n']}")


if __name__ == "__main__":
    main()
