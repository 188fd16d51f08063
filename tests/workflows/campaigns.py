"""Campaigns of an office with a trunk: made, run and looked at."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from temporalio.client import WorkflowHandle

from activities.campaign import CampaignStart
from domain.campaigns.book import CampaignAct, CampaignState, Counts, campaign_key
from domain.campaigns.contacts import Contact, ContactList
from domain.campaigns.plan import CampaignPlan
from domain.speech import Language
from storage.campaigns.campaigns import PostgresCampaigns
from tests.domain.test_campaigns import PLAN
from tests.workflows.desk_side import eventually
from tests.workflows.trunk_office import Office
from workflows.campaigns.procedure import CampaignWorkflow
from workflows.campaigns.requests import Campaigns
from workflows.queues import DURABLE, campaign_workflow_id

AROUND_THE_CLOCK = replace(PLAN, days=tuple(range(7)), earliest="00:00", latest="24:00", at_once=1)


@dataclass
class Running:
    """One campaign."""

    office: Office
    book: PostgresCampaigns
    requests: Campaigns
    id: str
    handle: WorkflowHandle[CampaignWorkflow, None]

    @property
    def tenant_id(self) -> str:
        return self.office.house.tenant_id

    async def ask(self, act: CampaignAct) -> None:
        await self.requests.ask(self.tenant_id, self.id, act)

    async def becomes(self, state: CampaignState) -> None:
        async def is_so() -> bool:
            found = await self.book.campaign(self.tenant_id, self.id)
            return found is not None and found.state is state

        await eventually(is_so)

    async def counts(self) -> Counts:
        return await self.book.counts(self.tenant_id, self.id)

    async def until(self, **expected: int) -> Counts:
        """Wait until so many people wait, are dialled or talk."""

        async def is_so() -> bool:
            counts = await self.counts()
            return all(getattr(counts, name) == count for name, count in expected.items())

        await eventually(is_so)
        return await self.counts()


async def a_list(
    office: Office, numbers: Sequence[str], plan: CampaignPlan = AROUND_THE_CLOCK
) -> tuple[PostgresCampaigns, str]:
    """One that nobody has started, and its id."""
    house, campaign_id = office.house, str(uuid.uuid4())
    book = PostgresCampaigns(house.database, house.keys)
    people = tuple(
        Contact(number=number, language=Language.EN, fields={"name": "Sara", "item": "oven"}) for number in numbers
    )
    listed = ContactList(columns=("number",), contacts=people, refused=())
    await book.create(house.tenant_id, campaign_id, plan, listed, "sara")
    return book, campaign_id


async def campaign(
    office: Office, numbers: Sequence[str], plan: CampaignPlan = AROUND_THE_CLOCK, *, looks_a_run: int = 500
) -> Running:
    """One that has begun."""
    house = office.house
    book, campaign_id = await a_list(office, numbers, plan)
    client, codec = await house.connect()
    codec.know(house.tenant_id, campaign_key(campaign_id))
    handle = await client.start_workflow(
        CampaignWorkflow.run,
        CampaignStart(tenant_id=house.tenant_id, campaign_id=campaign_id, looks_a_run=looks_a_run),
        id=campaign_workflow_id(campaign_id),
        task_queue=DURABLE,
    )
    return Running(office, book, Campaigns(client, codec), campaign_id, handle)
