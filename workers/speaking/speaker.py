"""The voices of the speech process, and what may be asked of them."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from domain.errors import Refused
from domain.speech import BYTES_PER_MS, Language
from domain.voices.cloning import LEAST_SAMPLE_S, MOST_SAMPLE_S, OWN
from domain.voices.manners import PLAIN, VOICE, Manner, voice_wish
from engines.clauses import by_voice
from engines.synthesis import LearningVoice, LocalVoice

MOST_LETTERS = 2_000
"""Two minutes of speech; a turn of an agent has two sentences."""
WARM_WORDS = {Language.EN: "Hello.", Language.AR: "مرحبا."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A valid request: `text` to be spoken in `language`, by the engine's named voice or by its default one."""

    text: str
    language: Language
    voice: str | None = None
    manner: Manner = PLAIN


class Speaker:
    """The voices that this machine has, and for each language without one the reason."""

    def __init__(self, voices: Mapping[Language, LocalVoice], missing: Mapping[Language, str]) -> None:
        self.voices = dict(voices)
        self.missing = dict(missing)

    def wanted(self, text: Any, language: Any, voice: Any) -> Wanted:
        """What may have been said by anybody, as a request. Raises Refused with a code that names what is wrong."""
        if not isinstance(text, str) or not text.strip():
            raise Refused("bad_text", "`text` must be a string that is not blank.")
        if len(text) > MOST_LETTERS:
            raise Refused("text_too_long", f"`text` has {len(text)} letters; {MOST_LETTERS} are the most.")
        if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t\r" for letter in text):
            raise Refused("bad_text", "`text` holds control characters.")
        if not isinstance(language, str) or language not in set(Language):
            raise Refused("bad_language", f"`language` must be one of {', '.join(Language)}.")
        if voice is not None and not isinstance(voice, str):
            raise Refused("bad_voice", "`voice` must be a string or absent.")
        wish = voice_wish(voice)
        wanted = Wanted(text=text, language=Language(language), voice=wish.name, manner=wish.manner)
        if wanted.language not in self.voices:
            raise Refused("no_voice", self.missing[wanted.language])
        if wanted.voice is not None and not self.voices[wanted.language].has_voice(wanted.voice):
            raise Refused("bad_voice", f"There is no voice {wanted.voice!r} for {wanted.language}.")
        return wanted

    @property
    def pupils(self) -> list[LearningVoice]:
        """The engines that can take a voice in."""
        # Dictionaries keep one of each: the same engine may speak both languages.
        able = {id(voice): voice for voice in self.voices.values() if isinstance(voice, LearningVoice)}
        return list(able.values())

    async def learn(self, name: str, pcm: bytes) -> None:
        """Takes a voice in from a sample. Raises Refused where no voice here can, and for what is no sample."""
        if not name.startswith(OWN) or not VOICE.match(name):
            raise Refused("bad_voice", f"The name of a cloned voice begins with {OWN}")
        seconds = len(pcm) / BYTES_PER_MS / 1000
        if not LEAST_SAMPLE_S <= seconds <= MOST_SAMPLE_S:
            raise Refused("bad_sample", f"A sample has {LEAST_SAMPLE_S} to {MOST_SAMPLE_S} s, this one {seconds:.1f}.")
        if not self.pupils:
            raise Refused("no_cloning", "No voice of this speech process can be cloned.")
        for voice in self.pupils:
            await voice.learn(name, pcm)

    async def speak(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """Audio of the whole text, each stretch by the voice that can read it."""
        for language, stretch in by_voice(wanted.text, wanted.language):
            voice = self.voices.get(language)
            if voice is None:
                continue
            name = wanted.voice if wanted.voice and voice.has_voice(wanted.voice) else None
            pieces = voice.speak(stretch, language, voice=name, manner=wanted.manner)
            async with aclosing(cast("Any", pieces)):
                async for pcm in pieces:
                    yield pcm

    async def warm_up(self) -> None:
        for language in self.voices:
            async for _ in self.speak(Wanted(text=WARM_WORDS[language], language=language)):
                pass
