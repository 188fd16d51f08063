"""Debian's baresip as a caller's phone that is rung: it picks up at once, and says what it is given."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from pathlib import Path

import numpy as np

from realtime.rates import PHONE_TIMES, Down
from tests.realtime.phone.sip_peer import SipPhone

SILENCE = bytes(240 * 16_000)
"""Longer than a round: when its microphone's file is over, baresip hangs up."""
RINGS = "Incoming call"
HEADER_BYTES = 44
"""Of the WAV that it writes while it hears."""
PACKET, PACKET_MS = 160, 20
LOUD = 500


class Handset(SipPhone):
    """From one ring to the next. Clips are WAVs of 16 kHz."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SILENCE)
        (folder / "accounts").write_text("<sip:alice@127.0.0.1>;regint=0;answermode=manual\n")
        self._rings = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._heard: dict[Path, int] = {}
        """How far into each of its recordings was listened."""
        self._clips = 0

    async def wait(self) -> None:
        self._rings = asyncio.Event()
        self.said = ""
        await super().wait()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await super().close()

    def forget(self) -> None:
        """What rang and was heard so far, and what was said last: the next call would begin with it."""
        self._rings.clear()
        self._listen()
        self.press(f"/ausrc aufile,{self._microphone}\n")

    async def rung(self, within_s: float) -> bool:
        """Wait until it rings, and pick up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._rings.wait()
                self.press("a")
        return self._rings.is_set()

    async def begin(self, clip: Path) -> None:
        self._say(for_the_phone(clip))

    async def say(self, clip: Path) -> None:
        sound = for_the_phone(clip)
        self._say(sound)
        await asyncio.sleep(len(sound) / 16_000)

    async def spoken(self, ms: int, within_s: float) -> bool:
        until_s, loud_ms = asyncio.get_running_loop().time() + within_s, 0
        self._listen()
        while loud_ms < ms and asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(PACKET_MS / 1000)
            loud_ms += self._listen()
        return loud_ms >= ms

    def latest(self, ms: int) -> bytes:
        """What it heard last, so far: mono int16 at 8 kHz."""
        newest = max(self.folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)
        sound = newest.read_bytes()[HEADER_BYTES:]
        return sound[: len(sound) // 2 * 2][-ms * 16 :]

    def hang_up(self) -> None:
        self.press("b")

    def _say(self, sound: bytes) -> None:
        """A source that is over ends the call, so that each is followed by silence."""
        self._clips += 1
        path = self.folder / f"says-{self._clips}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8_000)
            file.writeframes(sound + SILENCE)
        self.press(f"/ausrc aufile,{path}\n")

    def _listen(self) -> int:
        """How many milliseconds of loud sound it has heard since the last look."""
        loud = 0
        for path in self.folder.glob("dump-*-dec.wav"):
            at = self._heard.get(path, HEADER_BYTES)
            with path.open("rb") as file:
                file.seek(at)
                sound = file.read()
            sound = sound[: len(sound) // (PACKET * 2) * PACKET * 2]
            self._heard[path] = at + len(sound)
            packets = np.frombuffer(sound, "<i2").reshape(-1, PACKET).astype(float)
            loud += int((np.sqrt((packets**2).mean(axis=1)) > LOUD).sum()) if len(packets) else 0
        return loud * PACKET_MS

    async def _read(self) -> None:
        """Its console, which has to be read for as long as it lives."""
        assert self._process is not None
        assert self._process.stdout is not None
        said = ""
        while piece := await self._process.stdout.read(4_096):
            said += piece.decode(errors="replace")
            if RINGS in said:
                self._rings.set()
            said = said.rpartition("\n")[2]


def for_the_phone(clip: Path) -> bytes:
    """A WAV of 16 kHz as a phone carries it."""
    with wave.open(str(clip)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return Down(PHONE_TIMES).feed(sound[: len(sound) // 2 * 2].reshape(-1, 1))
