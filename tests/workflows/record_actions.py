"""Records a call that acts, its actions, and what its CRM is told: python -m tests.workflows.record_actions

When to: see record.py.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from domain.acting.action import ActAsked, ActionState
from domain.acting.limits import PER_CALL
from domain.call import Outcome
from domain.speech import Language
from realtime.durable import WorkflowActions
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.far_side import open_house, running_temporal
from tests.workflows.office import open_office
from tests.workflows.quiet_lines import OFFER
from tests.workflows.record import save
from tests.workflows.test_post_call import ANSWERED, ASKED
from workflows.codec import EncryptionCodec
from workflows.crm_action import CrmActionWorkflow, Decision
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import DURABLE, action_workflow_id, post_call_workflow_id

ACTION_SCENES = ("acted", "crm_action", "crm_action_allowed")
TICKET = ActAsked(
    lease=1, action="create_ticket", subject="fridg leak", slots={"trouble": "My fridge leaks."}, language=Language.EN
)


async def record(database_url: str) -> None:
    """A ticket, a note on it, both taken back; and more tickets than the agent may open by itself."""
    async with (
        running_temporal() as server,
        open_house(server.service_client.config.target_host, database_url) as house,
        open_office(house),
    ):
        await house.media("a")
        call = await house.a_call()
        gateway = await house.gateway()
        await gateway.connect(call, OFFER)
        client, codec = await house.connect()
        codec.know(call.tenant_id, call.call_id)
        doer = WorkflowActions(client)
        first = await doer.act(call.call_id, TICKET)
        note = replace(TICKET, action="update_ticket", subject="own smell", slots={"comment": "It smells, too."})
        back = replace(TICKET, action="cancel", subject="create_ticket", slots={"what": "create_ticket"})
        for asked in (note, back, back):
            assert (await doer.act(call.call_id, asked)).state is ActionState.DONE
        for number in range(1, PER_CALL["create_ticket"]):
            await doer.act(call.call_id, replace(TICKET, subject=f"trouble{number}"))
        beyond = await doer.act(call.call_id, replace(TICKET, subject="onemore"))
        assert beyond.state is ActionState.WAITING_APPROVAL
        waiting = client.get_workflow_handle(action_workflow_id(call.call_id, beyond.key))
        await waiting.execute_update(CrmActionWorkflow.decide, Decision(allow=True))
        await waiting.result()
        await gateway.end(call.tenant_id, call.call_id, Outcome.CALLER_HUNG_UP)
        workflow = await house.workflow(call)
        await workflow.result()
        ids = (workflow.id, action_workflow_id(call.call_id, first.key), waiting.id)
        for name, workflow_id in zip(ACTION_SCENES, ids, strict=True):
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            await save(name, history, EncryptionCodec(house.keys))


async def record_afterwards(database_url: str) -> None:
    """A call whose CRM is told of it, on the ticket that it opened."""
    async with (
        running_temporal() as server,
        open_house(server.service_client.config.target_host, database_url) as house,
        open_office(house) as office,
    ):
        await office.wants(log_calls="summary", start_workflows="yes")
        start, handle = await office.start()
        await handle.result()
        for turn in (ASKED, ANSWERED):
            await house.store.record_turn(start.tenant_id, start.call_id, turn)
        await house.store.end_call(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
        client, codec = await house.connect()
        codec.know(start.tenant_id, start.call_id)
        after = PostCallStart(tenant_id=start.tenant_id, call_id=start.call_id, outcome=Outcome.CALLER_HUNG_UP, turns=2)
        post_call = await client.start_workflow(
            PostCallWorkflow.run, after, id=post_call_workflow_id(start.call_id), task_queue=DURABLE
        )
        await post_call.result()
        await save("post_call_told", await post_call.fetch_history(), EncryptionCodec(house.keys))


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url))
        asyncio.run(record_afterwards(postgres.plan.app_url))
