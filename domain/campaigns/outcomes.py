"""What became of one contact of a campaign, and whether they are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.campaigns.plan import CampaignPlan, next_window
from domain.hours import local_date, time_on, zone_of
from domain.outbound.calling_out import OutboundResult
from domain.tenant import TenantProfile


class ContactOutcome(StrEnum):
    ANSWERED = "answered"
    OPTED_OUT = "opted_out"
    """They answered, and asked not to be called any more."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    UNREACHABLE = "unreachable"
    """There is no such number, or it, or the trunk, will not have this call."""
    REFUSED = "refused"
    """By policy: on the do-not-call list, without consent, or a number that the trunk may not dial."""
    STOPPED = "stopped"
    """It may have rung when the campaign was stopped."""
    UNKNOWN = "unknown"
    """The worker that dialled was lost: it may have rung, and is not dialled again."""


OF_RESULT: dict[OutboundResult, ContactOutcome] = {
    OutboundResult.ANSWERED: ContactOutcome.ANSWERED,
    OutboundResult.MACHINE: ContactOutcome.MACHINE,
    OutboundResult.BUSY: ContactOutcome.BUSY,
    OutboundResult.NO_ANSWER: ContactOutcome.NO_ANSWER,
    OutboundResult.REJECTED: ContactOutcome.UNREACHABLE,
    OutboundResult.UNREACHABLE: ContactOutcome.UNREACHABLE,
    OutboundResult.NO_NUMBER: ContactOutcome.REFUSED,
    OutboundResult.DO_NOT_CALL: ContactOutcome.REFUSED,
    OutboundResult.NOT_ALLOWED: ContactOutcome.REFUSED,
    OutboundResult.STOPPED: ContactOutcome.STOPPED,
    OutboundResult.UNKNOWN: ContactOutcome.UNKNOWN,
}
NOTHING_WAS_DIALLED = (
    OutboundResult.NO_LINE,
    OutboundResult.NO_ROOM,
    OutboundResult.TOO_MANY,
    OutboundResult.NOT_NOW,
)
"""The contact waits as before, and the campaign slows down."""
_AGAIN = (ContactOutcome.BUSY, ContactOutcome.NO_ANSWER, ContactOutcome.MACHINE)


def again_at(
    profile: TenantProfile, plan: CampaignPlan, outcome: ContactOutcome, *, tries: int, now: datetime
) -> datetime | None:
    """When the contact is called once more, after `tries` tries; None for never. Nobody is called twice in a day."""
    if outcome not in _AGAIN or tries >= plan.tries:
        return None
    tomorrow = time_on(local_date(profile, now) + timedelta(days=1), "00:00", zone_of(profile))
    return next_window(profile, plan, tomorrow)
