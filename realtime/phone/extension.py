"""The tenant's phone extension in one call: rung while the call's phase wants it, and joined like an advisor's line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog

from domain.bridging import LineFactTeller
from domain.call import Outcome
from domain.errors import LineBusy, Refused
from domain.line import PHONE, Party, PartyRole, Phase, PhaseKind, PhoneMissed, SessionDescription
from domain.outbound.dialling import DialState
from domain.speech import Language
from domain.tenant import Transfer
from realtime.people import People
from realtime.phone.line import PhoneLine, Refer
from realtime.witness import Witness

log = structlog.get_logger()

_OFFER = SessionDescription(type="offer", sdp=PHONE)
"""A leg that was dialled is its own offer."""


class Phones(Protocol):
    """Where numbers are dialled. Each raises Refused for a number that may not be, or where nobody can dial."""

    async def ring(self, tenant_id: str, number: str) -> PhoneLine | DialState:
        """The line of whoever answered, or why there is none. Cancelled before an answer, it hangs up."""
        ...

    def address(self, tenant_id: str, number: str) -> str:
        """Of a number, for the caller's exchange to call."""
        ...


class _How(StrEnum):
    """How a caller was brought to the extension; on record."""

    REFER = "refer"
    BRIDGE = "bridge"


@dataclass(slots=True, kw_only=True)
class Extension:
    """One for each call; `close` it with the call."""

    tenant_id: str
    call_id: str
    transfer: Transfer | None
    phones: Phones | None
    refer: Refer | None
    """Of the caller's own leg."""
    people: People
    facts: LineFactTeller
    witness: Witness
    lease: Callable[[], int]
    language: Callable[[], Language]
    """What the caller speaks, and so the one who answers."""
    end: Callable[[Outcome], None]
    """Ends the call here."""
    _number: int = -1
    """Of the phase that was heard of last."""
    _reaching: asyncio.Task[None] | None = None
    _parting: asyncio.Task[None] | None = None
    _line: PhoneLine | None = None
    """Of whoever answered, once they are joined."""
    _closed: bool = False

    def follow(self, phase: Phase) -> None:
        """Ring, or let go, as the phase wants it; one that is not newer is ignored."""
        if self._closed or phase.number <= self._number:
            return
        self._number = phase.number
        if self._reaching is not None:
            self._parting, self._reaching = asyncio.create_task(self._part(self._reaching)), None
        if phase.kind is PhaseKind.BRIDGED and phase.advisor_id == PHONE:
            self._reaching = asyncio.create_task(self._reach(phase, self._parting))

    def passes_on(self, key: str) -> bool:
        """A key of the caller's, for the menu or the queue that they hear; False where none is there to take it."""
        line = self._line
        if line is None or line.is_closed or line.keys is None:
            return False
        line.keys.press(key)
        return True

    async def close(self) -> None:
        self._closed = True
        tasks = [task for task in (self._reaching, self._parting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _part(self, reaching: asyncio.Task[None]) -> None:
        reaching.cancel()
        self._line = None
        await asyncio.gather(reaching, return_exceptions=True)
        await self.people.leave(PHONE)

    async def _reach(self, phase: Phase, parting: asyncio.Task[None] | None) -> None:
        """Whatever breaks here leaves the caller waiting no longer than a phone that nobody answers."""
        if parting is not None:
            await asyncio.gather(parting, return_exceptions=True)
        how, state = _How.BRIDGE, DialState.UNREACHABLE
        try:
            how, state = await self._rung()
        except (Refused, LineBusy) as refused:
            log.warning("phone_not_rung", call_id=self.call_id, reason=getattr(refused, "code", "full"))
        except Exception as error:
            log.exception("phone_broke", call_id=self.call_id, error=type(error).__name__)
        self.witness.note(self.tenant_id, self.call_id, "transferred", {"how": how, "outcome": state})
        if state is not DialState.ANSWERED:
            self.facts.told(self.call_id, PhoneMissed(lease=self.lease(), phase_number=phase.number, state=state))

    async def _rung(self) -> tuple[_How, DialState]:
        if self.transfer is None:
            raise Refused("no_phone", "The tenant has no phone to ring.")
        number, state = self.transfer.to, None
        if self.transfer.refer and self.refer is not None:
            state = await self.refer(number, self._address, self._handed_on)
            # These are the phone's own answers; anything else may be the exchange's, which takes no callers elsewhere.
            if state in (DialState.ANSWERED, DialState.BUSY, DialState.NO_ANSWER):
                return _How.REFER, state
        try:
            line = await self._phones().ring(self.tenant_id, number)
        except Refused:
            if state is None:
                raise
            return _How.REFER, state
        if isinstance(line, DialState):
            return _How.BRIDGE, line
        try:
            await self._press_through(line, self.transfer.keys)
            await self.people.join(
                Party(party_id=PHONE, role=PartyRole.ADVISOR, language=self.language()), _OFFER, line
            )
        except BaseException:
            await line.hang_up()
            raise
        self._line = line
        return _How.BRIDGE, DialState.ANSWERED

    async def _press_through(self, line: PhoneLine, keys: str) -> None:
        """Past an exchange's menu, of which the caller hears nothing."""
        if keys and line.keys is not None:
            async with line.before_call():
                line.keys.press(keys)
                await line.keys.pressed()

    def _phones(self) -> Phones:
        if self.phones is None:
            raise Refused("no_trunk", "Nobody here can dial.")
        return self.phones

    def _address(self, number: str) -> str:
        return self._phones().address(self.tenant_id, number)

    def _handed_on(self) -> None:
        self.end(Outcome.HANDED_OFF)
