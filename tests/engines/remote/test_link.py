"""Speech by gRPC when the other side is down, silent, started again, or at an address that is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.errors import EngineFailed, EngineSlow, SetupError
from domain.speech import Language
from engines.remote.link import SpeechLink
from engines.remote.recogniser import GrpcRecogniser
from engines.remote.voice import GrpcVoice
from tests.engines.speech_service import answering, arabic_only, free_door


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("grpc://127.0.0.1", None, "must be like"),
        ("grpc://:8092", None, "must be like"),
        ("grpc://127.0.0.1:99999", None, "must be like"),
        ("http://127.0.0.1:8092", None, "must be like"),
        ("grpc://speech.example:8092", None, "needs grpcs"),
        ("grpcs://speech.example:8092", None, "HATIF_SPEECH_TOKEN is missing"),
    ],
)
def test_an_address_that_is_none_is_one_sentence(url: str, token: str | None, said: str):
    with pytest.raises(SetupError, match=said):
        SpeechLink(url, token=token)


def test_an_authority_that_cannot_be_read_is_one_sentence(tmp_path: Path):
    with pytest.raises(SetupError, match="HATIF_SPEECH_CA"):
        SpeechLink("grpcs://speech.example:8092", token="t", ca=tmp_path / "none")


@asynccontextmanager
async def linked(address: str) -> AsyncIterator[SpeechLink]:
    link = SpeechLink(f"grpc://{address}")
    try:
        yield link
    finally:
        await link.close()


async def said(voice: GrpcVoice) -> bytes:
    return b"".join([pcm async for pcm in voice.speak("مرحبا", Language.AR)])


async def test_no_server_is_a_failure_of_the_stage():
    door = free_door()
    async with linked(f"{door.host}:{door.port}") as link:
        with pytest.raises(EngineFailed) as speaking:
            await said(GrpcVoice(link, first_byte_ms=20_000))
        with pytest.raises(EngineFailed) as hearing:
            await GrpcRecogniser(link).transcribe(bytes(32_000))
    assert (speaking.value.stage, hearing.value.stage) == ("tts", "asr")


async def test_a_server_that_was_started_again_is_found_again():
    door = free_door()
    async with linked(f"{door.host}:{door.port}") as link:
        voice = GrpcVoice(link, first_byte_ms=20_000)
        async with answering(arabic_only(), door=door):
            assert await said(voice)
        with pytest.raises(EngineFailed):
            await said(voice)
        async with answering(arabic_only(), door=door), asyncio.timeout(30):
            while True:
                try:
                    assert await said(voice)
                    break
                except EngineFailed:
                    await asyncio.sleep(0.1)


async def test_a_peer_that_says_nothing_is_slow():
    """It takes the connection and answers nothing, not even as HTTP/2."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with linked(f"127.0.0.1:{silent.getsockname()[1]}") as link:
            with pytest.raises(EngineSlow):
                await said(GrpcVoice(link, first_byte_ms=50))
            with pytest.raises(EngineSlow):
                await GrpcRecogniser(link, deadline_ms=50, deadline_ms_per_s=0).transcribe(bytes(32_000))
