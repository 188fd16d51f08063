"""The voice behind a port when the other side is slow, full, broken or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from domain.errors import EngineFailed, EngineSlow
from domain.speech import Language
from engines.remote_speech import RemoteSpeech

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


@asynccontextmanager
async def speech_that(answers: Answer, **limits_ms: int) -> AsyncIterator[RemoteSpeech]:
    """A voice over a server on a real socket that answers each request by `answers`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        try:
            await answers(reader, writer, await reader.readexactly(length))
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    speech = RemoteSpeech(f"http://127.0.0.1:{port}", **limits_ms)
    try:
        yield speech
    finally:
        await speech.close()
        server.close()
        await server.wait_closed()


def sends(head: str, *chunks: bytes, end: bool = True) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> None:
        writer.write(f"HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for chunk in chunks:
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        if end:
            writer.write(b"0\r\n\r\n")
        await writer.drain()

    return answer


async def said(speech: RemoteSpeech) -> list[bytes]:
    return [pcm async for pcm in speech.speak("مرحبا", Language.AR)]


async def test_odd_pieces_come_out_as_whole_samples():
    async with speech_that(sends("200 OK", b"a", b"bcd", b"efg", b"h")) as speech:
        pieces = await said(speech)
    assert b"".join(pieces) == b"abcdefgh"
    assert all(len(piece) % 2 == 0 for piece in pieces)


async def test_the_request_says_what_and_how():
    asked: list[dict[str, str]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        asked.append(json.loads(body))
        await sends("200 OK", b"ab")(reader, writer, body)

    async with speech_that(answer) as speech:
        await said(speech)
        [_ async for _ in speech.speak("Hello.", Language.EN, voice="joe")]
    assert asked == [
        {"text": "مرحبا", "language": "ar"},
        {"text": "Hello.", "language": "en", "voice": "joe"},
    ]


@pytest.mark.parametrize(
    ("head", "error"),
    [
        ("503 Busy", EngineSlow),
        ("422 No", EngineFailed),
        ("500 Broken", EngineFailed),
        ("302 Elsewhere\r\nLocation: /", EngineFailed),
    ],
)
async def test_a_refusal_is_an_error_of_the_stage(head: str, error: type[Exception]):
    async with speech_that(sends(head, b"{}")) as speech:
        with pytest.raises(error) as caught:
            await said(speech)
    assert caught.value.stage == "tts"


async def test_a_broken_stream_is_a_failure_after_what_was_heard():
    heard: list[bytes] = []
    async with speech_that(sends("200 OK", b"abcd", end=False)) as speech:
        with pytest.raises(EngineFailed):
            async for pcm in speech.speak("مرحبا", Language.AR):
                heard.append(pcm)  # noqa: PERF401
    assert heard == [b"abcd"]


async def test_no_server_is_a_failure():
    speech = RemoteSpeech("http://127.0.0.1:9")
    with pytest.raises(EngineFailed):
        await said(speech)
    await speech.close()


async def test_nonsense_instead_of_http_is_a_failure():
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> None:
        writer.write(b"\x00\x01not http\r\n\r\n")

    async with speech_that(answer) as speech:
        with pytest.raises(EngineFailed):
            await said(speech)


async def test_a_connection_that_the_server_has_left_is_replaced():
    connections = 0

    async def once_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        nonlocal connections
        connections += 1
        await sends("200 OK", b"ab")(reader, writer, body)
        await reader.readexactly(1)  # the next request on it, which nobody answers any more

    async with speech_that(once_each) as speech:
        assert [await said(speech) for _ in range(3)] == [[b"ab"]] * 3
        assert connections == 3


async def test_silence_before_the_first_byte_is_slow():
    async def answer(reader: asyncio.StreamReader, _: asyncio.StreamWriter, __: bytes) -> None:
        await reader.read()

    async with speech_that(answer, first_byte_ms=50) as speech:
        with pytest.raises(EngineSlow):
            await said(speech)


async def test_silence_in_the_middle_is_slow():
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        await sends("200 OK", b"abcd", end=False)(reader, writer, body)
        await reader.read()

    async with speech_that(answer, next_bytes_ms=50) as speech:
        with pytest.raises(EngineSlow):
            await said(speech)


async def test_a_caller_who_leaves_hangs_up_on_the_server():
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        await sends("200 OK", b"abcd", end=False)(reader, writer, body)
        await reader.read()
        gone.set()

    async with speech_that(answer) as speech:
        async with aclosing(speech.speak("مرحبا", Language.AR)) as pieces:
            assert await anext(pieces) == b"abcd"
        async with asyncio.timeout(5):
            await gone.wait()
