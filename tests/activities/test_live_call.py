"""What the store is told of a living call, over a real store."""

from __future__ import annotations

import os
import uuid

import pytest
from temporalio.testing import ActivityEnvironment

from activities.live_call import CallEnding, CallStanding, LiveCallActivities
from domain.call import CallState, Outcome
from domain.speech import Language
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.conftest import DatabaseUrls
from tests.workflows.far_side import a_tenant

pytestmark = pytest.mark.servers


async def test_the_first_outcome_and_the_language_stay(database: DatabaseUrls) -> None:
    opened = Database(database.app)
    keys = PostgresKeyRing(opened, os.urandom(32))
    store = PostgresCalls(opened, keys)
    activities = LiveCallActivities(store)
    tenant_id, call_id = await a_tenant(opened, keys), uuid.uuid4().hex
    await store.create_call(tenant_id, call_id, "web", None)
    env = ActivityEnvironment()

    talking = CallStanding(tenant_id=tenant_id, call_id=call_id, state=CallState.TALKING)
    lost = CallEnding(tenant_id=tenant_id, call_id=call_id, outcome=Outcome.LOST, language=Language.AR)
    busy = CallEnding(tenant_id=tenant_id, call_id=call_id, outcome=Outcome.BUSY, language=Language.EN)
    await env.run(activities.set_call_state, talking)
    await env.run(activities.end_call, lost)
    await env.run(activities.end_call, busy)
    await env.run(activities.set_call_state, talking)  # One that was late.

    row = await store.call(tenant_id, call_id)
    assert row is not None
    assert (row.state, row.outcome, row.language) == (CallState.ENDED, Outcome.LOST, "ar")
    erased = CallEnding(tenant_id=tenant_id, call_id="never-was", outcome=Outcome.LOST)
    await env.run(activities.end_call, erased)
    await opened.close()
