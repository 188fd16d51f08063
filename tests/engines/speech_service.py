"""The speech process's service by gRPC, in the test's own process, over engines that the test has."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.ports import Recogniser
from domain.speech import Language
from engines.espeak import EspeakSpeech, espeak_library
from workers.speaking.service import Door, SpeechService, opened, serve
from workers.speaking.speaker import Speaker

LOOPBACK = "127.0.0.1"


def free_door() -> Door:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return Door(host=LOOPBACK, port=probe.getsockname()[1])


def arabic_only() -> Speaker:
    """What loads in no time."""
    return Speaker({Language.AR: EspeakSpeech(espeak_library())}, {Language.EN: "There is no English voice here."})


@asynccontextmanager
async def answering(
    speaker: Speaker, recogniser: Recogniser | None = None, door: Door | None = None
) -> AsyncIterator[str]:
    """Its host and port, while it answers."""
    door = door or free_door()
    server, stop, ready = opened(door), asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(server, SpeechService(speaker, recogniser), stop, ready.set))
    await ready.wait()
    try:
        yield f"{door.host}:{door.port}"
    finally:
        stop.set()
        await serving
