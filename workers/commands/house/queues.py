"""`hatif queue`: where callers wait, and what their advisors speak and know."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from domain.desk.people import Queue
from domain.errors import Refused
from domain.speech import Language
from gateway.team.queues import shown
from workers.commands.house import words
from workers.commands.house.shown import print_json, print_table, say
from workers.commands.store import OPERATOR, opened
from workers.settings import Settings


def list_queues(settings: Settings, *, tenant: str | None, as_json: bool) -> None:
    found = asyncio.run(_all(settings, tenant))
    if as_json:
        print_json({"queues": [{"tenant": slug, **shown(queue)} for slug, queue in found]})
        return
    rows = [
        (
            slug,
            queue.queue_id,
            queue.names.get(Language.EN, ""),
            queue.names.get(Language.AR, ""),
            ", ".join(sorted(queue.languages)) or "all",
            ", ".join(sorted(queue.skills)),
            f"{queue.offer_s}/{queue.max_wait_s}/{queue.wrap_up_s}",
        )
        for slug, queue in found
    ]
    headings = ("tenant", "queue", "name", "Arabic name", "languages", "skills", "offer/wait/wrap-up s")
    print_table(headings, rows)


async def _all(settings: Settings, tenant: str | None) -> list[tuple[str, Queue]]:
    async with opened(settings, tenant) as store:
        return [
            (slug, queue)
            for tenant_id, slug in sorted(store.tenants.items(), key=lambda pair: pair[1])
            for queue in await store.team.queues(tenant_id)
        ]


def save(
    settings: Settings,
    queue_id: str,
    *,
    tenant: str | None,
    name: str | None,
    arabic_name: str | None,
    languages: str | None,
    skills: str | None,
    times: dict[str, int],
) -> None:
    """Make a queue, or change what is given of it; a new one needs both names."""
    words.short_name(queue_id, "queue")
    names: dict[Language, str] = {}
    if name is not None:
        names[Language.EN] = words.one_line(name, "name")
    if arabic_name is not None:
        names[Language.AR] = words.one_line(arabic_name, "Arabic name")
    change: dict[str, object] = dict(times)
    if languages is not None:
        change["languages"] = frozenset(words.languages(languages))
    if skills is not None:
        change["skills"] = frozenset(words.short_names(skills, "skill"))
    asyncio.run(_save(settings, tenant, queue_id, names, change))
    say(f"The queue {queue_id} is saved.")


async def _save(
    settings: Settings, tenant: str | None, queue_id: str, names: dict[Language, str], change: dict[str, object]
) -> None:
    async with opened(settings, tenant) as store:
        tenant_id = store.one_tenant
        there = {queue.queue_id: queue for queue in await store.team.queues(tenant_id)}
        before = there.get(queue_id, Queue(queue_id=queue_id, names={}, position=len(there)))
        names = {**before.names, **names}
        if set(names) != set(Language):
            raise Refused("bad_value", "A new queue needs a name in both languages: --name and --arabic-name.")
        await store.team.save_queue(tenant_id, replace(before, names=names, **change))
        await store.audit.record(tenant_id, OPERATOR, "queue_saved", queue_id, {})


def remove(settings: Settings, queue_id: str, *, tenant: str | None) -> None:
    asyncio.run(_remove(settings, words.short_name(queue_id, "queue"), tenant))
    say(f"The queue {queue_id} is removed; nobody serves it any more.")


async def _remove(settings: Settings, queue_id: str, tenant: str | None) -> None:
    async with opened(settings, tenant) as store:
        tenant_id = store.one_tenant
        if not await store.team.delete_queue(tenant_id, queue_id):
            raise Refused("unknown_queue", f"There is no queue {queue_id}; hatif queue list shows those there are.")
        await store.audit.record(tenant_id, OPERATOR, "queue_removed", queue_id, {})
