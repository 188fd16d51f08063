"""An exchange's end of an AudioSocket, written from Asterisk's documentation and not from our server."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from typing import Self

import numpy as np

PACKET = 320
"""20 ms of 8 kHz, 16 bits."""
LOUD = 500
"""RMS; silence and noise of the codecs stay far below, speech is ten times louder."""
LONGEST_S = 60


class Exchange:
    """One leg, dialled with its UUID; it sends audio all the time, as a channel does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = bytearray()
        self.was_hung_up = False
        """By the message, not by closing."""
        self.closed = asyncio.Event()
        self._reader, self._writer = reader, writer
        self._saying: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._receive())]

    @classmethod
    async def dial(cls, port: int, leg: uuid.UUID) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x01\x00\x10" + leg.bytes)
        return cls(reader, writer)

    @property
    def own_port(self) -> int:
        return self._writer.get_extra_info("sockname")[1]

    def say(self, pcm: bytes) -> None:
        """8 kHz."""
        self._saying.extend(pcm[at : at + PACKET].ljust(PACKET, b"\0") for at in range(0, len(pcm), PACKET))

    def press(self, key: str) -> None:
        self._writer.write(b"\x03\x00\x01" + key.encode())

    def press_all(self, keys: str) -> None:
        for key in keys:
            self.press(key)

    async def said(self) -> None:
        """Wait until everything is sent."""
        async with asyncio.timeout(LONGEST_S):
            while self._saying:
                self._changed.clear()
                await self._changed.wait()

    async def speech(self, ms: int, after: int = 0) -> None:
        """Wait until so much that is loud was heard at or after this byte of `heard`."""
        async with asyncio.timeout(LONGEST_S):
            while self.loud_ms(after) < ms:
                assert not self.closed.is_set(), f"the leg was closed after {len(self.heard) // 16} ms"
                self._changed.clear()
                await self._changed.wait()

    async def hang_up(self) -> None:
        self._writer.write(b"\x00\x00\x00")
        await self.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()

    def loud_ms(self, after: int) -> int:
        """How much of what was heard from this byte of `heard` on is loud."""
        heard = np.frombuffer(bytes(self.heard[after : len(self.heard) // PACKET * PACKET]), "<i2").astype(float)
        packets = heard[: len(heard) // (PACKET // 2) * (PACKET // 2)].reshape(-1, PACKET // 2)
        return 20 * int((np.sqrt((packets**2).mean(axis=1)) > LOUD).sum()) if len(packets) else 0

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while not self._writer.is_closing():
            pcm = self._saying.popleft() if self._saying else bytes(PACKET)
            self._writer.write(b"\x10" + len(pcm).to_bytes(2, "big") + pcm)
            next_s += 0.02
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    async def _receive(self) -> None:
        try:
            while True:
                kind, *length = await self._reader.readexactly(3)
                payload = await self._reader.readexactly(int.from_bytes(bytes(length), "big"))
                if kind == 0x00:
                    self.was_hung_up = True
                    return
                assert kind == 0x10, "Asterisk takes hang-ups and audio, and ends a leg that brings anything else"
                assert len(payload) == PACKET
                self.heard += payload
                self._changed.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.set()
            self._changed.set()
