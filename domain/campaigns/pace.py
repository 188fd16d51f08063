"""How fast a campaign calls: how many calls may begin at this moment, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.campaigns.plan import CampaignPlan

LOOK_S = 5.0
"""While calls ring or go on: one that ends makes room for the next."""
LONGEST_LOOK_S = 3_600.0
"""The tenant's hours may have been changed meanwhile."""
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engaged:
    """What is under way at a moment."""

    calls: int
    """Of this tenant's campaigns, that ring or go on."""
    begun_lately: int
    """Calls of this campaign that began within the last minute."""
    ringing: int = 0
    """Of this campaign's, those that nobody has answered yet."""
    ready: int = 0
    """Advisors who could take a call now."""

    def with_ready(self, advisors: int) -> Engaged:
        return replace(self, ready=advisors)


def room(plan: CampaignPlan, most: int, engaged: Engaged) -> int:
    """How many calls may begin now; `most` is what the tenant's campaigns may have at once, all together."""
    free = [min(plan.at_once, most) - engaged.calls, plan.a_minute - engaged.begun_lately]
    if plan.to_advisor:
        free.append(engaged.ready - engaged.ringing)
    return max(0, min(free))


def pause_s(missed: int) -> float:
    """How long nothing is dialled after `missed` times in a row that no line was free; growing."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** max(0, missed - 1)) if missed else 0.0
