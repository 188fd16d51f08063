"""Whether the speech process can copy voices, as the administrator's page is told."""

from __future__ import annotations

from tests.engines.remote.test_cloned import Pupil, speaker
from tests.engines.speech_service import answering, arabic_only
from workers.settings import Settings
from workers.speaking.link import cloning_of


async def test_it_is_as_the_speech_process_says_itself() -> None:
    async with answering(speaker(Pupil())) as able:
        assert await cloning_of(Settings(speech_url=f"grpc://{able}"))() is True
    assert await cloning_of(Settings(speech_url=f"grpc://{able}"))() is None
    async with answering(arabic_only()) as unable:
        assert await cloning_of(Settings(speech_url=f"grpc://{unable}"))() is False
    assert await cloning_of(Settings(speech_url="http://127.0.0.1:1"))() is False
