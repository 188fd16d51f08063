"""`hatif calls`: the latest calls, newest first."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from datetime import datetime

from rich.console import Console
from rich.table import Table

from domain.call import CallRow
from workers.commands.store import opened
from workers.settings import Settings

SHORT_ID = 8
"""Characters of an id that a person copies; `hatif show` takes them."""

PLAIN_WIDTH = 200
"""Where there is no terminal, nothing is cut."""


def run(settings: Settings, *, tenant: str | None, limit: int, as_json: bool) -> None:
    """Raises SetupError without a database, Refused for an unknown tenant."""
    rows = asyncio.run(_latest(settings, tenant, limit))
    if as_json:
        print(json.dumps({"calls": [as_dict(row, slug) for row, slug in rows]}, ensure_ascii=False, indent=2))  # noqa: T201
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    if not rows:
        console.print("There are no calls yet: open the softphone, or try hatif call --text hello.")
        return
    console.print(_table(rows))


async def _latest(settings: Settings, tenant: str | None, limit: int) -> list[tuple[CallRow, str]]:
    async with opened(settings, tenant) as store:
        rows = [
            (row, slug)
            for tenant_id, slug in store.tenants.items()
            for row in await store.calls.recent(tenant_id, limit)
        ]
    return sorted(rows, key=lambda pair: pair[0].started_at, reverse=True)[:limit]


def _table(rows: list[tuple[CallRow, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("call", "tenant", "started", "length", "language", "outcome", "disposition", "stars"):
        # On a narrow terminal the id is the last to be cut: it is there to be copied.
        table.add_column(heading, no_wrap=True, min_width=SHORT_ID if heading == "call" else None)
    for row, slug in rows:
        table.add_row(
            row.call_id[:SHORT_ID],
            slug,
            when(row.started_at),
            length(row),
            row.language or "",
            row.outcome or row.state,
            row.disposition or "",
            "★" * (row.rating or 0),
        )
    return table


def when(unix_s: float) -> str:
    """Local time, to the second."""
    return datetime.fromtimestamp(unix_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def length(row: CallRow) -> str:
    """Minutes and seconds; of a living call, so far."""
    seconds = max(0, round((row.ended_at or time.time()) - row.started_at))
    return f"{seconds // 60}:{seconds % 60:02}" + ("" if row.ended_at else " …")


def as_dict(row: CallRow, slug: str) -> dict[str, object]:
    return {"tenant": slug, **dataclasses.asdict(row)}
