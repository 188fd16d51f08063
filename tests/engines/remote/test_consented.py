"""A cloned voice whose consent is withdrawn is heard no more, whatever was kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from domain.errors import Unavailable
from domain.speech import Language
from engines.kept_voice import KeptVoice
from engines.remote.consented import Consented, ConsentedVoice
from engines.remote.link import SpeechLink
from engines.remote.voice import GrpcVoice
from tests.engines.remote.test_cloned import LEARNT, OWN, SAMPLE, SARA, Pupil, speaker
from tests.engines.speech_service import answering


class Shelf:
    """The consents of one tenant, and the samples that they are for."""

    def __init__(self) -> None:
        self.samples = {"sara": ("a1" * 32, SAMPLE)}

    async def consented(self, tenant_id: str, name: str) -> str | None:
        return self.samples[name][0] if tenant_id == "shop" and name in self.samples else None

    async def sample(self, tenant_id: str, name: str) -> bytes | None:
        return self.samples[name][1] if tenant_id == "shop" and name in self.samples else None


@asynccontextmanager
async def speaking(pupil: Pupil, shelf: Shelf, consented: Consented | None) -> AsyncIterator[ConsentedVoice]:
    async with answering(speaker(pupil)) as address:
        link = SpeechLink(f"grpc://{address}")
        asked = GrpcVoice(link, samples=shelf.sample, first_byte_ms=20_000)
        yield ConsentedVoice(KeptVoice(asked, 1_000_000), consented)
        await link.close()


async def said(voice: ConsentedVoice, named: str | None) -> bytes:
    return b"".join([pcm async for pcm in voice.speak("Hello.", Language.EN, voice=named)])


@pytest.mark.parametrize("manner", ["", "/formal"])
async def test_a_voice_is_heard_until_its_consent_is_withdrawn_and_a_new_one_is_another_voice(manner: str) -> None:
    pupil, shelf = Pupil(), Shelf()
    async with speaking(pupil, shelf, shelf.consented) as voice:
        for _ in range(2):
            assert await said(voice, SARA + manner) == LEARNT
        withdrawn = shelf.samples.pop("sara")
        # The sentence is kept in memory, and the speech process knows the voice: neither is asked.
        assert await said(voice, SARA + manner) == OWN
        shelf.samples["sara"] = ("b2" * 32, withdrawn[1])
        assert await said(voice, SARA + manner) == LEARNT
        assert list(pupil.known) == [f"{SARA}+a1a1a1a1", f"{SARA}+b2b2b2b2"]


async def away(tenant_id: str, name: str) -> str | None:
    raise Unavailable("postgres", "away")


async def hangs(tenant_id: str, name: str) -> str | None:
    await asyncio.Event().wait()
    return None


@pytest.mark.parametrize("consented", [away, hangs, None])
async def test_without_proof_of_a_consent_the_engines_own_voice_speaks(consented: Consented | None) -> None:
    pupil, shelf = Pupil(), Shelf()
    async with speaking(pupil, shelf, consented) as voice:
        assert await said(voice, f"{SARA}/clear") == OWN
        assert await said(voice, None) == OWN
    assert pupil.known == {}


async def test_nobody_speaks_with_the_voice_of_another_tenant() -> None:
    pupil, shelf = Pupil(), Shelf()
    async with speaking(pupil, shelf, shelf.consented) as voice:
        assert await said(voice, "own.clinic.sara") == OWN
        assert await said(voice, "own.clinic.shop.sara+a1a1a1a1") == OWN
    assert pupil.known == {}
