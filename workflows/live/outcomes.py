"""What became of an activity that somebody waited for."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.exceptions import ActivityError, ApplicationError


def failure(done: asyncio.Task[Any]) -> str | None:
    """Why a finished activity failed, as an error type. Asking also marks the error as seen."""
    if not done.done() or done.cancelled():
        return None
    error = done.exception()
    cause = error.cause if isinstance(error, ActivityError) else error
    if cause is None:
        return None
    return cause.type if isinstance(cause, ApplicationError) else type(cause).__name__


def answered_no(done: asyncio.Task[Any], *expected: str) -> str | None:
    """The type of the error that an activity answered with, unless it is an expected one, or there was no answer."""
    if not done.done() or done.cancelled():
        return None
    error = done.exception()
    cause = error.cause if isinstance(error, ActivityError) else None
    return cause.type if isinstance(cause, ApplicationError) and cause.type not in expected else None
