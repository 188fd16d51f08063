"""The actions of a call, for the brief: read within a deadline, because a person waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio import activity

from domain.acting.action import ActionStore
from domain.desk.done_here import facts_of
from domain.desk.handoffs import OpenFact
from domain.errors import HatifError

FACTS_MS = 1_000
"""A look into the store takes a few ms; a brief without it is better than a late one."""


class ActionsOfCall:
    """Implements CallerFacts by what was done in the call itself."""

    def __init__(self, actions: ActionStore) -> None:
        self._actions = actions

    async def open_facts(self, tenant_id: str, call_id: str) -> Sequence[OpenFact]:
        try:
            async with asyncio.timeout(FACTS_MS / 1000):
                return facts_of(await self._actions.of_call(tenant_id, call_id))
        except (HatifError, TimeoutError) as error:
            activity.logger.warning("brief_without_actions", extra={"error": type(error).__name__})
            return ()
