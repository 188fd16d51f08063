"""The speech process by gRPC: voices and a recogniser for media workers on this machine and on others."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import grpc
import structlog
from grpc.aio import Server, ServerInterceptor, ServicerContext, server

from domain.errors import EngineError, EngineSlow, Refused, SetupError
from domain.ports import Recogniser
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language
from engines.speech_v1 import speech_pb2_grpc as port
from engines.speech_v1.speech_pb2 import Audio, Clause, DescribeRequest, Description, Learnt, Sample, Utterance, Words
from workers.process.serving import STOP_WITHIN_S
from workers.speaking.speaker import Speaker

log = structlog.get_logger(__name__)

MOST_CALLS = 128
"""Of this service at one time; the engines' own queues are shorter, and refuse what would be late."""
MOST_UTTERANCE_S = 120
"""Twice the longest turn that a caller can have."""
MOST_MESSAGE_BYTES = MOST_UTTERANCE_S * 1000 * BYTES_PER_MS + 1_024
MOST_CLAUSES = 64
NEXT_CLAUSE_S = 30.0
"""A language model that writes the next clause takes 15 s at the worst."""
OPTIONS = [
    # Two servers that shared one port would each get half of the calls.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
]
_STATUS = {
    "no_voice": grpc.StatusCode.FAILED_PRECONDITION,
    "no_recogniser": grpc.StatusCode.FAILED_PRECONDITION,
    "no_cloning": grpc.StatusCode.FAILED_PRECONDITION,
    "bad_voice": grpc.StatusCode.NOT_FOUND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the service listens. Beyond loopback it has a certificate, and only who knows the token is answered."""

    host: str
    port: int
    certificate: tuple[Path, Path] | None = None
    """And its key."""
    token: str | None = None


class SpeechService(port.SpeechServicer):
    def __init__(self, speaker: Speaker, recogniser: Recogniser | None) -> None:
        self._speaker = speaker
        self._recogniser = recogniser

    async def Describe(self, request: DescribeRequest, context: ServicerContext[Any, Any]) -> Description:
        return Description(
            languages=sorted(self._speaker.voices),
            missing={language.value: reason for language, reason in self._speaker.missing.items()},
            hears=self._recogniser is not None,
            clones=bool(self._speaker.pupils),
        )

    async def Speak(
        self, request_iterator: AsyncIterator[Clause], context: ServicerContext[Any, Any]
    ) -> AsyncIterator[Audio]:
        try:
            async for clause in _in_time(request_iterator):
                wanted = self._speaker.wanted(clause.text, clause.language, clause.voice or None)
                async with aclosing(cast("Any", self._speaker.speak(wanted))) as pieces:
                    async for pcm in pieces:
                        yield Audio(pcm=pcm, sample_rate_hz=SAMPLE_RATE_HZ)
        except (Refused, EngineError) as error:
            await _abort(context, error)

    async def Learn(self, request: Sample, context: ServicerContext[Any, Any]) -> Learnt:
        try:
            _check_sound(request)
            await self._speaker.learn(request.voice, request.pcm)
        except (Refused, EngineError) as error:
            await _abort(context, error)
        return Learnt()

    async def Hear(self, request: Utterance, context: ServicerContext[Any, Any]) -> Words:
        try:
            language = _asked_language(request)
            if self._recogniser is None:
                raise Refused("no_recogniser", "This speech process only speaks; HATIF_ASR_REMOTE=1 makes it hear.")
            heard = await self._recogniser.transcribe(request.pcm, language=language)
        except (Refused, EngineError) as error:
            await _abort(context, error)
        return Words(
            text=heard.text,
            language=heard.language.value,
            language_confidence=heard.language_confidence,
            confidence=heard.confidence,
        )


def _check_sound(request: Utterance | Sample) -> None:
    """Raises Refused."""
    if request.sample_rate_hz != SAMPLE_RATE_HZ or len(request.pcm) % 2:
        raise Refused("bad_audio", f"The sound must be mono int16 at {SAMPLE_RATE_HZ} Hz.")


def _asked_language(request: Utterance) -> Language | None:
    """Raises Refused for an utterance that is none."""
    _check_sound(request)
    if len(request.pcm) > MOST_UTTERANCE_S * 1000 * BYTES_PER_MS:
        raise Refused("too_large", f"An utterance may have {MOST_UTTERANCE_S} s.")
    if not request.language:
        return None
    if request.language not in set(Language):
        raise Refused("bad_language", f"`language` must be empty or one of {', '.join(Language)}.")
    return Language(request.language)


async def _in_time(clauses: AsyncIterator[Clause]) -> AsyncIterator[Clause]:
    """Raises Refused for a stream without end, and for one that says nothing more and does not end."""
    following = aiter(clauses)
    for _ in range(MOST_CLAUSES):
        try:
            yield await asyncio.wait_for(anext(following), NEXT_CLAUSE_S)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused("no_clause", f"No clause came for {NEXT_CLAUSE_S:.0f} s, nor an end.") from None
    raise Refused("too_many_clauses", f"A stream may have {MOST_CLAUSES} clauses.")


async def _abort(context: ServicerContext[Any, Any], error: Refused | EngineError) -> NoReturn:
    match error:
        case Refused():
            status = _STATUS.get(error.code, grpc.StatusCode.INVALID_ARGUMENT)
            await context.abort(status, f"{error.code}: {error}")
        case EngineSlow():
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"busy: {error}")
        case _:
            log.warning("speech_failed", reason=str(error))
            await context.abort(grpc.StatusCode.INTERNAL, f"failed: {error}")


class TokenAsked(ServerInterceptor):
    """Lets through only who knows the token."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        metadata: Any = handler_call_details.invocation_metadata
        given = next((value for name, value in metadata or () if name == "authorization"), "")
        if hmac.compare_digest(given.encode() if isinstance(given, str) else given, self._wanted):
            return await continuation(handler_call_details)
        return _REFUSE


async def _stranger(_: Any, context: ServicerContext[Any, Any]) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "bad_token: The token is missing or wrong.")


_REFUSE = cast("Any", grpc).unary_unary_rpc_method_handler(_stranger)


def opened(door: Door) -> Server:
    """A server that is bound and not started, so that a taken port is one sentence. Raises SetupError."""
    made = server(
        interceptors=[TokenAsked(door.token)] if door.token else [],
        options=OPTIONS,
        maximum_concurrent_rpcs=MOST_CALLS,
    )
    where = f"[{door.host}]:{door.port}" if ":" in door.host else f"{door.host}:{door.port}"
    try:
        if door.certificate is None:
            bound = made.add_insecure_port(where)
        else:
            certificate, key = (path.read_bytes() for path in door.certificate)
            bound = made.add_secure_port(where, grpc.ssl_server_credentials([(key, certificate)]))
    except OSError as error:
        raise SetupError(f"The certificate of the speech process can't be read: {error.strerror}.") from error
    except RuntimeError:
        bound = 0
    if not bound:
        raise SetupError(f"The speech process can't listen on {where}.")
    return made


async def serve(made: Server, service: SpeechService, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Until `stop`."""
    cast("Any", port).add_SpeechServicer_to_server(service, made)
    await made.start()
    ready()
    await stop.wait()
    await made.stop(STOP_WITHIN_S)
