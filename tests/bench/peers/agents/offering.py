"""What every agent has in common: its options, and the route that takes a WebRTC offer."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web


@dataclass(frozen=True)
class Options:
    port: int
    profile: str
    """default, tuned, or short-window: tuned, with Hatif's recogniser."""
    llm_url: str
    llm_model: str
    whisper: Path
    voice: Path
    """The voice's .onnx file."""
    greeting: str
    prompt: str


def options() -> Options:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--profile", choices=["default", "tuned", "short-window"], required=True)
    parser.add_argument("--llm-url", required=True)
    parser.add_argument("--llm-model", required=True)
    parser.add_argument("--whisper", type=Path, required=True)
    parser.add_argument("--voice", type=Path, required=True)
    parser.add_argument("--greeting", required=True)
    parser.add_argument("--prompt", required=True)
    return Options(**vars(parser.parse_args()))


def serve(port: int, answer: Callable[[str], Awaitable[str]]) -> None:
    """`answer` gets an SDP offer and gives the SDP answer."""

    async def offered(request: web.Request) -> web.Response:
        return web.json_response({"type": "answer", "sdp": await answer((await request.json())["sdp"])})

    async def there(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/offer", offered)
    app.router.add_get("/health", there)
    web.run_app(app, host="127.0.0.1", port=port, print=None)
