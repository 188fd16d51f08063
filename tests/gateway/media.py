"""A media worker's host of lines that answers offers and keeps leases, without any sound."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from domain.call import Outcome
from domain.errors import LineBusy, LineLost, Refused
from domain.line import (
    GuideAgent,
    JoinLine,
    LeaveLine,
    LineEnded,
    LineRequest,
    Party,
    PartyJoined,
    PartyLeft,
    Phase,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from domain.ports import CallStore
from realtime.durable import WorkflowFacts

UNANSWERABLE = "s=unanswerable"
"""A session name by which a test says: this offer passes the gateway, and the line can't be opened with it."""
ANSWER = "v=0\r\ns=answer\r\n"


class QuietLines:
    """Implements domain.ports.LineHost and domain.bridging.LinePhases."""

    def __init__(self, store: CallStore, slots: int, facts: WorkflowFacts) -> None:
        self.slots = slots
        self.phases: dict[str, Phase] = {}
        self.people: dict[str, dict[str, Party]] = {}
        self.guidance: list[str] = []
        self._facts = facts
        self.requests: list[LineRequest] = []
        self._store = store
        self._lines: dict[str, tuple[int, asyncio.Future[LineEnded]]] = {}

    async def open(self, request: LineRequest) -> SessionDescription:
        self.requests.append(request)
        assert request.offer is not None
        if UNANSWERABLE in request.offer.sdp:
            raise Refused("bad_offer", "no line can be opened with this")
        if len(self._lines) >= self.slots and request.call_id not in self._lines:
            raise LineBusy("full")
        if not await self._store.take_lease(request.tenant_id, request.call_id, request.lease, "quiet"):
            raise LineLost("overtaken")
        _, ended = self._lines.get(request.call_id, (0, asyncio.get_running_loop().create_future()))
        self._lines[request.call_id] = (request.lease, ended)
        return SessionDescription(type="answer", sdp=ANSWER + f"a=lease:{request.lease}\r\n")

    async def adopt(self, request: LineRequest) -> bool:
        if request.call_id not in self._lines:
            return False
        if not await self._store.take_lease(request.tenant_id, request.call_id, request.lease, "quiet"):
            return False
        self._lines[request.call_id] = (request.lease, self._lines[request.call_id][1])
        return True

    async def ended(self, call_id: str) -> LineEnded:
        if call_id not in self._lines:
            raise LineLost("not here")
        return await asyncio.shield(self._lines[call_id][1])

    async def end(self, call_id: str, outcome: Outcome) -> None:
        if call_id in self._lines:
            lease, ended = self._lines.pop(call_id)
            ended.set_result(LineEnded(lease=lease, outcome=outcome, turns=0))

    async def release(self, call_id: str) -> None:
        if call_id not in self._lines:
            return
        held, ended = self._lines[call_id]
        tenant_id = next(request.tenant_id for request in self.requests if request.call_id == call_id)
        if await self._store.current_lease(tenant_id, call_id) > held:
            del self._lines[call_id]
            ended.set_result(LineEnded(lease=held, outcome=Outcome.LOST, turns=0))

    def move(self) -> None:
        """Nobody is on these lines who could connect again elsewhere."""

    # ------------------------------------------------------------ LinePhases

    async def set_phase(self, command: SetPhase) -> None:
        self._lease(command.call_id)
        self.phases[command.call_id] = command.phase

    async def join(self, command: JoinLine) -> SessionDescription:
        lease = self._lease(command.call_id)
        if UNANSWERABLE in command.offer.sdp:
            raise Refused("bad_offer", "no line can be opened with this")
        party = command.party
        self.people.setdefault(command.call_id, {})[party.party_id] = party
        self._facts.told(command.call_id, PartyJoined(lease=lease, party_id=party.party_id, role=party.role))
        return SessionDescription(type="answer", sdp=ANSWER + f"a=party:{party.party_id}\r\n")

    async def leave(self, command: LeaveLine) -> None:
        lease = self._lease(command.call_id)
        party = self.people.get(command.call_id, {}).pop(command.party_id, None)
        if party is not None:
            gone = PartyLeft(lease=lease, party_id=party.party_id, role=party.role, lost=False)
            self._facts.told(command.call_id, gone)

    async def set_party_mode(self, command: SetPartyMode) -> None:
        self._lease(command.call_id)
        people = self.people.get(command.call_id, {})
        if command.party_id not in people:
            raise Refused("not_in_call", "this person is not in the call")
        people[command.party_id] = replace(people[command.party_id], mode=command.mode)

    async def guide_agent(self, command: GuideAgent) -> None:
        self._lease(command.call_id)
        self.guidance.append(command.text)

    def _lease(self, call_id: str) -> int:
        if call_id not in self._lines:
            raise LineLost("not here")
        return self._lines[call_id][0]
