"""A voice that keeps what it has said: greetings and facts are the same sentences call after call."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator

from domain.ports import Voice
from domain.speech import Language


class KeptVoice:
    """Implements the Voice port over another one. Keeps whole sentences, up to `most_bytes`, the oldest use goes first.

    Only words of ours go through a voice, never a caller's, but a sentence may hold a caller's order or name: what is
    kept stays in this process's memory.
    """

    def __init__(self, voice: Voice, most_bytes: int) -> None:
        self.languages = voice.languages
        self._voice = voice
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, Language, str | None], bytes] = OrderedDict()
        self._bytes = 0

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        key = (text, language, voice)
        if (pcm := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            yield pcm
            return
        made = bytearray()
        async for piece in self._voice.speak(text, language, voice=voice):
            made += piece
            yield piece
        self._keep(key, bytes(made))

    def _keep(self, key: tuple[str, Language, str | None], pcm: bytes) -> None:
        if key in self._kept or len(pcm) > self._most_bytes:
            return
        self._kept[key] = pcm
        self._bytes += len(pcm)
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
