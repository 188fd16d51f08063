"""The connection to a speech process by gRPC, and what its refusals mean to a stage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from grpc.aio import AioRpcError, Channel, StreamStreamCall, insecure_channel, secure_channel

from domain.addresses import is_loopback
from domain.errors import EngineError, EngineFailed, EngineSlow, SetupError
from engines.speech_v1.speech_pb2 import Audio, Clause, DescribeRequest, Description, Sample, Utterance, Words
from engines.speech_v1.speech_pb2_grpc import SpeechStub

PLAIN, SECURE = "grpc", "grpcs"
OPTIONS = [
    # A proxy meant for the internet has no business inside one's own network.
    ("grpc.enable_http_proxy", 0),
    # A process that was started again is found at once: it takes its callers back within seconds.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A machine that went without a word is known before the next caller waits for it.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
]
_SLOW = {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED}


def is_grpc(url: str) -> bool:
    return urlsplit(url).scheme in (PLAIN, SECURE)


class SpeechLink:
    """One connection for all calls of the process. To another machine it needs TLS and the token that both have."""

    def __init__(self, url: str, *, token: str | None = None, ca: Path | None = None) -> None:
        """`ca`: the only authority that is trusted; None means the system's. Raises SetupError."""
        self._channel = _channel(url, token, ca)
        self._stub: Any = SpeechStub(self._channel)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def speak(self, clauses: Iterable[Clause]) -> StreamStreamCall[Clause, Audio]:
        return self._stub.Speak(iter(clauses), metadata=self._metadata)

    async def hear(self, utterance: Utterance, deadline_ms: int) -> Words:
        return await self._stub.Hear(utterance, timeout=deadline_ms / 1000, metadata=self._metadata)

    async def learn(self, sample: Sample, deadline_ms: int) -> None:
        await self._stub.Learn(sample, timeout=deadline_ms / 1000, metadata=self._metadata)

    async def describe(self, deadline_ms: int) -> Description:
        return await self._stub.Describe(DescribeRequest(), timeout=deadline_ms / 1000, metadata=self._metadata)

    async def close(self) -> None:
        await self._channel.close()


def _channel(url: str, token: str | None, ca: Path | None) -> Channel:
    parts = urlsplit(url)
    try:
        target = f"{parts.hostname}:{parts.port}" if parts.hostname and parts.port else None
    except ValueError:
        target = None
    if target is None or not is_grpc(url):
        raise SetupError("HATIF_SPEECH_URL must be like grpc://127.0.0.1:8092 or grpcs://speech.example:8092.")
    if parts.hostname and ":" in parts.hostname:
        target = f"[{parts.hostname}]:{parts.port}"
    if parts.scheme == PLAIN:
        if not is_loopback(parts.hostname):
            raise SetupError("HATIF_SPEECH_URL: speech of another machine needs grpcs://, for callers are heard there.")
        return insecure_channel(target, OPTIONS)
    if not token:
        raise SetupError("HATIF_SPEECH_TOKEN is missing: speech of another machine is asked with it.")
    try:
        roots = ca.read_bytes() if ca else None
    except OSError as error:
        raise SetupError(f"HATIF_SPEECH_CA {ca} can't be read: {error.strerror}.") from error
    return secure_channel(target, grpc.ssl_channel_credentials(roots), OPTIONS)


def failure(stage: str, error: AioRpcError) -> EngineError:
    """By its status only: details of a foreign server may quote what it was given."""
    status = error.code()
    if status in _SLOW:
        return EngineSlow(stage, f"the speech process answers {status.name}")
    return EngineFailed(stage, f"the speech process answers {status.name}")
