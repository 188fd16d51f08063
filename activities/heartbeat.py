"""The heartbeat of an activity that waits for somebody else, and its end."""

from __future__ import annotations

import asyncio

from temporalio import activity

BEAT_S = 1.0


async def beats() -> None:
    """Until cancelled."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_S)


def is_called_off() -> bool:
    """Whether a cancelled activity is not wanted any more. A worker that goes away leaves its own to the next one."""
    details = activity.cancellation_details()
    return details is not None and details.cancel_requested
