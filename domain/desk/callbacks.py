"""A promise to call somebody back: where it stands, what is kept of it, and the port to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.speech import Language


class CallbackState(StrEnum):
    PROMISED = "promised"
    """For later: at `next_try_at` somebody should call."""
    DUE = "due"
    """Now; it waits for an advisor to claim it."""
    CLAIMED = "claimed"
    """An advisor is at it."""
    DONE = "done"
    FAILED = "failed"
    """Given up, after the last try or because it may not be kept."""
    CANCELLED = "cancelled"


class CallbackVia(StrEnum):
    """How the caller is reached."""

    PAGE = "page"
    """Their call still lives: over its line."""
    BY_HAND = "by_hand"
    """An advisor dials the contact themselves."""


class CallbackReason(StrEnum):
    CALLER_CHOSE = "caller_chose"
    CLOSED = "closed"
    NOBODY_FREE = "nobody_free"
    LOST = "lost"
    """The call broke off while the caller still wanted something."""
    NOT_UNDERSTOOD = "not_understood"
    """Speech could not be recognised or made, and the caller pressed no key that helped."""
    MESSAGE_LEFT = "message_left"
    """The caller left a voice message."""


class CallbackResult(StrEnum):
    """How a promise ended."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    """Not after the last try either."""
    NOBODY_CLAIMED = "nobody_claimed"
    DO_NOT_CALL = "do_not_call"
    NO_CONTACT = "no_contact"
    CANCELLED = "cancelled"
    NOT_PROMISED = "not_promised"
    """There was nothing to promise: nobody may, or can, be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRow:
    """Times are Unix seconds."""

    callback_id: str
    call_id: str
    state: CallbackState
    reason: CallbackReason
    language: Language
    created_at: float
    next_try_at: float
    window_ends_at: float | None = None
    """By when this try should have happened."""
    tries: int = 0
    """How often somebody tried, or could have."""
    via: CallbackVia = CallbackVia.BY_HAND
    """As it is at the moment of reading."""
    contact: str | None = None
    """A telephone number; None where none is known, or the call's key was erased."""
    claimed_by: str | None = None
    ended_at: float | None = None
    result: CallbackResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCallback:
    callback_id: str
    call_id: str
    reason: CallbackReason
    language: Language
    next_try_at: float
    window_ends_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a caller can be reached at this moment."""

    number: str | None = None
    is_forbidden: bool = False
    """The number is on the tenant's list of those not to be called."""
    call_lives: bool = False


class ContactNotes(Protocol):
    """Where a line puts the number on which its caller wants to be called. Raises like Callbacks."""

    async def note_contact(self, tenant_id: str, call_id: str, number: str, *, own: bool = True) -> None:
        """Where this call's caller can be reached; a later one replaces it. Raises Rejected for what is no number.

        `own`: they call or write from it, or heard it read back and agreed; otherwise it was only said.
        """
        ...

    async def own_number(self, tenant_id: str, call_id: str) -> str | None:
        """The number that is certainly the caller's own, if there is one."""
        ...


class Callbacks(ContactNotes, Protocol):
    """Promises. Each method is idempotent; raises Unavailable("postgres", …), NotFound for an unknown promise."""

    async def promise(self, tenant_id: str, callback: NewCallback) -> CallbackRow:
        """The promise as it now stands; an open one of the same call, under whichever id, takes the place of this."""
        ...

    async def callback(self, tenant_id: str, callback_id: str) -> CallbackRow | None: ...

    async def open_callbacks(self, tenant_id: str) -> list[CallbackRow]:
        """Not ended; the one that is due first, first."""
        ...

    async def recent_callbacks(self, tenant_id: str, limit: int) -> list[CallbackRow]:
        """All, newest first."""
        ...

    async def save(self, tenant_id: str, row: CallbackRow) -> None:
        """Replace what may change: state, times, tries, via, claimed_by and result."""
        ...

    async def contact(self, tenant_id: str, call_id: str) -> Contact: ...

    async def forbid(self, tenant_id: str, number: str, by: str) -> None:
        """Do not call this number again; it is kept as a keyed digest. Raises Rejected for what is no number."""
        ...

    async def allow(self, tenant_id: str, number: str) -> None:
        """Take it off the list; one that isn't on it is ignored."""
        ...
