"""Cloned voices: the sample and the consent for it, kept as secrets of the tenant's."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import date

from sqlalchemy import delete, select

from domain.speech import Language
from domain.voices.cloning import ClonedVoice, Consent
from storage.connections import PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import secrets


class PostgresVoices:
    """Implements domain.voices.cloning.ClonedVoices.

    The consent stands under "voice:NAME", the sample under "voice:NAME#sample"; no connection's id has a colon.
    """

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def save(self, tenant_id: str, voice: ClonedVoice) -> None:
        consent = asdict(voice.consent) | {"given_on": voice.consent.given_on.isoformat()}
        of_tenant = self._secrets(tenant_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await of_tenant.put(connection, _consent_of(voice.name), json.dumps(consent))
            await of_tenant.put(connection, _sample_of(voice.name), base64.b64encode(voice.pcm).decode())

    async def sample(self, tenant_id: str, name: str) -> bytes | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            value = await self._secrets(tenant_id).value(connection, _sample_of(name))
        return None if value is None else base64.b64decode(value)

    async def consents(self, tenant_id: str) -> dict[str, Consent]:
        ours = secrets.c.reference.startswith(_consent_of(""))
        query = select(secrets.c.reference).where(ours, ~secrets.c.reference.endswith(_SAMPLE))
        found: dict[str, Consent] = {}
        async with self._database.tenant_transaction(tenant_id) as connection:
            for reference in sorted(await connection.scalars(query)):
                value = await self._secrets(tenant_id).value(connection, reference)
                if value is not None:
                    found[reference.removeprefix(_consent_of(""))] = _consent(value)
        return found

    async def consented(self, tenant_id: str, name: str) -> str | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            value = await self._secrets(tenant_id).value(connection, _consent_of(name))
        return None if value is None else _consent(value).sample_sha256

    async def forget(self, tenant_id: str, name: str) -> bool:
        both = secrets.c.reference.in_((_consent_of(name), _sample_of(name)))
        async with self._database.tenant_transaction(tenant_id) as connection:
            return (await connection.execute(delete(secrets).where(both))).rowcount > 0

    def _secrets(self, tenant_id: str) -> PostgresSecrets:
        return PostgresSecrets(self._database, self._keys, tenant_id)


_SAMPLE = "#sample"


def _consent_of(name: str) -> str:
    return f"voice:{name}"


def _sample_of(name: str) -> str:
    return _consent_of(name) + _SAMPLE


def _consent(value: str) -> Consent:
    fields: dict[str, str] = json.loads(value)
    given_on, language = date.fromisoformat(fields.pop("given_on")), fields.pop("language", None)
    return Consent(given_on=given_on, language=Language(language) if language else None, **fields)
