"""The demo clinic as one that may call people now, in English, and that has promised somebody a call."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator
from dataclasses import replace

from domain.call import Channel, Outcome
from domain.desk.callbacks import CallbackReason
from domain.handoff import PromiseCallback
from domain.post_call import Disposition
from domain.speech import Language
from domain.tenant import CallingHours, OpenHours, TenantProfile
from storage.calls import PostgresCalls
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.calls.product import Product
from workers.embedded_postgres import app_url
from workers.provision import tenant_id_of
from workers.settings import Settings
from workflows.callback import CallbackWorkflow
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.queues import DURABLE, callback_workflow_id

CLINIC = tenant_id_of("demo-clinic")
ALWAYS = tuple(OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7))
NUMBER = "+971501234567"
WANTED = "Asked for a home visit."


@contextlib.asynccontextmanager
async def _store(settings: Settings) -> AsyncGenerator[tuple[Database, PostgresKeyRing]]:
    database = Database(app_url(settings))
    try:
        yield database, PostgresKeyRing(database, master_key(settings.keys_dir))
    finally:
        await database.close()


async def open_always(product: Product) -> TenantProfile:
    """The profile from before."""
    async with _store(product.settings()) as (database, keys):
        tenants = PostgresTenants(database, keys)
        before = await tenants.profile(CLINIC)
        assert before is not None
        always = replace(
            before,
            hours=ALWAYS,
            holidays=(),
            ramadan_hours=(),
            calling_hours=CallingHours(earliest="00:00", latest="24:00"),
            default_language=Language.EN,  # the recogniser does not understand the Arabic voice
        )
        await tenants.save(always)
    return before


async def open_as(product: Product, profile: TenantProfile) -> None:
    async with _store(product.settings()) as (database, keys):
        await PostgresTenants(database, keys).save(profile)


async def promise(product: Product) -> None:
    """To call back somebody whose call is over; it is due now."""
    settings, call_id = product.settings(), str(uuid.uuid4())
    async with _store(settings) as (database, keys):
        calls = PostgresCalls(database, keys)
        await calls.create_call(CLINIC, call_id, Channel.PHONE, None)
        await PostgresCallbacks(database, keys).note_contact(CLINIC, call_id, NUMBER)
        await calls.end_call(CLINIC, call_id, Outcome.LOST)
        await calls.set_summary(CLINIC, call_id, WANTED, Disposition.UNRESOLVED)
        codec = EncryptionCodec(keys)
        client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
        codec.know(CLINIC, call_id)
        wanted = PromiseCallback(
            call_id=call_id,
            tenant_id=CLINIC,
            number=1,
            reason=CallbackReason.LOST,
            language=Language.EN,
            due_at=None,
        )
        await client.start_workflow(
            CallbackWorkflow.run, wanted, id=callback_workflow_id(call_id, 1), task_queue=DURABLE
        )
