"""What people at the desk write: to somebody whom they have from the agent, and to somebody who has not written yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from domain.call import Channel
from domain.errors import Refused
from domain.messaging import Channel as MessagingChannel
from domain.speech import Language, Speaker, script_language
from domain.threads.thread import (
    LONGEST_TEXT,
    NO_CONNECTION,
    OPTED_OUT,
    OUTSIDE_WINDOW,
    ThreadRow,
    Written,
)
from gateway.access import Advisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, handoff_of
from gateway.desk.handoffs import taken_by
from gateway.problems import Problem
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1")

Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
TextId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""Made by the page: the same id again is the same message."""


class ToThread(Body):
    id: TextId
    text: Words


class ToNumber(ToThread):
    channel: Literal["sms", "whatsapp"]
    to: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]


@router.get("/desk/handoffs/{handoff_id}/messages")
async def thread(handoff_id: str, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """What stands there by now, for the advisor who has it: that they took it is on record already."""
    row = taken_by(advisor, await handoff_of(handoff_id, advisor, deps))
    turns = await deps.store.turns(advisor.tenant_id, row.call_id)
    deliveries = await deps.threads.deliveries(advisor.tenant_id, row.call_id)
    return {"turns": [asdict(turn) for turn in turns], "deliveries": [asdict(each) for each in deliveries]}


@router.post("/desk/handoffs/{handoff_id}/messages", status_code=202)
async def answer(handoff_id: str, asked: ToThread, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """To the person whose thread this advisor has."""
    async with audited(deps, advisor, "thread_message", handoff_id):
        row = taken_by(advisor, await handoff_of(handoff_id, advisor, deps))
        thread = await deps.threads.thread(advisor.tenant_id, row.call_id)
        if thread is None:
            raise Problem(409, "no_thread", "This is a call: speak with the caller.")
        return await _write(thread, asked, advisor, deps)


@router.post("/messages", status_code=202)
async def begin(asked: ToNumber, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """To a number: into its open thread, or a new one, in which the answer arrives too."""
    async with audited(deps, advisor, "message_sent", advisor.tenant_id, channel=asked.channel):
        connection_id = await deps.messaging.sender(advisor.tenant_id, MessagingChannel(asked.channel))
        if connection_id is None:
            raise Refused(NO_CONNECTION, f"No service is connected for {asked.channel}.")
        profile = await deps.tenants.profile(advisor.tenant_id)
        language = script_language(asked.text) or (profile.default_language if profile else Language.EN)
        await deps.calls.reach()
        channel = Channel(asked.channel)
        thread = await deps.threads.open_to(advisor.tenant_id, connection_id, channel, asked.to, language)
        return await _write(thread, asked, advisor, deps)


async def _write(thread: ThreadRow, asked: ToThread, advisor: AccessClaims, deps: GatewayDeps) -> dict[str, Any]:
    tenant_id, call_id = advisor.tenant_id, thread.call_id
    if await deps.threads.is_opted_out(tenant_id, call_id):
        raise Refused(OPTED_OUT, "This person wants no messages over this channel.")
    if not thread.may_write(deps.wall_clock()):
        raise Refused(OUTSIDE_WINDOW, "WhatsApp takes free text only within 24 hours of the person's last message.")
    written = Written(
        speaker=Speaker.ADVISOR,
        text=asked.text.strip(),
        language=script_language(asked.text) or Language.EN,
        text_id=f"{advisor.user_id}/{asked.id}",
    )
    await deps.calls.reach()
    turn = await deps.threads.write(tenant_id, call_id, written)
    await deps.thread_acts.wrote(tenant_id, call_id, thread.channel, turn.seq)
    return {"call_id": call_id, "seq": turn.seq}
