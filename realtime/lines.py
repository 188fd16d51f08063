"""The registry of living calls in one media worker: a call belongs to it, and the durable side holds a lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from domain.call import Outcome
from domain.errors import HatifError, LineBusy, LineLost, Refused
from domain.line import (
    GuideAgent,
    JoinLine,
    LeaveLine,
    LineEnded,
    LineRequest,
    Phase,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from domain.ports import CallStore, Tenants
from domain.speech import Turn
from domain.tenant import TenantProfile
from realtime.conversation import Conversation
from realtime.line import AnsweringLine
from realtime.organs import Organs, Records, assemble
from realtime.people import People
from realtime.phone.extension import Extension, Phones
from realtime.phone.legs import Legs
from realtime.phone.line import PhoneLine

log = structlog.get_logger()

FLUSH_MS = 3_000
"""How long a finished call waits for its turns to be stored; what is not stored by then is on the spool."""
CONFIRM_MS = 500
"""Between two questions to a store that is away, whether a lease is still ours."""
MOVED_MS = 100
"""Between two looks whether a caller who was asked to connect elsewhere has done so."""


@dataclass(slots=True, kw_only=True)
class _Call:
    request: LineRequest
    lease: int
    line: AnsweringLine
    conversation: Conversation
    people: People
    extension: Extension
    ended: asyncio.Future[LineEnded]
    superseded: bool = False
    task: asyncio.Task[None] | None = None
    moving: asyncio.Task[None] | None = None
    """Once the caller was asked to connect elsewhere: lets go as soon as that has happened."""


@dataclass(slots=True, kw_only=True)
class Lines:
    """Implements LineHost and LinePhases."""

    slots: int
    worker: str
    store: CallStore
    tenants: Tenants
    records: Records
    organs: Organs
    make_line: Callable[[], AnsweringLine]
    legs: Legs = field(default_factory=Legs)
    """Phone legs that arrived here and wait for their calls."""
    phones: Phones | None = None
    """Where tenants' phone extensions are rung; None where nobody here can dial."""
    changed: Callable[[int], None] = lambda _: None
    """Told how many calls live here, whenever that changes."""
    _calls: dict[str, _Call] = field(default_factory=dict[str, _Call])
    _opening: int = 0
    _expected: set[str] = field(default_factory=set[str])
    """Calls whose line will be opened here if somebody answers."""

    @property
    def active(self) -> int:
        """Calls that live here, those being opened and those that are expected included."""
        return len(self._calls.keys() | self._expected) + self._opening

    def has_room(self, call_id: str) -> bool:
        """Whether this call's line could be opened here."""
        return call_id in self._calls or call_id in self._expected or self.active < self.slots

    @contextmanager
    def room_for(self, call_id: str) -> Generator[None]:
        """Keep a slot for a call that is being dialled. Raises Refused("no_room")."""
        if not self.has_room(call_id):
            raise Refused("no_room", f"All {self.slots} slots are taken.")
        self._expected.add(call_id)
        try:
            yield
        finally:
            self._expected.discard(call_id)

    async def open(self, request: LineRequest) -> SessionDescription:
        """See LineHost.open."""
        if request.offer is None:
            raise Refused("bad_offer", "A line is opened by an offer.")
        if not self.has_room(request.call_id):
            raise LineBusy(f"All {self.slots} slots are taken.")
        self._opening += 1
        try:
            return await self._open(request, request.offer)
        finally:
            self._opening -= 1

    async def _open(self, request: LineRequest, offer: SessionDescription) -> SessionDescription:
        profile = await self.tenants.profile(request.tenant_id)
        if profile is None:
            raise Refused("unknown_tenant", "This tenant has no profile.")
        line = self.legs.taken(offer.sdp) if offer.worker else self.make_line()
        try:
            answer = await line.answer(offer)
            if not await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker):
                raise LineLost("A higher lease holds this call.")
            history = await self.store.turns(request.tenant_id, request.call_id) if request.lease > 1 else []
        except BaseException:
            await line.close()
            raise
        earlier = self._calls.pop(request.call_id, None)
        if earlier is not None:
            await self._supersede(earlier)
        call = self._begin(request, profile, line)
        call.task = asyncio.create_task(self._serve(call, history))
        return answer

    def _begin(self, request: LineRequest, profile: TenantProfile, line: AnsweringLine) -> _Call:
        conversation, people = assemble(request, profile, line, self.organs, self.records)
        ended: asyncio.Future[LineEnded] = asyncio.get_running_loop().create_future()
        extension = Extension(
            tenant_id=request.tenant_id,
            call_id=request.call_id,
            transfer=profile.transfer,
            phones=self.phones,
            refer=line.refer if isinstance(line, PhoneLine) else None,
            people=people,
            facts=self.records.facts,
            witness=self.records.witness,
            lease=lambda: conversation.lease,
            language=lambda: conversation.language,
            end=conversation.end,
        )
        conversation.keypad.passes_on = extension.passes_on
        call = _Call(
            request=request,
            lease=request.lease,
            line=line,
            conversation=conversation,
            people=people,
            extension=extension,
            ended=ended,
        )
        line.guard(lambda: self._still_ours(call))
        self._calls[request.call_id] = call
        self.changed(len(self._calls))
        return call

    async def _serve(self, call: _Call, history: list[Turn]) -> None:
        """The life of one call, from its connection to its last stored turn."""
        call_id = call.request.call_id
        outcome = Outcome.LOST
        try:
            if await call.line.connected():
                call.extension.follow(call.request.phase)
                outcome = await call.conversation.run(history)
        except Exception as error:
            log.exception("conversation_broke", call_id=call_id, error=type(error).__name__)
        finally:
            await call.line.close()
            call.conversation.close()
            await call.extension.close()
            await call.people.close(lost=call.superseded)
            if self._calls.get(call_id) is call:
                await self.records.recorder.flush(call_id, FLUSH_MS)
                self._forget(call)
            self._settle(call, outcome)

    def _settle(self, call: _Call, outcome: Outcome) -> None:
        if call.ended.done():
            return
        if call.superseded:
            call.ended.set_exception(LineLost("Another lease holds this call."))
            call.ended.exception()  # nobody may be waiting, and that is fine
            return
        call.ended.set_result(
            LineEnded(
                lease=call.lease,
                outcome=outcome,
                turns=call.conversation.turns,
                language=call.conversation.language,
                wants_callback=call.conversation.menu.wants_callback,
            )
        )

    async def adopt(self, request: LineRequest) -> bool:
        """See LineHost.adopt."""
        call = self._calls.get(request.call_id)
        if call is None or call.ended.done():
            return False
        if not await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker):
            await self._supersede(call)
            return False
        call.lease = request.lease
        await call.conversation.adopt(request.lease)
        await self._bring(call, request.phase)
        return True

    async def ended(self, call_id: str) -> LineEnded:
        """See LineHost.ended."""
        call = self._calls.get(call_id)
        if call is None:
            raise LineLost("This call is not here.")
        return await asyncio.shield(call.ended)

    async def end(self, call_id: str, outcome: Outcome) -> None:
        """See LineHost.end."""
        if (call := self._calls.get(call_id)) is not None:
            call.conversation.end(outcome)

    # ------------------------------------------------------------ LinePhases

    async def set_phase(self, command: SetPhase) -> None:
        """See LinePhases.set_phase."""
        await self._bring(self._living(command.call_id, command.lease), command.phase)

    async def _bring(self, call: _Call, phase: Phase) -> None:
        await call.conversation.set_phase(phase)
        call.extension.follow(phase)

    async def join(self, command: JoinLine) -> SessionDescription:
        """See LinePhases.join."""
        call = self._living(command.call_id, command.lease)
        line = self.make_line()
        line.guard(lambda: self._still_ours(call))
        try:
            return await call.people.join(command.party, command.offer, line)
        except BaseException:
            await line.close()
            raise

    async def leave(self, command: LeaveLine) -> None:
        """See LinePhases.leave."""
        await self._living(command.call_id, command.lease).people.leave(command.party_id)

    async def set_party_mode(self, command: SetPartyMode) -> None:
        """See LinePhases.set_party_mode."""
        self._living(command.call_id, command.lease).people.set_mode(command.party_id, command.mode)

    async def guide_agent(self, command: GuideAgent) -> None:
        """See LinePhases.guide_agent."""
        self._living(command.call_id, command.lease).conversation.guide(command.text)

    def _living(self, call_id: str, lease: int) -> _Call:
        call = self._calls.get(call_id)
        if call is None or call.ended.done() or call.lease > lease:
            raise LineLost("the line is not here, or under a higher lease")
        return call

    async def close(self, outcome: Outcome) -> None:
        """End every call and wait for their last turns, for a worker that goes away."""
        calls = list(self._calls.values())
        for call in calls:
            call.conversation.end(outcome)
        await asyncio.gather(*(call.task for call in calls if call.task is not None), return_exceptions=True)

    def move(self) -> None:
        """This worker will soon be gone: ask every caller, and everybody with them, to connect again elsewhere."""
        for call in self._calls.values():
            call.conversation.move()
            call.moving = call.moving or asyncio.create_task(self._let_move(call))

    async def _let_move(self, call: _Call) -> None:
        """Two lines of one call live for a moment, and only one of them may be heard."""
        while not call.ended.done():
            await self.release(call.request.call_id)
            await asyncio.sleep(MOVED_MS / 1000)

    async def release(self, call_id: str) -> None:
        """See LineHost.release."""
        call = self._calls.get(call_id)
        if call is None or call.ended.done():
            return
        try:
            overtaken = await self.store.current_lease(call.request.tenant_id, call_id) > call.lease
        except HatifError:
            return  # nobody can have taken the lease from a store that is away
        if overtaken:
            await self._supersede(call)

    async def _supersede(self, call: _Call) -> None:
        """Mute and close a line whose lease was overtaken; the call itself lives on elsewhere."""
        call.superseded = True
        if call.task is not None:
            call.task.cancel()
        await call.line.close()
        await call.extension.close()
        await call.people.close(lost=True)
        self._forget(call)
        self._settle(call, Outcome.LOST)

    def _forget(self, call: _Call) -> None:
        if self._calls.get(call.request.call_id) is call:
            del self._calls[call.request.call_id]
            self.changed(len(self._calls))

    async def _still_ours(self, call: _Call) -> bool:
        """Ask the store until it answers: after a freeze nobody may speak on a guess."""
        while True:
            try:
                return await self.store.current_lease(call.request.tenant_id, call.request.call_id) == call.lease
            except HatifError:
                await asyncio.sleep(CONFIRM_MS / 1000)
