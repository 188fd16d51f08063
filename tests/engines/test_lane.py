"""Blocking model code off the event loop, bounded in depth and in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from domain.errors import EngineFailed, EngineSlow
from engines.lane import Batches, Lane


async def test_work_runs_on_another_thread():
    lane = Lane("asr")
    assert await lane.run(1000, threading.get_ident) != threading.get_ident()
    lane.close()


async def test_a_failure_is_named_by_its_kind_and_not_by_its_words():
    def fail() -> None:
        raise ValueError("my card number is 1234")

    lane = Lane("asr")
    with pytest.raises(EngineFailed) as caught:
        await lane.run(1000, fail)
    assert caught.value.stage == "asr"
    assert "1234" not in str(caught.value)
    lane.close()


async def test_a_missed_deadline_is_slow_and_the_lane_goes_on():
    release = threading.Event()
    lane = Lane("tts", waiting=1)
    with pytest.raises(EngineSlow):
        await lane.run(20, release.wait)
    release.set()
    assert await lane.run(5000, int) == 0
    lane.close()


async def test_work_whose_caller_left_never_begins():
    release, began = threading.Event(), threading.Event()
    lane = Lane("tts")
    first = asyncio.create_task(lane.run(5000, release.wait))
    second = asyncio.create_task(lane.run(5000, began.set))
    third = asyncio.create_task(lane.run(5000, int))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    release.set()
    assert await third == 0
    assert await first
    assert not began.is_set()
    lane.close()


async def test_more_work_than_can_wait_is_refused_at_once():
    release = threading.Event()
    lane = Lane("vad", waiting=2)
    waiting = [asyncio.create_task(lane.run(5000, release.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(EngineSlow):
        await lane.run(5000, int)
    release.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    lane.close()


async def test_what_comes_together_is_done_together():
    began, release, seen = threading.Event(), threading.Event(), list[list[int]]()

    def double(items: Sequence[int]) -> list[int]:
        seen.append(list(items))
        began.set()
        release.wait(20)
        return [item * 2 for item in items]

    batches = Batches("asr", double, most=3, gather_ms=0)
    first = asyncio.create_task(batches.run(20_000, 1))
    await asyncio.to_thread(began.wait, 20)
    others = [asyncio.create_task(batches.run(20_000, item)) for item in (2, 3, 4, 5)]
    left = asyncio.create_task(batches.run(20_000, 6))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.wait([left])
    release.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8, 10]
    assert seen == [[1], [2, 3, 4], [5]]
    batches.close()


async def test_what_fails_together_is_tried_apart():
    release = threading.Event()

    def even_only(items: Sequence[int]) -> list[int]:
        release.wait(20)
        if any(item % 2 for item in items):
            raise ValueError("odd")
        return list(items)

    batches = Batches("asr", even_only, most=3, gather_ms=0)
    asked = [asyncio.create_task(batches.run(20_000, item)) for item in (0, 2, 3, 4)]
    await asyncio.sleep(0)
    release.set()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [result if isinstance(result, int) else type(result) for result in results] == [0, 2, EngineFailed, 4]
    batches.close()


async def test_a_full_queue_of_batches_is_slow_at_once():
    release = threading.Event()

    def wait(items: Sequence[int]) -> list[int]:
        release.wait(20)
        return list(items)

    batches = Batches("asr", wait, most=1, waiting=0)
    asked = asyncio.create_task(batches.run(20_000, 1))
    await asyncio.sleep(0)
    with pytest.raises(EngineSlow, match="too much work"):
        await batches.run(20_000, 2)
    release.set()
    assert await asked == 1
    batches.close()
