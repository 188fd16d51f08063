"""Actions that a line asks its workflow for: an update each, asked again until it is answered or the call is over."""

from __future__ import annotations

import asyncio
import uuid

import structlog
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from domain.acting.action import ActAsked, ActResult
from domain.call import workflow_id
from domain.errors import LineLost, Unavailable
from workflows.call import CallWorkflow

RETRY_S = (0.3, 5.0)
"""First and longest wait before asking again while Temporal does not answer; the call's end is the only last time."""

log = structlog.get_logger()


class WorkflowActions:
    """Implements domain.acting.action.ActionDoer."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def act(self, call_id: str, asked: ActAsked) -> ActResult:
        """Asked again under the same update id, so that an answer that was lost is the same answer."""
        handle = self._client.get_workflow_handle(workflow_id(call_id))
        update_id = str(uuid.uuid4())
        wait_s, longest_s = RETRY_S
        while True:
            try:
                return await handle.execute_update(CallWorkflow.act, asked, id=update_id)  # pyright: ignore[reportUnknownMemberType]
            except WorkflowUpdateFailedError as failed:
                raise LineLost("the call has ended, or another line has it") from failed
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                reason = "no answer in time"
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise LineLost("the call has ended") from error
                reason = error.status.name
            except Unavailable as error:
                reason = error.system
            log.warning("action_waits", call_id=call_id, action=asked.action, reason=reason)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, longest_s)
