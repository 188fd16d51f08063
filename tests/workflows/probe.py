"""A workflow that passes words through every door that Temporal has, to see how they are written down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, ApplicationError

from workflows.timeouts import LINE_ONCE, RECORD_ATTEMPT

SAID = "my name is Noor and my number is 0501234567"


@activity.defn
async def repeat_words(words: str) -> str:
    activity.heartbeat(words)
    await asyncio.sleep(0)
    return words


@activity.defn
async def break_down(words: str) -> str:
    activity.heartbeat(words)
    raise ApplicationError(words, words, type="Broken", non_retryable=True)


@activity.defn
async def freeze(words: str) -> str:
    activity.heartbeat(words)
    await asyncio.Event().wait()
    return words


@workflow.defn
class ProbeChild:
    @workflow.run
    async def run(self, words: str) -> str:
        return words


@workflow.defn
class Probe:
    def __init__(self) -> None:
        self._said: list[str] = []
        self._over = False

    @workflow.run
    async def run(self, words: str) -> list[str]:
        self._said.append(words)
        workflow.set_current_details(words)
        await workflow.wait_condition(lambda: self._over)
        post_id = workflow.info().workflow_id.replace("call-", "post-call-")
        self._said.append(await workflow.execute_child_workflow(ProbeChild.run, words, id=post_id))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._said

    @workflow.update
    async def repeat(self, words: str) -> str:
        return await workflow.execute_activity(
            repeat_words,
            words,
            start_to_close_timeout=RECORD_ATTEMPT,
            heartbeat_timeout=RECORD_ATTEMPT,
            summary=words,
        )

    @workflow.update
    async def fail(self, words: str) -> str:
        try:
            return await workflow.execute_activity(
                break_down, words, start_to_close_timeout=RECORD_ATTEMPT, retry_policy=LINE_ONCE
            )
        except ActivityError as error:
            raise ApplicationError(words, words, type="UpdateBroken") from error

    @workflow.update
    async def freeze(self, words: str) -> str:
        """Its heartbeat is missed, and what it said last becomes part of the failure."""
        try:
            return await workflow.execute_activity(
                freeze,
                words,
                start_to_close_timeout=RECORD_ATTEMPT,
                heartbeat_timeout=timedelta(seconds=1),
                retry_policy=LINE_ONCE,
            )
        except ActivityError as error:
            raise ApplicationError(words, type="Frozen") from error

    @workflow.signal
    def hear(self, words: str) -> None:
        self._said.append(words)

    @workflow.signal
    def stop(self) -> None:
        self._over = True

    @workflow.query
    def said(self, words: str) -> list[str]:
        return [*self._said, words]
