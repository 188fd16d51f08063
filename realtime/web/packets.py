"""A caller's packets in the order in which they were sent, on time also after one of them was lost."""

from __future__ import annotations

from typing import cast

from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

HELD_PACKETS = 2
"""40 ms of Opus, by which every turn is heard later: a packet that up to two have overtaken comes in its place. The
library holds 4, which evens nothing out either: a frame leaves whenever a packet comes."""
RESTARTED = 100
"""A packet so far behind is no late one: the sender counts anew."""
_NUMBERS = 1 << 16


class InOrder(JitterBuffer):
    """Gives one frame for each packet that comes once HELD_PACKETS wait; each packet of audio is a whole frame.

    The library's own buffer waits for a lost packet until 16 others have come, and gives one frame for each packet
    from then on, too: one lost packet, and the caller is heard 0.2 s later until the call ends.
    """

    def __init__(self) -> None:
        super().__init__(capacity=16)
        self._next = 0
        """The number after that of the last packet that was given."""
        self._waiting: list[RtpPacket] = []
        """By their numbers."""

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """The frame that is due, if there is one; the first is about video only."""
        if not self._waiting:
            self._next = packet.sequence_number
        elif self._ahead(packet) < 0:
            if self._ahead(packet) > -RESTARTED:
                return False, None
            self._waiting.clear()
            self._next = packet.sequence_number
        if any(packet.sequence_number == waiting.sequence_number for waiting in self._waiting):
            return False, None
        self._waiting.append(packet)
        self._waiting.sort(key=self._ahead)
        if len(self._waiting) <= HELD_PACKETS:
            return False, None
        due = self._waiting.pop(0)
        self._next = (due.sequence_number + 1) % _NUMBERS
        return False, JitterFrame(data=cast("bytes", due._data), timestamp=due.timestamp)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType]

    def _ahead(self, packet: RtpPacket) -> int:
        """How many numbers a packet is beyond what is due next; less than 0 for one that comes too late."""
        half = _NUMBERS // 2
        return (packet.sequence_number - self._next + half) % _NUMBERS - half


def keep_in_order(receiver: RTCRtpReceiver) -> None:
    """Before its first packet: the library has no setting for it."""
    receiver._RTCRtpReceiver__jitter_buffer = InOrder()  # pyright: ignore[reportAttributeAccessIssue]
