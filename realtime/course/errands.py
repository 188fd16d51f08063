"""A call's errands: what the caller has done, with what must be read for it beside the talk."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from domain.acting.errands import callback, ticket, undo, visit
from domain.acting.order_talk import declines
from domain.acting.orders import OrderBook
from domain.acting.visits import DAYS_AHEAD, VisitBook, Window
from domain.answering import escalation, sayings, triggers
from domain.answering.dialogue import ANYTHING_ELSE, Dialogue
from domain.answering.spelling import fold, script_of
from domain.crm import Crm, HistoryEntry
from domain.errors import HatifError, NotFound
from domain.hours import local_date
from domain.moves import Move, Say
from domain.ports import SpokenValues
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile
from realtime.mind.took import tool_took

log = structlog.get_logger(__name__)

FILLER_MS = 700
"""See realtime.course.orders."""
DEADLINE_MS = 6_000
"""Of a look at another company's system; what is longer a caller doesn't wait for."""
BOOK_MS = 2_000
"""Of a look into our own store, which takes 2 ms."""

CrmOf = Callable[[str], Awaitable[Crm | None]]


class Errands:
    """One call's. A look outlives the answer that began it, and the same one is not begun twice."""

    def __init__(
        self,
        profile: TenantProfile,
        values: SpokenValues,
        now: Callable[[], datetime],
        visits: VisitBook,
        crm_of: CrmOf,
        *,
        orders: OrderBook | None = None,
        filler_ms: int = FILLER_MS,
        deadline_ms: int = DEADLINE_MS,
    ) -> None:
        self._profile = profile
        self._values = values
        self._now = now
        self._visits = visits
        self._crm_of = crm_of
        self._orders = orders if profile.record_word else None
        self._filler_ms = filler_ms
        self._deadline_ms = deadline_ms
        self._looking: dict[tuple[str, tuple[str, ...]], asyncio.Task[ticket.Found]] = {}

    def replies(self, text: str, dialogue: Dialogue) -> bool:
        """Whether this is the yes or no to a question of an errand, which is no courtesy."""
        return visit.replies(text, dialogue) or (dialogue.errand_step is not None and triggers.says_no(fold(text)))

    def phone(self, text: str, dialogue: Dialogue, language: Language) -> str | None:
        """The last telephone number that the caller said in this call, in its normal form."""
        return visit.phone_of([*self._heard(dialogue, language), self._values.heard(text, language)])

    async def answer(
        self, text: str, dialogue: Dialogue, language: Language, about_other: Callable[[], bool]
    ) -> AsyncGenerator[Move]:
        """Nothing where no errand is meant. `about_other`: whether these words ask for something else altogether."""
        heard = self._values.heard(text, language)
        so_far = "\n".join(self._in_digits(line, language) for line in dialogue.errand.splitlines())
        dialogue = replace(dialogue, errand=so_far)
        undone = undo.moves(text, dialogue, language)
        if undone is not None:
            for move in undone:
                yield move
            return
        meant = ticket.errand_in(text, dialogue, self._profile)
        wants_visit = visit.concerns(text, dialogue, self._profile)
        wants_call = callback.concerns(text, dialogue, self._profile)
        if not (meant or wants_visit or wants_call):
            return
        fills = visit.fills(heard, local_date(self._profile, self._now()))
        answers = fills or declines(heard) or any(map(str.isdigit, heard))
        if dialogue.errand_step is not None and not answers and about_other():
            return
        if meant is not None and not visit.asked_for(fold(text)):
            async with aclosing(self._ticket(meant, heard, dialogue, language)) as told:
                async for move in told:
                    yield move
            return
        phone = self.phone(text, dialogue, language)
        if wants_visit:
            for move in await self._visit(heard, phone, dialogue, language):
                yield move
            return
        for move in callback.moves(heard, phone, dialogue, self._profile, language, self._now()):
            yield move

    # ------------------------------------------------------------ visits

    async def _visit(self, heard: str, phone: str | None, dialogue: Dialogue, language: Language) -> list[Move]:
        now = self._now()
        try:
            taken = await self._taken(now)
        except (HatifError, TimeoutError) as error:
            log.warning("visits_not_read", tenant_id=self._profile.tenant_id, error=type(error).__name__)
            return [escalation.tool_down(language)]
        return visit.moves(heard, phone, taken, dialogue, self._profile, language, now)

    async def _taken(self, now: datetime) -> Mapping[Window, int]:
        today = local_date(self._profile, now)
        async with asyncio.timeout(BOOK_MS / 1000):
            return await self._visits.taken(self._profile.tenant_id, today, today + timedelta(days=DAYS_AHEAD))

    # ------------------------------------------------------------ tickets

    async def _ticket(
        self, errand: ticket.Errand, heard: str, dialogue: Dialogue, language: Language
    ) -> AsyncGenerator[Move]:
        said = self._heard(dialogue, language)
        if dialogue.errand_step is not None and triggers.says_no(fold(heard)):
            yield Say(text=sayings.LEFT[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)
            return
        look = ticket.first(errand, heard, said, dialogue, self._profile, language)
        if not isinstance(look, ticket.Look):
            for move in look:
                yield move
            return
        asked_s = time.monotonic()
        looking = self._look(look.number, [*said, heard])
        done, _ = await asyncio.wait({looking}, timeout=self._filler_ms / 1000)
        if not done:
            yield Say(text=sayings.FILLER[language], language=language, kind=TurnKind.FILLER)
            await asyncio.wait({looking}, timeout=(self._deadline_ms - self._filler_ms) / 1000)
        if not looking.done() or looking.exception() is not None:
            yield escalation.tool_down(language)
            return
        for move in ticket.then(looking.result(), look, heard, said, dialogue, self._profile, language):
            yield tool_took(move, asked_s)

    def _look(self, number: str, said: list[str]) -> asyncio.Task[ticket.Found]:
        """What is there changes: a look that is over is not believed again in a later turn."""
        key = number, tuple(said)
        looking = self._looking.get(key)
        if looking is None or looking.done():
            looking = self._looking[key] = asyncio.create_task(self._read(number, said))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return looking

    async def _read(self, number: str, said: list[str]) -> ticket.Found:
        try:
            async with asyncio.timeout(self._deadline_ms / 1000):
                return await self._found(number, said)
        except (HatifError, TimeoutError) as error:
            log.warning("ticket_not_read", tenant_id=self._profile.tenant_id, error=type(error).__name__)
            raise

    async def _found(self, number: str, said: list[str]) -> ticket.Found:
        crm = await self._crm_of(self._profile.tenant_id)
        if crm is None:
            return ticket.Found()
        found, phone = None, None
        with contextlib.suppress(NotFound):
            found = await crm.ticket(number)
        if found is not None and found.customer_id is not None:
            with contextlib.suppress(NotFound):  # In the company's own name: nobody can prove that it is theirs.
                phone = (await crm.customer(found.customer_id)).phone
        if self._orders is None or (found is not None and ticket.proven(phone, said)):
            return ticket.Found(ticket=found, phone=phone)
        order = await self._orders.order(self._profile.tenant_id, number)
        if order is None or not ticket.proven(order.phone, said):
            return ticket.Found(ticket=found, phone=phone)
        tickets = await self._tickets_of(crm, order.phone or "")
        return ticket.Found(ticket=found, phone=phone, order_phone=order.phone, tickets=tickets)

    async def _tickets_of(self, crm: Crm, phone: str) -> tuple[HistoryEntry, ...] | None:
        """None where several share the number: an order of one says nothing about the others."""
        customers = await crm.customers_by_phone(phone)
        if len(customers) > 1:
            return None
        return tuple(await crm.history(customers[0].customer_id)) if customers else ()

    def _heard(self, dialogue: Dialogue, language: Language) -> list[str]:
        return [self._in_digits(text, language) for text in dialogue.said]

    def _in_digits(self, line: str, language: Language) -> str:
        """What was said before may have been said in the other language."""
        return self._values.heard(line, script_of(line) or language)
