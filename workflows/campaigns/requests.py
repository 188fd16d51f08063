"""Campaigns as supervisors ask for them: started, paused, gone on with and stopped."""

from __future__ import annotations

import contextlib

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.campaign import CampaignStart
from domain.campaigns.book import CampaignAct, campaign_key
from workflows.campaigns.procedure import CampaignWorkflow
from workflows.codec import EncryptionCodec
from workflows.outbound.requests import ANSWER_WITHIN_S, answering
from workflows.queues import DURABLE, campaign_workflow_id


class Campaigns:
    """Raises Unavailable("temporal", …), and NotFound for a campaign that is not under way."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._codec = codec

    async def _start(self, tenant_id: str, campaign_id: str) -> None:
        """Once: a campaign that was started before is left as it is."""
        with contextlib.suppress(WorkflowAlreadyStartedError):
            async with answering(ANSWER_WITHIN_S):
                await self._client.start_workflow(
                    CampaignWorkflow.run,
                    CampaignStart(tenant_id=tenant_id, campaign_id=campaign_id),
                    id=campaign_workflow_id(campaign_id),
                    task_queue=DURABLE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                )

    async def ask(self, tenant_id: str, campaign_id: str, act: CampaignAct) -> None:
        """Have it begin, wait, go on or end; see the signals of CampaignWorkflow."""
        self._codec.know(tenant_id, campaign_key(campaign_id))
        handle = self._client.get_workflow_handle(campaign_workflow_id(campaign_id))
        match act:
            case CampaignAct.START:
                await self._start(tenant_id, campaign_id)
                return
            case CampaignAct.PAUSE:
                signal = CampaignWorkflow.pause
            case CampaignAct.RESUME:
                signal = CampaignWorkflow.resume
            case CampaignAct.STOP:
                signal = CampaignWorkflow.stop
        async with answering(ANSWER_WITHIN_S):
            await handle.signal(signal)
