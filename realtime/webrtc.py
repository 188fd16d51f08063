"""A line over WebRTC: Opus both ways and one data channel, by aiortc."""

from __future__ import annotations

import asyncio
import fractions
import importlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

import aioice.ice
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame as AvFrame

from domain.errors import Refused
from domain.line import SessionDescription
from domain.speech import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, SILENT_FRAME, AudioFrame
from realtime.line import FREEZE_MS, INBOX_MESSAGES, Confirm, Guard, Inbox, Message, Pull, Tap
from realtime.messages import parse
from realtime.rates import ToLine, Up
from realtime.web.clock import GapClock
from realtime.web.packets import keep_in_order

for _module in ("backends.openssl.backend", "primitives.serialization"):
    # aiortc's libraries would import these on the event loop, as the first caller connects.
    importlib.import_module(f"cryptography.hazmat.{_module}")

OPUS_RATE_HZ = 48_000
OPUS_FRAME_SAMPLES = OPUS_RATE_HZ * FRAME_MS // 1000
STALL_MS = 400
"""Without a packet for this long the line is filled with silence; a shorter gap by the stamp of the packet after it."""
ABSENT_MS = 1_000
"""Without a packet or a message for this long nobody is there to be spoken to. The page asks back in before that, so
whoever comes again may have a line elsewhere."""
CONNECT_MS = 15_000
"""An offer whose connection does not open by then is given up."""


def listen_on_loopback() -> None:
    """Offer media on loopback only; aioice would otherwise offer every address of the machine but that one."""
    aioice.ice.get_host_addresses = _loopback_addresses


def _loopback_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1"] if use_ipv4 else []


class WebRtcLine:
    """One peer connection. `answer` it once, then use it as a Line until `frames` ends."""

    def __init__(self, ice_servers: Sequence[RTCIceServer] = ()) -> None:
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._inbox = Inbox()
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[Message] = deque(maxlen=INBOX_MESSAGES)
        self._outlet = _OutletTrack(self)
        self._receiving: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()
        self._connected = asyncio.Event()
        self.quiet_ms = 0

    @property
    def now_ms(self) -> int:
        return self._inbox.now_ms

    async def answer(self, offer: SessionDescription) -> SessionDescription:
        """Answer an offer of one audio line and an optional data channel. Raises Refused("bad_offer")."""
        self._peer.on("track", self._on_track)
        self._peer.on("datachannel", self._on_channel)
        self._peer.on("connectionstatechange", self._on_state)
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp=offer.sdp, type=offer.type))
            audio = [t for t in self._peer.getTransceivers() if t.kind == "audio"]
            if not audio:
                raise Refused("bad_offer", "The offer has no audio; offer one audio line.")
            for transceiver in audio:
                keep_in_order(transceiver.receiver)
            self._peer.addTrack(self._outlet)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Refused:
            await self.close()
            raise
        except Exception as error:  # aiortc raises whatever its parser stumbles over
            await self.close()
            raise Refused("bad_offer", "The offer is not a session description that Hatif can answer.") from error
        local = self._peer.localDescription
        return SessionDescription(type="answer", sdp=local.sdp)

    async def connected(self) -> bool:
        """Wait until media flows; False when it does not within CONNECT_MS or the line is closed first."""
        opened = asyncio.create_task(self._connected.wait())
        closed = asyncio.create_task(self._closed.wait())
        done, pending = await asyncio.wait({opened, closed}, timeout=CONNECT_MS / 1000, return_when="FIRST_COMPLETED")
        for task in pending:
            task.cancel()
        return opened in done and not self._closed.is_set()

    def frames(self) -> AsyncIterator[AudioFrame]:
        return self._inbox.frames()

    def messages(self) -> AsyncIterator[Message]:
        return self._inbox.messages()

    def send(self, message: Message) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(json.dumps(message, ensure_ascii=False))
        else:
            self._waiting.append(message)

    def play(self, pull: Pull) -> None:
        self._outlet.pull = pull

    def tap(self, tap: Tap) -> None:
        self._inbox.tap = tap

    def guard(self, still_ours: Confirm) -> None:
        """After a stretch without this process, or without the other end, stay silent until `still_ours` says that the
        lease is; close when it isn't."""
        self._outlet.guard.still_ours = still_ours

    async def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._inbox.close()
        if self._receiving is not None and self._receiving is not asyncio.current_task():
            self._receiving.cancel()
        self._outlet.stop()
        await self._peer.close()

    # ------------------------------------------------------------ aiortc's events

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self._receiving is None:
            self._receiving = asyncio.create_task(self._receive(track))

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != "hatif" or self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._on_message)
        while self._waiting:
            self.send(self._waiting.popleft())

    def _on_message(self, raw: str | bytes) -> None:
        self.quiet_ms = 0
        try:
            message = parse(raw)
        except Refused as refusal:
            self.send({"type": "notice", "code": "bad_message", "text": str(refusal)})
            return
        if message["type"] == "ping":
            self.send({"type": "pong", "t": message["t"]})
        elif not self._inbox.tell(message):
            self.send({"type": "notice", "code": "too_many_messages", "text": "Too many messages at once."})

    async def _on_state(self) -> None:
        state = self._peer.connectionState
        if state == "connected":
            self._connected.set()
        elif state in ("failed", "closed"):
            await self.close()

    # ------------------------------------------------------------ audio in

    async def _receive(self, track: MediaStreamTrack) -> None:
        """Drain the track at once into 20 ms frames, on a clock without gaps."""
        to_line = ToLine()
        pending = bytearray()
        clock = GapClock()
        try:
            while True:
                try:
                    async with asyncio.timeout(STALL_MS / 1000 if not clock.stalled else FRAME_MS / 1000):
                        frame: object = await track.recv()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                except TimeoutError:
                    if self._connected.is_set():
                        self.quiet_ms += FRAME_MS if clock.stalled else STALL_MS
                        clock.filled(FRAME_MS)
                        self._inbox.put(SILENT_FRAME)
                    continue
                if not isinstance(frame, AvFrame) or frame.pts is None:
                    continue
                self.quiet_ms = 0
                at_ms = frame.pts * 1000 // frame.sample_rate
                missing_ms = clock.missing_ms(at_ms, frame.samples, frame.sample_rate, time.monotonic())
                if missing_ms is None:
                    self._inbox.dropped_frames += 1
                    continue
                pending += bytes(missing_ms * BYTES_PER_MS)
                pending += to_line.feed(frame)
                while len(pending) >= FRAME_BYTES:
                    self._inbox.put(bytes(pending[:FRAME_BYTES]))
                    del pending[:FRAME_BYTES]
        except MediaStreamError:
            await self.close()


class _OutletTrack(MediaStreamTrack):
    """Our audio, pulled from the conversation every 20 ms of the wall clock."""

    kind = "audio"

    def __init__(self, line: WebRtcLine) -> None:
        super().__init__()
        self.pull: Pull | None = None
        self.guard = Guard(line.close)
        self._absent = False
        self._line = line
        self._next_s: float | None = None
        self._pts = 0
        self._up = Up()

    async def recv(self) -> AvFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now_s = time.monotonic()
        if self._next_s is None:
            self._next_s = now_s
        elif now_s - self._next_s > FREEZE_MS / 1000:
            # By stamps that did not move meanwhile a browser takes all that follows for late, and plays it later by as
            # much, for minutes.
            self._pts += round((now_s - self._next_s) * 1000 / FRAME_MS) * OPUS_FRAME_SAMPLES
            self._next_s = now_s
            self.guard.doubt()
        await asyncio.sleep(max(0.0, self._next_s - now_s))
        self._next_s += FRAME_MS / 1000
        pcm = self.pull(self._line.now_ms) if self.pull is not None and self._may_speak() else None
        # At Opus' own rate: the encoder would hold a frame back to resample it.
        frame = AvFrame(format="s16", layout="mono", samples=OPUS_FRAME_SAMPLES)
        frame.planes[0].update(self._up.feed(pcm or SILENT_FRAME))
        frame.sample_rate = OPUS_RATE_HZ
        frame.pts = self._pts
        frame.time_base = fractions.Fraction(1, OPUS_RATE_HZ)
        self._pts += OPUS_FRAME_SAMPLES
        return frame

    def _may_speak(self) -> bool:
        """Nothing is said to nobody, and to somebody who comes back only under a lease that is ours."""
        if self._line.quiet_ms >= ABSENT_MS:
            self._absent = True
        elif self._absent:
            self._absent = False
            self.guard.doubt()
        return not self._absent and not self.guard.doubts
