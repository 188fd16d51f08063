"""A tenant whose CRM is a running vendor."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from temporalio.client import WorkflowHandle

from domain.acting.action import ActionStart, ActResult
from domain.acting.connection import ConnectionRow
from domain.actions import action_key
from domain.speech import Language
from storage.actions import PostgresActions
from storage.connections import PostgresConnections, PostgresSecrets
from storage.session import Database
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.workflows.far_side import House
from workflows.crm_action import CrmActionWorkflow
from workflows.queues import DURABLE, action_workflow_id


@dataclass
class Office:
    house: House
    database: Database
    vendor: FakeZendesk
    actions: PostgresActions
    connection: ConnectionRow

    async def wants(self, **settings: str) -> None:
        """Have the connection say what it wants to be told of calls."""
        await PostgresConnections(self.database).save(replace(self.connection, settings=settings))

    async def start(self, **changes: object) -> tuple[ActionStart, WorkflowHandle[CrmActionWorkflow, ActResult]]:
        call = await self.house.a_call()
        key = action_key(call.call_id, "create_ticket", {"subject": "fridge"})
        start = ActionStart(
            tenant_id=call.tenant_id,
            call_id=call.call_id,
            key=key,
            action="create_ticket",
            slots={"trouble": "My fridge is leaking.", "phone": "+966501234567"},
            lease=1,
            language=Language.EN,
        )
        start = replace(start, **changes)  # type: ignore[arg-type]
        client, codec = await self.house.connect()
        codec.know(start.tenant_id, start.call_id)
        handle = await client.start_workflow(
            CrmActionWorkflow.run, start, id=action_workflow_id(start.call_id, start.key), task_queue=DURABLE
        )
        return start, handle


@contextlib.asynccontextmanager
async def open_office(house: House) -> AsyncIterator[Office]:
    database = Database(house.database_url)
    vendor = FakeZendesk()
    vendor.credentials.add("Bearer token")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        url = await stack.enter_async_context(vendor.serving())
        await PostgresSecrets(database, house.keys, house.tenant_id).write("crm.key", "token")
        row = ConnectionRow(tenant_id=house.tenant_id, connection_id="crm", system="zendesk", url=url)
        await PostgresConnections(database).save(row)
        yield Office(house, database, vendor, PostgresActions(database, house.keys), row)
