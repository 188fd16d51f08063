"""Where the caller's RTP clock stands against what was put on the line, so that the line's clock has no gaps."""

from __future__ import annotations

AHEAD_MS = 400
"""How far the silence filled in one stall may push the clock ahead of the caller's own before late audio is dropped,
oldest first."""
LONGEST_GAP_MS = 5_000
"""A longer jump of the RTP clock is a restarted sender, not a gap to fill."""
LIVE_MS = 100
"""Of audio, by which its pace is known: what was late comes many times faster than it was spoken."""
LIVE_TIMES = 2


class GapClock:
    """Tell it what comes, in ms of the RTP clock, and what was filled in meanwhile."""

    def __init__(self) -> None:
        self.stalled = False
        self._origin_ms: int | None = None
        self._emitted_ms = 0
        self._ended_ms = 0
        """Of what came last and was not too late."""
        self._late: tuple[int, float] | None = None
        """The stamp of the first audio that was too late, and when it came."""

    def filled(self, ms: int) -> None:
        """Nothing came, and silence is put on the line."""
        if not self.stalled and self._origin_ms is not None:
            # What came late after earlier stalls leaves no less room for what comes late after this one.
            self._origin_ms = self._ended_ms - self._emitted_ms
        self.stalled = True
        self._emitted_ms += ms

    def missing_ms(self, at_ms: int, samples: int, rate_hz: int, now_s: float) -> int | None:
        """Silence to insert before audio stamped `at_ms`; None when that audio is too late and is dropped."""
        self.stalled = False
        length_ms = samples * 1000 // rate_hz
        if self._origin_ms is None:
            self._origin_ms = at_ms - self._emitted_ms
        behind_ms = at_ms - self._origin_ms - self._emitted_ms
        too_late = behind_ms < -AHEAD_MS
        if abs(behind_ms) > LONGEST_GAP_MS or (too_late and self._is_live(at_ms, now_s)):
            self._origin_ms = at_ms - self._emitted_ms
            behind_ms = 0
        elif too_late:
            return None
        self._late = None
        missing_ms = max(0, behind_ms)
        self._emitted_ms += missing_ms + length_ms
        self._ended_ms = at_ms + length_ms
        return missing_ms

    def _is_live(self, at_ms: int, now_s: float) -> bool:
        """Whether what seems late comes at the pace of speech: the sender's clock stood still while it sent nothing."""
        self._late = self._late or (at_ms, now_s)
        passed_ms = at_ms - self._late[0]
        return passed_ms >= LIVE_MS and passed_ms <= LIVE_TIMES * (now_s - self._late[1]) * 1000
