"""What waits at the far end of a leg after its worker was late, and how it is got rid of."""

import asyncio
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.line import SessionDescription
from domain.speech import FRAME_BYTES, FRAME_MS, SILENT_FRAME
from realtime.phone.backlog import QUIET, SPARE_MS, Backlog
from realtime.phone.line import PhoneLine
from tests.realtime.phone.test_line import Wire

ROOM = np.full(FRAME_BYTES // 2, -QUIET, "<i2").tobytes()
VOICE = np.full(FRAME_BYTES // 2, QUIET + 1, "<i2").tobytes()
LATE_MS = 300


class FarEnd(Wire):
    """Plays what it gets, and silence where there is nothing, as RTP's senders and exchanges do."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_ms = 0.0
        self.got = 0
        self.changed = asyncio.Event()
        self._looked_s = time.monotonic()

    def play(self, pcm: bytes) -> None:
        now_s = time.monotonic()
        self.waits_ms = max(0.0, self.waits_ms - (now_s - self._looked_s) * 1000) + FRAME_MS
        self._looked_s = now_s
        self.got += 1
        self.changed.set()

    async def until(self, most_ms: float) -> None:
        async with asyncio.timeout(20):
            while self.waits_ms > most_ms:
                self.changed.clear()
                await self.changed.wait()


def play(backlog: Backlog, frames: list[bytes]) -> list[bytes]:
    return [frame for frame in frames if not backlog.leaves_out(frame)]


def test_what_is_quiet_is_left_out_until_little_waits() -> None:
    backlog = Backlog()
    backlog.late(LATE_MS)
    said = [VOICE] * 5 + [ROOM, SILENT_FRAME] * 10 + [VOICE]
    kept = play(backlog, said)
    assert kept.count(VOICE) == 6
    assert (len(said) - len(kept)) * FRAME_MS == LATE_MS - SPARE_MS
    assert play(backlog, [SILENT_FRAME] * 5) == [SILENT_FRAME] * 5


@given(st.lists(st.floats(0, 500), max_size=20))
def test_lateness_does_not_add_up_for_what_waits_bridges_it(late_ms: list[float]) -> None:
    backlog = Backlog()
    for ms in late_ms:
        backlog.late(ms)
    left_out = 100 - len(play(backlog, [SILENT_FRAME] * 100))
    assert left_out * FRAME_MS <= max(0.0, max(late_ms, default=0.0) - SPARE_MS) + FRAME_MS
    backlog.late(LATE_MS)
    backlog.empty()
    assert play(backlog, [SILENT_FRAME]) == [SILENT_FRAME]


async def test_a_leg_whose_worker_was_busy_is_on_time_again_after_a_silence() -> None:
    far = FarEnd()
    line = PhoneLine(far)
    speaks = True
    line.play(lambda now_ms: VOICE if speaks else None)
    await line.answer(SessionDescription(type="offer", sdp="ticket", worker="here"))
    async with asyncio.timeout(20):
        while far.got < 5:
            far.changed.clear()
            await far.changed.wait()
    got, at_s = far.got, time.monotonic()
    while time.monotonic() - at_s < LATE_MS / 1000:  # the process does something else, and the far end plays silence
        pass
    async with asyncio.timeout(20):
        while far.got < got + LATE_MS // FRAME_MS:
            far.changed.clear()
            await far.changed.wait()
    speaks = False
    await far.until(SPARE_MS + 2 * FRAME_MS)
    await line.close()


async def test_what_the_way_held_up_is_made_up_for_too() -> None:
    far = FarEnd()
    line = PhoneLine(far)
    pulled = 0
    held_up = asyncio.Event()

    def pull(now_ms: int) -> None:
        nonlocal pulled
        pulled += 1
        far.held_up_ms = 0.0 if held_up.is_set() else LATE_MS
        held_up.set()

    line.play(pull)
    await line.answer(SessionDescription(type="offer", sdp="ticket", worker="here"))
    async with asyncio.timeout(20):
        while far.got < 10:
            far.changed.clear()
            await far.changed.wait()
    await line.close()
    assert (pulled - far.got) * FRAME_MS >= LATE_MS - SPARE_MS
