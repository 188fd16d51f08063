"""The faults by their fixed names: what each does to the platform, and when it is over."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from tests.chaos.platform import Platform

PAUSE_S = 5.0
"""Longer than the heartbeat timeout of 2 s and its adoption."""
TEMPORAL_AWAY_S = 5.0
"""The same, for a Temporal that does not come back at once."""
AGAIN_S = 0.1
"""A part that is to stay away is killed again as often as its supervisor starts it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` returns when the fault is over; the parts that it took down may still be starting."""

    name: str
    strike: Callable[[Platform, str], Awaitable[None]]
    apart: bool = False
    """It strikes the worker behind the link, so the call must be there."""
    by: Literal["web", "audiosocket", "sip", "dialled"] = "web"
    """How the caller comes; `dialled` is by SIP, of a tenant who wants callers dialled that were cut off."""


async def _media_kill(platform: Platform, call_id: str) -> None:
    platform.signal(await platform.holder(call_id), signal.SIGKILL)


async def _media_pause(platform: Platform, call_id: str) -> None:
    """Frozen with slots free and its polls open, then resumed: it must find that it lost the call."""
    pid = await platform.holder(call_id)
    platform.signal(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(PAUSE_S)
    finally:
        platform.signal(pid, signal.SIGCONT)


async def _media_netcut(platform: Platform, call_id: str) -> None:
    """Cut off from its caller, from Temporal and from Postgres, and alive."""
    assert platform.apart is not None
    platform.apart.cut()
    try:
        await asyncio.sleep(PAUSE_S)
    finally:
        platform.apart.mend()


async def _deploy(platform: Platform, call_id: str) -> None:
    """A rolling deploy: the worker that holds the call is told to go and drains."""
    platform.signal(await platform.holder(call_id), signal.SIGTERM)


def _kill(part: str) -> Callable[[Platform, str], Awaitable[None]]:
    async def strike(platform: Platform, call_id: str) -> None:
        platform.signal(platform.pids()[part], signal.SIGKILL)

    return strike


async def _temporal_away(platform: Platform, call_id: str) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + TEMPORAL_AWAY_S
    killed = 0
    while loop.time() < until:
        pid = platform.pids().get("temporal")  # None while it is being started again
        if pid is not None and pid != killed:
            platform.signal(pid, signal.SIGKILL)
            killed = pid
        await asyncio.sleep(AGAIN_S)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("media-kill", _media_kill),
        Fault("audiosocket-media-kill", _media_kill, by="audiosocket"),
        Fault("sip-media-kill", _media_kill, by="sip"),
        Fault("sip-media-kill-dialled", _media_kill, by="dialled"),
        Fault("media-pause", _media_pause),
        Fault("media-netcut", _media_netcut, apart=True),
        Fault("temporal-kill", _kill("temporal")),
        Fault("temporal-away", _temporal_away),
        Fault("worker-kill", _kill("durable")),
        Fault("postgres-kill", _kill("postgres")),
        Fault("gateway-kill", _kill("gateway")),
        Fault("model-kill", _kill("model")),
        Fault("speech-kill", _kill("speech")),
        Fault("deploy", _deploy),
    )
}
