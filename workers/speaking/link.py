"""The speech process as other processes of the product reach it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.errors import SetupError
from workers.settings import Settings

if TYPE_CHECKING:
    from engines.remote.link import SpeechLink

DESCRIBE_MS = 1_000
"""Somebody waits for a page; a speech process on a network answers in tens of ms."""

CanClone = Callable[[], Awaitable[bool | None]]
"""Whether the speech process can copy voices; None while it is away."""


def speech_link(settings: Settings) -> SpeechLink | None:
    """To a speech process that is asked by gRPC; None where HTTP does. Raises SetupError."""
    if _is_grpc(settings):
        # gRPC comes along with it.
        from engines.remote.link import SpeechLink

        token = settings.speech_token.get_secret_value() if settings.speech_token else None
        return SpeechLink(settings.speech_url, token=token, ca=settings.speech_ca)
    if settings.asr_remote:
        raise SetupError("HATIF_ASR_REMOTE needs a speech process that is asked by gRPC: HATIF_SPEECH_URL=grpc://…")
    return None


def cloning_of(settings: Settings) -> CanClone:
    """As it says itself. The one that is asked by HTTP speaks with voices that nobody can teach."""

    async def can_clone() -> bool | None:
        if not _is_grpc(settings):
            return False
        from grpc.aio import AioRpcError

        link = speech_link(settings)
        assert link is not None
        try:
            return (await link.describe(DESCRIBE_MS)).clones
        except AioRpcError:
            return None
        finally:
            await link.close()

    return can_clone


def _is_grpc(settings: Settings) -> bool:
    return urlsplit(settings.speech_url).scheme in ("grpc", "grpcs")
