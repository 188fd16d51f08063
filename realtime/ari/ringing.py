"""What the exchange tells of a phone that rings for a caller, and what becomes of that; without any waiting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.outbound.dialling import DialState
from realtime.ari.exchange import Event

_BY_CAUSE = {
    17: DialState.BUSY,
    18: DialState.NO_ANSWER,
    19: DialState.NO_ANSWER,
    21: DialState.REJECTED,
}
"""ITU-T Q.850's causes that say how the phone itself took it."""
_UNSAID = {0, 16, 26, 31, 127}
"""Causes that say that it ended, and not why: the dialling's own status tells more."""
_BY_STATUS = {
    "BUSY": DialState.BUSY,
    "NOANSWER": DialState.NO_ANSWER,
    "CANCEL": DialState.NO_ANSWER,
}
"""All others are of a way that is broken, or of no way: CONGESTION, CHANUNAVAIL."""


class Step(StrEnum):
    ANSWERED = "answered"
    """Somebody has picked up, and hears nothing yet."""
    TOGETHER = "together"
    """They are with the caller."""


@dataclass(slots=True, kw_only=True)
class Ringing:
    channel: str
    """Of the phone that is rung."""
    _status: str = ""
    _answered: bool = False

    def told(self, event: Event) -> Step | DialState | None:
        """A DialState other than ANSWERED is the end of it. None for events that change nothing."""
        match event:
            case {"type": "Dial", "peer": {"id": self.channel}, "dialstatus": str(status)}:
                self._status = status or self._status
            case {"type": "StasisStart", "channel": {"id": self.channel}}:
                self._answered = True
                return Step.ANSWERED
            case {"type": "ChannelEnteredBridge", "channel": {"id": self.channel}} if self._answered:
                return Step.TOGETHER
            case {"type": "ChannelDestroyed", "channel": {"id": self.channel}}:
                return self._ended(event.get("cause"))
            case _:
                pass
        return None

    def _ended(self, cause: object) -> DialState:
        if self._answered:
            # Whoever picked up was not brought together with the caller.
            return DialState.UNREACHABLE
        if not isinstance(cause, int) or cause in _UNSAID:
            return _BY_STATUS.get(self._status, DialState.UNREACHABLE)
        return _BY_CAUSE.get(cause, DialState.UNREACHABLE)
