"""The speech process by gRPC: what it refuses, who may ask, and that a caller who leaves costs no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError

from domain.errors import EngineFailed, SetupError
from domain.speech import Language, Transcript
from domain.voices.manners import PLAIN, Manner
from engines.remote.link import SpeechLink
from engines.remote.voice import GrpcVoice
from engines.speech_v1.speech_pb2 import Clause, Utterance
from engines.synthesis import LocalVoice
from tests.engines.speech_service import Door, answering, arabic_only, free_door
from workers.launch.certificate import self_signed
from workers.speaking.service import MOST_CLAUSES, MOST_UTTERANCE_S, opened
from workers.speaking.speaker import MOST_LETTERS, Speaker

SECOND = bytes(32_000)
TOKEN = "a token of two machines"


class Silent:
    """A recogniser that hears nothing."""

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        return Transcript(text="", language=language or Language.EN, language_confidence=0.0, confidence=0.0)


@asynccontextmanager
async def linked(speaker: Speaker, **how: Any) -> AsyncIterator[SpeechLink]:
    async with answering(speaker, **how) as address:
        link = SpeechLink(f"grpc://{address}")
        try:
            yield link
        finally:
            await link.close()


async def answer(link: SpeechLink, clauses: Iterable[Clause]) -> list[bytes]:
    return [audio.pcm async for audio in link.speak(clauses)]


def arabic(**changed: str) -> Clause:
    return Clause(**({"text": "مرحبا", "language": "ar"} | changed))


async def test_it_says_what_it_can_do():
    async with linked(arabic_only()) as link:
        told = await link.describe(5_000)
    assert list(told.languages) == ["ar"]
    assert dict(told.missing) == {"en": "There is no English voice here."}
    assert not told.hears


async def test_clauses_are_spoken_one_after_the_other():
    async with linked(arabic_only()) as link:
        first, second = [await answer(link, [arabic(text=text)]) for text in ("مرحبا", "مع السلامة وإلى اللقاء")]
        together = await answer(link, [arabic(), arabic(text="مع السلامة وإلى اللقاء")])
    assert [len(first), len(second), len(together)] == [1, 1, 2]
    # The voice breathes: no two of its sounds are the same, but they are nearly as long.
    assert len(together[0]) == pytest.approx(len(first[0]), rel=0.1)
    assert len(together[1]) == pytest.approx(len(second[0]), rel=0.1)


@pytest.mark.parametrize(
    ("clause", "status", "code"),
    [
        (arabic(text=""), grpc.StatusCode.INVALID_ARGUMENT, "bad_text"),
        (arabic(text=" \n "), grpc.StatusCode.INVALID_ARGUMENT, "bad_text"),
        (arabic(text="a\x07b"), grpc.StatusCode.INVALID_ARGUMENT, "bad_text"),
        (arabic(text="a" * (MOST_LETTERS + 1)), grpc.StatusCode.INVALID_ARGUMENT, "text_too_long"),
        (arabic(language=""), grpc.StatusCode.INVALID_ARGUMENT, "bad_language"),
        (arabic(language="fr"), grpc.StatusCode.INVALID_ARGUMENT, "bad_language"),
        (arabic(language="en"), grpc.StatusCode.FAILED_PRECONDITION, "no_voice"),
        (arabic(voice="../../etc"), grpc.StatusCode.NOT_FOUND, "bad_voice"),
    ],
)
async def test_a_clause_that_is_none_is_refused_by_a_code(clause: Clause, status: grpc.StatusCode, code: str):
    async with linked(arabic_only()) as link:
        with pytest.raises(AioRpcError) as refused:
            await answer(link, [clause])
    assert refused.value.code() is status
    assert (refused.value.details() or "").startswith(f"{code}: ")


async def test_a_stream_without_end_is_refused():
    async with linked(arabic_only()) as link:
        with pytest.raises(AioRpcError) as refused:
            await answer(link, [arabic(text="لا")] * (MOST_CLAUSES + 1))
    assert (refused.value.details() or "").startswith("too_many_clauses: ")


@pytest.mark.parametrize(
    ("utterance", "status", "code"),
    [
        (Utterance(pcm=SECOND), grpc.StatusCode.INVALID_ARGUMENT, "bad_audio"),
        (Utterance(pcm=SECOND, sample_rate_hz=8_000), grpc.StatusCode.INVALID_ARGUMENT, "bad_audio"),
        (Utterance(pcm=b"abc", sample_rate_hz=16_000), grpc.StatusCode.INVALID_ARGUMENT, "bad_audio"),
        (Utterance(pcm=SECOND, sample_rate_hz=16_000, language="fr"), grpc.StatusCode.INVALID_ARGUMENT, "bad_language"),
        (
            Utterance(pcm=SECOND * MOST_UTTERANCE_S + bytes(2), sample_rate_hz=16_000),
            grpc.StatusCode.INVALID_ARGUMENT,
            "too_large",
        ),
        (Utterance(pcm=SECOND * MOST_UTTERANCE_S * 2, sample_rate_hz=16_000), grpc.StatusCode.RESOURCE_EXHAUSTED, ""),
    ],
)
async def test_an_utterance_that_is_none_is_refused_by_a_code(utterance: Utterance, status: grpc.StatusCode, code: str):
    async with linked(arabic_only(), recogniser=Silent()) as link:
        with pytest.raises(AioRpcError) as refused:
            await link.hear(utterance, 10_000)
    assert refused.value.code() is status
    assert (refused.value.details() or "").startswith(code)


async def test_a_process_that_only_speaks_says_so():
    async with linked(arabic_only()) as link:
        with pytest.raises(AioRpcError) as refused:
            await link.hear(Utterance(pcm=SECOND, sample_rate_hz=16_000), 10_000)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert (refused.value.details() or "").startswith("no_recogniser: ")


async def test_nonsense_instead_of_a_message_leaves_the_service_alive():
    async with linked(arabic_only()) as link, answering(arabic_only()) as address:
        async with grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(AioRpcError) as refused:
                await channel.unary_unary("/hatif.speech.v1.Speech/Hear")(b"\xff\xff\xff no message")
            assert refused.value.code() is grpc.StatusCode.UNKNOWN
            with pytest.raises(AioRpcError) as unknown:
                await channel.unary_unary("/hatif.speech.v1.Speech/Sing")(b"")
            assert unknown.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert await answer(link, [arabic()])


class Endless:
    """A voice that goes on until it is stopped."""

    languages = frozenset({Language.AR})

    def __init__(self) -> None:
        self.stopped = asyncio.Event()

    def has_voice(self, name: str) -> bool:
        return False

    async def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        try:
            while True:
                yield SECOND
                await asyncio.sleep(0)
        finally:
            self.stopped.set()


async def test_a_caller_who_leaves_stops_the_voice():
    endless = Endless()
    voice: LocalVoice = endless
    async with linked(Speaker({Language.AR: voice}, {})) as link:
        call = link.speak([arabic()])
        assert await call.read()
        call.cancel()
        async with asyncio.timeout(20):
            await endless.stopped.wait()


async def test_over_tls_only_the_token_opens(tmp_path: Path):
    certificate, key, _ = self_signed(tmp_path, "127.0.0.1")
    at = free_door()
    door = Door(host=at.host, port=at.port, certificate=(certificate, key), token=TOKEN)
    async with answering(arabic_only(), door=door) as address:
        for token, opens in ((TOKEN, True), ("another", False)):
            link = SpeechLink(f"grpcs://{address}", token=token, ca=certificate)
            pieces = GrpcVoice(link, first_byte_ms=20_000).speak("مرحبا", Language.AR)
            if opens:
                assert [pcm async for pcm in pieces]
            else:
                with pytest.raises(EngineFailed, match="UNAUTHENTICATED"):
                    await anext(pieces)
            await link.close()
        stranger = SpeechLink(f"grpcs://{address}", token=TOKEN)  # trusts the system's authorities only
        with pytest.raises(EngineFailed, match="UNAVAILABLE"):
            await anext(GrpcVoice(stranger, first_byte_ms=20_000).speak("مرحبا", Language.AR))
        await stranger.close()


async def test_a_taken_port_is_one_sentence():
    door = free_door()
    async with answering(arabic_only(), door=door):
        with pytest.raises(SetupError, match="can't listen on"):
            opened(door)
