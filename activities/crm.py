"""The steps of an action: note that it was begun, have it done in the other system, note what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.texts import CallerTexts
from domain.acting.action import ActionStart, ActionState, ActionStore, ActResult
from domain.acting.afterwards import AFTERWARDS
from domain.acting.aim import AIMED
from domain.acting.perform import CallbackPromises, Deed, perform
from domain.acting.tenant_tool import ACTION, ToolWriter
from domain.acting.visits import VisitBook
from domain.crm import Crm
from domain.errors import ConnectorError, NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from domain.messaging import NO_CONNECTION
from domain.ports import CallStore, Tenants
from domain.texting.book import SEND_SMS

CrmOf = Callable[[str], Awaitable[Crm | None]]
"""The CRM that a tenant has connected, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledAction:
    tenant_id: str
    call_id: str
    result: ActResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionMeans:
    """All that actions are done with."""

    crm_of: CrmOf
    tenants: Tenants
    calls: CallStore
    visits: VisitBook
    callbacks: CallbackPromises
    check: Callable[[str, Mapping[str, str]], None]
    """The gate of the tools: raises Refused for slots that are not the action's."""
    own: ToolWriter | None = None
    """Does what tenants' own tools do."""
    texts: CallerTexts | None = None
    """Without it nothing is texted."""


class CrmActivities:
    """Each may be repeated: the store keeps the first, and the vendor is asked under the action's key."""

    def __init__(self, actions: ActionStore, means: ActionMeans) -> None:
        self._actions = actions
        self._means = means

    @activity.defn(name="note_action_begun")
    async def note_begun(self, start: ActionStart) -> None:
        state = ActionState.WAITING_APPROVAL if start.needs_approval else ActionState.RUNNING
        await self._actions.begin(start, state)

    @activity.defn(name="perform_action")
    async def perform(self, start: ActionStart) -> str:
        """What the other system calls what was made.

        Fails with the connector error's type, without its words; one of ours that somebody can act on is its detail.
        """
        try:
            return await self._done(start)
        except Refused as refused:
            raise ApplicationError(refused.code, refused.code, type=Rejected.__name__, non_retryable=True) from None
        except NotFound as error:
            raise _final(error, NotFound) from None
        except Rejected as error:
            raise _final(error, Rejected) from None
        except OutcomeUnknown as error:
            raise _final(error, OutcomeUnknown) from None
        except Unavailable as error:
            delay = None if error.retry_after_ms is None else timedelta(milliseconds=error.retry_after_ms)
            raise ApplicationError(error.system, type=Unavailable.__name__, next_retry_delay=delay) from None

    async def _done(self, start: ActionStart) -> str:
        means, afterwards = self._means, start.action in AFTERWARDS
        if start.action.startswith(ACTION):
            if means.own is None:
                raise Rejected("tool", "nothing does what tenants' own tools do here")
            name = start.action.removeprefix(ACTION)
            return await means.own.write(start.tenant_id, name, start.slots, start.key)
        try:
            if not afterwards:
                means.check(start.action, {name: value for name, value in start.slots.items() if name not in AIMED})
        except Refused as refused:
            raise Rejected("tools", str(refused)) from None
        if start.action == SEND_SMS:
            if means.texts is None:
                raise Refused(NO_CONNECTION, "Nothing is texted here.")
            return await means.texts.send(start)
        profile = await means.tenants.profile(start.tenant_id)
        if profile is None:
            raise NotFound("postgres", "there is no such tenant")
        deed = Deed(
            start=start,
            profile=profile,
            vendor=await means.crm_of(start.tenant_id),
            visits=means.visits,
            callbacks=means.callbacks,
            call=await means.calls.call(start.tenant_id, start.call_id) if afterwards else None,
        )
        return await perform(deed)

    @activity.defn(name="settle_action")
    async def settle(self, settled: SettledAction) -> None:
        await self._actions.settle(settled.tenant_id, settled.result, settled.call_id)


def _final(error: ConnectorError, kind: type[ConnectorError]) -> ApplicationError:
    """By the port's own kind of error: connectors have finer ones below it. Its words stay here."""
    return ApplicationError(error.system, type=kind.__name__, non_retryable=True)
