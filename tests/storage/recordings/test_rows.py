"""The rows of recordings, and the facts of consent that nobody edits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Rejected
from domain.media.recording import ConsentChanged, ConsentState, RecordingLeg, RecordingPart, RecordingRow
from domain.speech import Language
from storage.recordings.rows import PostgresRecordings
from storage.session import Database

pytestmark = pytest.mark.servers


@pytest.fixture
def recordings(db: Database) -> PostgresRecordings:
    return PostgresRecordings(db)


def a_row(tenant_id: str, call_id: str, part_id: str = "p") -> RecordingRow:
    part = RecordingPart(
        tenant_id=tenant_id, call_id=call_id, lease=3, leg=RecordingLeg.AGENT, part_id=part_id, clock_zero_at=7.25
    )
    return RecordingRow(part=part, path="a/b.rec", started_at=9.5)


ASKED = ConsentChanged(number=1, state=ConsentState.ASKED, seq=4, at_ms=5000, lease=1, language=Language.AR)
GRANTED = ConsentChanged(number=2, state=ConsentState.GRANTED, seq=5, at_ms=6000, lease=1, language=Language.AR)


async def test_a_recording_begins_and_ends_once(recordings: PostgresRecordings, tenant: str, call_id: str) -> None:
    begun = a_row(tenant, call_id)
    ended = replace(begun, chunks=8, lost=1, ended_at=20.0)
    await recordings.save_recording(begun)
    assert await recordings.recordings(tenant, call_id) == [begun]
    await recordings.save_recording(ended)
    await recordings.save_recording(begun)
    assert await recordings.recordings(tenant, call_id) == [ended]


async def test_an_end_that_overtakes_its_beginning_stays(
    recordings: PostgresRecordings, tenant: str, call_id: str
) -> None:
    ended = replace(a_row(tenant, call_id), chunks=8, ended_at=20.0)
    await recordings.save_recording(ended)
    await recordings.save_recording(a_row(tenant, call_id))
    await recordings.save_recording(replace(a_row(tenant, call_id, "earlier"), started_at=1.0))
    assert [row.part.part_id for row in await recordings.recordings(tenant, call_id)] == ["earlier", "p"]
    assert (await recordings.recordings(tenant, call_id))[1] == ended


async def test_consent_is_appended_in_order_and_twice_is_once(
    recordings: PostgresRecordings, tenant: str, call_id: str
) -> None:
    assert await recordings.consents(tenant, call_id) == []
    for fact in (ASKED, GRANTED, GRANTED):
        await recordings.record_consent(tenant, call_id, fact)
    assert await recordings.consents(tenant, call_id) == [ASKED, GRANTED]


async def test_another_fact_does_not_take_a_facts_place(
    recordings: PostgresRecordings, tenant: str, call_id: str
) -> None:
    await recordings.record_consent(tenant, call_id, ASKED)
    await recordings.record_consent(tenant, call_id, GRANTED)
    with pytest.raises(Rejected):
        await recordings.record_consent(tenant, call_id, replace(GRANTED, state=ConsentState.DECLINED))
    assert await recordings.consents(tenant, call_id) == [ASKED, GRANTED]


async def test_an_unknown_call_has_neither(recordings: PostgresRecordings, tenant: str, other_tenant: str) -> None:
    with pytest.raises(Rejected):
        await recordings.record_consent(tenant, "never was", ASKED)
    with pytest.raises(Rejected):
        await recordings.save_recording(a_row(tenant, "never was"))
    assert await recordings.consents(tenant, "never was") == []


async def test_another_tenant_sees_and_changes_nothing(
    recordings: PostgresRecordings, tenant: str, other_tenant: str, call_id: str
) -> None:
    await recordings.record_consent(tenant, call_id, ASKED)
    await recordings.save_recording(a_row(tenant, call_id))
    assert await recordings.consents(other_tenant, call_id) == []
    assert await recordings.recordings(other_tenant, call_id) == []
    with pytest.raises(Rejected):
        await recordings.record_consent(other_tenant, call_id, GRANTED)
