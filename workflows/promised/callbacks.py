"""Callbacks that the agent promises: begun, moved to another time, and taken back, each by the callback's procedure."""

from __future__ import annotations

from datetime import datetime

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.acting.action import ActionStart
from domain.desk.acts import Reschedule
from domain.desk.callbacks import CallbackReason, Callbacks
from domain.errors import Rejected, Unavailable
from domain.handoff import PromiseCallback, call_and_number, handoff_id
from workflows.callback import CallbackWorkflow
from workflows.queues import DURABLE, callback_workflow_id

BY_AGENT = "agent"
"""Who moves or takes back a callback that its caller asked to be."""
FIRST_NUMBER = 1_000
"""Below are the numbers of the call's handoffs, which promise callbacks as well."""
_DIGITS = 6


class PromisedCallbacks:
    """Implements domain.acting.perform.CallbackPromises, for activities: their client knows the call at hand."""

    def __init__(self, client: Client, callbacks: Callbacks) -> None:
        self._client = client
        self._callbacks = callbacks

    async def promise(self, start: ActionStart, at: datetime, phone: str) -> str:
        tenant_id, call_id = start.tenant_id, start.call_id
        await self._callbacks.note_contact(tenant_id, call_id, phone)
        if (await self._callbacks.contact(tenant_id, call_id)).is_forbidden:
            raise Rejected("callbacks", "this number is not to be called")
        there = (row for row in await self._callbacks.open_callbacks(tenant_id) if row.call_id == call_id)
        standing = next(there, None)
        if standing is not None:
            await self._ask(standing.callback_id, "reschedule", Reschedule(by=BY_AGENT, at=at.timestamp()))
            return standing.callback_id
        number = FIRST_NUMBER + int(start.key[:_DIGITS], 16)
        promise = PromiseCallback(
            call_id=call_id,
            tenant_id=tenant_id,
            number=number,
            reason=CallbackReason.CALLER_CHOSE,
            language=start.language,
            due_at=at.timestamp(),
        )
        try:
            await self._client.start_workflow(
                CallbackWorkflow.run, promise, id=callback_workflow_id(call_id, number), task_queue=DURABLE
            )
        except WorkflowAlreadyStartedError:
            pass  # By an earlier attempt of this action.
        except RPCError as error:
            raise Unavailable("temporal", error.status.name) from error
        return handoff_id(call_id, number)

    async def cancel(self, tenant_id: str, callback_id: str) -> None:
        await self._ask(callback_id, "cancel", BY_AGENT)

    async def _ask(self, callback_id: str, update: str, argument: object) -> None:
        """One that is settled, or claimed by a person just now, stays as it is."""
        call_id, number = call_and_number(callback_id)
        callback = self._client.get_workflow_handle(callback_workflow_id(call_id, number))
        try:
            await callback.execute_update(update, argument)  # pyright: ignore[reportUnknownMemberType]
        except WorkflowUpdateFailedError as failed:
            raise Rejected("callbacks", "it is settled, or somebody is at it") from failed
        except WorkflowUpdateRPCTimeoutOrCancelledError as late:
            raise Unavailable("temporal", "no answer in time") from late
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise Rejected("callbacks", "it is settled") from error
            raise Unavailable("temporal", error.status.name) from error
