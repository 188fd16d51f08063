"""The caller's end of a phone call: a leg of an exchange, a SIP call, and a phone that is rung."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Protocol

from tests.realtime.phone.exchange import PACKET, Exchange
from tests.realtime.phone.handset import PACKET_MS, for_the_phone
from workers.caller.audio_file import read_clip
from workers.caller.phone.address import SipAddress
from workers.caller.phone.phone import Phone

BRINGS_AGAIN_S = 0.5
"""The dialplan's wait."""
GIVES_UP_S = 45.0
ANI = "+971501234567"


class Leg(Protocol):
    """One end of a phone call."""

    async def begin(self, clip: Path) -> None:
        """Start to say it."""
        ...

    async def say(self, clip: Path) -> None:
        """To its last sample."""
        ...

    async def spoken(self, ms: int, within_s: float) -> bool:
        """Wait for so much sound from now on; False when it does not come."""
        ...


class Exchanged:
    """A leg of an exchange that does as our dialplan: whatever ends it without a hang-up, it is dialled again."""

    def __init__(self, port: int) -> None:
        self.uuid = uuid.uuid4()
        self.second_voice_ms = 0
        self._port = port
        self._legs: list[Exchange] = []
        self._bringing: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def open(self) -> None:
        self._bringing = asyncio.create_task(self._bring())
        await self._leg()

    async def close(self) -> None:
        if self._bringing is not None:
            self._bringing.cancel()
            await asyncio.gather(self._bringing, return_exceptions=True)
        if self._legs and not self._legs[-1].closed.is_set():
            await self._legs[-1].hang_up()
        for leg in self._legs[:-1]:
            await leg.close()

    async def begin(self, clip: Path) -> None:
        (await self._leg()).say(for_the_phone(clip))

    async def say(self, clip: Path) -> None:
        await self.begin(clip)
        await asyncio.sleep(len(for_the_phone(clip)) / PACKET * PACKET_MS / 1000)

    async def press(self, key: str) -> None:
        (await self._leg()).press(key)

    async def spoken(self, ms: int, within_s: float) -> bool:
        until_s = asyncio.get_running_loop().time() + within_s
        places = {leg: len(leg.heard) for leg in self._legs}
        while asyncio.get_running_loop().time() < until_s:
            leg = self._legs[-1]
            if leg.loud_ms(places.get(leg, 0)) >= ms:
                self.second_voice_ms = sum(old.loud_ms(places[old]) for old in places if old is not leg)
                return True
            await asyncio.sleep(PACKET_MS / 1000)
        return False

    async def brought_again(self, legs: int, within_s: float) -> bool:
        """Wait until there have been more legs than so many, and the last one is open."""
        try:
            async with asyncio.timeout(within_s):
                while len(self._legs) <= legs:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @property
    def legs(self) -> int:
        return len(self._legs)

    async def _leg(self) -> Exchange:
        async with asyncio.timeout(GIVES_UP_S):
            while not self._legs or self._legs[-1].closed.is_set():
                self._changed.clear()
                await self._changed.wait()
        return self._legs[-1]

    async def _bring(self) -> None:
        while not self._legs or not self._legs[-1].was_hung_up:
            try:
                leg = await Exchange.dial(self._port, self.uuid)
            except OSError:
                await asyncio.sleep(BRINGS_AGAIN_S)
                continue
            self._legs.append(leg)
            self._changed.set()
            await leg.closed.wait()
            await asyncio.sleep(BRINGS_AGAIN_S)


class Trunk:
    """A SIP call of a plain trunk."""

    def __init__(self, port: int) -> None:
        self.phone = Phone(SipAddress(user="demo", host="127.0.0.1", port=port), caller=ANI)
        self._saying: asyncio.Task[None] | None = None

    async def begin(self, clip: Path) -> None:
        self._saying = asyncio.create_task(self.say(clip))

    async def close(self) -> None:
        if self._saying is not None:
            await asyncio.gather(self._saying, return_exceptions=True)

    async def say(self, clip: Path) -> None:
        await self.phone.say(read_clip(clip))

    async def spoken(self, ms: int, within_s: float) -> bool:
        until_s, since = asyncio.get_running_loop().time() + within_s, self.phone.now
        while asyncio.get_running_loop().time() < until_s:
            if self.phone.recording.received.loud_until > since + ms * 16:
                return True
            await asyncio.sleep(PACKET_MS / 1000)
        return False
