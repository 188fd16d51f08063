"""Placing a call for a procedure: once for a key, and handed to an advisor where somebody answers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Protocol

from domain.errors import LineLost, Refused
from domain.handoff import HandoffAsked
from domain.outbound.calling_out import OutboundResult
from domain.outbound.opening import Opening


class CallsOut(Protocol):
    """Calls as they are asked for, once for each key. Raises Unavailable("temporal", …)."""

    async def begin(
        self, tenant_id: str, key: str, number: str, tries: int = 1, opening: Opening | None = None
    ) -> str: ...

    async def result(self, tenant_id: str, call_id: str) -> OutboundResult: ...

    async def stop(self, tenant_id: str, call_id: str) -> None: ...


class RingsAtDesks(Protocol):
    async def request_handoff(self, tenant_id: str, call_id: str, asked: HandoffAsked) -> str:
        """Have a person brought into a call. Raises LineLost when it is over, Unavailable("temporal", …)."""
        ...


@dataclass(frozen=True, slots=True)
class Placing:
    out: CallsOut
    desks: RingsAtDesks

    async def place(
        self, tenant_id: str, key: str, number: str, opening: Opening, handoff: HandoffAsked | None
    ) -> OutboundResult:
        """Wait for what becomes of it. `handoff` is asked for once it is answered; None: the agent keeps the call."""
        try:
            call_id = await self.out.begin(tenant_id, key, number, 1, opening)
        except Refused:
            return OutboundResult.NOT_ALLOWED  # What is no number any more, or another one now.
        result = await self.out.result(tenant_id, call_id)
        if result is OutboundResult.ANSWERED and handoff is not None:
            with contextlib.suppress(LineLost):  # They have hung up in this moment.
                await self.desks.request_handoff(tenant_id, call_id, handoff)
        return result
