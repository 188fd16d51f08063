"""The desk's side of a handoff: advisors who are ready, a call that listens, and a handoff between them."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from domain.accounts import Role, User
from domain.call import Outcome, workflow_id
from domain.desk.acts import Acceptance, Accepted
from domain.desk.handoffs import HandoffRow, OfferResult, OfferRow
from domain.desk.people import Presence, PresenceState, Queue
from domain.errors import Unavailable
from domain.handoff import (
    BY_CONVERSATION,
    HandoffAsked,
    HandoffResult,
    HandoffStart,
    PhaseWanted,
)
from domain.line import (
    CallStart,
    HeldChoice,
    HeldChoiceMade,
    PartyJoined,
    PartyLeft,
    PartyRole,
    PhaseKind,
)
from domain.speech import Language, Speaker, Turn
from domain.tenant import Transfer
from storage.accounts import PostgresAccounts
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.presence import PostgresPresences
from storage.desk.reading import PostgresDesk
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from tests.workflows.far_side import House
from tests.workflows.listening_call import ListeningCall
from workers.process.sandbox import sandboxed
from workflows.desk import DeskRequests, WaitingHandoffs
from workflows.handoff import HandoffWorkflow
from workflows.queues import DURABLE, handoff_workflow_id

NUMBER = "+971501234567"
ASKED = Turn(seq=3, speaker=Speaker.CALLER, text="I want a person", language=Language.EN, started_ms=0, ended_ms=900)


@dataclass
class Desk:
    """A house with advisors in it."""

    house: House
    requests: DeskRequests
    waiting: WaitingHandoffs
    presences: PostgresPresences
    reading: PostgresDesk
    callbacks: PostgresCallbacks
    team: PostgresTeam
    accounts: PostgresAccounts
    tenants: PostgresTenants

    @classmethod
    async def of(cls, house: House) -> Desk:
        client, codec = await house.connect()
        database = Database(house.database_url)
        house.running.push_async_callback(database.close)
        client_of_its_own, _ = await house.connect()
        worker = Worker(
            client_of_its_own, task_queue="listening", workflows=[ListeningCall], workflow_runner=sandboxed()
        )
        await house.running.enter_async_context(worker)
        return cls(
            house=house,
            requests=DeskRequests(client, codec),
            waiting=WaitingHandoffs(client, PostgresHandoffs(database, house.keys)),
            presences=PostgresPresences(database),
            reading=PostgresDesk(database, house.keys),
            callbacks=PostgresCallbacks(database, house.keys),
            team=PostgresTeam(database),
            accounts=PostgresAccounts(database),
            tenants=PostgresTenants(database, house.keys),
        )

    @property
    def tenant_id(self) -> str:
        return self.house.tenant_id

    async def advisor(self, name: str, *, ready: bool = True) -> str:
        user = User(
            user_id=f"{name}-{uuid.uuid4().hex[:6]}",
            tenant_id=self.tenant_id,
            email=f"{uuid.uuid4().hex}@a.b",
            name=name,
            role=Role.ADVISOR,
            languages=(Language.EN, Language.AR),
        )
        await self.accounts.create_user(user, "password-hash")
        if ready:
            await self.becomes(user.user_id, PresenceState.READY)
        return user.user_id

    async def becomes(self, advisor_id: str, state: PresenceState) -> None:
        await self.presences.open_tab(self.tenant_id, advisor_id, "tab", time.time() + 30 * 86_400)
        await self.presences.choose(self.tenant_id, advisor_id, "tab", state)

    async def wake(self) -> None:
        """What the gateway does when somebody becomes ready."""
        await self.waiting.advisor_available(self.tenant_id)

    async def stands(self, advisor_id: str) -> Presence:
        return await self.presences.presence(self.tenant_id, advisor_id)

    async def until_stands(self, advisor_id: str, state: PresenceState) -> None:
        async def stands() -> bool:
            return (await self.stands(advisor_id)).state is state

        await eventually(stands)

    async def queue(self, *, offer_s: int = 600, max_wait_s: int = 600, wrap_up_s: int = 600, name: str = "q") -> None:
        await self.team.save_queue(
            self.tenant_id,
            Queue(queue_id=name, names={}, offer_s=offer_s, max_wait_s=max_wait_s, wrap_up_s=wrap_up_s),
        )

    async def calls_nobody_back(self) -> None:
        profile = await self.tenants.profile(self.tenant_id)
        assert profile is not None
        await self.tenants.save(replace(profile, callbacks=False))

    async def has_a_phone(self) -> None:
        profile = await self.tenants.profile(self.tenant_id)
        assert profile is not None
        await self.tenants.save(replace(profile, transfer=Transfer(to="200")))

    async def handoff(
        self, start: CallStart | None = None, *, as_child: bool = False, said: bool = True, **wishes: object
    ) -> Handed:
        """One that has begun, beside a call that listens."""
        start = start or await self.house.a_call()
        if said:
            await self.house.store.record_turn(start.tenant_id, start.call_id, ASKED)
        client, codec = await self.house.connect()
        codec.know(start.tenant_id, start.call_id)
        handoff = HandoffStart(
            handoff_id=f"{start.call_id}-1",
            number=1,
            call_id=start.call_id,
            tenant_id=start.tenant_id,
            reason="caller_asked",
            by=BY_CONVERSATION,
            language=Language.EN,
            seq=3,
            **wishes,  # pyright: ignore[reportArgumentType]
        )
        call = await client.start_workflow(
            ListeningCall.run,
            handoff if as_child else None,
            id=workflow_id(start.call_id),
            task_queue="listening",
        )
        handle = client.get_workflow_handle_for(HandoffWorkflow.run, handoff_workflow_id(start.call_id, 1))
        if not as_child:
            handle = await client.start_workflow(
                HandoffWorkflow.run, handoff, id=handoff_workflow_id(start.call_id, 1), task_queue=DURABLE
            )
        return Handed(desk=self, start=start, id=handoff.handoff_id, call=call, handle=handle)


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    """A busy machine cuts a transaction now and then: asked again."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(Unavailable):
                if await is_so():
                    return
            await asyncio.sleep(0.05)


@dataclass
class Handed:
    """One handoff."""

    desk: Desk
    start: CallStart
    id: str
    call: WorkflowHandle[ListeningCall, None]
    handle: WorkflowHandle[HandoffWorkflow, HandoffResult]
    heard: list[PhaseWanted] = field(default_factory=list[PhaseWanted])

    async def result(self) -> HandoffResult:
        async with asyncio.timeout(60):
            return await self.handle.result()

    async def ended(self) -> list[HandoffResult]:
        """What the call was told, once it was: that is a signal, which others may know of before."""
        results: list[HandoffResult] = []

        async def is_told() -> bool:
            results[:] = [ended.result for ended in await self.call.query(ListeningCall.ended)]
            return bool(results)

        await eventually(is_told)
        return results

    async def row(self) -> HandoffRow:
        row = await self.desk.reading.handoff(self.desk.tenant_id, self.id)
        assert row is not None
        return row

    async def until_row(self, right: Callable[[HandoffRow], bool]) -> None:
        async def is_right() -> bool:
            return right(await self.row())

        await eventually(is_right)

    async def offers(self) -> list[OfferRow]:
        return await self.desk.reading.offers(self.desk.tenant_id, self.id)

    async def told(self, right: Callable[[PhaseWanted], bool]) -> PhaseWanted:
        """Wait until the latest phase that the call was told is the right one."""

        async def is_told() -> bool:
            self.heard = await self.call.query(ListeningCall.told)
            return bool(self.heard) and right(self.heard[-1])

        await eventually(is_told)
        return self.heard[-1]

    async def is_in(self, kind: PhaseKind) -> PhaseWanted:
        return await self.told(lambda wanted: wanted.kind is kind)

    async def rings_at(self, advisor_id: str, number: int) -> None:
        async def rings() -> bool:
            offers = await self.offers()
            return len(offers) == number and offers[-1].result is OfferResult.RINGING

        await eventually(rings)
        assert (await self.row()).offered_to == advisor_id

    # ------------------------------------------------------------ what advisors do

    async def accept(self, advisor_id: str, number: int = 1) -> Accepted:
        answer = Acceptance(advisor_id=advisor_id, offer_number=number)
        return await self.desk.requests.accept(self.desk.tenant_id, self.id, answer)

    async def decline(self, advisor_id: str, number: int = 1) -> None:
        answer = Acceptance(advisor_id=advisor_id, offer_number=number)
        await self.desk.requests.decline(self.desk.tenant_id, self.id, answer)

    async def talks_with(self, advisor_id: str, number: int = 1) -> None:
        """It rings, is accepted, and the advisor's audio flows."""
        await self.rings_at(advisor_id, number)
        await self.accept(advisor_id, number)
        await self.is_in(PhaseKind.BRIDGED)
        await self.joined(advisor_id)

    # ------------------------------------------------------------ what happens on the line

    async def joined(self, advisor_id: str) -> None:
        await self.handle.signal(
            HandoffWorkflow.party_joined, PartyJoined(lease=1, party_id=advisor_id, role=PartyRole.ADVISOR)
        )
        await self.until_row(lambda row: row.joined_at is not None)

    async def left(self, advisor_id: str, *, lost: bool) -> None:
        gone = PartyLeft(lease=1, party_id=advisor_id, role=PartyRole.ADVISOR, lost=lost)
        await self.handle.signal(HandoffWorkflow.party_left, gone)

    async def can_be_called(self) -> None:
        async def noted() -> bool:
            await self.desk.callbacks.note_contact(self.desk.tenant_id, self.start.call_id, NUMBER)
            return True

        await eventually(noted)

    async def chooses(self, choice: HeldChoice) -> None:
        made = HeldChoiceMade(lease=1, phase_number=1, choice=choice)
        await self.handle.signal(HandoffWorkflow.choice_made, made)

    async def hangs_up(self, outcome: Outcome = Outcome.CALLER_HUNG_UP) -> None:
        await self.handle.signal(HandoffWorkflow.caller_gone, outcome)

    async def raised(self, asked: HandoffAsked) -> None:
        await self.handle.signal(HandoffWorkflow.raised, asked)
