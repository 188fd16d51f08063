"""Positions in the received stream, from packets to the recording."""

from __future__ import annotations

from dataclasses import dataclass

from workers.caller.stream import Stream

FRAME = 320


@dataclass
class Packet:
    timestamp: int


class Receiver:
    def __init__(self) -> None:
        self.handled: list[int] = []

    async def _handle_rtp_packet(self, packet: Packet, arrival_time_ms: int) -> None:
        self.handled.append(packet.timestamp)


async def follow(*timestamps: int) -> list[int]:
    """The position that comes next, after each packet of these RTP timestamps at 48 kHz."""
    stream, receiver, seen = Stream(), Receiver(), list[int]()
    stream.follow(receiver)
    for timestamp in timestamps:
        await receiver._handle_rtp_packet(Packet(timestamp), 0)
        seen.append(stream.next)
    assert receiver.handled == list(timestamps)
    return seen


async def test_the_next_packet_follows_the_newest() -> None:
    assert Stream().next == 0
    assert await follow(5000, 5960, 6920) == [FRAME, 2 * FRAME, 3 * FRAME]


async def test_gaps_and_disorder() -> None:
    assert await follow(5000, 8840, 5960) == [FRAME, 5 * FRAME, 5 * FRAME]
    assert await follow(5000, 4040, 5960) == [FRAME, FRAME, 2 * FRAME]


async def test_the_rtp_clock_wraps() -> None:
    assert await follow((1 << 32) - 960, 0, 960) == [FRAME, 2 * FRAME, 3 * FRAME]


def test_a_position_stands_where_its_frame_was_heard() -> None:
    stream = Stream()
    assert stream.heard_at(640) == 640
    stream.placed(0, 1000)
    stream.placed(320, 1320)
    stream.placed(640, 9000)
    assert [stream.heard_at(at) for at in (0, 320, 330, 640, 960)] == [1000, 1320, 9000, 9000, 9320]


async def test_another_connection_goes_on_where_the_one_before_ended() -> None:
    stream, first, second = Stream(), Receiver(), Receiver()
    assert stream.follow(first) == 0
    await first._handle_rtp_packet(Packet(5000), 0)
    await first._handle_rtp_packet(Packet(5960), 0)
    assert stream.follow(second) == 2 * FRAME
    await second._handle_rtp_packet(Packet(77), 0)
    assert stream.next == 3 * FRAME
    await first._handle_rtp_packet(Packet(6920), 0)
    assert stream.next == 3 * FRAME, "what still comes of the first moves nothing on"
