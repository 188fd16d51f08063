"""The mouth: one turn of the agent at a time, spoken to its end or stopped in mid-word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from domain.moves import Say
from domain.ports import SpokenValues, Voice
from domain.speech import Guesses, Language
from domain.turn_taking.floor import Backchannel, Contested, Reclaimed, Yielded
from domain.wording.politeness import Politeness, worded
from realtime.ahead.voice import VoiceAhead
from realtime.line import Line
from realtime.outlet import Outlet, Spoken
from realtime.overlap.loudness import Loudness
from realtime.recorded import Recorded

AtMs = Callable[[int], None]


@dataclass(slots=True)
class Reply:
    """How one turn of ours went: filled while it is spoken, complete when `speak` has ended or was cancelled."""

    asked_s: float = 0.0
    outlet: Outlet | None = None

    @property
    def spoken(self) -> Spoken | None:
        return self.outlet.spoken() if self.outlet is not None else None

    def stages_ms(self) -> dict[str, int]:
        """See Outlet.stages_ms."""
        return self.outlet.stages_ms(self.asked_s) if self.outlet is not None else {}


class Mouth:
    """Speaks while its owner pulls. The ear is told when the agent can be heard, and of each sentence as it begins."""

    def __init__(
        self,
        *,
        line: Line,
        voice: Voice,
        values: SpokenValues,
        recorded: Recorded,
        voices: dict[Language, str],
        started: AtMs,
        stopped: AtMs,
        saying: Callable[[str], None],
        politeness: Politeness = Politeness.EVERYDAY,
    ) -> None:
        self._line = line
        self._voice = VoiceAhead(voice)
        self._values = values
        self._recorded = recorded
        self._voices = voices
        self._politeness = politeness
        self._started = started
        self._stopped = stopped
        self._saying = saying
        self._outlet: Outlet | None = None
        self._fading: bytes | None = None
        self._loudness = Loudness()
        self._holds = False

    async def speak(self, moves: AsyncIterator[Say], reply: Reply, on_sentence: Callable[[Say, int], None]) -> None:
        """Speak sentences as they come, and return when the last has left.

        Cancelled, it is silent at once; `reply` then tells what was heard until that moment.
        """
        begun = False

        def sentence(say: Say, at_ms: int) -> None:
            nonlocal begun
            if not begun:
                begun = True
                self._started(at_ms)
            self._saying(say.text)
            on_sentence(say, at_ms)

        outlet = Outlet(
            voice=self._voice,
            values=self._values,
            recorded=self._recorded,
            voices=self._voices,
            politeness=self._politeness,
            on_sentence=sentence,
        )
        self._loudness, self._holds = Loudness(), False
        reply.asked_s = time.monotonic()
        reply.outlet = self._outlet = outlet
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(outlet.synthesise())
                async for say in moves:
                    outlet.add(self._worded(say))
                outlet.finish()
                await outlet.played()
        finally:
            if not self._holds:
                self._fade(outlet)
            self._outlet = None
            if begun:
                self._stopped(self._line.now_ms)

    def prepare(self, say: Say) -> None:
        """This will probably be said next: make its sound, which nobody hears until it is."""
        say = self._worded(say)
        if self._recorded.find(say.text, say.language) is None:
            words = self._values.read_aloud(say.text, say.language)
            self._voice.prepare(words, say.language, voice=self._voices.get(say.language))

    def _worded(self, say: Say) -> Say:
        return replace(say, text=worded(say.text, say.language, self._politeness))

    def guesses(self) -> Guesses:
        """See VoiceAhead.guesses."""
        return self._voice.guesses()

    def forget(self) -> None:
        """It will not be said."""
        self._voice.forget()

    def overlapped(self, overlap: Contested | Yielded | Reclaimed | Backchannel) -> None:
        """Somebody makes a sound while we speak; a barge-in cancels `speak` instead."""
        match overlap:
            case Contested():
                self._loudness.duck()
            case Yielded():
                if self._outlet is not None and not self._holds:
                    self._holds = True
                    self._fade(self._outlet)
                    self._outlet.rewind()
            case Reclaimed():
                self._holds = False
            case Backchannel():
                self._holds = False
                self._loudness.restore()

    def pull(self, now_ms: int) -> bytes | None:
        """The next 20 ms of what is said, or None while nothing is."""
        if self._outlet is not None and not self._holds:
            frame = self._outlet.pull(now_ms)
            return self._loudness.of(frame) if frame is not None else None
        fading, self._fading = self._fading, None
        return fading

    def _fade(self, outlet: Outlet) -> None:
        last = outlet.fade()
        self._fading = self._loudness.of(last) if last is not None else None
