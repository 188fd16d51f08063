"""Handoffs, callbacks and decisions as a gateway asks for them, with Temporal's errors told in our words.

Whose handoff it is, and whether the asker may, is for the gateway to find out first: an id is trusted here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from hashlib import sha256
from typing import Any, TypeVar

import structlog
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.desk.acts import (
    CALLBACK_OVER,
    CLAIMED,
    DECIDED,
    FORM_CLOSED,
    HANDOFF_OVER,
    NOT_DUE,
    NOT_YOURS,
    OFFER_GONE,
    Acceptance,
    Accepted,
    CallbackClaimed,
    GiveBack,
    Requeue,
    Reschedule,
    WrapUp,
)
from domain.desk.callbacks import CallbackResult
from domain.desk.handoffs import Handoffs
from domain.errors import HatifError, Refused, Unavailable
from domain.handoff import HandoffResult, call_and_number
from workflows.callback import CallbackWorkflow
from workflows.codec import EncryptionCodec
from workflows.crm_action import CrmActionWorkflow, Decision
from workflows.handoff import HandoffWorkflow
from workflows.queues import action_workflow_id, callback_workflow_id, handoff_workflow_id

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 5.0
"""An update takes 0.1 s, and three more while the database is away."""

MESSAGES = {
    OFFER_GONE: "The call rings here no more: somebody took it, or the caller left.",
    NOT_YOURS: "Somebody else has it.",
    HANDOFF_OVER: "The handoff is over.",
    FORM_CLOSED: "There is no open form for this call.",
    NOT_DUE: "The callback is for later.",
    CLAIMED: "Another advisor is at this callback.",
    CALLBACK_OVER: "The callback is settled.",
    DECIDED: "This was decided already.",
}

T = TypeVar("T")


class DeskRequests:
    """Raises, everywhere, Refused with a code of domain.desk.acts, Unavailable("temporal", …) when Temporal or its
    worker does not answer, and NotFound for an id that is none.

    What ends a handoff has an id of its own: asked again after an answer that was lost, it is the same request."""

    def __init__(self, client: Client, codec: EncryptionCodec) -> None:
        self._client = client
        self._codec = codec

    # ------------------------------------------------------------ handoffs

    async def accept(self, tenant_id: str, handoff_id: str, answer: Acceptance) -> Accepted:
        """Whoever comes second is refused with `offer_gone`."""
        handoff = self._handoff(tenant_id, handoff_id)
        return await _asked(handoff.execute_update(HandoffWorkflow.accept, answer), HANDOFF_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def decline(self, tenant_id: str, handoff_id: str, answer: Acceptance) -> None:
        handoff = self._handoff(tenant_id, handoff_id)
        await _asked(handoff.execute_update(HandoffWorkflow.decline, answer), HANDOFF_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def give_back(self, tenant_id: str, handoff_id: str, asked: GiveBack) -> None:
        handoff = self._handoff(tenant_id, handoff_id)
        once = _once("give-back", handoff_id, asked.advisor_id)
        await _asked(handoff.execute_update(HandoffWorkflow.give_back, asked, id=once), HANDOFF_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def requeue(self, tenant_id: str, handoff_id: str, asked: Requeue) -> None:
        handoff = self._handoff(tenant_id, handoff_id)
        await _asked(handoff.execute_update(HandoffWorkflow.requeue, asked), HANDOFF_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def finish(self, tenant_id: str, handoff_id: str, advisor_id: str) -> None:
        """Ends the call."""
        handoff = self._handoff(tenant_id, handoff_id)
        once = _once("finish", handoff_id, advisor_id)
        await _asked(handoff.execute_update(HandoffWorkflow.finish, advisor_id, id=once), HANDOFF_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def wrap_up(self, tenant_id: str, handoff_id: str, form: WrapUp) -> None:
        handoff = self._handoff(tenant_id, handoff_id)
        await _asked(handoff.execute_update(HandoffWorkflow.wrap_up, form), FORM_CLOSED)  # pyright: ignore[reportUnknownMemberType]

    # ------------------------------------------------------------ callbacks

    async def claim_callback(self, tenant_id: str, callback_id: str, advisor_id: str) -> CallbackClaimed:
        callback = self._callback(tenant_id, callback_id)
        return await _asked(callback.execute_update(CallbackWorkflow.claim, advisor_id), CALLBACK_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def callback_done(self, tenant_id: str, callback_id: str, advisor_id: str) -> None:
        callback = self._callback(tenant_id, callback_id)
        await _asked(callback.execute_update(CallbackWorkflow.done, advisor_id), CALLBACK_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def callback_failed(self, tenant_id: str, callback_id: str, advisor_id: str) -> None:
        """Not reached; it is tried again later, a few times."""
        callback = self._callback(tenant_id, callback_id)
        await _asked(callback.execute_update(CallbackWorkflow.failed, advisor_id), CALLBACK_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def reschedule_callback(self, tenant_id: str, callback_id: str, asked: Reschedule) -> float:
        """The time that it got, in Unix seconds: the next at which calling is allowed."""
        callback = self._callback(tenant_id, callback_id)
        return await _asked(callback.execute_update(CallbackWorkflow.reschedule, asked), CALLBACK_OVER)  # pyright: ignore[reportUnknownMemberType]

    async def cancel_callback(self, tenant_id: str, callback_id: str, user_id: str) -> None:
        callback = self._callback(tenant_id, callback_id)
        await _asked(callback.execute_update(CallbackWorkflow.cancel, user_id), CALLBACK_OVER)  # pyright: ignore[reportUnknownMemberType]

    # ------------------------------------------------------------ actions

    async def decide(self, tenant_id: str, call_id: str, key: str, *, allow: bool) -> None:
        """The first word counts: a second one is refused with `decided`."""
        self._codec.know(tenant_id, call_id)
        action = self._client.get_workflow_handle_for(CrmActionWorkflow.run, action_workflow_id(call_id, key))
        await _asked(action.execute_update(CrmActionWorkflow.decide, Decision(allow=allow)), DECIDED)  # pyright: ignore[reportUnknownMemberType]

    def _handoff(self, tenant_id: str, handoff_id: str) -> WorkflowHandle[HandoffWorkflow, HandoffResult]:
        call_id, number = call_and_number(handoff_id)
        self._codec.know(tenant_id, call_id)
        return self._client.get_workflow_handle_for(HandoffWorkflow.run, handoff_workflow_id(call_id, number))

    def _callback(self, tenant_id: str, callback_id: str) -> WorkflowHandle[CallbackWorkflow, CallbackResult]:
        call_id, number = call_and_number(callback_id)
        self._codec.know(tenant_id, call_id)
        return self._client.get_workflow_handle_for(CallbackWorkflow.run, callback_workflow_id(call_id, number))


class WaitingHandoffs:
    """Implements domain.desk.handoffs.HandoffWaker."""

    def __init__(self, client: Client, handoffs: Handoffs) -> None:
        self._client = client
        self._handoffs = handoffs

    async def advisor_available(self, tenant_id: str) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                waiting = await self._handoffs.waiting_calls(tenant_id)
                await asyncio.gather(*(self._wake(call_id, number) for call_id, number in waiting))
        except (HatifError, RPCError, TimeoutError) as error:
            log.warning("waiting_handoffs_not_told", reason=type(error).__name__)

    async def _wake(self, call_id: str, number: int) -> None:
        """Without an argument: nothing to encrypt, and nothing to know of the call."""
        handoff = self._client.get_workflow_handle_for(HandoffWorkflow.run, handoff_workflow_id(call_id, number))
        with contextlib.suppress(RPCError):
            await handoff.signal(HandoffWorkflow.advisor_available)


def _once(what: str, handoff_id: str, advisor_id: str) -> str:
    """The id of a request that is one however often it is made; ids are not encrypted, so it names nobody."""
    return f"{what}-{sha256(f'{handoff_id}/{advisor_id}'.encode()).hexdigest()[:32]}"


async def _asked(asking: Coroutine[Any, Any, T], over: str) -> T:
    """`over` is what a workflow that has ended, or never was, is told as."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await asking
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as late:
        raise Unavailable("temporal", f"no answer in {ANSWER_WITHIN_S:.0f} s", 2_000) from late
    except WorkflowUpdateFailedError as failed:
        cause = failed.cause
        code = cause.type if isinstance(cause, ApplicationError) else None
        code = code if code in MESSAGES else over
        raise Refused(code, MESSAGES[code]) from failed
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Refused(over, MESSAGES[over]) from error
        raise Unavailable("temporal", error.status.name, 2_000) from error
