"""Where phone legs arrive in tests of their servers."""

from __future__ import annotations

import asyncio

from realtime.phone.line import PhoneLine


class Desk:
    """Takes legs where the product has its reception."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[tuple[PhoneLine, str, str]] = asyncio.Queue()
        self.refused: list[tuple[str, str, str, dict[str, str]]] = []
        self.over: set[str] = set()

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        self.lines.put_nowait((line, tenant_id, call_id))

    async def ended(self, tenant_id: str, call_id: str) -> bool:
        return call_id in self.over

    async def next(self) -> tuple[PhoneLine, str, str]:
        async with asyncio.timeout(20):
            return await self.lines.get()

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(tenant, detail["reason"]) for tenant, _, _, detail in self.refused]
