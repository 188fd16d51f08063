"""Waiting for something to become true, but not for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow


async def until(condition: Callable[[], bool], patience: timedelta) -> bool:
    """False when patience ran out first."""
    try:
        await workflow.wait_condition(condition, timeout=patience)
    except TimeoutError:
        return False
    return True
