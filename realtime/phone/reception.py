"""Where phone legs become calls: the call's workflow is started, or found, and asks this very worker for the line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from domain.call import Channel, Outcome
from domain.desk.callbacks import ContactNotes
from domain.errors import HatifError, LineBusy, LineLost, Refused
from domain.line import CallStart, Connected, SessionDescription
from domain.ports import CallStore
from realtime.phone.legs import Legs
from realtime.phone.line import PhoneLine

log = structlog.get_logger()


Receive = Callable[[PhoneLine, str, str], Coroutine[Any, Any, None]]
"""Brings a leg into the call of a tenant that has this id."""


class Switchboard(Protocol):
    """Has lines opened by their calls' workflows."""

    async def connect(self, start: CallStart, offer: SessionDescription) -> Connected:
        """The first time starts the call, a later one raises its lease.

        Raises LineBusy, LineLost when the call is over, Refused("bad_offer"), Unavailable.
        """
        ...


class Reception:
    """`has_room` tells whether this worker can hold another line of this call id."""

    def __init__(
        self,
        *,
        worker: str,
        legs: Legs,
        calls: Switchboard,
        store: CallStore,
        contacts: ContactNotes,
        has_room: Callable[[str], bool],
    ) -> None:
        self._worker = worker
        self._legs = legs
        self._calls = calls
        self._store = store
        self._contacts = contacts
        self._has_room = has_room

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        """Bring a leg into its call; one that finds no place is hung up, or let go where another try may help."""
        if not self._has_room(call_id):
            log.warning("phone_leg_not_taken", call_id=call_id, reason="full")
            await line.close()
            return
        ticket = self._legs.wait(line)
        try:
            await self._connect(tenant_id, call_id, ticket, line)
        except (LineLost, Refused) as error:
            log.info("phone_leg_not_taken", call_id=call_id, reason=type(error).__name__)
            await line.hang_up()
        except HatifError as error:
            log.warning("phone_leg_not_taken", call_id=call_id, reason=type(error).__name__)
            await line.close()
        finally:
            self._legs.forget(ticket)

    async def _connect(self, tenant_id: str, call_id: str, ticket: str, line: PhoneLine) -> None:
        row = await self._store.call(tenant_id, call_id)
        if row is not None and (line.forks or row.ended_at is not None):
            raise LineLost("the call has ended, or is another machine's")
        if row is None:
            is_new = await self._store.create_call(tenant_id, call_id, Channel.PHONE, None)
            if line.forks and not is_new:
                raise LineLost("the call is another machine's")
            if line.caller is not None:
                await self._note(tenant_id, call_id, line.caller)
        start = CallStart(call_id=call_id, tenant_id=tenant_id, channel=Channel.PHONE, dial_back=not line.comes_back)
        try:
            await self._calls.connect(start, SessionDescription(type="offer", sdp=ticket, worker=self._worker))
        except LineBusy:
            if row is None:
                await self._store.end_call(tenant_id, call_id, Outcome.BUSY)
            raise

    async def _note(self, tenant_id: str, call_id: str, caller: str) -> None:
        """Whoever is lost can be called back; a call without that is still a call."""
        try:
            await self._contacts.note_contact(tenant_id, call_id, caller)
        except HatifError as error:
            log.warning("contact_not_noted", call_id=call_id, error=type(error).__name__)
