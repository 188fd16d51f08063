"""The steps of an action: note that it was begun, have it done in the other system, note what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.acting.action import ActionStart, ActionState, ActionStore, ActResult
from domain.acting.perform import perform
from domain.acting.tenant_tool import ACTION, ToolWriter
from domain.crm import Crm
from domain.errors import ConnectorError, NotFound, OutcomeUnknown, Rejected, Unavailable

CrmOf = Callable[[str], Awaitable[Crm | None]]
"""The CRM that a tenant has connected, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledAction:
    tenant_id: str
    call_id: str
    result: ActResult


class CrmActivities:
    """Each may be repeated: the store keeps the first, and the vendor is asked under the action's key."""

    def __init__(self, actions: ActionStore, crm_of: CrmOf, own: ToolWriter | None = None) -> None:
        """`own` does what tenants' own tools do."""
        self._actions = actions
        self._crm_of = crm_of
        self._own = own

    @activity.defn(name="note_action_begun")
    async def note_begun(self, start: ActionStart) -> None:
        state = ActionState.WAITING_APPROVAL if start.needs_approval else ActionState.RUNNING
        await self._actions.begin(start, state)

    @activity.defn(name="perform_action")
    async def perform(self, start: ActionStart) -> str:
        """What the other system calls what was made. Fails with the connector error's type, without its words."""
        try:
            return await self._done(start)
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
        if start.action.startswith(ACTION):
            if self._own is None:
                raise Rejected("tool", "nothing does what tenants' own tools do here")
            name = start.action.removeprefix(ACTION)
            return await self._own.write(start.tenant_id, name, start.slots, start.key)
        crm = await self._crm_of(start.tenant_id)
        if crm is None:
            raise Rejected("connections", "no CRM is connected")
        return await perform(crm, start.action, start.slots, start.key)

    @activity.defn(name="settle_action")
    async def settle(self, settled: SettledAction) -> None:
        await self._actions.settle(settled.tenant_id, settled.result, settled.call_id)


def _final(error: ConnectorError, kind: type[ConnectorError]) -> ApplicationError:
    """By the port's own kind of error: connectors have finer ones below it. Its words stay here."""
    return ApplicationError(error.system, type=kind.__name__, non_retryable=True)
