"""Calls out as they are asked for: once for each key, however often that is.

calls = OutboundCalls(client, codec, book)
call_id = await calls.begin(tenant_id, key, "+971501234567")
result = await calls.result(tenant_id, call_id)
standing = await calls.standing(tenant_id, call_id)
await calls.stop(tenant_id, call_id)
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.desk.calling import normal_number
from domain.errors import NotFound, Refused, Unavailable
from domain.outbound.calling_out import DialBook, OutboundResult, OutboundStanding, OutboundStart, request_of
from domain.outbound.opening import Opening
from workflows.codec import EncryptionCodec
from workflows.outbound.procedure import OutboundCallWorkflow
from workflows.queues import DURABLE, outbound_workflow_id

ANSWER_WITHIN_S = 5.0
RESULT_WITHIN_S = 120.0
"""Longer than a dialled call may ring, with the steps before and after."""


class OutboundCalls:
    """Raises Unavailable("temporal", …) when Temporal does not answer."""

    def __init__(self, client: Client, codec: EncryptionCodec, book: DialBook) -> None:
        self._client = client
        self._codec = codec
        self._book = book

    async def begin(self, tenant_id: str, key: str, number: str, tries: int = 1, opening: Opening | None = None) -> str:
        """Have a number called, at most so often until it is reached; the request's id, which the first call has, too.

        The same key is the same request. Raises Refused("bad_number"), and Refused("key_taken") for a key of another
        number's.
        """
        normal = normal_number(number)
        if normal is None:
            raise Refused("bad_number", "A telephone number is written with its country's code, as in +971501234567.")
        call_id = request_of(tenant_id, key)
        if await self._book.ask(tenant_id, call_id, normal, opening) != normal:
            raise Refused("key_taken", "This key belongs to a call to another number, or to one that was erased.")
        self._codec.know(tenant_id, call_id)
        start = OutboundStart(tenant_id=tenant_id, call_id=call_id, tries=tries)
        with contextlib.suppress(WorkflowAlreadyStartedError):  # By an earlier request of this key.
            async with answering(ANSWER_WITHIN_S):
                await self._client.start_workflow(
                    OutboundCallWorkflow.run,
                    start,
                    id=outbound_workflow_id(call_id),
                    task_queue=DURABLE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )
        return call_id

    async def result(self, tenant_id: str, call_id: str) -> OutboundResult:
        """What became of a request, as soon as that is known."""
        try:
            async with answering(RESULT_WITHIN_S):
                return (await self._handle(tenant_id, call_id).result()).result or OutboundResult.UNKNOWN
        except WorkflowFailureError:
            return OutboundResult.UNKNOWN

    async def standing(self, tenant_id: str, call_id: str) -> OutboundStanding:
        """How far a request has come. Raises NotFound."""
        async with answering(ANSWER_WITHIN_S):
            return await self._handle(tenant_id, call_id).query(OutboundCallWorkflow.standing)

    async def stop(self, tenant_id: str, call_id: str) -> None:
        """Try no more, and hang up what rings; a call that was answered goes on. Raises NotFound where it is over."""
        async with answering(ANSWER_WITHIN_S):
            await self._handle(tenant_id, call_id).signal(OutboundCallWorkflow.stop_calling)

    def _handle(self, tenant_id: str, call_id: str) -> WorkflowHandle[OutboundCallWorkflow, OutboundStanding]:
        self._codec.know(tenant_id, call_id)
        return self._client.get_workflow_handle_for(OutboundCallWorkflow.run, outbound_workflow_id(call_id))


@contextlib.asynccontextmanager
async def answering(within_s: float) -> AsyncGenerator[None]:
    """Raises Unavailable("temporal", …), and NotFound for a workflow that is not there."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except TimeoutError as late:
        raise Unavailable("temporal", f"no answer in {within_s:.0f} s", 2_000) from late
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound("temporal", "there is no such call out") from error
        raise Unavailable("temporal", error.status.name, 2_000) from error
