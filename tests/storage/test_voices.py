"""Cloned voices: sealed with their consents, each its own tenant's, and gone when forgotten."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from domain.errors import Rejected
from domain.speech import Language
from domain.voices.cloning import ClonedVoice, Consent
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.voices import PostgresVoices

pytestmark = pytest.mark.servers

SAMPLE = b"a voice that is not to be read at rest" * 100
SAMPLE_TEXT = base64.b64encode(SAMPLE)[:40]
CONSENT = Consent(person="Sara Ahmed", given_on=date(2026, 11, 20), recorded_by="Omar", sample_sha256="ab" * 32)
SARA = ClonedVoice(name="sara", consent=CONSENT, pcm=SAMPLE)


async def test_a_voice_comes_back_to_its_own_tenant_only(
    db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
) -> None:
    voices = PostgresVoices(db, keys)
    await voices.save(tenant, SARA)
    await voices.save(tenant, SARA)
    assert await voices.sample(tenant, "sara") == SAMPLE
    assert await voices.consents(tenant) == {"sara": CONSENT}
    assert await voices.consented(tenant, "sara") == CONSENT.sample_sha256
    assert await voices.sample(other_tenant, "sara") is None
    assert await voices.consents(other_tenant) == {}
    assert await voices.consented(other_tenant, "sara") is None
    assert not await voices.forget(other_tenant, "sara")
    async with db.tenant_transaction(tenant) as connection:
        sealed = list(await connection.scalars(text("SELECT value_sealed FROM hatif.secrets")))
    assert len(sealed) == 2
    assert all(b"Sara" not in value and SAMPLE_TEXT not in value for value in sealed)


async def test_a_sample_under_another_name_cannot_be_opened(db: Database, keys: PostgresKeyRing, tenant: str) -> None:
    voices = PostgresVoices(db, keys)
    await voices.save(tenant, SARA)
    async with db.tenant_transaction(tenant) as connection:
        await connection.execute(
            text(
                "INSERT INTO hatif.secrets (tenant_id, reference, value_sealed, version, saved_at)"
                " SELECT tenant_id, replace(reference, 'sara', 'omar'), value_sealed, 1, saved_at FROM hatif.secrets"
            )
        )
    with pytest.raises(Rejected):
        await voices.sample(tenant, "omar")


async def test_a_forgotten_voice_is_gone_with_its_consent(db: Database, keys: PostgresKeyRing, tenant: str) -> None:
    voices = PostgresVoices(db, keys)
    await voices.save(tenant, SARA)
    worded = replace(CONSENT, text="أوافق على ذلك.", language=Language.AR)
    await voices.save(tenant, replace(SARA, consent=worded))
    assert await voices.consents(tenant) == {"sara": worded}
    assert await voices.forget(tenant, "sara")
    assert await voices.consented(tenant, "sara") is None
    assert await voices.sample(tenant, "sara") is None
    assert await voices.consents(tenant) == {}
    assert not await voices.forget(tenant, "sara")
