"""What a conversation knows of its call, and what the desk left for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from domain.bridging import HandoffNotes, PeopleNames
from domain.desk.callbacks import ContactNotes
from domain.errors import HatifError
from domain.line import Phase, PhaseKind
from domain.outbound.opening import Opening, Openings
from domain.speech import Language
from domain.tenant import TenantProfile

log = structlog.get_logger()

NOTE_MS = 2_000
"""The longest wait for an advisor's note: a look into the store takes a few ms."""

OPENING_MS = 500
"""The longest wait for why somebody is called: they have picked up, and hear nothing."""

NAME_MS = 1_000
"""The longest wait for an advisor's name, who is about to be connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    call_id: str
    tenant_id: str
    lease: int
    profile: TenantProfile
    language: Language
    phase: Phase = field(default_factory=Phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSide:
    """What a line needs of the desk, where there is one."""

    notes: HandoffNotes | None = None
    names: PeopleNames | None = None
    contacts: ContactNotes | None = None
    openings: Openings | None = None


async def note_for(phase: Phase, context: CallContext, notes: HandoffNotes | None) -> str | None:
    """What the advisor of the handoff that ends with this phase left for the agent; it knows what was said without."""
    if notes is None or phase.kind is not PhaseKind.CONVERSE or phase.handoff_id is None:
        return None
    try:
        async with asyncio.timeout(NOTE_MS / 1000):
            return await notes.note(context.tenant_id, phase.handoff_id)
    except (HatifError, TimeoutError) as error:
        log.warning("note_not_read", call_id=context.call_id, error=type(error).__name__)
        return None


async def opening_of(context: CallContext, openings: Openings | None) -> Opening:
    """What is said first; without an opening of its own a call begins with the tenant's greeting."""
    greeting = Opening(language=context.language, text=context.profile.greeting[context.language])
    if openings is None:
        return greeting
    try:
        async with asyncio.timeout(OPENING_MS / 1000):
            return await openings.opening(context.tenant_id, context.call_id) or greeting
    except (HatifError, TimeoutError) as error:
        log.warning("opening_not_read", call_id=context.call_id, error=type(error).__name__)
        return greeting


async def name_of(user_id: str | None, context: CallContext, names: PeopleNames | None) -> str | None:
    """What a person at work is called; a call goes on without it."""
    if names is None or user_id is None:
        return None
    try:
        async with asyncio.timeout(NAME_MS / 1000):
            return await names.person_name(context.tenant_id, user_id)
    except (HatifError, TimeoutError) as error:
        log.warning("name_not_read", call_id=context.call_id, error=type(error).__name__)
        return None
