"""Campaigns: a list of people and what to call them for, looked through before anybody is called, then run."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from domain.campaigns.book import Campaign, CampaignAct, CampaignState, Person
from domain.campaigns.contacts import columns_of, contact_list
from domain.campaigns.plan import CampaignPlan, Purpose, checked
from domain.campaigns.report import report_of
from domain.hours import zone_of
from domain.speech import Language
from gateway.access import Supervisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited
from gateway.problems import Problem
from gateway.team.profile import profile_of
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/campaigns")

MOST_CHARACTERS = 2_000_000
"""Of a list."""
PREVIEWED = 5
"""Rows that are shown, so that one sees whether the columns are right."""


class Opening(Body):
    en: Annotated[str, Field(max_length=2_000)]
    ar: Annotated[str, Field(max_length=2_000)]


class NewCampaign(Body):
    name: Annotated[str, Field(max_length=200)]
    purpose: Annotated[Purpose, Field(strict=False)]
    opening: Opening
    about: Annotated[str, Field(max_length=2_000)] = ""
    days: Annotated[list[int], Field(default_factory=lambda: [0, 1, 2, 3, 4])]
    earliest: str = "09:00"
    latest: str = "18:00"
    a_minute: int = 6
    at_once: int = 2
    tries: int = 2
    to_advisor: bool = False
    contacts: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    """The CSV file's text."""


@router.post("", status_code=201)
async def create(asked: NewCampaign, supervisor: Supervisor, response: Response, deps: Deps) -> dict[str, Any]:
    """Nobody is called before it is started."""
    campaign_id = str(uuid.uuid4())
    async with audited(deps, supervisor, "campaign_created", campaign_id):
        profile = await profile_of(supervisor.tenant_id, deps)
        plan = CampaignPlan(
            name=asked.name,
            purpose=asked.purpose,
            opening={Language.EN: asked.opening.en, Language.AR: asked.opening.ar},
            about=asked.about,
            days=tuple(asked.days),
            earliest=asked.earliest,
            latest=asked.latest,
            a_minute=asked.a_minute,
            at_once=asked.at_once,
            tries=asked.tries,
            to_advisor=asked.to_advisor,
        )
        plan = checked(plan, columns_of(asked.contacts))
        default = profile.default_language
        listed = await asyncio.to_thread(contact_list, asked.contacts, plan, default, deps.number_plan)
        await deps.campaigns.create(supervisor.tenant_id, campaign_id, plan, listed, supervisor.user_id)
    response.headers["Location"] = f"{router.prefix}/{campaign_id}"
    return await _whole(campaign_id, supervisor, deps)


@router.get("")
async def listed(supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    """Newest first."""
    found = await deps.campaigns.campaigns(supervisor.tenant_id)
    return {"campaigns": [await _shown(campaign, supervisor, deps) for campaign in found]}


@router.get("/{campaign_id}")
async def one(campaign_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    return await _whole(str(campaign_id), supervisor, deps)


@router.get("/{campaign_id}/report")
async def report(campaign_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> Response:
    """Everybody on the list and what became of them, as CSV."""
    campaign = await _campaign(str(campaign_id), supervisor, deps)
    profile = await profile_of(supervisor.tenant_id, deps)
    async with audited(deps, supervisor, "campaign_report_read", campaign.campaign_id):
        people = await deps.campaigns.people(supervisor.tenant_id, campaign.campaign_id)
    text = await asyncio.to_thread(report_of, people, zone_of(profile))
    headers = {"Content-Disposition": f'attachment; filename="campaign-{campaign.campaign_id}.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{campaign_id}/{act}", status_code=202)
async def act(campaign_id: uuid.UUID, act: CampaignAct, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    async with audited(deps, supervisor, f"campaign_{act}_asked", str(campaign_id)):
        campaign = await _campaign(str(campaign_id), supervisor, deps)
        campaign.may(act)
        await deps.calls.reach()
        await deps.campaign_requests.ask(supervisor.tenant_id, campaign.campaign_id, act)
    return {"id": campaign.campaign_id}


@router.delete("/{campaign_id}", status_code=204)
async def remove(campaign_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> None:
    """With its list and its outcomes; the calls themselves stay."""
    async with audited(deps, supervisor, "campaign_removed", str(campaign_id)):
        campaign = await _campaign(str(campaign_id), supervisor, deps)
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            raise Problem(409, "campaign_runs", "Stop the campaign first.")
        await deps.campaigns.remove(supervisor.tenant_id, campaign.campaign_id)


async def _campaign(campaign_id: str, person: AccessClaims, deps: GatewayDeps) -> Campaign:
    """Another company's campaign is not found, like one that never was."""
    found = await deps.campaigns.campaign(person.tenant_id, campaign_id)
    if found is None:
        raise Problem(404, "not_found", "There is no such campaign.")
    return found


async def _whole(campaign_id: str, person: AccessClaims, deps: GatewayDeps) -> dict[str, Any]:
    campaign = await _campaign(campaign_id, person, deps)
    people = await deps.campaigns.people(person.tenant_id, campaign_id, PREVIEWED)
    shown = await _shown(campaign, person, deps)
    return {**shown, "preview": [_row(row) for row in people], "refused": [asdict(row) for row in campaign.refused]}


async def _shown(campaign: Campaign, person: AccessClaims, deps: GatewayDeps) -> dict[str, Any]:
    counts = await deps.campaigns.counts(person.tenant_id, campaign.campaign_id)
    plan = campaign.plan
    return {
        "id": campaign.campaign_id,
        "state": campaign.state,
        "name": plan.name,
        "purpose": plan.purpose,
        "opening": plan.opening,
        "about": plan.about,
        "days": plan.days,
        "earliest": plan.earliest,
        "latest": plan.latest,
        "a_minute": plan.a_minute,
        "at_once": plan.at_once,
        "tries": plan.tries,
        "to_advisor": plan.to_advisor,
        "people": campaign.people,
        "refused_count": campaign.refused_count,
        "created_at": campaign.created_at,
        "started_at": campaign.started_at,
        "ended_at": campaign.ended_at,
        "counts": {
            "waiting": counts.waiting,
            "dialling": counts.dialling,
            "talking": counts.talking,
            "outcomes": counts.outcomes,
        },
    }


def _row(person: Person) -> dict[str, Any]:
    contact = person.contact
    return {"number": contact.number, "language": contact.language, "fields": contact.fields}
