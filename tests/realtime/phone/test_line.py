"""A phone's leg as a line: its clock, its keys, what it does when the call ends, moves or froze."""

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest

from domain.errors import Refused
from domain.line import SessionDescription
from domain.speech import FRAME_BYTES, FRAME_MS, AudioFrame
from realtime.line import INBOX_FRAMES, INBOX_MESSAGES, LOST_MS
from realtime.phone.legs import Legs
from realtime.phone.line import PhoneLine

OFFER = SessionDescription(type="offer", sdp="ticket", worker="here")
SECOND = bytes(16_000)
SPOKEN_MS = 600
SPEECH = np.full(SPOKEN_MS * 8, 9_000, "<i2").tobytes()


class Wire:
    comes_back = True
    wide = False
    held_up_ms = 0.0

    def __init__(self) -> None:
        self.played = bytearray()
        self.ends: list[str] = []
        self.thrown_away = 0
        self.heard = asyncio.Event()

    async def pick_up(self) -> None:
        pass

    async def ready(self) -> bool:
        return True

    def play(self, pcm: bytes) -> None:
        assert len(pcm) == 320
        self.played += pcm
        if np.abs(np.frombuffer(pcm, "<i2")).max() > 1000:
            self.heard.set()

    def throw_away(self) -> None:
        self.thrown_away += 1

    def hang_up(self) -> None:
        self.ends.append("hung up")

    def let_go(self) -> None:
        self.ends.append("let go")


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def line(wire: Wire) -> AsyncIterator[PhoneLine]:
    made = PhoneLine(wire)
    yield made
    await made.close()


async def rest_of(line: PhoneLine) -> list[AudioFrame]:
    async with asyncio.timeout(20):
        return [frame async for frame in line.frames()]


async def test_audio_of_any_length_becomes_whole_frames_on_one_clock(line: PhoneLine) -> None:
    for _ in range(32):
        line.heard(bytes(100))
    await line.gone(lost=False)
    frames = await rest_of(line)
    assert [frame.at_ms for frame in frames] == [n * FRAME_MS for n in range(10)]
    assert {len(frame.pcm) for frame in frames} == {FRAME_BYTES}


async def test_the_level_is_kept_both_ways(line: PhoneLine, wire: Wire) -> None:
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(1_600) / 8_000)).astype("<i2").tobytes()
    line.heard(tone)
    loud = (8000 * np.sin(2 * np.pi * 1000 * np.arange(320) / 16_000)).astype("<i2").tobytes()
    line.play(lambda now_ms: loud)
    await line.answer(OFFER)
    async with asyncio.timeout(20):
        await wire.heard.wait()
    await line.gone(lost=False)
    heard = np.frombuffer(b"".join(frame.pcm for frame in await rest_of(line))[FRAME_BYTES:], "<i2")
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.05)
    assert np.abs(np.frombuffer(wire.played, "<i2")).max() == pytest.approx(8000, rel=0.1)


async def test_a_muted_caller_is_silence_and_is_there(line: PhoneLine) -> None:
    await line.answer(OFFER)
    frames = line.frames()
    async with asyncio.timeout(20):
        assert [(await anext(frames)).at_ms for _ in range(5)] == [0, 20, 40, 60, 80]
    assert line.quiet_ms == 0


async def test_a_flood_of_audio_is_dropped_and_the_clock_stays_near_the_wall(line: PhoneLine) -> None:
    for _ in range(60):
        line.heard(SECOND)
    await line.gone(lost=False)
    assert len(await rest_of(line)) < INBOX_FRAMES


async def test_keys_arrive_and_a_flood_of_them_or_others_does_not(line: PhoneLine) -> None:
    for key in ("1", "A", "é", "#"):
        line.pressed(key)
    pressed = line.messages()
    assert [await anext(pressed) for _ in range(2)] == [{"type": "dtmf", "digit": digit} for digit in "1#"]
    for _ in range(2 * INBOX_MESSAGES):
        line.pressed("7")
    await line.gone(lost=False)
    assert len([message async for message in pressed]) < INBOX_MESSAGES


async def test_a_call_that_is_over_hangs_up_and_one_that_goes_on_lets_go(wire: Wire) -> None:
    ended, moved, lost = PhoneLine(wire), PhoneLine(wire), PhoneLine(wire)
    ended.send({"type": "ended", "outcome": "agent_said_goodbye"})
    assert wire.ends == []
    await ended.close()
    assert (wire.ends, ended.quiet_ms) == (["hung up"], 0)
    moved.send({"type": "phase", "phase": "converse"})
    moved.send({"type": "move"})
    assert wire.ends == ["hung up", "let go"]
    assert moved.quiet_ms > LOST_MS
    await lost.gone(lost=True)
    assert lost.quiet_ms > LOST_MS


async def test_a_leg_opens_one_line_once(line: PhoneLine) -> None:
    legs = Legs()
    ticket = legs.wait(line)
    assert legs.taken(ticket) is line
    with pytest.raises(Refused):
        legs.taken(ticket)
    legs.forget(ticket)
    await line.gone(lost=False)
    assert not await line.connected()
    with pytest.raises(Refused):
        await line.answer(OFFER)


async def test_after_a_freeze_nothing_is_said_until_the_lease_is_confirmed(line: PhoneLine, wire: Wire) -> None:
    asked, may_speak = asyncio.Event(), asyncio.Event()

    async def still_ours() -> bool:
        asked.set()
        await may_speak.wait()
        return False

    line.guard(still_ours)
    await line.answer(OFFER)
    await anext(line.frames())
    loud = np.full(320, 9000, "<i2").tobytes()
    frozen_until = asyncio.get_running_loop().time() + 0.8
    while asyncio.get_running_loop().time() < frozen_until:
        pass
    line.play(lambda now_ms: loud)
    async with asyncio.timeout(20):
        await asked.wait()
    assert not wire.heard.is_set()
    may_speak.set()
    await rest_of(line)
    assert wire.ends == ["let go"]


async def test_what_the_caller_said_during_a_freeze_is_heard_after_it(line: PhoneLine, wire: Wire) -> None:
    """An exchange's connection brings all of it at once."""
    loud = np.full(320, 9000, "<i2").tobytes()
    line.play(lambda now_ms: loud)
    await line.answer(OFFER)
    line.heard(SPEECH[:320])
    async with asyncio.timeout(20):
        await wire.heard.wait()
        wire.heard.clear()
        time.sleep(0.9)  # noqa: ASYNC251 - as a process that is frozen
        await wire.heard.wait()
    line.heard(SPEECH)
    await line.gone(lost=False)
    assert sum(any(frame.pcm) for frame in await rest_of(line)) == 1 + SPOKEN_MS // FRAME_MS


async def test_what_comes_late_is_heard_after_every_stall(line: PhoneLine) -> None:
    await line.answer(OFFER)
    frames = line.frames()
    heard = 0
    async with asyncio.timeout(30):
        for _ in range(3):
            quiet = 0
            while quiet < 10:  # 0.2 s of silence are filled in after 0.4 s
                loud = any((await anext(frames)).pcm)
                heard, quiet = heard + loud, 0 if loud else quiet + 1
            line.heard(SPEECH)
    await line.gone(lost=False)
    heard += sum([any(frame.pcm) async for frame in frames])
    assert heard == 3 * SPOKEN_MS // FRAME_MS


async def test_a_caller_who_takes_the_floor_stops_what_is_still_on_its_way(line: PhoneLine, wire: Wire) -> None:
    for floor in ("open", "agent", "contested"):
        line.send({"type": "floor", "floor": floor, "at_ms": 0})
    assert wire.thrown_away == 0
    line.send({"type": "floor", "floor": "caller", "at_ms": 0})
    assert wire.thrown_away == 1
