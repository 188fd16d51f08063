"""The brief, as it grows: what is known at once is shown at once, and what takes longer is added while it rings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from temporalio import activity

from activities.heartbeat import beats
from domain.desk import summing_up
from domain.desk.brief import CallerFacts, with_customer, with_summary, write_brief
from domain.desk.customer import CrmAnswer, CustomerRecords
from domain.desk.handoffs import Brief, Handoffs
from domain.errors import HatifError
from domain.handoff import HandoffStart
from domain.outbound.opening import Openings
from domain.ports import LanguageModel
from domain.speech import Language, Turn

SUMMARY_MS = 12_000
"""For one sentence in each language: an embedded model on two cores takes ten seconds, a graphics card one. Later than
this the caller has told it themselves."""


class BriefWriter:
    """Each part is optional: without it, the brief says less."""

    def __init__(
        self,
        handoffs: Handoffs,
        *,
        facts: CallerFacts | None = None,
        customers: CustomerRecords | None = None,
        openings: Openings | None = None,
        model: LanguageModel | None = None,
        one_at_a_time: asyncio.Semaphore | None = None,
        summary_ms: int = SUMMARY_MS,
    ) -> None:
        """`one_at_a_time` is shared with whoever else has the model write what no caller waits for."""
        self._handoffs = handoffs
        self._facts = facts
        self._customers = customers
        self._openings = openings
        self._model = model
        self._one_at_a_time = one_at_a_time or asyncio.Semaphore(1)
        self._summary_ms = summary_ms

    async def write(
        self,
        start: HandoffStart,
        turns: Sequence[Turn],
        default_language: Language,
        shown: Callable[[], Awaitable[None]],
    ) -> None:
        """Returns when nothing more is added. `shown` tells the pages that there is more to read."""
        opening = await self._openings.opening(start.tenant_id, start.call_id) if self._openings else None
        brief = write_brief(
            start,
            turns,
            default_language=default_language,
            open_facts=await self._facts.open_facts(start.tenant_id, start.call_id) if self._facts else (),
            notes=await self._handoffs.notes(start.tenant_id, start.call_id),
            about=opening.about if opening else None,
        )
        if self._customers is not None:
            brief = replace(brief, crm=CrmAnswer.LOOKING)
        growing = _Growing(brief, start, self._handoffs, shown)
        await growing.save()
        async with asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(beats())
            customer = tasks.create_task(self._add_customer(growing, turns))
            summary = tasks.create_task(self._add_summary(growing, turns))
            await asyncio.wait({customer, summary})
            beating.cancel()

    async def _add_customer(self, growing: _Growing, turns: Sequence[Turn]) -> None:
        if self._customers is None:
            return
        start = growing.start
        customer = await self._customers.of_caller(start.tenant_id, start.call_id, turns)
        await growing.grow(lambda brief: with_customer(brief, customer))

    async def _add_summary(self, growing: _Growing, turns: Sequence[Turn]) -> None:
        if self._model is None or not summing_up.is_worth_it(turns):
            return
        try:
            async with asyncio.timeout(self._summary_ms / 1000), self._one_at_a_time:
                asked = summing_up.messages(turns)
                answer = self._model.complete(asked, schema=summing_up.schema(), max_tokens=summing_up.SUMMARY_TOKENS)
                written = "".join([piece async for piece in answer])
        except (HatifError, TimeoutError) as error:
            activity.logger.info("brief_summed_up_by_rule", extra={"error": type(error).__name__})
            return
        if words := summing_up.believed(written, turns):
            await growing.grow(lambda brief: with_summary(brief, words))


class _Growing:
    """One brief, changed from two sides and saved as a whole."""

    def __init__(
        self, brief: Brief, start: HandoffStart, handoffs: Handoffs, shown: Callable[[], Awaitable[None]]
    ) -> None:
        self.start = start
        self._brief = brief
        self._handoffs = handoffs
        self._shown = shown
        self._saving = asyncio.Lock()

    async def grow(self, change: Callable[[Brief], Brief]) -> None:
        self._brief = change(self._brief)
        await self.save()

    async def save(self) -> None:
        async with self._saving:
            await self._handoffs.save_brief(self.start.tenant_id, self.start.handoff_id, self._brief)
        await self._shown()
