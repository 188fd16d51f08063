"""The mouth while somebody speaks over it: lower at once, silent when they go on, and on from the same word."""

import asyncio
import itertools
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.moves import Say
from domain.speech import FRAME_BYTES, FRAME_MS, Language
from domain.turn_taking.floor import Backchannel, Contested, Reclaimed, Yielded
from realtime.mouth import Mouth, Reply
from realtime.outlet import REWOUND_FRAMES
from realtime.overlap.loudness import DUCKED
from realtime.recorded import Recorded
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import CHAR_MS, PlainValues, ToneVoice

SENTENCE = "your order leaves tomorrow"
TONE = 0x1010
FRAMES = len(SENTENCE) * CHAR_MS // FRAME_MS


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[Mouth, Reply, asyncio.Task[None]]]:
    """A mouth that has all of a sentence ready."""

    async def moves() -> AsyncIterator[Say]:
        yield Say(text=SENTENCE, language=Language.EN)

    mouth = Mouth(
        line=OfflineLine(),
        voice=ToneVoice(),
        values=PlainValues(),
        recorded=Recorded(),
        voices={},
        started=lambda at_ms: None,
        stopped=lambda at_ms: None,
        saying=lambda text: None,
    )
    reply = Reply()
    task = asyncio.create_task(mouth.speak(moves(), reply, lambda say, at_ms: None))
    for _ in range(20 * len(SENTENCE)):  # the voice takes one step of the loop for each letter
        await asyncio.sleep(0)
    try:
        yield mouth, reply, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def frame(mouth: Mouth) -> "array[int]":
    pcm = mouth.pull(0)
    assert pcm is not None
    assert len(pcm) == FRAME_BYTES
    return array("h", pcm)


async def test_a_sound_lowers_the_voice_within_a_frame_and_agreement_restores_it() -> None:
    async with speaking() as (mouth, _, _):
        assert set(frame(mouth)) == {TONE}
        mouth.overlapped(Contested(0))
        falling = frame(mouth)
        assert falling[0] == TONE
        assert abs(falling[-1] - TONE * DUCKED) <= 1
        assert max(a - b for a, b in itertools.pairwise(falling)) < TONE / 50  # no click
        assert set(frame(mouth)) == {int(TONE * DUCKED)}
        mouth.overlapped(Backchannel(0, 0))
        frame(mouth)
        assert set(frame(mouth)) == {TONE}


async def test_who_goes_on_silences_it_and_after_agreement_it_goes_on_from_the_same_word() -> None:
    async with speaking() as (mouth, reply, task):
        for _ in range(40):
            frame(mouth)
        mouth.overlapped(Contested(0))
        mouth.overlapped(Yielded(0))
        fading = frame(mouth)
        assert abs(fading[-1]) < TONE / 100
        assert [mouth.pull(0) for _ in range(50)] == [None] * 50
        mouth.overlapped(Reclaimed(0))
        assert max(frame(mouth)) <= TONE * DUCKED + 1
        mouth.overlapped(Backchannel(0, 0))
        left = 1
        while mouth.pull(0) is not None:
            left += 1
        assert FRAMES - 40 <= left <= FRAMES - 40 + REWOUND_FRAMES
        await asyncio.wait_for(task, 20)
        assert reply.spoken is not None
        assert reply.spoken.text == SENTENCE
        assert not reply.spoken.interrupted


async def test_an_interruption_stops_it_for_good() -> None:
    async with speaking() as (mouth, reply, task):
        for _ in range(40):
            frame(mouth)
        mouth.overlapped(Yielded(0))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        frame(mouth)
        assert mouth.pull(0) is None
        assert reply.spoken is not None
        assert reply.spoken.interrupted
        assert 0 < len(reply.spoken.text) < len(SENTENCE)
