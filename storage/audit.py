"""The audit: who did what, line by line per tenant, chained so that a changed or missing line shows.

Each line's digest is an HMAC over the line and the digest before it, under a key that only the master key opens:
somebody who can write to the database still can't forge a line. Lines cut off at the very end show only against a
digest that was noted elsewhere, which `verify` returns for that purpose.
"""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import audit

START = bytes(32)
"""The digest before the first line."""
PAGE_LINES = 1_000
"""Lines that `verify` reads in one transaction."""
RECENT_LINES = 500
"""The latest lines, in which `record_once` looks for one of its kind: read by their key, in about a millisecond."""

_one_at_a_time = text("SELECT pg_advisory_xact_lock(hashtextextended('hatif audit ' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """`at` is in Unix seconds."""

    seq: int
    at: float
    actor: str
    action: str
    subject: str
    detail: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    lines: int
    """How many lines stand unbroken from the first."""
    digest: bytes
    """Of the last of them."""
    broken_at: int | None = None
    """The seq of the first line that is altered, or follows on a missing one."""


class PostgresAudit:
    """Implements domain.ports.Audit."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def record(self, tenant_id: str, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        """Raises NotFound for an unknown tenant."""
        last = select(audit.c.seq, audit.c.digest).order_by(audit.c.seq.desc()).limit(1)
        async with self._database.tenant_transaction(tenant_id) as connection:
            key = await self._keys.audit_key(connection, tenant_id)
            # A line follows on the one before it: the tenant's writers take turns.
            await connection.execute(_one_at_a_time, {"tenant_id": tenant_id})
            before = (await connection.execute(last)).one_or_none()
            line = AuditLine(
                seq=1 if before is None else before.seq + 1,
                at=time.time(),
                actor=actor,
                action=action,
                subject=subject,
                detail=detail,
            )
            digest = _digest(key, tenant_id, line, START if before is None else before.digest)
            values = {"seq": line.seq, "at": line.at, "actor": actor, "action": action, "subject": subject}
            await connection.execute(insert(audit).values(tenant_id=tenant_id, detail=detail, digest=digest, **values))

    async def record_once(self, tenant_id: str, actor: str, action: str, subject: str, within_s: float) -> None:
        """A house with so much going on that RECENT_LINES fill within the time gets more lines, never fewer."""
        newest = select(audit).order_by(audit.c.seq.desc()).limit(RECENT_LINES).subquery()
        same = select(newest.c.seq).where(
            newest.c.actor == actor,
            newest.c.action == action,
            newest.c.subject == subject,
            newest.c.at > time.time() - within_s,
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            known = await connection.scalar(same.limit(1))
        if known is None:
            await self.record(tenant_id, actor, action, subject, {})

    async def lines(self, tenant_id: str, after: int = 0, limit: int = PAGE_LINES) -> list[AuditLine]:
        """In order, those with a seq above `after`; at most PAGE_LINES."""
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_line(row) for row in await _page(connection, after, max(0, min(limit, PAGE_LINES)))]

    async def verify(self, tenant_id: str) -> ChainState:
        """Read the whole chain and compare every digest."""
        state = ChainState(lines=0, digest=START)
        while True:
            async with self._database.tenant_transaction(tenant_id) as connection:
                key = await self._keys.audit_key(connection, tenant_id)
                rows = await _page(connection, state.lines, PAGE_LINES)
            for row in rows:
                digest = _digest(key, tenant_id, _line(row), state.digest)
                if row.seq != state.lines + 1 or not hmac.compare_digest(digest, row.digest):
                    return ChainState(lines=state.lines, digest=state.digest, broken_at=row.seq)
                state = ChainState(lines=row.seq, digest=digest)
            if len(rows) < PAGE_LINES:
                return state


async def _page(connection: AsyncConnection, after: int, limit: int) -> list[Any]:
    query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    return list((await connection.execute(query)).all())


def _line(row: Any) -> AuditLine:
    return AuditLine(seq=row.seq, at=row.at, actor=row.actor, action=row.action, subject=row.subject, detail=row.detail)


def _digest(key: bytes, tenant_id: str, line: AuditLine, before: bytes) -> bytes:
    parts = [tenant_id, line.seq, line.at, line.actor, line.action, line.subject, sorted(line.detail.items())]
    return hmac.digest(key, before + json.dumps(parts).encode(), "sha256")
