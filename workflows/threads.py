"""Threads as a gateway asks for them, with Temporal's errors told in our words."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.call import Channel, workflow_id
from domain.errors import Unavailable
from domain.line import CallStart
from domain.threads.thread import Arrived
from workflows.codec import EncryptionCodec
from workflows.queues import DURABLE
from workflows.thread import ThreadWorkflow

SIGNAL_WITHIN_S = 5.0


class ThreadRequests:
    """Implements domain.threads.thread.ThreadActs."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._codec = codec

    async def arrived(self, tenant_id: str, arrived: Arrived) -> None:
        await self._signal(tenant_id, arrived.call_id, arrived.channel, ThreadWorkflow.arrived, arrived.seq)

    async def wrote(self, tenant_id: str, call_id: str, channel: Channel, seq: int) -> None:
        await self._signal(tenant_id, call_id, channel, ThreadWorkflow.wrote, seq)

    async def _signal(self, tenant_id: str, call_id: str, channel: Channel, signal: Any, seq: int) -> None:
        """Start the thread's workflow by the signal, or find it running; one that is over needs to know nothing."""
        self._codec.know(tenant_id, call_id)
        starting = self._client.start_workflow(
            ThreadWorkflow.run,
            CallStart(call_id=call_id, tenant_id=tenant_id, channel=channel),
            id=workflow_id(call_id),
            task_queue=DURABLE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            start_signal=signal.__name__,
            start_signal_args=[seq],
        )
        try:
            async with asyncio.timeout(SIGNAL_WITHIN_S):
                await starting
        except WorkflowAlreadyStartedError:
            return
        except TimeoutError as late:
            raise Unavailable("temporal", f"no answer in {SIGNAL_WITHIN_S:.0f} s", 2_000) from late
        except RPCError as error:
            raise Unavailable("temporal", error.status.name, 2_000) from error
