"""After a call: what its caller asked of us for good, and what the tenant's CRM is to be told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.analysis import EndedCall
from domain.acting.action import ActionStart, ActionStore
from domain.acting.afterwards import NOTHING, Wanted, asked_never_to_be_called, due
from domain.actions import action_key
from domain.campaigns.book import CampaignBook
from domain.desk.callbacks import Callbacks
from domain.desk.customer import addresses_of
from domain.handoff import BY_CALLER
from domain.ports import Audit, CallStore
from domain.speech import Language

WantedOf = Callable[[str], Awaitable[Wanted]]
"""What the CRM that a tenant works with wants to be told; NOTHING where there is none."""


class AfterwardsActivities:
    def __init__(
        self,
        calls: CallStore,
        actions: ActionStore,
        contacts: Callbacks,
        wanted_of: WantedOf,
        campaigns: CampaignBook,
        audit: Audit,
    ) -> None:
        self._calls = calls
        self._actions = actions
        self._contacts = contacts
        self._wanted_of = wanted_of
        self._campaigns = campaigns
        self._audit = audit

    @activity.defn
    async def heed_opt_out(self, ended: EndedCall) -> bool:
        """Put whoever asked never to be called again on the list of those not to be called; whether they did."""
        tenant_id, call_id = ended.tenant_id, ended.call_id
        if not asked_never_to_be_called(await self._calls.turns(tenant_id, call_id)):
            return False
        await self._campaigns.opted_out(tenant_id, call_id)
        number = await self._contacts.own_number(tenant_id, call_id)
        if number is not None:
            await self._contacts.forbid(tenant_id, number, BY_CALLER)
            await self._audit.record(tenant_id, BY_CALLER, "number_forbidden", call_id, {})
        return number is not None

    @activity.defn(name="due_after_call")
    async def due(self, ended: EndedCall) -> list[ActionStart]:
        """The actions to begin, the same however often it is asked: each has one key in one call."""
        tenant_id, call_id = ended.tenant_id, ended.call_id
        asked = await self._wanted_of(tenant_id)
        call = None if asked == NOTHING else await self._calls.call(tenant_id, call_id)
        if call is None:
            return []
        contact = await self._contacts.contact(tenant_id, call_id)
        turns = await self._calls.turns(tenant_id, call_id)
        addresses = addresses_of(turns, number=contact.number, writes_from=None)
        return [
            ActionStart(
                tenant_id=tenant_id,
                call_id=call_id,
                key=action_key(call_id, action, {"ticket": slots.get("ticket")}),
                action=action,
                slots=slots,
                lease=call.lease,
                language=Language(call.language or Language.EN),
            )
            for action, slots in due(asked, call, addresses, await self._actions.of_call(tenant_id, call_id))
        ]
