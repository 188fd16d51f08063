"""Phone legs that were refused: each in the log, and of each kind one line a minute in the tenant's audit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import structlog

log = structlog.get_logger()

MINUTE_S = 60.0
LINES_A_MINUTE = 20
"""In all: whoever calls from many addresses fills no audit."""
REMEMBERED = 1_024

Note = Callable[[str, str, str, dict[str, str]], None]
"""Puts down for a tenant what happened to whom: tenant, subject, action, detail."""


class Refusals:
    def __init__(self, note: Note) -> None:
        self._note = note
        self._noted: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def refused(self, tenant_id: str, source: str, reason: str, now_s: float) -> None:
        """`reason` is the code of what was refused at the door."""
        log.warning("phone_leg_refused", source=source, reason=reason)
        kind = (tenant_id, source, reason)
        if now_s - self._noted.get(kind, -MINUTE_S) < MINUTE_S or self._lines(now_s) >= LINES_A_MINUTE:
            return
        self._noted[kind] = now_s
        self._noted.move_to_end(kind)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        self._note(tenant_id, f"phone:{source}", "phone_call_refused", {"reason": reason})

    def _lines(self, now_s: float) -> int:
        """Written in the last minute; the newest stand last."""
        lines = 0
        for at_s in reversed(self._noted.values()):
            if now_s - at_s >= MINUTE_S:
                break
            lines += 1
        return lines
