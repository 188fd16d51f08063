"""Keys that we press in a SIP call, one after another: as events of RTP (RFC 4733), or by INFO."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import structlog
from baresip import BaresipError

from domain.outbound.keys import LONGEST, PAUSE, PAUSE_S

if TYPE_CHECKING:
    from baresip.call import Call

log = structlog.get_logger()

GAP_S = 0.2
"""Between two keys; the library holds each for 0.1 s, and on a busy machine for 0.08 s more, which the gap then lacks.
Recommendation Q.24 asks receivers for 0.04 s of both."""


class SipKeys:
    """Implements realtime.phone.line.FarKeys.

    Overflow rule: of more than LONGEST that wait, the latest are dropped. What could not be sent drops the rest: half
    of an extension is another's.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._waiting: deque[str] = deque()
        self._pressing: asyncio.Task[None] | None = None

    def press(self, keys: str) -> None:
        self._waiting.extend(keys[: LONGEST - len(self._waiting)])
        if self._pressing is None or self._pressing.done():
            self._pressing = asyncio.create_task(self._press())

    async def pressed(self) -> None:
        if self._pressing is not None:
            await asyncio.wait({self._pressing})

    def close(self) -> None:
        if self._pressing is not None:
            self._pressing.cancel()

    async def _press(self) -> None:
        while self._waiting:
            key = self._waiting.popleft()
            if key == PAUSE:
                await asyncio.sleep(PAUSE_S)
                continue
            try:
                await self._call.send_dtmf(key)
            except BaresipError as error:
                log.warning("key_not_sent", error=type(error).__name__)
                self._waiting.clear()
            await asyncio.sleep(GAP_S)
