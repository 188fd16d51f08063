"""Plays a take to a real ear on the clock of its audio: models run for real, and answer after so many ms of audio.

So the decisions are the same on every machine, however busy it is; what the models take is a figure that is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from domain.ports import Recogniser, TurnEndModel, VoiceActivity
from domain.speech import FRAME_BYTES, FRAME_MS, SILENT_FRAME, AudioFrame, Language, Transcript
from domain.turn_taking.floor import Backchannel, BargeIn, Contested, Decision, Reclaimed, TurnEnded, Yielded
from realtime.ear import Ear
from realtime.overlap.loudness import Loudness
from tests.bench.turn_taking import sounds
from tests.bench.turn_taking.studio import Take

RECOGNISER_MS = 320
SOUND_MS = 90
"""What both take on two idle cores, together."""
SETTLING_STEPS = 8
"""Of the loop, after a model has answered, until everybody has taken note."""


@dataclass(slots=True)
class Clock:
    """The audio's time; it stands still while a model is at work."""

    now_ms: int = 0
    _busy: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def during(self, work: asyncio.Future[Transcript] | asyncio.Future[float]) -> None:
        self._busy += 1
        try:
            await work
        finally:
            self._busy -= 1
            self._changed.set()

    async def until(self, due_ms: int) -> None:
        while self.now_ms < due_ms:
            self._changed.clear()
            await self._changed.wait()

    async def advance(self, now_ms: int) -> None:
        await asyncio.sleep(0)
        while self._busy:
            self._changed.clear()
            await self._changed.wait()
        self.now_ms = now_ms
        self._changed.set()
        for _ in range(SETTLING_STEPS):
            await asyncio.sleep(0)


@dataclass(slots=True)
class TimedRecogniser:
    """One piece of work after the other, as in its lane; what has begun runs to its end."""

    inner: Recogniser
    clock: Clock
    free_ms: int = 0

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        while self.clock.now_ms < self.free_ms:
            await self.clock.until(self.free_ms)
        due_ms = self.free_ms = self.clock.now_ms + RECOGNISER_MS
        work = asyncio.ensure_future(self.inner.transcribe(pcm, language=language))
        await self.clock.during(work)
        await self.clock.until(due_ms)
        return work.result()


@dataclass(slots=True)
class TimedTurnEnd:
    inner: TurnEndModel
    clock: Clock

    async def ended(self, pcm: bytes) -> float:
        due_ms = self.clock.now_ms + SOUND_MS
        work = asyncio.ensure_future(self.inner.ended(pcm))
        await self.clock.during(work)
        await self.clock.until(due_ms)
        return work.result()


class WatchedEar(Ear):
    """Notes each decision with the moment at which it fell."""

    def watch(self, noted: list[tuple[int, Decision]]) -> None:
        self._noted = noted

    def _decided(self, decisions: list[Decision], now_ms: int) -> None:
        self._noted += [(now_ms, decision) for decision in decisions]
        super()._decided(decisions, now_ms)


@dataclass(slots=True)
class Playing:
    """The agent's side: ducks, holds, goes on and stops as the ear decides."""

    pcm: bytes
    loudness: Loudness = field(default_factory=Loudness)
    held: bool = False
    over: bool = False

    def decided(self, decision: Decision) -> None:
        match decision:
            case Contested():
                self.loudness.duck()
            case Yielded():
                self.held = True
            case Reclaimed():
                self.held = False
            case Backchannel():
                self.held = False
                self.loudness.restore()
            case BargeIn():
                self.over = True
            case _:
                pass

    def pull(self) -> bytes | None:
        if self.over or not self.pcm:
            return None
        if self.held:
            return SILENT_FRAME
        frame, self.pcm = self.pcm[:FRAME_BYTES], self.pcm[FRAME_BYTES:]
        return self.loudness.of(frame.ljust(FRAME_BYTES, b"\0"))


async def heard(
    take: Take, vad: VoiceActivity, recogniser: Recogniser, turn_end: TurnEndModel | None
) -> list[tuple[int, Decision]]:
    """All decisions about a take, each with the audio's time at which it fell."""
    clock = Clock()
    timed = TimedTurnEnd(turn_end, clock) if turn_end is not None else None
    ear = WatchedEar(vad.open(), vad.chunk_samples, TimedRecogniser(recogniser, clock), None, timed)
    noted: list[tuple[int, Decision]] = []
    ear.watch(noted)
    if take.scenario.asked:
        ear.agent_says(take.scenario.asked)
    await asyncio.gather(ear.listen(_frames(take, ear, clock, noted)), _drained(ear))
    return noted


async def _frames(take: Take, ear: Ear, clock: Clock, noted: list[tuple[int, Decision]]) -> AsyncIterator[AudioFrame]:
    caller = sounds.to_pcm(take.caller)
    playing = Playing(sounds.to_pcm(take.agent))
    spoke = False
    seen = 0
    sent = bytearray()
    for at in range(0, len(caller), FRAME_BYTES):
        at_ms = at // FRAME_BYTES * FRAME_MS
        for _, decision in noted[seen:]:
            playing.decided(decision)
        seen = len(noted)
        frame = playing.pull()
        if frame is not None:
            if not spoke:
                spoke = True
                ear.agent_started(at_ms)
                ear.agent_says(take.scenario.over_agent)
            ear.sent(frame, at_ms)
        elif spoke:
            spoke = False
            ear.agent_stopped(at_ms)
        sent += frame or SILENT_FRAME
        own = caller[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        yield AudioFrame(_with_echo(own, sent, take), at_ms)
        await clock.advance(at_ms + FRAME_MS)


def _with_echo(own: bytes, sent: bytearray, take: Take) -> bytes:
    """The caller's frame, with what comes back of what was sent until now."""
    if take.scenario.echo is None:
        return own
    late_ms, down_db = take.scenario.echo
    window = sounds.from_pcm(bytes(sent[-(late_ms + 200) * FRAME_BYTES // FRAME_MS :]))
    back = sounds.echo(window, late_ms, down_db)[-FRAME_BYTES // 2 :]
    if take.scenario.telephone:
        back = sounds.telephone(back)
    return sounds.to_pcm(sounds.mixed(sounds.from_pcm(own), back))


async def _drained(ear: Ear) -> None:
    async for _ in ear.events():
        pass


def ends(noted: list[tuple[int, Decision]]) -> list[int]:
    """When turns were decided to be over."""
    return [at_ms for at_ms, decision in noted if isinstance(decision, TurnEnded)]
