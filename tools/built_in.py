"""The tools that every tenant's agent has, a line each."""

from __future__ import annotations

from collections.abc import Mapping

from tools.kinds import (
    book_visit,
    cancel,
    create_ticket,
    customer_history,
    escalate_to_human,
    get_order_status,
    schedule_callback,
    search_kb,
    send_sms,
    update_ticket,
)
from tools.tool import Tool

BUILT_IN: tuple[Tool, ...] = (
    search_kb.TOOL,
    get_order_status.TOOL,
    customer_history.TOOL,
    create_ticket.TOOL,
    update_ticket.TOOL,
    book_visit.TOOL,
    schedule_callback.TOOL,
    cancel.TOOL,
    send_sms.TOOL,
    escalate_to_human.TOOL,
)
BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in BUILT_IN}
NAMES = frozenset(BY_NAME)
