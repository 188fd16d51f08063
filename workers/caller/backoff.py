"""How long a client waits before it asks back into a call that it was cut off from."""

from __future__ import annotations

GIVE_UP_S = 45.0
"""As long as Hatif keeps the call for a caller who is gone."""
_WAITS_S = (0.0, 0.2, 0.4, 0.8, 1.5)
"""The first try at once; then slower, up to every 1.5 s."""


def wait_before(attempt: int, lost_for_s: float) -> float | None:
    """Seconds before this attempt, the first being 0; None once it is time to give up."""
    if lost_for_s >= GIVE_UP_S:
        return None
    return _WAITS_S[min(attempt, len(_WAITS_S) - 1)]
