"""After a call: what the tenant's CRM is to be told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.analysis import EndedCall
from activities.customer import Contacts
from domain.acting.action import ActionStart, ActionStore
from domain.acting.afterwards import NOTHING, Wanted, due
from domain.actions import action_key
from domain.desk.customer import addresses_of
from domain.ports import CallStore
from domain.speech import Language

WantedOf = Callable[[str], Awaitable[Wanted]]
"""What the CRM that a tenant works with wants to be told; NOTHING where there is none."""


class AfterwardsActivities:
    def __init__(self, calls: CallStore, actions: ActionStore, contacts: Contacts, wanted_of: WantedOf) -> None:
        self._calls = calls
        self._actions = actions
        self._contacts = contacts
        self._wanted_of = wanted_of

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
