"""The speech process by HTTP, for the media workers of its own machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, cast

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.errors import EngineError, EngineSlow, Refused
from workers.process.json_body import json_body
from workers.speaking.speaker import Speaker, Wanted

log = structlog.get_logger(__name__)

MOST_BODY_BYTES = 32_768
"""2,000 letters, each written as a JSON escape, and some room."""
MOST_CONNECTIONS = 64
PCM = "audio/pcm;rate=16000;channels=1;encoding=s16le"


def parsed(body: bytes, speaker: Speaker) -> Wanted:
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
    return speaker.wanted(fields.get("text"), fields.get("language"), fields.get("voice"))


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "detail": detail, "code": code}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


_STATUS = {"unsupported_media_type": 415, "too_large": 413, "bad_json": 400, "no_voice": 501}


def application(speaker: Speaker) -> Starlette:
    async def speech(request: Request) -> Response:
        try:
            audio = speaker.speak(parsed(await json_body(request, MOST_BODY_BYTES), speaker))
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
