"""Packets of a caller that come late, in another order, twice, or never."""

from collections.abc import Iterable

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.web.packets import HELD_PACKETS, RESTARTED, InOrder


def given_out(buffer: InOrder, numbers: Iterable[int]) -> list[int | None]:
    """What each packet brought; frames are named by their packets."""
    frames: list[int | None] = []
    for number in numbers:
        packet = RtpPacket(sequence_number=number % 65_536, timestamp=number)
        packet._data = b"sound"
        frames.append(None if (frame := buffer.add(packet)[1]) is None else frame.timestamp)
    return frames


def test_a_lost_packet_makes_nothing_later_for_good() -> None:
    sent = [number for number in range(200) if number not in (50, 60, 61, 120, 150)]
    frames = given_out(InOrder(), sent)
    assert frames[:HELD_PACKETS] == [None] * HELD_PACKETS
    assert [frame for frame in frames if frame is not None] == sent[:-HELD_PACKETS]


@settings(max_examples=30)
@given(st.sets(st.integers(0, 299)), st.integers(0, 65_535))
def test_whatever_is_lost_and_wherever_the_count_wraps(lost: set[int], first: int) -> None:
    sent = [first + number for number in range(300) if number not in lost]
    frames = given_out(InOrder(), sent)
    assert frames == [None] * min(HELD_PACKETS, len(sent)) + sent[:-HELD_PACKETS]


@settings(max_examples=30)
@given(st.lists(st.integers(0, HELD_PACKETS - 1), min_size=100, max_size=100))
def test_packets_that_overtook_each_other_a_little_come_in_their_order(late_by: list[int]) -> None:
    numbers = sorted(range(100), key=lambda number: (number + late_by[number], number))
    first = numbers.index(0)
    numbers = [0, *numbers[:first], *numbers[first + 1 :]]
    assert [frame for frame in given_out(InOrder(), numbers) if frame is not None] == list(range(100 - HELD_PACKETS))


def test_what_comes_twice_or_after_its_time_is_dropped() -> None:
    buffer = InOrder()
    given_out(buffer, [*range(10)])
    assert given_out(buffer, [9, 8, 5, 0]) == [None] * 4
    assert given_out(buffer, [10]) == [10 - HELD_PACKETS]


@pytest.mark.parametrize("again", [60_000 - RESTARTED, 40_000, 28_000])
def test_a_sender_that_counts_anew_is_followed(again: int) -> None:
    buffer = InOrder()
    given_out(buffer, range(60_000, 60_010))
    frames = given_out(buffer, range(again, again + 20))
    assert frames == [None] * HELD_PACKETS + [*range(again, again + 20 - HELD_PACKETS)]
