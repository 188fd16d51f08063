"""A language model behind the OpenAI chat API: the embedded llama.cpp server, vLLM, or any other that speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

import httpx

from domain.errors import EngineFailed, EngineSlow
from domain.ports import ChatMessage

STAGE = "llm"

FIRST_TOKEN_MS = 4_000
"""A cached prefix answers in 0.2-0.5 s on two cores; a busy machine took up to 2 s. Beyond this the caller has
already heard a filler and the answer is better given without the model."""
TOTAL_MS = 9_000
"""160 tokens at 20 tokens a second."""
WARM_UP_MS = 120_000
"""A cold prefix of 1,500 tokens took 30 s on two shared cores."""

_LONGEST_EVENT_BYTES = 1 << 20
"""An event is one token; more than this without a line's end is not an event stream."""


class OpenAiModel:
    """Implements the LanguageModel port. One instance a process: it keeps its connections."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        first_token_ms: int = FIRST_TOKEN_MS,
        total_ms: int = TOTAL_MS,
        llama_server: bool = False,
    ) -> None:
        """`url` ends in /v1. `llama_server` sends the fields that only llama.cpp knows, for its prompt cache."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # No proxy from the environment: prompts stay on the company's own machines.
        back_stop = httpx.Timeout(WARM_UP_MS / 1000)  # our own deadlines come first
        self._http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=back_stop)
        self._model = model
        self._first_token_ms = first_token_ms
        self._total_ms = total_ms
        self._extra: dict[str, Any] = {"cache_prompt": True} if llama_server else {}

    async def complete(
        self, messages: Sequence[ChatMessage], *, schema: dict[str, Any] | None = None, max_tokens: int = 160
    ) -> AsyncGenerator[str]:
        """See LanguageModel.complete."""
        pieces = self._pieces(self._request(messages, schema, max_tokens), self._first_token_ms, self._total_ms)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def warm_up(self, messages: Sequence[ChatMessage]) -> None:
        """Have the server read `messages` now, so that a prompt that starts with them is answered at once.

        Raises EngineSlow or EngineFailed.
        """
        pieces = self._pieces(self._request(messages, None, 1), WARM_UP_MS, WARM_UP_MS)
        async with aclosing(pieces):
            async for _ in pieces:
                pass

    async def close(self) -> None:
        await self._http.aclose()

    def _request(
        self, messages: Sequence[ChatMessage], schema: dict[str, Any] | None, max_tokens: int
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "max_tokens": max_tokens,
            "stream": True,
            **self._extra,
        }
        if schema is not None:
            shape = {"name": "move", "schema": schema, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": shape}
        return request

    async def _pieces(self, request: dict[str, Any], first_ms: int, total_ms: int) -> AsyncGenerator[str]:
        start = asyncio.get_running_loop().time()
        first_at, last_at = start + min(first_ms, total_ms) / 1000, start + total_ms / 1000
        response: httpx.Response | None = None
        begun = finished = False
        try:
            async with asyncio.timeout_at(first_at):
                built = self._http.build_request("POST", "chat/completions", json=request)
                response = await self._http.send(built, stream=True)
            if not response.is_success:
                raise EngineFailed(STAGE, f"the model server answered {response.status_code}")
            async with aclosing(_events(response.aiter_bytes())) as events:
                while True:
                    # A deadline around the wait only: none may fire while our reader holds a piece.
                    async with asyncio.timeout_at(last_at if begun else first_at):
                        event = await anext(events, None)
                    if event is None or event == "[DONE]":
                        break
                    piece, ended = _piece(event)
                    finished = finished or ended
                    if piece:
                        begun = True
                        yield piece
        except TimeoutError as late:
            raise EngineSlow(STAGE, "the answer took too long" if begun else "no answer in time") from late
        except httpx.HTTPError as broken:
            raise EngineFailed(STAGE, f"the model server is not there: {type(broken).__name__}") from broken
        finally:
            if response is not None:
                await response.aclose()
        if not finished:
            raise EngineFailed(STAGE, "the answer was cut off")


async def _events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[str]:
    """The data of each server-sent event. Splits bytes, so that a character cut in two chunks stays whole."""
    buffer = b""
    async for chunk in chunks:
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield _decoded(line[len(b"data:") :])
        if len(buffer) > _LONGEST_EVENT_BYTES:
            raise EngineFailed(STAGE, "the model server sent no event stream")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError as garbage:
        # "from None": the original error carries the bytes, which may be a caller's words.
        raise EngineFailed(STAGE, f"invalid UTF-8: {garbage.reason}") from None


def _piece(event: str) -> tuple[str, bool]:
    """The text of one event, and whether the model has finished."""
    try:
        body = json.loads(event)
        if "error" in body:
            raise EngineFailed(STAGE, "the model server reported an error")
        choices = cast(list[dict[str, Any]], body["choices"])
        if not choices:  # vLLM's closing event with the usage
            return "", False
        text = choices[0].get("delta", {}).get("content")
        return (text if isinstance(text, str) else ""), choices[0].get("finish_reason") is not None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise EngineFailed(STAGE, "an event of the model server is not understood") from None
