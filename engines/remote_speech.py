"""The Voice port over the speech process, or over any server that speaks its small HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx

from domain.errors import EngineFailed, EngineSlow
from domain.speech import Language

STAGE = "tts"
FIRST_BYTE_MS = 3_000
"""The first clause takes 0.1-0.4 s; after three seconds the caller hears the recorded sentence instead."""
NEXT_BYTES_MS = 5_000
"""A longest clause of 15 s takes 2-3 s to make on two busy cores."""
CONNECT_S = 1.0


class RemoteSpeech:
    """One pool of connections for all calls of the process. `url` is the server's root."""

    def __init__(
        self,
        url: str,
        *,
        languages: frozenset[Language] = frozenset(Language),
        first_byte_ms: int = FIRST_BYTE_MS,
        next_bytes_ms: int = NEXT_BYTES_MS,
    ) -> None:
        self.languages = languages
        self._first_byte_s = first_byte_ms / 1000
        self._next_bytes_s = next_bytes_ms / 1000
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            # A proxy meant for the internet has no business between two processes of one machine.
            trust_env=False,
        )

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        wanted = {"text": text, "language": language.value} | ({"voice": voice} if voice else {})
        try:
            async with aclosing(_Answer(self._client, wanted)) as answer:
                patience_s = self._first_byte_s
                odd = b""
                while True:
                    async with asyncio.timeout(patience_s):
                        received = await answer.read()
                    if received is None:
                        break
                    received = odd + received
                    whole = len(received) // 2 * 2
                    received, odd = received[:whole], received[whole:]
                    if received:
                        yield received
                    patience_s = self._next_bytes_s
        except TimeoutError as error:
            raise EngineSlow(STAGE, "the speech process is silent") from error
        except httpx.HTTPError as error:
            raise EngineFailed(STAGE, type(error).__name__) from error

    async def close(self) -> None:
        await self._client.aclose()


class _Answer:
    """One streamed answer, opened by its first read."""

    def __init__(self, client: httpx.AsyncClient, wanted: dict[str, str]) -> None:
        self._client = client
        self._request = client.build_request("POST", "/v1/speech", json=wanted)
        self._response: httpx.Response | None = None
        self._body: AsyncIterator[bytes] | None = None

    async def read(self) -> bytes | None:
        """The next bytes; None at the end. Raises EngineSlow when the server is full, EngineFailed for a refusal."""
        if self._body is None:
            try:
                self._response = await self._client.send(self._request, stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # A connection from before, which the server has closed or another server once had: asked on a new one.
                self._response = await self._client.send(self._request, stream=True)
            status = self._response.status_code
            if status == httpx.codes.SERVICE_UNAVAILABLE.value:
                raise EngineSlow(STAGE, "the speech process takes no more work")
            if status != httpx.codes.OK.value:
                raise EngineFailed(STAGE, f"the speech process answers with status {status}")
            self._body = self._response.aiter_raw()
        return await anext(self._body, None)

    async def aclose(self) -> None:
        if self._response is not None:
            await self._response.aclose()
