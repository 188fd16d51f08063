"""Lines without audio, on real leases in a real store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from domain.call import Outcome
from domain.errors import LineBusy, LineLost, Refused
from domain.line import (
    GuideAgent,
    JoinLine,
    LeaveLine,
    LineEnded,
    LineRequest,
    Party,
    Phase,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from domain.ports import CallStore
from domain.speech import Language

SECRET = "candidate:1 1 udp 2130706431 192.0.2.77 9 typ host"
"""Stands in every offer and answer: it must never be readable at Temporal."""
OFFER = SessionDescription(type="offer", sdp=f"v=0\r\na={SECRET}\r\n")
AGAIN = SessionDescription(type="offer", sdp=f"v=0\r\ns=again\r\na={SECRET}\r\n")
"""Of a caller who comes back: a new connection, so a new offer."""
NONSENSE = SessionDescription(type="offer", sdp="nonsense")


@dataclass
class QuietLine:
    tenant_id: str
    lease: int
    ended: asyncio.Future[LineEnded]
    phase: Phase
    turns: int = 0
    parties: dict[str, Party] = field(default_factory=dict[str, Party])
    guidance: list[str] = field(default_factory=list[str])


@dataclass
class QuietLines:
    """LineHost and LinePhases without audio: lines open, stay, are adopted, and end when somebody says so."""

    store: CallStore
    worker: str
    slots: int = 8
    lines: dict[str, QuietLine] = field(default_factory=dict[str, QuietLine])
    was_tried: asyncio.Event = field(default_factory=asyncio.Event)
    stuck: bool = False
    """A worker that takes tasks and does nothing with them."""
    tried: int = 0
    may_answer: asyncio.Event | None = None
    """Every attempt at a line takes until then."""
    moved: bool = False
    """Everybody here was asked to connect elsewhere."""

    async def open(self, request: LineRequest) -> SessionDescription:
        self.tried += 1
        self.was_tried.set()
        if self.stuck:
            await asyncio.Event().wait()
        if self.may_answer:
            await self.may_answer.wait()
        assert request.offer is not None
        if not request.offer.sdp.startswith("v=0"):
            raise Refused("bad_offer", "not an offer")
        if request.call_id not in self.lines and len(self.lines) >= self.slots:
            raise LineBusy("full")
        if not await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker):
            raise LineLost("overtaken")
        if earlier := self.lines.get(request.call_id):
            earlier.ended.set_exception(LineLost("superseded"))
        ended: asyncio.Future[LineEnded] = asyncio.get_running_loop().create_future()
        self.lines[request.call_id] = QuietLine(
            tenant_id=request.tenant_id, lease=request.lease, ended=ended, phase=request.phase
        )
        return SessionDescription(type="answer", sdp=f"v=0\r\ns={self.worker}\r\na={SECRET}\r\n")

    async def adopt(self, request: LineRequest) -> bool:
        line = self.lines.get(request.call_id)
        if line is None:
            return False
        taken = await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker)
        if taken:
            line.lease = request.lease
            line.phase = request.phase
        return taken

    async def ended(self, call_id: str) -> LineEnded:
        if call_id not in self.lines:
            raise LineLost("not here")
        return await asyncio.shield(self.lines[call_id].ended)

    def drop(self, call_id: str) -> None:
        """The line breaks down without an outcome."""
        self.lines.pop(call_id).ended.set_exception(LineLost("broken"))

    async def end(self, call_id: str, outcome: Outcome, *, wants_callback: str | None = None) -> None:
        if line := self.lines.pop(call_id, None):
            line.ended.set_result(
                LineEnded(
                    lease=line.lease,
                    outcome=outcome,
                    turns=line.turns,
                    language=Language.EN,
                    wants_callback=wants_callback,
                )
            )

    async def release(self, call_id: str) -> None:
        line = self.lines.get(call_id)
        if line and await self.store.current_lease(line.tenant_id, call_id) > line.lease:
            self.drop(call_id)

    def move(self) -> None:
        self.moved = True

    # ------------------------------------------------------------ LinePhases

    async def set_phase(self, command: SetPhase) -> None:
        line = self._line(command.call_id, command.lease)
        if command.phase.number > line.phase.number:
            line.phase = command.phase

    async def join(self, command: JoinLine) -> SessionDescription:
        line = self._line(command.call_id, command.lease)
        if not command.offer.sdp.startswith("v=0"):
            raise Refused("bad_offer", "not an offer")
        line.parties[command.party.party_id] = command.party
        return SessionDescription(type="answer", sdp=f"v=0\r\ns={self.worker}\r\na={SECRET}\r\n")

    async def leave(self, command: LeaveLine) -> None:
        self._line(command.call_id, command.lease).parties.pop(command.party_id, None)

    async def set_party_mode(self, command: SetPartyMode) -> None:
        parties = self._line(command.call_id, command.lease).parties
        if command.party_id not in parties:
            raise Refused("not_in_call", "this person is not in the call")
        parties[command.party_id] = replace(parties[command.party_id], mode=command.mode)

    async def guide_agent(self, command: GuideAgent) -> None:
        self._line(command.call_id, command.lease).guidance.append(command.text)

    def _line(self, call_id: str, lease: int) -> QuietLine:
        line = self.lines.get(call_id)
        if line is None or line.lease > lease:
            raise LineLost("not here, or under a higher lease")
        return line
