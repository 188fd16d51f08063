"""How much of our sound waits at the other end of a leg, and which frames can be left out to make that less."""

from __future__ import annotations

import numpy as np

from domain.speech import FRAME_MS

SPARE_MS = 60
"""May always wait: two frames for a loop that is busy, and the one that is being played."""
QUIET = 200
"""Of 32,768, -44 dB: nobody hears that 20 ms of so little are missing, and a room's noise is below it."""


class Backlog:
    """The other end plays silence whenever nothing of ours is there, and all of what comes later.

    So whoever is late once, and then sends all that is due, is heard later by as much until the call ends.
    """

    def __init__(self) -> None:
        self._waits_ms = 0.0

    def late(self, by_ms: float) -> None:
        """All that is due by now is sent at once, or comes at once from a way that held it up."""
        self._waits_ms = max(self._waits_ms, by_ms)

    def empty(self) -> None:
        """Nothing was sent for so long that nothing can wait."""
        self._waits_ms = 0.0

    def leaves_out(self, pcm: bytes) -> bool:
        """Whether this frame, mono int16, is better not sent; then it must not be."""
        if self._waits_ms <= SPARE_MS or int(np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)).max()) > QUIET:
            return False
        self._waits_ms -= FRAME_MS
        return True
