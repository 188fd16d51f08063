"""What an advisor does with a handoff: take it or not, join, give it back, pass it on, end it, and wrap it up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.desk.acts import HANDOFF_OVER, NOT_YOURS, Acceptance, GiveBack, Requeue, WrapUp
from domain.desk.handoffs import HandoffRow, HandoffState
from domain.errors import Refused
from domain.line import JoinAsked, Party, PartyRole
from gateway.access import Advisor
from gateway.body import Body
from gateway.calls import Offer
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, desk_acts, handoff_of
from gateway.desk.shown import turns_shown, with_brief
from gateway.problems import Problem
from gateway.team.words import ShortName
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/desk/handoffs")

MAX_NOTE_CHARACTERS = 2000
"""A page of text, which nobody reads in the middle of a call anyway."""

Note = Annotated[str, Field(min_length=1, max_length=MAX_NOTE_CHARACTERS, pattern=r"^[^\x00]*$")]


class Answer(Body):
    offer_number: Annotated[int, Field(ge=1)] | None = None
    """Of the offer that is answered; the one that rings now without it."""


class Back(Body):
    note: Note | None = None


class Onward(Body):
    queue: ShortName | None = None
    note: Note | None = None


class Form(Body):
    disposition: ShortName | None = None
    notes: Note | None = None
    offer_number: Annotated[int, Field(ge=1)] | None = None


class Joining(Body):
    offer: Offer


@router.get("/{handoff_id}")
async def one(handoff_id: str, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    row = await handoff_of(handoff_id, advisor, deps)
    turns = await deps.store.turns(advisor.tenant_id, row.call_id)
    offers = await deps.desk.offers(advisor.tenant_id, handoff_id)
    await deps.audit.record(advisor.tenant_id, advisor.user_id, "handoff_read", handoff_id, {})
    return {
        "handoff": await with_brief(row, deps, advisor.tenant_id),
        "note": await deps.desk.note(advisor.tenant_id, handoff_id),
        "offers": [asdict(offer) for offer in offers],
        "turns": await turns_shown(turns, deps, advisor.tenant_id),
    }


@router.post("/{handoff_id}/accept")
async def accept(handoff_id: str, asked: Answer, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """The exclusive claim; the audio comes by `join`."""
    async with audited(deps, advisor, "handoff_accept", handoff_id):
        row = await handoff_of(handoff_id, advisor, deps)
        answer = Acceptance(advisor_id=advisor.user_id, offer_number=asked.offer_number or row.offer_number)
        accepted = await (await desk_acts(deps)).accept(advisor.tenant_id, handoff_id, answer)
    return {"handoff_id": accepted.handoff_id, "call_id": accepted.call_id}


@router.post("/{handoff_id}/decline", status_code=204)
async def decline(handoff_id: str, asked: Answer, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "handoff_decline", handoff_id):
        row = await handoff_of(handoff_id, advisor, deps)
        answer = Acceptance(advisor_id=advisor.user_id, offer_number=asked.offer_number or row.offer_number)
        await (await desk_acts(deps)).decline(advisor.tenant_id, handoff_id, answer)


@router.post("/{handoff_id}/join")
async def join(handoff_id: str, asked: Joining, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """Also again, by itself, when the media worker that held the call died."""
    offer = asked.offer.checked()
    async with audited(deps, advisor, "handoff_join", handoff_id):
        row = taken_by(advisor, await handoff_of(handoff_id, advisor, deps))
        if await deps.threads.thread(advisor.tenant_id, row.call_id) is not None:
            raise Problem(409, "no_line", "This person writes: answer in writing.")
        party = Party(party_id=advisor.user_id, role=PartyRole.ADVISOR, language=await _language(advisor, row, deps))
        connected = await deps.calls.join(advisor.tenant_id, row.call_id, JoinAsked(party=party, offer=offer))
    answer = {"type": connected.answer.type, "sdp": connected.answer.sdp}
    return {"call_id": row.call_id, "lease": connected.lease, "answer": answer}


@router.post("/{handoff_id}/give-back", status_code=204)
async def give_back(handoff_id: str, asked: Back, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "handoff_give_back", handoff_id):
        await handoff_of(handoff_id, advisor, deps)
        wanted = GiveBack(advisor_id=advisor.user_id, note=asked.note)
        await (await desk_acts(deps)).give_back(advisor.tenant_id, handoff_id, wanted)


@router.post("/{handoff_id}/requeue", status_code=204)
async def requeue(handoff_id: str, asked: Onward, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "handoff_requeue", handoff_id):
        await handoff_of(handoff_id, advisor, deps)
        await known_queue(asked.queue, advisor.tenant_id, deps)
        wanted = Requeue(advisor_id=advisor.user_id, queue_id=asked.queue, note=asked.note)
        await (await desk_acts(deps)).requeue(advisor.tenant_id, handoff_id, wanted)


@router.post("/{handoff_id}/finish", status_code=204)
async def finish(handoff_id: str, advisor: Advisor, deps: Deps) -> None:
    """Ends the call with the caller."""
    async with audited(deps, advisor, "handoff_finish", handoff_id):
        await handoff_of(handoff_id, advisor, deps)
        await (await desk_acts(deps)).finish(advisor.tenant_id, handoff_id, advisor.user_id)


@router.post("/{handoff_id}/wrap-up", status_code=204)
async def wrap_up(handoff_id: str, asked: Form, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "handoff_wrap_up", handoff_id):
        await handoff_of(handoff_id, advisor, deps)
        form = WrapUp(
            advisor_id=advisor.user_id,
            disposition=asked.disposition,
            notes=asked.notes,
            offer_number=asked.offer_number,
        )
        await (await desk_acts(deps)).wrap_up(advisor.tenant_id, handoff_id, form)


async def known_queue(queue_id: str | None, tenant_id: str, deps: GatewayDeps) -> None:
    """Raises a 422 Problem for a queue that there isn't."""
    if queue_id is not None and queue_id not in {queue.queue_id for queue in await deps.team.queues(tenant_id)}:
        raise Problem(422, "unknown_queue", f"There is no queue {queue_id}.")


def taken_by(advisor: AccessClaims, row: HandoffRow) -> HandoffRow:
    if row.state is HandoffState.ENDED:
        raise Refused(HANDOFF_OVER, "The handoff is over.")
    if row.state is not HandoffState.BRIDGED or row.accepted_by != advisor.user_id:
        raise Refused(NOT_YOURS, "Accept the call before you join it.")
    return row


async def _language(advisor: AccessClaims, row: HandoffRow, deps: GatewayDeps) -> Any:
    """What will be spoken, for the recogniser: the caller's language, where the advisor speaks it."""
    person = await deps.team.advisor(advisor.tenant_id, advisor.user_id)
    return row.language if person is not None and row.language in person.languages else None
