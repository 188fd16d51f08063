"""What `hatif campaign` does, over the store and the procedure that the pages use, too."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from domain.campaigns.book import Campaign, CampaignAct
from domain.campaigns.contacts import columns_of, contact_list
from domain.campaigns.plan import CampaignPlan, Purpose, checked
from domain.campaigns.report import report_of
from domain.errors import Refused, SetupError
from domain.hours import zone_of
from domain.speech import Language
from domain.tenant import TenantProfile
from storage.campaigns.campaigns import PostgresCampaigns
from storage.session import Database
from workers.commands.store import OPERATOR, Store, opened
from workers.embedded_postgres import app_url
from workers.phone.number_plan import facts_of
from workers.settings import Settings
from workflows.campaigns.requests import Campaigns
from workflows.codec import EncryptionCodec
from workflows.converter import connect


@dataclass(frozen=True, slots=True)
class _Office:
    store: Store
    tenant_id: str
    profile: TenantProfile
    book: PostgresCampaigns

    async def campaign(self, campaign_id: str) -> Campaign:
        found = await self.book.campaign(self.tenant_id, campaign_id)
        if found is None:
            raise Refused("not_found", f"There is no campaign {campaign_id}.")
        return found

    async def note(self, action: str, campaign_id: str) -> None:
        await self.store.audit.record(self.tenant_id, OPERATOR, action, campaign_id, {})

    async def shown(self, campaign: Campaign) -> dict[str, Any]:
        counts = await self.book.counts(self.tenant_id, campaign.campaign_id)
        return {
            "id": campaign.campaign_id,
            "state": campaign.state,
            "name": campaign.plan.name,
            "people": campaign.people,
            "called": sum(counts.outcomes.values()),
            "waiting": counts.waiting,
            "outcomes": counts.outcomes,
            "refused_count": campaign.refused_count,
            "refused": [asdict(row) for row in campaign.refused],
        }


@asynccontextmanager
async def _office(settings: Settings, tenant: str | None) -> AsyncGenerator[_Office]:
    async with opened(settings, tenant) as store:
        tenant_id, database = store.one_tenant, Database(app_url(settings))
        profile = await store.profiles.profile(tenant_id)
        if profile is None:
            raise Refused("unknown_tenant", "This tenant has no profile.")
        try:
            yield _Office(store, tenant_id, profile, PostgresCampaigns(database, store.keys))
        finally:
            await database.close()


def list_all(settings: Settings, tenant: str | None, *, as_json: bool) -> None:
    async def read() -> list[dict[str, Any]]:
        async with _office(settings, tenant) as office:
            return [await office.shown(campaign) for campaign in await office.book.campaigns(office.tenant_id)]

    rows = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['id']}  {row['state']:8}  {row['called']}/{row['people']} called  {row['name']}")
    if not rows:
        typer.echo("There is no campaign yet.")


def plan_of(
    *,
    name: str,
    purpose: str,
    opening: tuple[str, str],
    about: str,
    days: str,
    hours: tuple[str, str],
    pace: tuple[int, int, int],
    to_advisor: bool,
) -> CampaignPlan:
    """`opening` in English and Arabic; `pace`: calls a minute, at once, and tries.

    Raises Refused("bad_purpose") or Refused("bad_days").
    """
    if purpose not in set(Purpose):
        raise Refused("bad_purpose", f"The purpose is one of {', '.join(Purpose)}.")
    try:
        numbers = tuple(int(day) for day in days.split(","))
    except ValueError as error:
        raise Refused("bad_days", "Days are numbers from 0 (Monday) to 6, as in 0,1,2.") from error
    return CampaignPlan(
        name=name,
        purpose=Purpose(purpose),
        opening={Language.EN: opening[0], Language.AR: opening[1]},
        about=about,
        days=numbers,
        earliest=hours[0],
        latest=hours[1],
        a_minute=pace[0],
        at_once=pace[1],
        tries=pace[2],
        to_advisor=to_advisor,
    )


def create(settings: Settings, tenant: str | None, plan: CampaignPlan, file: Path, *, as_json: bool) -> None:
    """Raises Refused for a file or a plan that can't be used."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("bad_list", f"{file} is not written in UTF-8.") from error
    plan = checked(plan, columns_of(text))

    async def created() -> dict[str, Any]:
        campaign_id = str(uuid.uuid4())
        async with _office(settings, tenant) as office:
            listed = contact_list(text, plan, office.profile.default_language, facts_of)
            await office.book.create(office.tenant_id, campaign_id, plan, listed, OPERATOR)
            await office.note("campaign_created", campaign_id)
            return await office.shown(await office.campaign(campaign_id))

    row = asyncio.run(created())
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    for refused in row["refused"]:
        typer.echo(f"line {refused['line']}: {refused['code']} {refused['column'] or ''}".rstrip(), err=True)
    typer.echo(f"{row['people']} people, {row['refused_count']} rows refused. Campaign {row['id']}.")


def show_one(settings: Settings, tenant: str | None, campaign_id: str) -> None:
    async def read() -> dict[str, Any]:
        async with _office(settings, tenant) as office:
            return await office.shown(await office.campaign(campaign_id))

    typer.echo(json.dumps(asyncio.run(read()), ensure_ascii=False, indent=1))


def report_one(settings: Settings, tenant: str | None, campaign_id: str) -> None:
    async def read() -> str:
        async with _office(settings, tenant) as office:
            people = await office.book.people(office.tenant_id, (await office.campaign(campaign_id)).campaign_id)
            await office.note("campaign_report_read", campaign_id)
            return report_of(people, zone_of(office.profile))

    typer.echo(asyncio.run(read()), nl=False)


def ask(settings: Settings, tenant: str | None, campaign_id: str, act: str) -> None:
    """Raises SetupError without a running product, Refused where the campaign is not one for this."""

    async def asked() -> None:
        async with _office(settings, tenant) as office:
            wanted = (await office.campaign(campaign_id)).may(CampaignAct(act))
            codec = EncryptionCodec(office.store.keys)
            try:
                client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
            except RuntimeError as error:
                raise SetupError("Temporal does not answer: start the product with hatif up.") from error
            await Campaigns(client, codec).ask(office.tenant_id, campaign_id, wanted)
            await office.note(f"campaign_{act}_asked", campaign_id)

    asyncio.run(asked())
    typer.echo(f"Campaign {campaign_id}: {act} asked for.")
