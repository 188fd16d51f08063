"""A tenant's desk: advisors who are ready, and callers who wait."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import pytest

from domain.accounts import Role, User
from domain.desk.handoffs import HandoffRow, NewHandoff
from domain.desk.people import Presence, PresenceState
from domain.speech import Language
from storage.accounts import PostgresAccounts
from storage.calls import PostgresCalls
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.presence import PostgresPresences
from storage.desk.reading import PostgresDesk
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.team import PostgresTeam

AN_HOUR_S = 3600.0


@dataclass
class Floor:
    tenant_id: str
    accounts: PostgresAccounts
    calls: PostgresCalls
    presences: PostgresPresences
    handoffs: PostgresHandoffs
    desk: PostgresDesk
    team: PostgresTeam
    callbacks: PostgresCallbacks

    async def advisor(
        self,
        name: str,
        *,
        ready: bool = True,
        languages: frozenset[Language] = frozenset({Language.EN, Language.AR}),
        skills: frozenset[str] = frozenset(),
        queues: frozenset[str] = frozenset(),
        role: Role = Role.ADVISOR,
    ) -> str:
        user_id = f"{name}-{uuid.uuid4().hex[:6]}"
        user = User(user_id=user_id, tenant_id=self.tenant_id, email=f"{user_id}@a.b", name=name, role=role)
        await self.accounts.create_user(user, "password-hash")
        await self.team.save_advisor(self.tenant_id, user_id, languages=languages, skills=skills, queue_ids=queues)
        if ready:
            await self.ready(user_id)
        return user_id

    async def ready(self, advisor_id: str, tab: str = "tab", seconds: float = AN_HOUR_S) -> None:
        await self.presences.open_tab(self.tenant_id, advisor_id, tab, time.time() + seconds)
        await self.presences.choose(self.tenant_id, advisor_id, tab, PresenceState.READY)

    async def stands(self, advisor_id: str) -> Presence:
        return await self.presences.presence(self.tenant_id, advisor_id)

    async def caller(
        self,
        *,
        language: Language = Language.EN,
        queue_id: str = "default",
        urgent: bool = False,
        wanted: str | None = None,
    ) -> str:
        """The id of a handoff that waits."""
        call_id = uuid.uuid4().hex
        await self.calls.create_call(self.tenant_id, call_id, "web", None)
        await self.handoffs.open(
            self.tenant_id,
            NewHandoff(
                handoff_id=f"{call_id}-1",
                call_id=call_id,
                number=1,
                reason="caller_asked",
                urgent=urgent,
                by="conversation",
                language=language,
                queue_id=queue_id,
                wanted_advisor=wanted,
            ),
        )
        return f"{call_id}-1"

    async def row(self, handoff_id: str) -> HandoffRow:
        row = await self.desk.handoff(self.tenant_id, handoff_id)
        assert row is not None
        return row

    async def rings_at(self, handoff_id: str, number: int = 1) -> str | None:
        claim = await self.handoffs.claim_next(self.tenant_id, handoff_id, number)
        return None if claim is None else claim.advisor_id


@pytest.fixture
def floor(db: Database, keys: PostgresKeyRing, accounts: PostgresAccounts, calls: PostgresCalls, tenant: str) -> Floor:
    return Floor(
        tenant_id=tenant,
        accounts=accounts,
        calls=calls,
        presences=PostgresPresences(db),
        handoffs=PostgresHandoffs(db, keys),
        desk=PostgresDesk(db, keys),
        team=PostgresTeam(db),
        callbacks=PostgresCallbacks(db, keys),
    )
