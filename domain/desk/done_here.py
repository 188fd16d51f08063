"""What an advisor should know of what the agent did, or tried to do, in other systems during this call."""

from __future__ import annotations

from collections.abc import Sequence

from domain.acting.action import ActionRow, ActionState
from domain.acting.limits import PER_CALL
from domain.desk.handoffs import OpenFact
from domain.texting.book import SEND_SMS

SYSTEM = "crm"
"""Of what was done here, whichever CRM it was done in."""
KINDS = tuple(f"{action}_{state}" for action in PER_CALL for state in ActionState if state is not ActionState.REJECTED)
"""Every kind of a fact about an action."""
TEXT_CHARS = 120
"""First words of what was asked for: enough to recognise it."""


def facts_of(actions: Sequence[ActionRow]) -> list[OpenFact]:
    """What waits for somebody first, then what was done; what was refused has no effect anywhere."""
    told = [row for row in actions if row.state is not ActionState.REJECTED]
    return [_fact(row) for row in sorted(told, key=lambda row: row.state is ActionState.DONE)]


def _fact(row: ActionRow) -> OpenFact:
    """By its number in the other system, else by what it was asked with; codes where neither can be read."""
    asked = next(iter(row.slots.values()), "")[:TEXT_CHARS]
    # A text is known by its words; what its service calls it tells nobody anything.
    known = row.reference if row.action != SEND_SMS else None
    return OpenFact(system=SYSTEM, kind=f"{row.action}_{row.state}", text=known or asked or row.action)
