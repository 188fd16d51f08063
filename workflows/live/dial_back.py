"""Dialling a caller whose line died with its worker, where nobody else brings the line again."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.outbound import OutboundActivities
from domain.outbound.calling_out import DIAL_NUMBER, DialAsked, OutboundResult
from workflows import timeouts
from workflows.live.state import LiveCall
from workflows.queues import DURABLE, outbound_queue


class DialBack:
    """Once in a call. Whoever answers is brought back by the worker that dialled, as by a reconnect."""

    def __init__(self, call: LiveCall) -> None:
        self._call = call
        self._dialling: asyncio.Task[None] | None = None

    def went_adrift(self) -> None:
        if self._call.start.dial_back and self._dialling is None:
            self._dialling = asyncio.create_task(self._dial())

    def call_over(self) -> None:
        """Hang up what still rings."""
        if self._dialling is not None:
            self._dialling.cancel()

    async def _dial(self) -> None:
        call = self._call
        asked = DialAsked(tenant_id=call.start.tenant_id, call_id=call.start.call_id)
        with contextlib.suppress(ActivityError):
            if not await workflow.execute_activity_method(
                OutboundActivities.may_dial_back,
                asked,
                task_queue=DURABLE,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                schedule_to_close_timeout=timeouts.CALLER_RETURNS,
            ):
                return
            back_by = (call.lost_at or workflow.time()) + timeouts.CALLER_RETURNS.total_seconds()
            await workflow.execute_activity(
                DIAL_NUMBER,
                asked,
                result_type=OutboundResult,
                task_queue=outbound_queue(asked.tenant_id),
                schedule_to_start_timeout=timedelta(seconds=max(back_by - workflow.time(), 0.1)),
                start_to_close_timeout=timeouts.DIAL_LONGEST,
                heartbeat_timeout=timeouts.DIAL_HEARTBEAT,
                retry_policy=timeouts.LINE_ONCE,
            )
