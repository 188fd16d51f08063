"""A cloned voice by gRPC: taught when it is not known, replaced where it may not speak."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.errors import EngineFailed, Unavailable
from domain.speech import Language
from domain.voices.manners import PLAIN, Manner
from engines.remote.link import SpeechLink
from engines.remote.voice import GrpcVoice, Samples
from tests.engines.speech_service import answering, arabic_only
from workers.speaking.speaker import Speaker

SAMPLE = bytes(32_000 * 13)
OWN, LEARNT = b"\x01\x00", b"\x02\x00"
SARA = "own.shop.sara"


class Pupil:
    """A voice that tells by its sound whose it is."""

    languages = frozenset(Language)

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def has_voice(self, name: str) -> bool:
        return name in self.known

    async def learn(self, name: str, pcm: bytes) -> None:
        self.known[name] = pcm

    async def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        yield LEARNT if voice else OWN


def speaker(pupil: Pupil) -> Speaker:
    return Speaker(dict.fromkeys(Language, pupil), {})


async def said(speaker: Speaker, samples: Samples | None, voice: str) -> bytes:
    async with answering(speaker) as address:
        link = SpeechLink(f"grpc://{address}")
        try:
            pieces = GrpcVoice(link, samples=samples, first_byte_ms=20_000).speak("Hello.", Language.EN, voice=voice)
            return b"".join([pcm async for pcm in pieces])
        finally:
            await link.close()


async def kept(tenant_id: str, name: str) -> bytes | None:
    return SAMPLE if (tenant_id, name) == ("shop", "sara") else None


@pytest.mark.parametrize("voice", [SARA, f"{SARA}/formal"])
async def test_a_voice_that_is_not_known_is_taught_from_its_sample(voice: str):
    pupil = Pupil()
    assert await said(speaker(pupil), kept, voice) == LEARNT
    assert pupil.known == {SARA: SAMPLE}


async def away(tenant_id: str, name: str) -> bytes | None:
    raise Unavailable("postgres", "away")


async def too_short(tenant_id: str, name: str) -> bytes | None:
    return bytes(32_000)


@pytest.mark.parametrize(
    ("samples", "voice"),
    [(kept, "own.shop.gone"), (kept, "own.clinic.sara"), (away, SARA), (too_short, SARA), (None, SARA)],
    ids=["forgotten", "another tenant's", "store away", "no sample", "nobody to ask"],
)
@pytest.mark.parametrize("manner", ["", "/clear"])
async def test_where_it_may_not_speak_the_engines_own_voice_does(samples: Samples | None, voice: str, manner: str):
    pupil = Pupil()
    assert await said(speaker(pupil), samples, voice + manner) == OWN
    assert pupil.known == {}


async def test_an_engine_that_cannot_learn_speaks_with_its_own_voice():
    async with answering(arabic_only()) as address:
        link = SpeechLink(f"grpc://{address}")
        voice = GrpcVoice(link, samples=kept, first_byte_ms=20_000)
        assert [pcm async for pcm in voice.speak("مرحبا", Language.AR, voice=SARA)]
        with pytest.raises(EngineFailed):
            await anext(voice.speak("مرحبا", Language.AR, voice="no-such-voice"))
        await link.close()
