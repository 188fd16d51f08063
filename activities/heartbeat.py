"""The heartbeat of an activity that waits for somebody else."""

from __future__ import annotations

import asyncio

from temporalio import activity

BEAT_S = 1.0


async def beats() -> None:
    """Until cancelled."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_S)
