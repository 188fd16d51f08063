"""A stand-in for a language model on the OpenAI chat API: `python -m tests.bench.peers.mock_model --port 8091`.

It answers from the shop's facts, the first token after 200 ms and the rest at 40 a second, and notes when it was asked.
A request with a schema gets the first choice that the schema allows, as Hatif puts the likeliest topic first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from tests.bench.peers.conversation import answer_to

FIRST_TOKEN_S = 0.2
TOKEN_S = 1 / 40


def tokens(request: dict[str, Any]) -> list[str]:
    """A word each."""
    shape = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    for name, allowed in shape.get("properties", {}).items():
        if "enum" in allowed:
            return re.findall(r"\s*\S+", json.dumps({name: allowed["enum"][0]}))
    return re.findall(r"\s*\S+", answer_to(_last_said(request["messages"])))


def _last_said(messages: list[dict[str, Any]]) -> str:
    content = next(one["content"] for one in reversed(messages) if one["role"] == "user")
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def application() -> FastAPI:
    app = FastAPI()
    asked_s: list[float] = []

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/asked")
    async def asked() -> list[float]:
        """By this machine's monotonic clock."""
        return asked_s

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> StreamingResponse:
        asked_s.append(time.monotonic())
        return StreamingResponse(_events(tokens(await request.json()), asked_s[-1]), media_type="text/event-stream")

    return app


async def _events(words: list[str], asked_s: float) -> AsyncGenerator[str]:
    for place, word in enumerate(words):
        await asyncio.sleep(max(0.0, asked_s + FIRST_TOKEN_S + place * TOKEN_S - time.monotonic()))
        yield _event({"role": "assistant", "content": word}, None)
    yield _event({}, "stop")
    yield "data: [DONE]\n\n"


def _event(delta: dict[str, str], finished: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finished}
    body = {"id": "mock", "object": "chat.completion.chunk", "created": 0, "model": "mock", "choices": [choice]}
    return f"data: {json.dumps(body)}\n\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8091)
    uvicorn.run(application(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
