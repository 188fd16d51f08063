"""The speech process: the GPL voices behind a loopback HTTP port, apart from everything else of Hatif."""

from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.errors import EngineError, EngineSlow, Refused, SetupError
from domain.speech import Language
from engines.clauses import by_voice
from engines.espeak import EspeakSpeech
from engines.model_files import verified
from engines.piper import PiperSpeech
from engines.synthesis import LocalVoice
from workers.process.lifeline import leave
from workers.process.main import run
from workers.process.serving import LOOPBACK, listening_socket, serve_inside
from workers.settings import Settings

log = structlog.get_logger(__name__)

ENGLISH_MODEL = "piper-en-joe"
MOST_LETTERS = 2_000
"""Two minutes of speech; a turn of an agent has two sentences."""
MOST_BODY_BYTES = 32_768
"""2,000 letters, each written as a JSON escape, and some room."""
MOST_CONNECTIONS = 64
PCM = "audio/pcm;rate=16000;channels=1;encoding=s16le"
WARM_WORDS = {Language.EN: "Hello.", Language.AR: "مرحبا."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A valid request: `text` to be spoken in `language`, by a named voice or by the default one."""

    text: str
    language: Language
    voice: str | None = None


class Speaker:
    """The voices that this machine has, and for each language without one the reason."""

    def __init__(self, voices: Mapping[Language, LocalVoice], missing: Mapping[Language, str]) -> None:
        self.voices = dict(voices)
        self.missing = dict(missing)

    async def speak(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """Audio of the whole text, each stretch by the voice that can read it."""
        for language, stretch in by_voice(wanted.text, wanted.language):
            voice = self.voices.get(language)
            if voice is None:
                continue
            name = wanted.voice if language is wanted.language else None
            pieces = voice.speak(stretch, language, voice=name)
            async with aclosing(cast("Any", pieces)):
                async for pcm in pieces:
                    yield pcm

    async def warm_up(self) -> None:
        for language in self.voices:
            async for _ in self.speak(Wanted(text=WARM_WORDS[language], language=language)):
                pass


def loaded(models_dir: Path, threads: int) -> Speaker:
    """Load what can be loaded: one language without its voice does not silence the other."""
    voices: dict[Language, LocalVoice] = {}
    missing: dict[Language, str] = {}
    try:
        voices[Language.EN] = PiperSpeech(verified(ENGLISH_MODEL, models_dir), threads=threads)
    except SetupError as error:
        missing[Language.EN] = str(error)
    try:
        voices[Language.AR] = EspeakSpeech()
    except SetupError as error:
        missing[Language.AR] = str(error)
    return Speaker(voices, missing)


def parsed(body: bytes) -> Wanted:
    """Raises Refused with a code that names what is wrong."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_json", "The body is not JSON.") from error
    if not isinstance(document, dict):
        raise Refused("bad_json", "The body is not a JSON object.")
    fields = cast("dict[str, Any]", document)
    if unknown := sorted(set(fields) - {"text", "language", "voice"}):
        raise Refused("bad_field", f"The field {unknown[0]!r} is not known; there are text, language and voice.")
    text, language, voice = fields.get("text"), fields.get("language"), fields.get("voice")
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
    return Wanted(text=text, language=Language(language), voice=voice)


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "detail": detail, "code": code}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _body(request: Request) -> bytes:
    """Raises Refused for another type than JSON, which a foreign web page could send, and for too much of it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("unsupported_media_type", "The body must be application/json.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise Refused("too_large", f"The body may have {MOST_BODY_BYTES} bytes.")
    return body


_STATUS = {"unsupported_media_type": 415, "too_large": 413, "bad_json": 400}


def application(speaker: Speaker) -> Starlette:
    async def speech(request: Request) -> Response:
        try:
            wanted = parsed(await _body(request))
            if wanted.language not in speaker.voices:
                return problem(501, "no_voice", speaker.missing[wanted.language])
            if wanted.voice is not None and not speaker.voices[wanted.language].has_voice(wanted.voice):
                raise Refused("bad_voice", f"There is no voice {wanted.voice!r} for {wanted.language}.")
            audio = speaker.speak(wanted)
            # The first piece before the status, so that a failing voice is an answer and not a broken stream.
            first = await anext(audio, b"")
        except Refused as refused:
            return problem(_STATUS.get(refused.code, 422), refused.code, str(refused))
        except EngineSlow as slow:
            return problem(503, "busy", str(slow), {"Retry-After": "1"})
        except EngineError as error:
            log.warning("synthesis_failed", reason=str(error))
            return problem(500, "synthesis_failed", str(error))
        return StreamingResponse(_joined(first, audio), media_type=PCM)

    async def health(_: Request) -> Response:
        return JSONResponse(
            {"status": "ok", "languages": sorted(speaker.voices), "missing": speaker.missing},
        )

    return Starlette(
        routes=[Route("/v1/speech", speech, methods=["POST"]), Route("/healthz", health)],
        # A web page that resolves its own name to loopback gets nothing.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(cast("Any", rest)):
        yield first
        async for pcm in rest:
            yield pcm


async def serve(port: int, models_dir: Path, threads: int) -> None:
    """Load the voices, then listen until told to stop. Raises SetupError."""
    with listening_socket("The speech process", LOOPBACK, port) as listener:
        speaker = loaded(models_dir, threads)
        for reason in speaker.missing.values():
            print(reason, file=sys.stderr, flush=True)  # noqa: T201
        if not speaker.voices:
            raise SetupError("The speech process has no voice at all.")
        await speaker.warm_up()
        await serve_inside(application(speaker), listener, MOST_CONNECTIONS)


def main(argv: list[str] | None = None) -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m workers.speech", description=__doc__)
    parser.add_argument("--port", type=int, default=urlsplit(settings.speech_url).port or 8092)
    parser.add_argument("--models-dir", type=Path, default=settings.models_dir)
    parser.add_argument("--threads", type=int, default=min(4, len(os.sched_getaffinity(0))))
    arguments = parser.parse_args(argv)
    return run(lambda: serve(arguments.port, arguments.models_dir, arguments.threads))


if __name__ == "__main__":
    leave(main())
