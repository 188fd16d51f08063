"""How many times in one call the agent does something by itself; beyond it an advisor allows each."""

from __future__ import annotations

from collections.abc import Mapping

from domain.acting.tenant_tool import ACTION

PER_CALL: Mapping[str, int] = {
    "create_ticket": 3,
    "update_ticket": 5,
    "book_visit": 2,
    "schedule_callback": 3,
    "cancel": 5,
    "send_sms": 4,
}
"""Different ones, not the same again. A household with three broken things is one caller in a hundred; who asks for a
fourth ticket is mostly a prankster or a misunderstanding. A text says one thing, and few want more than three."""


OWN_PER_CALL = 3
"""Of one tool of a tenant's own: what it does there is for the tenant to undo."""


def needs_approval(action: str, earlier: int) -> bool:
    """Whether the next one waits for an advisor, `earlier` having been begun in this call."""
    limit = OWN_PER_CALL if action.startswith(ACTION) else PER_CALL.get(action)
    return limit is not None and earlier >= limit
