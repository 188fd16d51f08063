"""Frames with their stamps become seconds on a tape; the tape here is a list."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from domain.media.recording import RecordingLeg
from domain.speech import BYTES_PER_MS, FRAME_BYTES, FRAME_MS
from realtime.line import FREEZE_MS
from realtime.recorder import CHUNK_MS, JITTER_MS, CallRecorder

CALLER, AGENT, ADVISOR = RecordingLeg
Chunk = tuple[RecordingLeg, int, bytes]


def frame(number: int) -> bytes:
    return (number + 1).to_bytes(2, "little") * (FRAME_BYTES // 2)


class ListTape:
    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.closed = False

    def write(self, leg: RecordingLeg, at_ms: int, pcm: bytes) -> None:
        assert not self.closed
        assert 0 < len(pcm) <= CHUNK_MS * BYTES_PER_MS
        self.chunks.append((leg, at_ms, pcm))

    def close(self) -> None:
        self.closed = True

    def sound(self, leg: RecordingLeg) -> bytes:
        """The leg from the clock's zero on, with silence where nothing was kept."""
        line = bytearray()
        for of, at_ms, pcm in self.chunks:
            if of is leg:
                assert at_ms * BYTES_PER_MS >= len(line)
                line += bytes(at_ms * BYTES_PER_MS - len(line)) + pcm
        return bytes(line)


class ListTapes:
    """Implements domain.media.recording.Recordings; `erased` means that nothing may be kept."""

    def __init__(self) -> None:
        self.tapes: list[ListTape] = []
        self.leases: list[int] = []
        self.zeros: set[float] = set()
        self.erased = False
        self.gate: asyncio.Event | None = None

    async def open(self, tenant_id: str, call_id: str, lease: int, clock_zero_at: float) -> ListTape | None:
        if self.gate is not None:
            await self.gate.wait()
        if self.erased:
            return None
        self.tapes.append(ListTape())
        self.leases.append(lease)
        self.zeros.add(clock_zero_at)
        return self.tapes[-1]


@pytest.fixture
def tapes() -> ListTapes:
    return ListTapes()


@pytest.fixture
def recorder(tapes: ListTapes) -> CallRecorder:
    return CallRecorder(tapes, tenant_id="t", call_id="c", lease=1, now_ms=lambda: 60_000)


async def test_seconds_go_to_the_tape_as_they_fill(recorder: CallRecorder, tapes: ListTapes) -> None:
    await recorder.start()
    for number in range(49):
        recorder.take(CALLER, frame(number), number * FRAME_MS)
    assert tapes.tapes[0].chunks == []
    recorder.take(CALLER, frame(49), 49 * FRAME_MS)
    assert tapes.tapes[0].chunks == [(CALLER, 0, b"".join(frame(n) for n in range(50)))]


async def test_nothing_is_kept_before_the_start_after_the_stop_or_of_odd_size(
    recorder: CallRecorder, tapes: ListTapes
) -> None:
    recorder.take(CALLER, frame(0), 0)
    await recorder.start()
    recorder.take(CALLER, frame(1), 20)
    for size in (0, FRAME_BYTES - 2, FRAME_BYTES * 2):
        recorder.take(CALLER, bytes(size), 40)
    recorder.stop()
    recorder.take(CALLER, frame(2), 40)
    assert tapes.tapes[0].chunks == [(CALLER, 20, frame(1))]
    assert tapes.tapes[0].closed
    assert not recorder.recording


async def test_what_leaves_on_another_clock_is_kept_in_one_piece(recorder: CallRecorder, tapes: ListTapes) -> None:
    """Two frames with one stamp, then a stamp left out: as when the sending loop and the caller's clock pass by."""
    await recorder.start()
    stamps = [n * FRAME_MS + (-FRAME_MS if n % 7 == 3 else FRAME_MS if n % 11 == 5 else 0) for n in range(200)]
    for number, at_ms in enumerate(stamps):
        recorder.take(AGENT, frame(number), at_ms)
    recorder.stop()
    assert tapes.tapes[0].sound(AGENT) == b"".join(frame(n) for n in range(200))


@pytest.mark.parametrize("held_up_frames", [15, FREEZE_MS // FRAME_MS])
async def test_what_is_sent_at_once_after_the_process_was_busy_is_kept_whole(
    recorder: CallRecorder, tapes: ListTapes, held_up_frames: int
) -> None:
    """As it was measured: the caller's clock stands while all that is due is sent, and then makes up for it."""
    await recorder.start()
    for number in range(200):
        held_up = 50 <= number < 50 + held_up_frames
        recorder.take(AGENT, frame(number), (50 + (number - 50) // 10 if held_up else number) * FRAME_MS)
    recorder.stop()
    assert tapes.tapes[0].sound(AGENT) == b"".join(frame(n) for n in range(200))


async def test_a_caller_s_clock_that_stood_still_costs_single_frames_of_whoever_speaks(
    recorder: CallRecorder, tapes: ListTapes
) -> None:
    """As of a phone that sends nothing any more: silence is filled in only after a while."""
    await recorder.start()
    for number in range(1000):
        recorder.take(AGENT, frame(number), (number if number < 50 else max(50, number - 20)) * FRAME_MS)
    recorder.stop()
    kept = np.frombuffer(tapes.tapes[0].sound(AGENT), "<u2")[:: FRAME_BYTES // 2]
    missing = np.setdiff1d(np.arange(1, 1001), kept)
    assert min(np.diff(missing)) >= CHUNK_MS // FRAME_MS
    assert len(kept) <= 980 + JITTER_MS // FRAME_MS + 1


async def test_a_pause_is_silence_of_its_length(recorder: CallRecorder, tapes: ListTapes) -> None:
    await recorder.start()
    said = [*range(10), *range(30, 40), *range(49, 52), *range(200, 210)]
    for number in said:
        recorder.take(AGENT, frame(number), number * FRAME_MS)
    recorder.stop()
    sound = tapes.tapes[0].sound(AGENT)
    for number in range(210):
        expected = frame(number) if number in said else bytes(FRAME_BYTES)
        assert sound[number * FRAME_BYTES : (number + 1) * FRAME_BYTES] == expected, number


@pytest.mark.parametrize("gap_ms", range(JITTER_MS + FRAME_MS, 1100, 60))
async def test_no_chunk_is_longer_than_a_second_wherever_a_pause_falls(
    recorder: CallRecorder, tapes: ListTapes, gap_ms: int
) -> None:
    await recorder.start()
    at_ms = 0
    for burst in range(20):
        for number in range(burst + 1):
            recorder.take(AGENT, frame(number), at_ms)
            at_ms += FRAME_MS
        at_ms += gap_ms
    recorder.stop()
    kept = tapes.tapes[0].sound(AGENT)
    assert len(kept) == (at_ms - gap_ms) * BYTES_PER_MS


async def test_clocks_that_drift_apart_are_brought_together_by_dropping_what_is_too_early(
    recorder: CallRecorder, tapes: ListTapes
) -> None:
    """The sending side runs 1 % faster than the caller's clock, which is fifty times the worst."""
    await recorder.start()
    for number in range(3000):
        recorder.take(AGENT, frame(number % 1000), int(number * FRAME_MS * 0.99) // FRAME_MS * FRAME_MS)
    recorder.stop()
    kept_ms = len(tapes.tapes[0].sound(AGENT)) // BYTES_PER_MS
    assert abs(kept_ms - 3000 * FRAME_MS * 0.99) <= JITTER_MS + 2 * FRAME_MS


async def test_a_last_word_is_not_kept_back_by_silence_after_it(recorder: CallRecorder, tapes: ListTapes) -> None:
    await recorder.start()
    recorder.take(AGENT, frame(7), 0)
    for number in range(60):
        recorder.take(CALLER, frame(number), number * FRAME_MS)
    assert (AGENT, 0, frame(7)) in tapes.tapes[0].chunks


async def test_an_erased_call_is_not_recorded(recorder: CallRecorder, tapes: ListTapes) -> None:
    tapes.erased = True
    assert not await recorder.start()
    recorder.take(CALLER, frame(0), 0)
    recorder.stop()
    assert not recorder.recording


async def test_a_stop_that_comes_while_the_key_is_fetched_wins(recorder: CallRecorder, tapes: ListTapes) -> None:
    tapes.gate = asyncio.Event()
    starting = asyncio.create_task(recorder.start())
    await asyncio.sleep(0)
    recorder.stop()
    tapes.gate.set()
    assert not await starting
    recorder.take(CALLER, frame(0), 0)
    assert not recorder.recording
    assert all(tape.chunks == [] for tape in tapes.tapes)
    assert await recorder.start()


async def test_starting_twice_is_once(recorder: CallRecorder, tapes: ListTapes) -> None:
    assert await recorder.start()
    assert await recorder.start()
    assert len(tapes.tapes) == 1


async def test_an_adopted_line_changes_tapes_between_two_frames_and_keeps_its_clock(
    recorder: CallRecorder, tapes: ListTapes
) -> None:
    await recorder.adopt(2)
    await recorder.start()
    for number in range(70):
        recorder.take(CALLER, frame(number), number * FRAME_MS)
    tapes.gate = asyncio.Event()
    adopting = asyncio.create_task(recorder.adopt(3))
    await asyncio.sleep(0)
    recorder.take(CALLER, frame(70), 70 * FRAME_MS)
    tapes.gate.set()
    await adopting
    recorder.take(CALLER, frame(71), 71 * FRAME_MS)
    recorder.stop()
    first, second = tapes.tapes
    assert first.sound(CALLER) == b"".join(frame(n) for n in range(71))
    assert second.chunks == [(CALLER, 71 * FRAME_MS, frame(71))]
    assert first.closed
    assert tapes.leases == [2, 3]
    assert len(tapes.zeros) == 1
