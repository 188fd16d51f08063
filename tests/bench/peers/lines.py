"""Calls to the targets: Hatif as `hatif call` places them, a peer by an offer to its one route."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from domain.speech import SAMPLE_RATE_HZ
from workers.caller.audio_file import SEND_RATE_HZ, Pcm, resample
from workers.caller.caller import Caller
from workers.caller.exchange import ANSWERING
from workers.caller.measure import Told
from workers.caller.microphone import Microphone
from workers.caller.recording import SILENT_PEAK, Decimator, Playout, Recording, to_samples

OFFERED_S = 60.0


class HatifLine(Caller):
    """With Hatif's word on which of its sentences answer."""

    def told(self) -> list[Told] | None:
        speaking = [event for event in self.events if event.type == "speaking"]
        return [Told(at=self._stream.heard_at(one.stream_at), answers=one.kind in ANSWERING) for one in speaking]


class PeerLine:
    """A WebRTC call to an agent that tells nothing of itself."""

    def __init__(self, url: str) -> None:
        self.recording = Recording()
        self.ended = False
        self.origin_s = asyncio.get_running_loop().time()
        self._url = url
        # An empty list: aiortc's own default would ask a public STUN server.
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._microphone = Microphone(self.recording.sent, self.origin_s, lambda: None)
        self._decimator, self._playout = Decimator(), Playout()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pc.addTrack(self._microphone)
        self._pc.on("track", self._heard)
        self._pc.on("connectionstatechange", self._changed)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        offer = {"type": "offer", "sdp": self._pc.localDescription.sdp}
        async with httpx.AsyncClient(trust_env=False, timeout=OFFERED_S) as http:
            answer = (await http.post(f"{self._url}/api/offer", json=offer)).raise_for_status().json()
        await self._pc.setRemoteDescription(RTCSessionDescription(type="answer", sdp=answer["sdp"]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended = True
        await self._pc.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    @property
    def now(self) -> int:
        return to_samples((asyncio.get_running_loop().time() - self.origin_s) * 1000)

    @property
    def slipped_ms(self) -> int:
        """See Caller.slipped_ms."""
        return self._microphone.slipped_ms

    def told(self) -> list[Told] | None:
        return None

    def start_speaking(self, pcm: Pcm, rate_hz: int = SAMPLE_RATE_HZ) -> asyncio.Future[None]:
        return self._microphone.say(resample(pcm, rate_hz))

    def _changed(self) -> None:
        self.ended = self.ended or self._pc.connectionState in ("failed", "closed")

    def _heard(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._listening = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                samples = np.asarray(frame.to_ndarray(), np.int16).reshape(-1, len(frame.layout.channels))
                pcm = self._decimator.feed(samples[:, 0])
                silent = int(np.abs(pcm.astype(np.int32)).max(initial=0)) <= SILENT_PEAK
                position = (frame.pts or 0) * SAMPLE_RATE_HZ // SEND_RATE_HZ
                self.recording.received.put(self._playout.place(self.now, position, silent=silent), pcm)
