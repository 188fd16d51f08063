"""Where the agent's sentences lie in the received stream.

Messages and audio share one connection and arrive in the order in which they left. So the first packet after the
message that a sentence begins is that sentence's first, however late either is handled.
"""

from __future__ import annotations

import bisect
from typing import Any

from workers.caller.audio_file import SEND_RATE_HZ
from workers.caller.recording import RATE_HZ

_RTP_WRAP = 1 << 32
_PACKET = RATE_HZ // 50


class Stream:
    """Positions are samples at 16 kHz since the first packet, by the sender's RTP clock.

    Several connections may follow one another; each goes on where the one before it ended.
    """

    def __init__(self) -> None:
        self.next = 0
        """The position of the packet that comes next."""
        self._positions: list[int] = []
        self._places: list[int] = []

    def follow(self, receiver: Any) -> int:
        """Note the receiver's packets as they arrive: its own track tells of them only after its jitter buffer.

        Returns where its first packet stands.
        """
        base = self.next
        inner = receiver._handle_rtp_packet
        first: int | None = None

        async def handle(packet: Any, arrival_time_ms: int) -> None:
            nonlocal first
            first = packet.timestamp if first is None else first
            self._arrived(base, packet.timestamp - first)
            await inner(packet, arrival_time_ms)

        receiver._handle_rtp_packet = handle
        return base

    def placed(self, position: int, place: int) -> None:
        """A frame of this position stands at `place` in the recording."""
        self._positions.append(position)
        self._places.append(place)

    def heard_at(self, position: int) -> int:
        """Where in the recording the audio of a position stands, or would."""
        index = bisect.bisect_left(self._positions, position)
        if index < len(self._positions):
            return self._places[index]
        return self._places[-1] + position - self._positions[-1] if self._positions else position

    def _arrived(self, base: int, since_first: int) -> None:
        samples = since_first % _RTP_WRAP * RATE_HZ // SEND_RATE_HZ
        # A packet older than the first is not the newest, whatever the clock's wrap makes of it.
        if samples < _RTP_WRAP // 6:
            self.next = max(self.next, base + samples + _PACKET)
