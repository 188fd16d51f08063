"""The sound of a caller, written from RFC 3550, RFC 4733 and Recommendation G.711, and not from the stack."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from tests.realtime.phone.sipp import LAWS

PACKET = 160
"""20 ms at 8 kHz, one byte a sample."""
EVENTS = 101
"""The payload type of keys that our SDP names."""
LONGEST_S = 30


@dataclass(kw_only=True)
class Key:
    """One that was pressed, as its reports said."""

    key: str
    began: int
    """In samples of the sound's own clock."""
    samples: int = 0
    """How long it was held, in its last report."""
    ends: int = 0
    """Reports of its end: three, because each may be lost."""


def _a_law() -> list[int]:
    values: list[int] = []
    for byte in range(256):
        bits = byte ^ 0x55
        segment, step = bits >> 4 & 7, bits & 15
        size = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
        values.append(size if bits & 0x80 else -size)
    return values


def _mu_law() -> list[int]:
    values: list[int] = []
    for byte in range(256):
        bits = ~byte & 0xFF
        size = (((bits & 15) << 3) + 0x84 << (bits >> 4 & 7)) - 0x84
        values.append(-size if bits & 0x80 else size)
    return values


TABLES = {"PCMA": np.array(_a_law(), "<i2"), "PCMU": np.array(_mu_law(), "<i2")}


class RtpCaller(asyncio.DatagramProtocol):
    """It says a tone for as long as it lives, to wherever sound comes from, and keeps what it hears.

    Without a tone, at 0 Hz, it is silent but for what it is given to say.
    """

    def __init__(self, law: str, hz: int) -> None:
        self.law = law
        self.port = 0
        self.packets = 0
        self.loses: Callable[[int], bool] = lambda number: False
        """Which of its packets of sound never arrive, by their number."""
        self.keys: list[Key] = []
        """That were pressed for this caller."""
        self._heard = bytearray()
        self._hz = hz
        self._saying_now = np.zeros(0, "<i2")
        self._peer: tuple[str, int] | None = None
        self._changed = asyncio.Event()
        self._sequence, self._time = 1, 0
        self._transport: asyncio.DatagramTransport
        self._saying: asyncio.Task[None]

    @classmethod
    async def open(cls, law: str, hz: int) -> Self:
        made = cls(law, hz)
        loop = asyncio.get_running_loop()
        made._transport, _ = await loop.create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
        made.port = made._transport.get_extra_info("sockname")[1]
        made._saying = asyncio.create_task(made._say())
        return made

    async def close(self) -> None:
        self._saying.cancel()
        await asyncio.gather(self._saying, return_exceptions=True)
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert data[0] >> 6 == 2, "not RTP of version 2"
        if data[1] & 0x7F == EVENTS:
            self._told_key(struct.unpack(">I", data[4:8])[0], *struct.unpack(">BBH", data[12:16]))
        if data[1] & 0x7F == LAWS[self.law]:
            self._peer = addr
            self._heard += data[12:]
            self.packets += 1
            self._changed.set()

    def _told_key(self, began: int, event: int, flags: int, samples: int) -> None:
        if not self.keys or self.keys[-1].began != began:
            self.keys.append(Key(key="0123456789*#ABCD"[event], began=began))
        self.keys[-1].samples = samples
        self.keys[-1].ends += flags >> 7
        self._changed.set()

    async def keyed(self, keys: int) -> list[Key]:
        """The first so many, once the last of them is over."""
        async with asyncio.timeout(LONGEST_S):
            while len(self.keys) < keys or self.keys[keys - 1].ends < 3:
                self._changed.clear()
                await self._changed.wait()
        return self.keys[:keys]

    def says(self, sound: np.ndarray) -> None:
        """Instead of the tone, once: mono int16 at 8 kHz, in whole packets."""
        self._saying_now = sound

    def forget(self) -> None:
        """What was heard so far."""
        self._heard.clear()

    async def hears(self, packets: int) -> np.ndarray:
        """The next so many packets' sound, mono int16 at 8 kHz."""
        at = len(self._heard)
        async with asyncio.timeout(LONGEST_S):
            while len(self._heard) - at < packets * PACKET:
                self._changed.clear()
                await self._changed.wait()
        return TABLES[self.law][np.frombuffer(bytes(self._heard[at:]), np.uint8)]

    async def silent_for(self, seconds: float) -> None:
        """Wait until no packet has come for so long."""
        async with asyncio.timeout(LONGEST_S):
            while True:
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), seconds)
                except TimeoutError:
                    return

    async def press(self, keys: str) -> None:
        """Each for 60 ms: three reports while it is held, and its end three times."""
        async with asyncio.timeout(LONGEST_S):
            while self._peer is None:
                self._changed.clear()
                await self._changed.wait()
        for key in keys:
            event, began = "0123456789*#".index(key), self._time
            for number in range(6):
                length, over = min(number + 1, 3) * PACKET, 0x80 if number >= 3 else 0
                self._send(EVENTS | (0x80 if number == 0 else 0), began, struct.pack(">BBH", event, over | 10, length))
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.06)

    def _send(self, kind: int, time: int, payload: bytes) -> None:
        assert self._peer is not None
        head = struct.pack(">BBHII", 0x80, kind, self._sequence & 0xFFFF, time & 0xFFFFFFFF, 0x1234)
        self._transport.sendto(head + payload, self._peer)
        self._sequence += 1

    def _next(self) -> np.ndarray:
        if len(self._saying_now):
            piece, self._saying_now = self._saying_now[:PACKET], self._saying_now[PACKET:]
            return piece.astype(float)
        n = np.arange(self._time, self._time + PACKET)
        return 9_000 * np.sin(2 * np.pi * self._hz * n / 8_000)

    async def _say(self) -> None:
        table = TABLES[self.law].astype(int)
        order = np.argsort(table, kind="stable")
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while True:
            if self._peer is not None:
                wanted = self._next()
                at = np.clip(np.searchsorted(table[order], wanted), 0, 255)
                if self.loses(self._sequence):
                    self._sequence += 1
                else:
                    self._send(LAWS[self.law], self._time, order[at].astype(np.uint8).tobytes())
            self._time += PACKET
            next_s += 0.02
            await asyncio.sleep(max(0.0, next_s - loop.time()))
