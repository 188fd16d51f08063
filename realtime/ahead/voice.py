"""A voice that has begun the sentence which will probably be said next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from domain.ports import Voice
from domain.speech import Guesses, Language


@dataclass(slots=True)
class _Begun:
    """One sentence on its way; sentences are bounded, so its audio is."""

    pieces: list[bytes] = field(default_factory=list[bytes])
    grown: asyncio.Event = field(default_factory=asyncio.Event)


class VoiceAhead:
    """Implements the Voice port over another one, for one call. One sentence at most is ahead."""

    def __init__(self, voice: Voice) -> None:
        self.languages = voice.languages
        self._voice = voice
        self._key: tuple[str, Language, str | None] | None = None
        self._begun = _Begun()
        self._task: asyncio.Task[None] | None = None
        self._guessed = self._forgotten = 0

    def prepare(self, text: str, language: Language, *, voice: str | None = None) -> None:
        """Begin to make this sentence, instead of whatever was ahead."""
        key = (text, language, voice)
        if key == self._key:
            return
        self.forget()
        self._key, self._begun = key, _Begun()
        self._guessed += 1
        self._task = asyncio.create_task(self._make(text, language, voice, self._begun))

    def forget(self) -> None:
        """The caller goes on: what was begun will not be said."""
        if self._task is not None:
            self._task.cancel()
            self._forgotten += 1
        self._key = self._task = None

    def guesses(self) -> Guesses:
        """Sentences that were begun since this was last asked; one that may still be said counts the next time."""
        ahead = int(self._task is not None)
        told = Guesses(begun=self._guessed - ahead, thrown_away=self._forgotten)
        self._guessed, self._forgotten = ahead, 0
        return told

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        task, begun = self._task, self._begun
        if task is None or self._key != (text, language, voice):
            async for piece in self._voice.speak(text, language, voice=voice):
                yield piece
            return
        self._key = self._task = None
        given = 0
        try:
            while not task.done() or given < len(begun.pieces):
                if given < len(begun.pieces):
                    given += 1
                    yield begun.pieces[given - 1]
                    continue
                begun.grown.clear()
                await begun.grown.wait()
            await task
        finally:
            task.cancel()

    async def _make(self, text: str, language: Language, voice: str | None, begun: _Begun) -> None:
        try:
            async for piece in self._voice.speak(text, language, voice=voice):
                begun.pieces.append(piece)
                begun.grown.set()
        finally:
            begun.grown.set()
