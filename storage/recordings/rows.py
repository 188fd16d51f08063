"""Which recordings a call has, and what the caller said to being recorded; the sound itself is in files."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Rejected
from domain.media.recording import ConsentChanged, ConsentState, RecordingLeg, RecordingPart, RecordingRow
from domain.speech import Language
from storage.session import Database
from storage.tables import consents, recordings


class PostgresRecordings:
    """Implements domain.media.recording.RecordingRows and Consents. Both raise Rejected for an unknown call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_recording(self, row: RecordingRow) -> None:
        part = row.part
        outcome = {"chunks": row.chunks, "lost": row.lost, "ended_at": row.ended_at}
        values = {
            "tenant_id": part.tenant_id,
            "call_id": part.call_id,
            "part_id": part.part_id,
            "lease": part.lease,
            "leg": part.leg,
            "clock_zero_at": part.clock_zero_at,
            "path": row.path,
            "started_at": row.started_at,
            **outcome,
        }
        saved = insert(recordings).values(values)
        if row.ended_at is None:
            saved = saved.on_conflict_do_nothing()
        else:
            saved = saved.on_conflict_do_update(index_elements=["tenant_id", "call_id", "part_id"], set_=outcome)
        async with self._database.tenant_transaction(part.tenant_id) as connection:
            await connection.execute(saved)

    async def recordings(self, tenant_id: str, call_id: str) -> list[RecordingRow]:
        query = select(recordings).where(recordings.c.call_id == call_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(query.order_by(recordings.c.started_at, recordings.c.part_id))
            return [_recording(row) for row in rows]

    async def record_consent(self, tenant_id: str, call_id: str, fact: ConsentChanged) -> None:
        row = insert(consents).values(
            tenant_id=tenant_id,
            call_id=call_id,
            number=fact.number,
            state=fact.state,
            seq=fact.seq,
            at_ms=fact.at_ms,
            lease=fact.lease,
            language=fact.language,
        )
        there = select(consents).where(consents.c.call_id == call_id, consents.c.number == fact.number)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_nothing())
            if _consent((await connection.execute(there)).one()) != fact:
                raise Rejected("postgres", f"consent {fact.number} of call {call_id} is another one")

    async def consents(self, tenant_id: str, call_id: str) -> list[ConsentChanged]:
        query = select(consents).where(consents.c.call_id == call_id).order_by(consents.c.number)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_consent(row) for row in await connection.execute(query)]


def _recording(row: Any) -> RecordingRow:
    part = RecordingPart(
        tenant_id=row.tenant_id,
        call_id=row.call_id,
        lease=row.lease,
        leg=RecordingLeg(row.leg),
        part_id=row.part_id,
        clock_zero_at=row.clock_zero_at,
    )
    return RecordingRow(
        part=part,
        path=row.path,
        started_at=row.started_at,
        chunks=row.chunks,
        lost=row.lost,
        ended_at=row.ended_at,
    )


def _consent(row: Any) -> ConsentChanged:
    return ConsentChanged(
        number=row.number,
        state=ConsentState(row.state),
        seq=row.seq,
        at_ms=row.at_ms,
        lease=row.lease,
        language=Language(row.language),
    )
