"""What people at the desk write: to somebody whom they have from the agent, and to somebody who has not written yet."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter
from pydantic import Field, model_validator

from domain.call import Channel
from domain.errors import Refused
from domain.messaging import NO_CONNECTION, OPTED_OUT, OUTSIDE_WINDOW, TEMPLATE_UNKNOWN
from domain.messaging import Channel as MessagingChannel
from domain.speech import Language, Speaker, script_language
from domain.threads import templates
from domain.threads.templates import LONGEST_VALUE
from domain.threads.thread import LONGEST_TEXT, ThreadRow, Written
from gateway.access import Advisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, handoff_of
from gateway.desk.handoffs import taken_by
from gateway.desk.shown import turns_shown
from gateway.problems import Problem
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1")

Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
TextId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""Made by the page: the same id again is the same message."""


class Template(Body):
    name: Annotated[str, Field(max_length=512)]
    language: Annotated[str, Field(max_length=7)]
    values: Annotated[list[Annotated[str, Field(max_length=LONGEST_VALUE)]], Field(max_length=20)]


class ToThread(Body):
    """Either free words or an approved template."""

    id: TextId
    text: Words | None = None
    template: Template | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.text is None) is (self.template is None):
            raise ValueError("a message is a text or a template")
        return self


class ToNumber(ToThread):
    channel: Literal["sms", "whatsapp"]
    to: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]


@router.get("/desk/handoffs/{handoff_id}/messages")
async def thread(handoff_id: str, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """What stands there by now, for the advisor who has it: that they took it is on record already."""
    row = taken_by(advisor, await handoff_of(handoff_id, advisor, deps))
    turns = await deps.store.turns(advisor.tenant_id, row.call_id)
    deliveries = await deps.threads.deliveries(advisor.tenant_id, row.call_id)
    thread = await deps.threads.thread(advisor.tenant_id, row.call_id)
    return {
        "turns": await turns_shown(turns, deps, advisor.tenant_id),
        "deliveries": [asdict(each) for each in deliveries],
        "free_text": None if thread is None else await _free_text(thread, deps),
        "templates": [] if thread is None else await _templates(thread, deps),
    }


async def _free_text(thread: ThreadRow, deps: GatewayDeps) -> dict[str, Any]:
    """Whether one may write freely at this moment, until when, and else why not."""
    if await deps.threads.is_opted_out(thread.tenant_id, thread.call_id):
        return {"open": False, "because": OPTED_OUT, "until": None}
    may = thread.may_write(deps.wall_clock())
    return {"open": may, "because": None if may else OUTSIDE_WINDOW, "until": thread.window_ends_at}


async def _templates(thread: ThreadRow, deps: GatewayDeps) -> list[dict[str, Any]]:
    profile = await deps.tenants.profile(thread.tenant_id)
    if thread.channel is not Channel.WHATSAPP or profile is None:
        return []
    return [asdict(template) for template in profile.message_templates]


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
        if asked.template is not None and asked.channel != Channel.WHATSAPP:
            raise Refused(TEMPLATE_UNKNOWN, "Templates are for WhatsApp.")
        connection_id = await deps.messaging.sender(advisor.tenant_id, MessagingChannel(asked.channel))
        if connection_id is None:
            raise Refused(NO_CONNECTION, f"No service is connected for {asked.channel}.")
        profile = await deps.tenants.profile(advisor.tenant_id)
        language = script_language(asked.text or "") or (profile.default_language if profile else Language.EN)
        await deps.calls.reach()
        channel = Channel(asked.channel)
        thread = await deps.threads.open_to(advisor.tenant_id, connection_id, channel, asked.to, language)
        return await _write(thread, asked, advisor, deps)


async def _write(thread: ThreadRow, asked: ToThread, advisor: AccessClaims, deps: GatewayDeps) -> dict[str, Any]:
    tenant_id, call_id = advisor.tenant_id, thread.call_id
    if await deps.threads.is_opted_out(tenant_id, call_id):
        raise Refused(OPTED_OUT, "This person wants no messages over this channel.")
    text_id, said_by = f"{advisor.user_id}/{asked.id}", advisor.user_id
    if asked.template is not None:
        written = replace(await _by_template(thread, asked.template, text_id, deps), said_by=said_by)
    elif not thread.may_write(deps.wall_clock()):
        raise Refused(OUTSIDE_WINDOW, "WhatsApp takes free text only within 24 hours of the person's last message.")
    else:
        text = (asked.text or "").strip()
        language = script_language(text) or Language.EN
        written = Written(speaker=Speaker.ADVISOR, text=text, language=language, text_id=text_id, said_by=said_by)
    await deps.calls.reach()
    turn = await deps.threads.write(tenant_id, call_id, written)
    await deps.thread_acts.wrote(tenant_id, call_id, thread.channel, turn.seq)
    return {"call_id": call_id, "seq": turn.seq}


async def _by_template(thread: ThreadRow, asked: Template, text_id: str, deps: GatewayDeps) -> Written:
    """Raises Refused with TEMPLATE_UNKNOWN or TEMPLATE_MISFIT."""
    profile = await deps.tenants.profile(thread.tenant_id)
    if profile is None or thread.channel is not Channel.WHATSAPP:
        raise Refused(TEMPLATE_UNKNOWN, "Templates are for WhatsApp.")
    template = templates.template_of(profile, asked.name, asked.language)
    return Written(
        speaker=Speaker.ADVISOR,
        text=templates.written(template, asked.values),
        language=templates.spoken_in(template),
        text_id=text_id,
        intent=templates.intent_of(template),
    )
