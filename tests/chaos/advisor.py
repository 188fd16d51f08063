"""An advisor at the desk, over the same HTTP, socket and WebRTC as the page: rung, accepted, heard, asked back in."""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np
from av import AudioFrame
from websockets.asyncio.client import ClientConnection, connect

from tests.chaos.platform import Platform
from workers.caller.audio_file import SEND_RATE_HZ
from workers.caller.backoff import wait_before
from workers.caller.link import Link
from workers.caller.microphone import Microphone
from workers.caller.recording import Leg
from workers.caller.stream import Stream

TONE_HZ = 440
TONE_S = 120
OPEN_S = 10.0
RING_S = 90.0
TAB = "chaos-desk-1"
PERSON = "aisha"
"""Speaks both languages, and is in every queue of the demo shop."""


class Advisor:
    """Implements tests.chaos.rounds.Desk. Its voice is a tone that never pauses."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._http = httpx.AsyncClient(base_url=platform.product.address, trust_env=False, timeout=15)
        self._news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._handoff: str | None = None
        self._link: Link | None = None
        self._asking: asyncio.Task[None] | None = None
        self._microphone: Microphone

    async def __aenter__(self) -> Self:
        self._microphone = Microphone(Leg(), asyncio.get_running_loop().time(), lambda: None)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in (self._listening, self._asking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._part()
        await self._http.aclose()

    # ------------------------------------------------------------ what rounds ask for

    async def ready(self) -> None:
        await self._finish_up()
        await self._stand("ready")

    async def away(self) -> None:
        await self._finish_up()
        await self._stand("away")

    async def bridged(self, call_id: str) -> None:
        async with asyncio.timeout(RING_S):
            while True:
                offer = (await self._ask("GET", "/v1/desk"))["offer"]
                if offer is not None and offer["call_id"] == call_id:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.get(), 1)
            self._handoff = str(offer["handoff_id"])
            self._speak()
            try:
                await self._ask("POST", f"/v1/desk/handoffs/{self._handoff}/accept", {})
            except httpx.HTTPStatusError:
                # Asked again after an answer that was lost: the desk shows whose call it is.
                if ((await self._ask("GET", "/v1/desk"))["handoff"] or {}).get("handoff_id") != self._handoff:
                    raise
            await self._join()

    async def give_back(self, call_id: str) -> None:
        await self._ask("POST", f"/v1/desk/handoffs/{self._handoff}/give-back", {"note": "Please go on."})
        await self._part()
        await self._finish_up()

    # ------------------------------------------------------------ the line

    def _speak(self) -> None:
        if self._microphone.idle():
            n = np.arange(SEND_RATE_HZ * TONE_S)
            self._microphone.say((6000 * np.sin(2 * np.pi * TONE_HZ * n / SEND_RATE_HZ)).astype(np.int16))

    def message(self, link: Link, message: dict[str, Any]) -> None:
        """See Sink.message."""
        if message.get("type") == "move":
            self.dead(link)

    def frame(self, link: Link, frame: AudioFrame) -> None:
        """See Sink.frame: drained, and not needed."""

    def dead(self, link: Link) -> None:
        """See Sink.dead: ask back in, as the page does."""
        if link is self._link and self._asking is None:
            self._asking = asyncio.create_task(self._ask_back_in())

    async def _ask_back_in(self) -> None:
        lost_s, attempt = asyncio.get_running_loop().time(), 0
        try:
            while (wait_s := wait_before(attempt, asyncio.get_running_loop().time() - lost_s)) is not None:
                await asyncio.sleep(wait_s)
                attempt += 1
                with contextlib.suppress(httpx.HTTPError, TimeoutError):
                    await self._join()
                    return
        finally:
            self._asking = None

    async def _join(self) -> None:
        earlier = self._link
        link = Link([], self._microphone, self, Stream())
        offer = {"offer": {"type": "offer", "sdp": await link.offer()}}
        joined = await self._ask("POST", f"/v1/desk/handoffs/{self._handoff}/join", offer)
        if earlier is not None:
            earlier.unplug()
        self._link = link
        if not await link.accept(joined["answer"]["sdp"], OPEN_S):
            raise TimeoutError("the advisor's line did not open")
        if earlier is not None:
            await earlier.close()

    async def _part(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    # ------------------------------------------------------------ the desk

    async def _stand(self, state: str) -> None:
        await self._ask("PUT", "/v1/desk/presence", {"state": state, "tab": TAB})

    async def _finish_up(self) -> None:
        """Whatever is still to be written about earlier calls."""
        await self._part()
        self._handoff = None
        for waiting in (await self._ask("GET", "/v1/desk"))["wrap_ups"]:
            form = f"/v1/desk/handoffs/{waiting['handoff_id']}/wrap-up"
            try:
                await self._ask("POST", form, {"disposition": "resolved"})
            except httpx.HTTPStatusError as refused:
                if refused.response.status_code != httpx.codes.CONFLICT.value:  # closed in the meantime
                    raise

    async def _listen(self) -> None:
        """The desk's socket, opened again whenever it is gone: it is what keeps an advisor at the desk."""
        address = self._platform.product.address.replace("http", "ws", 1) + "/v1/live"
        while True:
            with contextlib.suppress(OSError, Exception):
                headers = await self._platform.signed_in(self._http, PERSON)
                async with connect(address, origin=self._platform.product.address) as socket:  # type: ignore[arg-type]
                    token = headers["Authorization"].removeprefix("Bearer ")
                    await socket.send(json.dumps({"type": "auth", "token": token, "tab": TAB}))
                    async for raw in socket:
                        message = json.loads(raw)
                        if message.get("type") == "ping":
                            await socket.send(json.dumps({"type": "pong", "n": message["n"]}))
                        else:
                            self._news.put_nowait(message)
            await asyncio.sleep(0.5)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """With patience for a gateway that a fault has taken down."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + 20
        while True:
            try:
                headers = await self._platform.signed_in(self._http, PERSON)
                answer = await self._http.request(method, path, json=body, headers=headers)
                if answer.status_code < 500 or loop.time() > until_s:
                    answer.raise_for_status()
                    return answer.json() if answer.content else None
            except httpx.TransportError:
                if loop.time() > until_s:
                    raise
            await asyncio.sleep(0.3)
