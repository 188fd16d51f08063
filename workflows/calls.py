"""Calls as a gateway asks for them: their lines, who is on them, handoffs; with Temporal's errors told in our words.

await keys.create_key(tenant_id, call_id)          # first: every payload of the call is encrypted under it
calls = Calls(client, codec)                       # the client that converter.connect made with this codec
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

from domain.call import Outcome, workflow_id
from domain.errors import HatifError, LineBusy, LineLost, Refused, Unavailable
from domain.handoff import HandoffAsked
from domain.line import CallStart, Connected, JoinAsked, PartyMode, PartyModeAsked, SessionDescription
from workflows.call import MAX_GUIDANCE_CHARS, CallWorkflow
from workflows.codec import EncryptionCodec
from workflows.live import refusals
from workflows.queues import DURABLE
from workflows.timeouts import WORKFLOW_TASK

ANSWER_WITHIN_S = 8.0
"""Longer than the workflow tries for (timeouts.py: two hedges and the last attempt, 6.2 s), on a busy machine."""
JOINED_WITHIN_S = 18.0
"""A person who joins may wait 10 s for the caller's line, and 5 s for the answer."""
END_WITHIN_S = 5.0

A = TypeVar("A")
T = TypeVar("T")


class Calls:
    """Raises, everywhere, Unavailable("temporal", …) when Temporal or its worker does not answer."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._codec = codec

    async def connect(self, start: CallStart, offer: SessionDescription) -> Connected:
        """Start the call's workflow, or find it running, and have its line opened.

        A repeated connect is a reconnect. Raises LineBusy, LineLost when it is over, Refused("bad_offer").
        """
        self._codec.know(start.tenant_id, start.call_id)
        operation = WithStartWorkflowOperation(
            CallWorkflow.run,
            start,
            id=workflow_id(start.call_id),
            task_queue=DURABLE,
            task_timeout=WORKFLOW_TASK,
            # A late connect finds the running call, and never begins a second one after its end.
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        connecting = self._client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
            CallWorkflow.connect, offer, start_workflow_operation=operation
        )
        try:
            return await _answered(connecting, ANSWER_WITHIN_S)
        except WorkflowUpdateFailedError as failed:
            if _type(failed) == refusals.ALREADY_CONNECTED:
                return await self.reconnect(start.tenant_id, start.call_id, offer)
            raise _told(failed) from failed

    async def reconnect(self, tenant_id: str, call_id: str, offer: SessionDescription) -> Connected:
        """Open the line again under a higher lease. Raises LineBusy, LineLost when it is over, Refused("bad_offer")."""
        return await self._updated(tenant_id, call_id, CallWorkflow.reconnect, offer)

    async def join(self, tenant_id: str, call_id: str, asked: JoinAsked) -> Connected:
        """Join a person's line to a call; an earlier line of the same person is closed.

        Raises LineBusy when no more people fit, LineLost when the call is over, Unavailable("line") while nobody
        holds the caller's line, Refused("bad_offer").
        """
        return await self._updated(tenant_id, call_id, CallWorkflow.join, asked, JOINED_WITHIN_S)

    async def leave(self, tenant_id: str, call_id: str, party_id: str) -> None:
        """Part a person from a call. Raises LineLost, Unavailable("line")."""
        await self._updated(tenant_id, call_id, CallWorkflow.leave, party_id)

    async def set_party_mode(self, tenant_id: str, call_id: str, party_id: str, mode: PartyMode) -> None:
        """Raises LineLost, Unavailable("line"), Refused("not_in_call")."""
        asked = PartyModeAsked(party_id=party_id, mode=mode)
        await self._updated(tenant_id, call_id, CallWorkflow.set_party_mode, asked)

    async def guide(self, tenant_id: str, call_id: str, text: str) -> None:
        """Give the agent a supervisor's words. Raises LineLost, Unavailable("line"), Refused("bad_guidance")."""
        await self._updated(tenant_id, call_id, CallWorkflow.guide, text)

    async def request_handoff(self, tenant_id: str, call_id: str, asked: HandoffAsked) -> str:
        """Have a person brought into the call; the id of the handoff that is under way then. Raises LineLost."""
        return await self._updated(tenant_id, call_id, CallWorkflow.request_handoff, asked)

    async def end(self, tenant_id: str, call_id: str, outcome: Outcome) -> None:
        """Hang up; a call that is over already, or never was, is left alone."""
        self._codec.know(tenant_id, call_id)
        handle = self._client.get_workflow_handle_for(CallWorkflow.run, workflow_id(call_id))
        try:
            await _answered(handle.signal(CallWorkflow.end, outcome), END_WITHIN_S)
        except LineLost:
            return

    async def _updated(
        self,
        tenant_id: str,
        call_id: str,
        update: UpdateMethodMultiParam[[CallWorkflow, A], T],
        argument: A,
        within_s: float = ANSWER_WITHIN_S,
    ) -> T:
        self._codec.know(tenant_id, call_id)
        handle = self._client.get_workflow_handle_for(CallWorkflow.run, workflow_id(call_id))
        try:
            updating = handle.execute_update(update, argument)  # pyright: ignore[reportUnknownMemberType]
            return await _answered(updating, within_s)
        except WorkflowUpdateFailedError as failed:
            raise _told(failed) from failed


async def _answered(asked: Coroutine[Any, Any, T], within_s: float) -> T:
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as late:
        raise Unavailable("temporal", f"no answer in {within_s:.0f} s", 2_000) from late
    except WorkflowAlreadyStartedError as ended:
        raise LineLost("the call has ended") from ended
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise LineLost("the call has ended, or never was") from error
        raise Unavailable("temporal", error.status.name, 2_000) from error


def _type(failed: WorkflowUpdateFailedError) -> str | None:
    return failed.cause.type if isinstance(failed.cause, ApplicationError) else None


def _told(failed: WorkflowUpdateFailedError) -> HatifError:
    match _type(failed):
        case refusals.LINE_BUSY:
            return LineBusy("no media worker has a free slot, or the call has no room for another person")
        case refusals.LINE_AWAY:
            return Unavailable("line", "nobody holds the caller's line at the moment", 1_000)
        case refusals.BAD_OFFER as code:
            return Refused(code, "The offer is not a session description that a line can be opened with.")
        case refusals.NOT_IN_CALL as code:
            return Refused(code, "This person is not in the call.")
        case refusals.BAD_GUIDANCE as code:
            return Refused(code, f"Guidance is 1 to {MAX_GUIDANCE_CHARS} characters.")
        case _:
            return LineLost("the call has ended, or a later offer took its line")
