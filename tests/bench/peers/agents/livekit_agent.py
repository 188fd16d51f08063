"""An agent by livekit-agents without a LiveKit server: its session behind aiortc; runs in an environment of its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from livekit import rtc
from livekit.agents import Agent, AgentSession, stt, tts, utils
from livekit.agents.voice import io
from livekit.plugins import openai
from offering import Options, options, serve
from piper import PiperVoice
from recogniser import Recogniser

RATE_HZ = 48_000
FRAME = RATE_HZ // 50
HEARD_RATE_HZ = 24_000
"""What a LiveKit room hands to its agents."""
TUNED = {
    "endpointing": {"min_delay": 0.2, "max_delay": 1.2},
    "interruption": {"min_duration": 0.3},
    "preemptive_generation": {"preemptive_tts": True},
}
"""Its turn detector takes no less silence from the voice detector than the default of 0.25 s."""


class Microphone(io.AudioInput):
    """What the caller says, from an aiortc track."""

    def __init__(self, track: MediaStreamTrack) -> None:
        super().__init__(label="aiortc")
        self._track = track
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=HEARD_RATE_HZ)
        self._ready: list[av.AudioFrame] = []

    async def __anext__(self) -> rtc.AudioFrame:
        while not self._ready:
            try:
                self._ready = self._resampler.resample(await self._track.recv())
            except MediaStreamError:
                raise StopAsyncIteration from None
        frame = self._ready.pop(0)
        return rtc.AudioFrame(
            data=frame.to_ndarray().tobytes(),
            sample_rate=HEARD_RATE_HZ,
            num_channels=1,
            samples_per_channel=frame.samples,
        )


@dataclass
class Segment:
    """An answer on its way out: from its first frame until it is played or cut."""

    flushed: bool = False
    interrupted: bool = False
    played: int = 0
    """In samples."""


class Speaker(io.AudioOutput):
    """What the agent says, for the track to take 20 ms at a time. It pauses at once, and forgets at once."""

    def __init__(self) -> None:
        super().__init__(label="aiortc", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE_HZ)
        self._waiting = np.zeros(0, np.int16)
        self._segment: Segment | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._paused = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._segment is not None and self._segment.flushed:
            await self._idle.wait()
        self._segment = self._segment or Segment()
        self._idle.clear()
        if not self._segment.interrupted:
            self._waiting = np.concatenate([self._waiting, np.frombuffer(frame.data, np.int16)])

    def flush(self) -> None:
        super().flush()
        if self._segment is not None:
            self._segment.flushed = True
            self._end_if_over()

    def clear_buffer(self) -> None:
        self._waiting = self._waiting[:0]
        if self._segment is not None:
            self._segment.interrupted = True
            self._end_if_over()

    def pause(self) -> None:
        super().pause()
        self._paused = True

    def resume(self) -> None:
        super().resume()
        self._paused = False

    def take(self) -> np.ndarray:
        """The next 20 ms, silent where there is nothing to say."""
        out = np.zeros(FRAME, np.int16)
        if self._paused or self._segment is None or not len(self._waiting):
            return out
        if len(self._waiting) < FRAME and not self._segment.flushed:
            return out
        if not self._segment.played:
            self.on_playback_started(created_at=time.time())
        now, self._waiting = self._waiting[:FRAME], self._waiting[FRAME:]
        out[: len(now)] = now
        self._segment.played += len(now)
        self._end_if_over()
        return out

    def _end_if_over(self) -> None:
        segment = self._segment
        if segment is not None and segment.flushed and not len(self._waiting):
            self._segment = None
            self._idle.set()
            self.on_playback_finished(playback_position=segment.played / RATE_HZ, interrupted=segment.interrupted)


class SpeakerTrack(MediaStreamTrack):
    kind = "audio"

    def __init__(self, speaker: Speaker) -> None:
        super().__init__()
        self._speaker = speaker
        self._frames = 0
        self._began_s: float | None = None

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._began_s = self._began_s or time.monotonic()
        await asyncio.sleep(max(0.0, self._began_s + self._frames * 0.02 - time.monotonic()))
        frame = av.AudioFrame.from_ndarray(self._speaker.take().reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = self._frames * FRAME
        self._frames += 1
        return frame


class Whisper(stt.STT):
    def __init__(self, recogniser: Recogniser) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._recogniser = recogniser

    async def _recognize_impl(
        self, buffer: utils.AudioBuffer, *, language: object, conn_options: object
    ) -> stt.SpeechEvent:
        heard = rtc.combine_audio_frames(buffer)
        frames = [heard]
        if heard.sample_rate != 16_000:
            resampler = rtc.AudioResampler(input_rate=heard.sample_rate, output_rate=16_000, num_channels=1)
            frames = [*resampler.push(heard), *resampler.flush()]
        words = await self._recogniser.words(b"".join(bytes(frame.data) for frame in frames))
        return stt.SpeechEvent(
            type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[stt.SpeechData(language="en", text=words)]
        )


class Piper(tts.TTS):
    def __init__(self, voice: PiperVoice) -> None:
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=voice.config.sample_rate, num_channels=1)
        self.voice = voice

    def synthesize(self, text: str, *, conn_options: object = None) -> tts.ChunkedStream:
        from livekit.agents import DEFAULT_API_CONNECT_OPTIONS

        return Spoken(tts=self, input_text=text, conn_options=conn_options or DEFAULT_API_CONNECT_OPTIONS)


class Spoken(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts.voice
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=voice.config.sample_rate, num_channels=1, mime_type="audio/pcm"
        )
        pieces = voice.synthesize(self._input_text)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            output_emitter.push(piece.audio_int16_bytes)


async def converse(chosen: Options, track: MediaStreamTrack, speaker: Speaker, models: tuple[Recogniser, PiperVoice]):
    session = AgentSession(
        stt=Whisper(models[0]),
        tts=Piper(models[1]),
        llm=openai.LLM(
            model=chosen.llm_model,
            base_url=chosen.llm_url,
            api_key="none",
            temperature=0,
            extra_body={"max_tokens": 160},
        ),
        **({"turn_handling": TUNED} if chosen.profile != "default" else {}),
    )
    session.input.audio = Microphone(track)
    session.output.audio = speaker
    await session.start(Agent(instructions=chosen.prompt), record=False)
    session.say(chosen.greeting)
    return session


def main() -> None:
    chosen = options()
    models = (
        Recogniser(chosen.whisper, short_window=chosen.profile == "short-window"),
        PiperVoice.load(chosen.voice),
    )
    kept: list[object] = []

    async def answer(sdp: str) -> str:
        # An empty list: aiortc's own default would ask a public STUN server.
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        speaker = Speaker()
        arrived: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        connection.on("track", lambda track: arrived.set_result(track) if track.kind == "audio" else None)
        connection.addTrack(SpeakerTrack(speaker))
        await connection.setRemoteDescription(RTCSessionDescription(type="offer", sdp=sdp))
        await connection.setLocalDescription(await connection.createAnswer())
        session = asyncio.create_task(converse(chosen, await arrived, speaker, models))
        kept.extend([connection, session])

        async def changed() -> None:
            if connection.connectionState in ("failed", "closed"):
                await (await session).aclose()
                await connection.close()

        connection.on("connectionstatechange", changed)
        return connection.localDescription.sdp

    serve(chosen.port, answer)


if __name__ == "__main__":
    main()
